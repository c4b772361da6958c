//! How the data directory is laid out: a number, so that an older program does not take a newer directory for its own.

use std::fs;
use std::io::{ErrorKind, Write};

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
            _ => Err(Error::NewerLayout { dir: self.shown().to_path_buf(), found: text.trim().into(), known: LAYOUT }),
        }
    }

    /// Writes the number into the directory, if it has none and that is possible.
    pub fn mark_layout(&self) {
        let hidden = self.path().join(HIDDEN);
        let _ = fs::create_dir_all(&hidden);
        let file = fs::File::options().write(true).create_new(true).open(hidden.join(FILE));
        // one that is not marked is of the first layout
        let _ = file.and_then(|mut file| writeln!(file, "{LAYOUT}"));
    }
}
