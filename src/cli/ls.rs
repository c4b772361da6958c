//! `oqfs ls`: what a mount would list, without a mount.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::out;
use super::place::{Found, Place, Trees};
use crate::fs::{Attributes, FileKind};

/// List the files of a calculation or of any HDF5 file, as a mount shows them, without a mount.
///
/// Names, sizes and times are those of the mount, so that a script works with either. One name a line, sorted by bytes.
/// Datasets are listed without their elements being read; only the sizes of tables and of strings of any length, with -l,
/// take reading them.
#[derive(Debug, Args)]
pub struct Ls {
    /// A calculation (its number, calc_N, last, -1, or the path of its folder) or an HDF5 file, and a path below it:
    /// last/export, results.hdf5/group.
    #[arg(required = true, value_name = "FILE|CALC[/PATH]", allow_negative_numbers = true)]
    places: Vec<PathBuf>,
    /// Show mode, size, time of the last change, and where links lead
    #[arg(short)]
    long: bool,
    /// List directories below too
    #[arg(short = 'R')]
    recursive: bool,
    /// For programs, a line of JSON for each file: its path, as `oqfs cat` takes it, its kind, where a link leads, and the header of an
    /// array; with -l its size and time too.
    #[arg(long)]
    json: bool,
}

impl Ls {
    /// Print the names; an error if anything cannot be listed, after the rest.
    pub fn execute(self) -> Result<()> {
        let mut listing = Listing {
            ls: &self,
            terminal: io::stdout().is_terminal(),
            failures: out::Failures::default(),
            printed: false,
        };
        let mut trees = Trees::default();
        let many = self.places.len() > 1 || self.recursive;
        for text in &self.places {
            let listed = listing.place(&mut trees, text, many);
            listing.failures.note(listed);
        }
        listing.failures.end()
    }
}

/// What is printed and what failed.
struct Listing<'a> {
    ls: &'a Ls,
    terminal: bool,
    failures: out::Failures,
    /// Something was printed, so that the next heading comes after an empty line.
    printed: bool,
}

impl Listing<'_> {
    /// What was named.
    fn place(&mut self, trees: &mut Trees, text: &Path, heading: bool) -> Result<()> {
        let place = trees.place(text)?;
        // a link to a directory is listed as that, unless its line is wanted
        let found = place.find(!self.ls.long)?;
        match found.is_dir() {
            true => self.directory(&place, &found, text, heading),
            false => self.line(&place, text.as_os_str(), &found),
        }
    }

    /// A directory; with `heading`, after its path, as `ls` does for one of many.
    fn directory(&mut self, place: &Place, dir: &Found, shown: &Path, heading: bool) -> Result<()> {
        let tree = &place.tree;
        let names = tree.names(dir).with_context(|| shown.display().to_string())?;
        if heading && !self.ls.json {
            let gap = if self.printed { "\n" } else { "" };
            self.print([gap.as_bytes(), &self.safe(shown.as_os_str()), b":\n"].concat())?;
        }
        let mut below = vec![];
        let mut rows = vec![];
        for name in names {
            if out::is_closed() {
                return Ok(());
            }
            if !self.ls.long && !self.ls.recursive && !self.ls.json {
                self.print([&self.safe(&name)[..], b"\n"].concat())?;
                continue;
            }
            let found = match tree.entry(dir, &name) {
                Ok(found) => found,
                Err(error) => {
                    self.failures.note(Err(error).with_context(|| shown.join(&name).display().to_string()));
                    continue;
                }
            };
            match self.ls {
                Ls { json: true, .. } => self.json(place, &shown.join(&name), &found)?,
                Ls { long: true, .. } => rows.push(self.row(place, &name, &found)?),
                _ => self.print([&self.safe(&name)[..], b"\n"].concat())?,
            }
            match found.is_dir() && self.ls.recursive {
                true => below.push((name, found)),
                false => tree.forget(&found),
            }
        }
        self.rows(&rows)?;
        for (name, found) in below {
            let listed = self.directory(place, &found, &shown.join(name), true);
            self.failures.note(listed);
            tree.forget(&found);
        }
        Ok(())
    }

    /// What is no directory.
    fn line(&mut self, place: &Place, name: &OsStr, found: &Found) -> Result<()> {
        match self.ls {
            Ls { json: true, .. } => self.json(place, Path::new(name), found),
            Ls { long: true, .. } => {
                let row = self.row(place, name, found)?;
                self.rows(&[row])
            }
            _ => self.print([&self.safe(name)[..], b"\n"].concat()),
        }
    }

    /// One for programs.
    fn json(&mut self, place: &Place, path: &Path, found: &Found) -> Result<()> {
        let is_array = found.attr.kind == FileKind::File && path.extension() == Some(OsStr::new("npy"));
        let is_link = found.attr.kind == FileKind::Symlink;
        let target = is_link.then(|| place.tree.link(found)).transpose()?;
        let modified = self.ls.long.then(|| Timestamp::try_from(found.attr.mtime)).transpose()?;
        let entry = Entry {
            path: path.to_string_lossy(),
            kind: kind(found.attr.kind),
            link: target.as_deref().map(Path::to_string_lossy),
            // whoever reads an array that cannot be read is told why
            npy: is_array.then(|| place.tree.array_header(found).ok().flatten()).flatten(),
            size: self.ls.long.then_some(found.attr.size),
            modified: modified.map(|at| at.to_string()),
        };
        self.print([&serde_json::to_vec(&entry)?[..], b"\n"].concat())
    }

    /// The mode, size, time and name of something.
    fn row(&self, place: &Place, name: &OsStr, found: &Found) -> Result<Row> {
        let mut shown = self.safe(name);
        if found.attr.kind == FileKind::Symlink {
            shown.extend(b" -> ");
            shown.extend(self.safe(place.tree.link(found)?.as_os_str()));
        }
        Ok(Row { mode: mode(&found.attr), size: found.attr.size.to_string(), time: time(&found.attr)?, name: shown })
    }

    fn rows(&mut self, rows: &[Row]) -> Result<()> {
        let width = rows.iter().map(|row| row.size.len()).max().unwrap_or(0);
        for Row { mode, size, time, name } in rows {
            let head = format!("{mode} {size:>width$} {time} ");
            self.print([head.as_bytes(), name, b"\n"].concat())?;
        }
        Ok(())
    }

    fn print(&mut self, text: Vec<u8>) -> Result<()> {
        self.printed = true;
        out::write_with(|out| out.write_all(&text))
    }

    /// A name as it is; on a terminal, with `?` for what would move its cursor.
    fn safe(&self, name: &OsStr) -> Vec<u8> {
        let plain = |byte: &u8| if self.terminal && byte.is_ascii_control() { b'?' } else { *byte };
        name.as_bytes().iter().map(plain).collect()
    }
}

/// What `--json` says of one. Bytes of a name that are no UTF-8 are U+FFFD.
#[derive(Serialize)]
struct Entry<'a> {
    path: Cow<'a, str>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    npy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
}

fn kind(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Dir => "directory",
        FileKind::Symlink => "link",
        FileKind::File => "file",
        FileKind::Pipe => "pipe",
        FileKind::Socket => "socket",
        FileKind::CharDevice | FileKind::BlockDevice => "device",
    }
}

struct Row {
    mode: String,
    size: String,
    time: String,
    name: Vec<u8>,
}

/// The kind and the permissions, as `ls -l` has them.
fn mode(attr: &Attributes) -> String {
    let kind = match attr.kind {
        FileKind::Dir => 'd',
        FileKind::Symlink => 'l',
        FileKind::File => '-',
        FileKind::Pipe => 'p',
        FileKind::Socket => 's',
        FileKind::CharDevice => 'c',
        FileKind::BlockDevice => 'b',
    };
    let letters = "rwxrwxrwx".chars().enumerate();
    let bits = letters.map(|(i, letter)| if attr.perm & (0o400 >> i) != 0 { letter } else { '-' });
    let mut text: Vec<char> = [kind].into_iter().chain(bits).collect();
    for (bit, at, with, without) in [(0o4000, 3, 's', 'S'), (0o2000, 6, 's', 'S'), (0o1000, 9, 't', 'T')] {
        if attr.perm & bit != 0 {
            text[at] = if text[at] == 'x' { with } else { without };
        }
    }
    text.into_iter().collect()
}

/// The time of the last change, here.
fn time(attr: &Attributes) -> Result<String> {
    let at = Timestamp::try_from(attr.mtime)?.to_zoned(TimeZone::system());
    Ok(at.strftime("%Y-%m-%d %H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_those_of_ls() {
        for (kind, perm, text) in [
            (FileKind::Dir, 0o755, "drwxr-xr-x"),
            (FileKind::File, 0o640, "-rw-r-----"),
            (FileKind::Symlink, 0o777, "lrwxrwxrwx"),
            (FileKind::Dir, 0o3770, "drwxrws--T"),
            (FileKind::File, 0o4744, "-rwsr--r--"),
        ] {
            assert_eq!(mode(&Attributes { perm, ..Attributes::unknown(1, kind) }), text);
        }
    }
}
