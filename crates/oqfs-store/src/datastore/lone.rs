//! One HDF5 file by itself, which is no calculation of a data directory.

use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;

use super::error::io;
use super::mounts::source_of;
use super::{DataDir, Error, Result, file_id, folder_id, open};

/// An HDF5 file of any kind, wherever it is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LoneFile {
    /// The directory that it is in.
    dir: DataDir,
    /// Its name there.
    name: PathBuf,
    /// The file, opened with `O_PATH`: what tells a mount of it from one of a data directory.
    fd: Arc<OwnedFd>,
    /// The process that opened it.
    opener: u32,
}

impl LoneFile {
    /// The HDF5 file at `path`. One that another program writes now is taken too: it can be read when it is closed.
    ///
    /// # Errors
    /// If it is not there, or is no HDF5 file.
    pub fn open(path: &Path) -> Result<Self> {
        let absolute = std::path::absolute(path).map_err(io(path))?;
        let (Some(parent), Some(name)) = (absolute.parent(), absolute.file_name()) else {
            return Err(Error::NotHdf5 { path: path.into(), reason: "not a regular file".into() });
        };
        let (dir, name) = (DataDir::open_existing(parent)?, PathBuf::from(name));
        let real = dir.reach(&name);
        match open::look(&real, path) {
            Ok(_) | Err(Error::BeingWritten { .. }) => {}
            Err(error) => return Err(error),
        }
        let flags = libc::O_PATH | libc::O_CLOEXEC;
        let file = File::options().read(true).custom_flags(flags).open(&real).map_err(io(path))?;
        Ok(Self { dir, name, fd: Arc::new(file.into()), opener: process::id() })
    }

    /// The directory that it is in.
    pub fn dir(&self) -> &DataDir {
        &self.dir
    }

    /// Its name in the directory.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// The number that its name, or that of its folder, says, as names of exports have it; else 0.
    pub fn id(&self) -> u32 {
        let of_name = self.name.to_str().and_then(file_id);
        let of_folder = || folder_id(self.dir.shown().file_name()?.to_str()?);
        of_name.or_else(of_folder).unwrap_or(0)
    }

    /// The source of a mount of it: [`super::MountInfo`] tells by it that no directory is beneath.
    pub fn mount_source(&self) -> String {
        source_of(self.opener, self.fd.as_raw_fd().cast_unsigned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_number_is_that_of_its_name_or_folder() {
        let tmp = tempfile::tempdir().unwrap();
        std::fs::create_dir(tmp.path().join("calc_7")).unwrap();
        for (name, id) in [("calc_12.hdf5", 12), ("calc_7/output.hdf5", 7), ("results.h5", 0)] {
            let path = tmp.path().join(name);
            hdf5::File::create(&path).unwrap();
            assert_eq!(LoneFile::open(&path).unwrap().id(), id, "{name}");
        }
    }

    #[test]
    fn what_is_no_hdf5_file_is_refused() {
        let tmp = tempfile::tempdir().unwrap();
        let text = tmp.path().join("a.txt");
        std::fs::write(&text, "no HDF5").unwrap();
        assert!(matches!(LoneFile::open(&text), Err(Error::NotHdf5 { .. })));
        assert!(matches!(LoneFile::open(tmp.path()), Err(Error::NotHdf5 { .. })));
        assert!(matches!(LoneFile::open(&tmp.path().join("none")), Err(Error::Io { .. })));
    }
}
