//! Jobs that come as a zip archive.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::{JobError, job_files_below};
use crate::nrml::text;

/// An archive of more files is refused.
const MOST_FILES: usize = 100_000;
/// One that is larger when unpacked is refused, in bytes.
const MOST_BYTES: u64 = 64 << 30;
/// One that unpacks to so many times its size is refused, if it is over [`ANY_RATIO`] bytes: no input is packed as well.
const MOST_RATIO: u64 = 200;
const ANY_RATIO: u64 = 64 << 20;

/// Whether the name of a file says that it is an archive.
pub fn is_archive(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    !is_hidden && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

/// Unpacks an archive into a folder that is empty; gives the job file in it.
///
/// # Errors
/// Those of [`extract`]; if there is no job file in it.
pub fn unpack(archive: &Path, into: &Path) -> Result<PathBuf, JobError> {
    extract(archive, into)?;
    found_in(archive, into)
}

/// The job file in the folder that an archive was unpacked into.
///
/// # Errors
/// If there is none.
pub fn found_in(archive: &Path, into: &Path) -> Result<PathBuf, JobError> {
    let message = "there is no job file in it; expected job.ini, or job_....ini";
    job_file(into).ok_or_else(|| JobError { path: archive.to_path_buf(), line: 0, message: message.into() })
}

/// Unpacks an archive into a folder that is empty.
///
/// # Errors
/// If it is no zip archive or a damaged one; if a name in it is absolute, has `..`, is there twice or is that of a link; if it is
/// encrypted; if it unpacks to too much.
pub fn extract(archive: &Path, into: &Path) -> Result<(), JobError> {
    let error = |message: String| JobError { path: archive.to_path_buf(), line: 0, message };
    let file = text::open(archive).map_err(|e| error(format!("cannot be read: {e}")))?;
    let size = file.metadata().map_or(0, |m| m.len());
    let mut zip = ZipArchive::new(io::BufReader::new(file)).map_err(|e| error(format!("no zip archive: {e}")))?;
    if zip.len() > MOST_FILES {
        return Err(error(format!("{} files; at most {MOST_FILES} are accepted", zip.len())));
    }
    let mut room = (size * MOST_RATIO).clamp(ANY_RATIO, MOST_BYTES);
    for i in 0..zip.len() {
        let entry = zip.by_index(i).map_err(|e| error(format!("entry {}: {e}", i + 1)))?;
        let name = entry.name().map_err(|e| error(format!("entry {}: {e}", i + 1)))?.into_owned();
        unpack_one(entry, &name, into, &mut room).map_err(|why| error(format!("{name:?}: {why}")))?;
    }
    Ok(())
}

/// Unpacks one entry; takes what it needs from `room`, in bytes.
fn unpack_one(mut entry: ZipFile<impl Read>, name: &str, into: &Path, room: &mut u64) -> Result<(), String> {
    let inside = safe(name)?;
    if entry.is_symlink() {
        return Err("a link; only files and folders are accepted".into());
    }
    let to = into.join(inside);
    if entry.is_dir() {
        return fs::create_dir_all(&to).map_err(|e| e.to_string());
    }
    fs::create_dir_all(to.parent().unwrap_or(into)).map_err(|e| e.to_string())?;
    let mut file = File::create_new(&to).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => "is there twice".to_string(),
        _ => e.to_string(),
    })?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = entry.read(&mut buffer).map_err(|e| format!("cannot be unpacked: {e}"))?;
        if n == 0 {
            return Ok(());
        }
        *room = room.checked_sub(n as u64).ok_or_else(|| {
            format!(
                "unpacks to too much; accepted are {MOST_RATIO} times the size of the archive, and {MOST_BYTES} bytes"
            )
        })?;
        file.write_all(&buffer[..n]).map_err(|e| e.to_string())?;
    }
}

/// The path of an entry, if it is below the folder that it is unpacked into.
fn safe(name: &str) -> Result<PathBuf, String> {
    let path = Path::new(name);
    let is_plain = |part: Component| matches!(part, Component::Normal(_) | Component::CurDir);
    if name.contains(['\\', '\0']) || !path.components().all(is_plain) {
        return Err("a path that is absolute, or has .. or a backslash; expected one below the archive's folder".into());
    }
    Ok(path.to_path_buf())
}

/// The job file of a folder: the least deep one, `job.ini` before others.
fn job_file(folder: &Path) -> Option<PathBuf> {
    let is_other = |path: &Path| !path.file_name().is_some_and(|name| name.eq_ignore_ascii_case("job.ini"));
    job_files_below(folder).into_iter().min_by_key(|path| (path.components().count(), is_other(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zip::write::{SimpleFileOptions, ZipWriter};

    /// What is said of an archive of these entries; the names of what was unpacked.
    fn unpacked(write: impl FnOnce(&mut ZipWriter<File>)) -> Result<String, String> {
        let tmp = tempfile::tempdir().unwrap();
        let (archive, into) = (tmp.path().join("a.zip"), tmp.path().join("a/b"));
        fs::create_dir_all(&into).unwrap();
        let mut zip = ZipWriter::new(File::create(&archive).unwrap());
        write(&mut zip);
        zip.finish().unwrap();
        let job = unpack(&archive, &into);
        let outside = fs::read_dir(tmp.path()).unwrap().count() + fs::read_dir(tmp.path().join("a")).unwrap().count();
        assert_eq!(outside, 3, "nothing is written elsewhere");
        job.map(|job| job.strip_prefix(&into).unwrap().to_string_lossy().into_owned()).map_err(|e| e.message)
    }

    fn with(names: &[&str]) -> Result<String, String> {
        unpacked(|zip| {
            for name in names {
                zip.start_file(*name, SimpleFileOptions::default()).unwrap();
                zip.write_all(b"text").unwrap();
            }
        })
    }

    #[test]
    fn the_job_file_is_found() {
        assert_eq!(with(&["m.xml", "job.ini"]).unwrap(), "job.ini");
        assert_eq!(with(&["demo/m.xml", "demo/job_b.ini", "demo/job_a.ini"]).unwrap(), "demo/job_a.ini");
        assert_eq!(with(&["demo/job.ini", "job_x.ini", "demo/job_a.ini"]).unwrap(), "job_x.ini");
        assert!(with(&["m.xml", "rup.ini"]).unwrap_err().contains("there is no job file in it"));
    }

    #[test]
    fn what_leaves_the_folder_is_refused() {
        for name in ["../job.ini", "/tmp/job.ini", "a/../../job.ini", "a\\..\\job.ini"] {
            let why = with(&["job.ini", name]).unwrap_err();
            assert!(
                why.contains(name.rsplit(['/', '\\']).next().unwrap()) && why.contains("a path that is absolute"),
                "{why}"
            );
        }
        let link = unpacked(|zip| zip.add_symlink("job.ini", "/etc/passwd", SimpleFileOptions::default()).unwrap());
        assert!(link.unwrap_err().contains("a link"));
    }

    #[test]
    fn a_bomb_is_refused_before_it_fills_the_disk() {
        let bomb = unpacked(|zip| {
            zip.start_file("job.ini", SimpleFileOptions::default()).unwrap();
            for _ in 0..100 {
                zip.write_all(&vec![0; 1 << 20]).unwrap();
            }
        });
        assert!(bomb.unwrap_err().contains("unpacks to too much"));
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        let tmp = tempfile::tempdir().unwrap();
        for text in [&b""[..], b"PK\x03\x04", b"<xml>"] {
            fs::write(tmp.path().join("a.zip"), text).unwrap();
            assert!(unpack(&tmp.path().join("a.zip"), tmp.path()).unwrap_err().message.contains("no zip archive"));
        }
    }
}
