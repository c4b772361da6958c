//! Room for decoded elements: memory, or, where that would be too much, files without a name in the cache folder.

use std::fs::{self, File};
use std::io;
use std::ops::{Deref, DerefMut};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};

/// Where there is room.
#[derive(Clone, Debug)]
pub struct ScratchSpace {
    folder: PathBuf,
    /// The most bytes that are had in memory in one piece.
    most: usize,
}

impl ScratchSpace {
    /// Room in memory for up to `most` bytes in one piece, and in files of `folder` for more; the folder is made when it is needed.
    pub fn new(folder: PathBuf, most: usize) -> Self {
        Self { folder, most }
    }

    /// The cache folder of the user: `oqfs` in `$XDG_CACHE_HOME`, else in `~/.cache`; the system's folder of temporary files for whoever has
    /// no home.
    pub fn users_folder() -> PathBuf {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let cache = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
        cache.map_or_else(std::env::temp_dir, |cache| cache.join("oqfs"))
    }

    /// The most bytes that are had in memory in one piece.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Room for `len` bytes, which are zero.
    ///
    /// # Errors
    /// If the cache folder has none.
    pub fn room(&self, len: usize) -> io::Result<Buffer> {
        if len <= self.most {
            Ok(Buffer::Memory(vec![0; len]))
        } else {
            Mapping::new(self.file()?, len).map(Buffer::Mapped)
        }
    }

    /// Room with `bytes` in it.
    ///
    /// # Errors
    /// As [`Self::room`].
    pub fn keep(&self, bytes: Vec<u8>) -> io::Result<Buffer> {
        if bytes.len() <= self.most {
            return Ok(Buffer::Memory(bytes));
        }
        let mut room = self.room(bytes.len())?;
        room.copy_from_slice(&bytes);
        Ok(room)
    }

    /// A file that nobody else can open, and that is gone when it is closed.
    ///
    /// # Errors
    /// If there cannot be one, with the folder.
    pub fn file(&self) -> io::Result<File> {
        fs::create_dir_all(&self.folder)?;
        let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
        match rustix::fs::open(&self.folder, flags, Mode::RUSR | Mode::WUSR) {
            Ok(file) => Ok(file.into()),
            // some file systems have none without a name
            Err(_) => tempfile::tempfile_in(&self.folder),
        }
    }
}

/// Bytes in memory, or in a file of the cache folder that is mapped into memory.
#[derive(Debug)]
pub enum Buffer {
    Memory(Vec<u8>),
    Mapped(Mapping),
}

impl Buffer {
    /// Drops all bytes after the first `len`.
    pub fn truncate(&mut self, len: usize) {
        match self {
            Self::Memory(bytes) => bytes.truncate(len),
            Self::Mapped(mapping) => mapping.len = mapping.len.min(len),
        }
    }

    /// As bytes in memory.
    pub fn into_vec(self) -> Vec<u8> {
        match self {
            Self::Memory(bytes) => bytes,
            Self::Mapped(mapping) => mapping.to_vec(),
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Memory(bytes) => bytes,
            Self::Mapped(mapping) => mapping,
        }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Memory(bytes) => bytes,
            Self::Mapped(mapping) => mapping,
        }
    }
}

/// A file of the cache folder, mapped.
#[derive(Debug)]
pub struct Mapping {
    file: Arc<File>,
    start: *mut u8,
    mapped: usize,
    len: usize,
}

// SAFETY: the pages belong to this value alone, and are reached by a reference to it alone.
unsafe impl Send for Mapping {}
// SAFETY: as above; a shared reference gives bytes to read alone.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// `len` bytes, more than none, of a new `file`.
    fn new(file: File, len: usize) -> io::Result<Self> {
        let size = libc::off_t::try_from(len).map_err(io::Error::other)?;
        // All of it is there from the start: a page that a full disk has no room for would be a signal.
        // SAFETY: the descriptor is open.
        match unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, size) } {
            0 => {}
            code => return Err(io::Error::from_raw_os_error(code)),
        }
        let (read_write, shared) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
        // SAFETY: a new mapping, wherever the kernel has room for it, of a file that is as long as said.
        let start = unsafe { libc::mmap(ptr::null_mut(), len, read_write, shared, file.as_raw_fd(), 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { file: Arc::new(file), start: start.cast(), mapped: len, len })
    }

    /// The file that has the bytes.
    pub fn file(&self) -> &Arc<File> {
        &self.file
    }
}

impl Deref for Mapping {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: mapped and not less than `len` bytes, until this is dropped; the file has no name, and nobody makes it shorter.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

impl DerefMut for Mapping {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and no other reference to it is alive.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.len) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by `new` with this length, and unmapped once.
        unsafe { libc::munmap(self.start.cast(), self.mapped) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt;

    #[test]
    fn what_is_large_is_in_a_file_without_a_name() {
        let tmp = tempfile::tempdir().unwrap();
        let scratch = ScratchSpace::new(tmp.path().join("cache"), 1000);
        assert!(matches!(scratch.room(1000).unwrap(), Buffer::Memory(bytes) if bytes == vec![0; 1000]));
        assert!(!tmp.path().join("cache").exists());
        let mut room = scratch.room(100_000).unwrap();
        assert!(room.iter().all(|byte| *byte == 0));
        room[99_998..].copy_from_slice(b"ab");
        let Buffer::Mapped(mapping) = &room else { panic!("{room:?}") };
        let mut read = [0; 2];
        mapping.file().read_exact_at(&mut read, 99_998).unwrap();
        assert_eq!((&read, fs::read_dir(scratch.folder()).unwrap().count()), (b"ab", 0));
        room.truncate(10);
        assert_eq!(room.len(), 10);
    }
}
