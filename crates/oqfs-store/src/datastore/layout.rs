//! How the data directory is laid out: a number, so that an older program does not take a newer directory for its own.

use std::fs;
use std::io::ErrorKind;

use super::calc_folder::replace;
use super::error::io;
use super::{DataDir, Error, HIDDEN, Result};

/// The layout that this program writes. Any change after which an older program would misread or lose something takes the next number.
pub const LAYOUT: u32 = 1;

/// The file in `.oqfs` that has the number; a directory without one is as version 0.1.0 left it, which is layout 1.
const FILE: &str = "layout";

impl DataDir {
    /// Whether this program may use the directory.
    ///
    /// # Errors
    /// [`Error::NewerLayout`] if a newer program laid it out.
    pub(super) fn check_layout(&self) -> Result<()> {
        let path = self.path().join(HIDDEN).join(FILE);
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            // another user may not look into it, and through a mount nobody can
            Err(e) if [ErrorKind::NotFound, ErrorKind::PermissionDenied].contains(&e.kind()) => return Ok(()),
            Err(e) => return Err(io(&self.shown().join(HIDDEN).join(FILE))(e)),
        };
        match text.trim().parse::<u32>() {
            Ok(found) if found <= LAYOUT => Ok(()),
            // a program that died, or a full disk, left the file without its number
            Err(_) if text.is_empty() => Ok(()),
            _ => Err(Error::NewerLayout { dir: self.shown().to_path_buf(), found: text.trim().into(), known: LAYOUT }),
        }
    }

    /// Writes the number into the directory, if it has none and that is possible. Nobody sees a file without its number.
    pub fn mark_layout(&self) {
        let hidden = self.path().join(HIDDEN);
        let file = hidden.join(FILE);
        if fs::metadata(&file).is_ok_and(|metadata| metadata.len() > 0) {
            return;
        }
        let _ = fs::create_dir_all(&hidden);
        // one that is not marked is of the first layout
        let _ = replace(&file, &file, LAYOUT.to_string().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_its_number_is_as_none_and_gets_it() {
        let tmp = tempfile::tempdir().unwrap();
        let file = tmp.path().join(HIDDEN).join(FILE);
        fs::create_dir(tmp.path().join(HIDDEN)).unwrap();
        fs::write(&file, "").unwrap();
        let dir = DataDir::open(tmp.path()).unwrap();
        dir.mark_layout();
        assert_eq!(fs::read_to_string(&file).unwrap(), "1\n");
        fs::write(&file, "x").unwrap();
        assert!(matches!(DataDir::open(tmp.path()), Err(Error::NewerLayout { found, .. }) if found == "x"));
    }

    #[test]
    fn whoever_reads_while_others_mark_finds_the_number() {
        for _ in 0..50 {
            let tmp = tempfile::tempdir().unwrap();
            let dir = DataDir::open(tmp.path()).unwrap();
            let seen: Vec<String> = std::thread::scope(|scope| {
                let marking: Vec<_> = (0..3).map(|_| scope.spawn(|| dir.mark_layout())).collect();
                let mut seen = Vec::new();
                while !marking.iter().all(|marking| marking.is_finished()) {
                    seen.extend(fs::read_to_string(tmp.path().join(HIDDEN).join(FILE)));
                }
                seen
            });
            assert!(seen.iter().all(|text| text == "1\n"), "{seen:?}");
        }
    }
}
