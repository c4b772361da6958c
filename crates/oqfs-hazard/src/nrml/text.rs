//! Text as people send it: with or without a byte order mark, in UTF-8 or UTF-16, its lines ended as on any system.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::NrmlError;

/// The text of a file as [`decode`] gives it.
///
/// # Errors
/// If the file cannot be read or is no text.
pub fn read(path: &Path) -> Result<String, NrmlError> {
    let bytes = bytes(path, MOST_BYTES).map_err(|e| NrmlError::new(path, 0, unreadable(path, &e)))?;
    decode(bytes).map_err(|(line, message)| NrmlError::new(path, line, message))
}

/// A text that is read as a whole is no longer than this.
const MOST_BYTES: u64 = 1 << 31;

/// Opens an input file, which must be a regular one: nobody says when a pipe or a device ends.
///
/// # Errors
/// Those of the system, and where it is something else.
pub fn open(path: &Path) -> io::Result<File> {
    // before it is opened, which may wait for the other end of a pipe
    let kind = fs::metadata(path)?.file_type();
    if kind.is_file() {
        return File::open(path);
    }
    let what = if kind.is_dir() { "a directory" } else { "a pipe, a device or the like" };
    Err(io::Error::other(format!("found {what}; expected a regular file")))
}

/// The bytes of an input file of at most so many.
///
/// # Errors
/// Those of [`open`], and where there are more.
pub fn bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it has over {most} bytes")));
    }
    Ok(bytes)
}

/// The text of bytes, without a byte order mark and with `\n` at the end of every line; or the line where it is no text.
///
/// # Errors
/// If the bytes are neither UTF-8 nor UTF-16 with a byte order mark.
pub fn decode(bytes: Vec<u8>) -> Result<String, (usize, String)> {
    let text = match utf16(&bytes) {
        Some(units) => String::from_utf16(&units).map_err(|_| (0, "not UTF-16 text".to_string()))?,
        None => String::from_utf8(bytes).map_err(|e| {
            let before = e.as_bytes().get(..e.utf8_error().valid_up_to()).unwrap_or_default();
            let line = with_newlines(&String::from_utf8_lossy(before)).matches('\n').count() + 1;
            (line, "not UTF-8 text".to_string())
        })?,
    };
    Ok(match with_newlines(text.trim_start_matches(BYTE_ORDER_MARK)) {
        Cow::Borrowed(same) if same.len() == text.len() => text,
        other => other.into_owned(),
    })
}

/// What is said of a file that cannot be read.
pub fn unreadable(path: &Path, error: &std::io::Error) -> String {
    match in_other_case(path).filter(|_| error.kind() == std::io::ErrorKind::NotFound) {
        Some(other) => format!("cannot be read: {error}; {other}"),
        None => format!("cannot be read: {error}"),
    }
}

/// What is said of a file that is not there, if one is there whose path differs in the case of letters alone.
pub fn in_other_case(path: &Path) -> Option<String> {
    let mut found = path.ancestors().find(|above| above.is_dir() || above.as_os_str().is_empty())?.to_path_buf();
    for name in path.strip_prefix(&found).ok()?.components() {
        let wanted = name.as_os_str().to_string_lossy().to_lowercase();
        let folder = if found.as_os_str().is_empty() { Path::new(".") } else { &found };
        let names = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.file_name());
        found.push(names.into_iter().find(|name| name.to_string_lossy().to_lowercase() == wanted)?);
    }
    (found != path).then(|| format!("{} is there: upper and lower case differ", found.display()))
}

/// What some editors put before a text.
pub const BYTE_ORDER_MARK: char = '\u{feff}';

/// Whether bytes begin as UTF-16 text with a byte order mark does.
pub fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

/// The units of UTF-16, if it is that.
fn utf16(bytes: &[u8]) -> Option<Vec<u16>> {
    let unit = if bytes.starts_with(&[0xff, 0xfe]) { u16::from_le_bytes } else { u16::from_be_bytes };
    is_utf16(bytes).then(|| bytes.as_chunks().0.iter().map(|pair| unit(*pair)).collect())
}

/// The same with `\n` for `\r\n` (Windows) and for `\r` alone (old Macintosh).
fn with_newlines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_text_is_read_alike() {
        let plain = "[general]\ndescription = Étna\n";
        let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "\u{feff}".encode_utf16().chain(plain.encode_utf16()).flat_map(order).collect()
        };
        for bytes in [
            plain.as_bytes().to_vec(),
            format!("\u{feff}{plain}").into_bytes(),
            plain.replace('\n', "\r").into_bytes(),
            plain.replace('\n', "\r\n").into_bytes(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            assert_eq!(decode(bytes).unwrap(), plain);
        }
    }

    #[test]
    fn a_file_of_another_case_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("Models")).unwrap();
        std::fs::write(dir.path().join("Models/Src.XML"), "").unwrap();
        let message = read(&dir.path().join("models/src.xml")).unwrap_err().to_string();
        assert!(message.contains("/Models/Src.XML is there: upper and lower case differ"), "{message}");
        assert_eq!(in_other_case(&dir.path().join("models/other.xml")), None);
    }

    #[test]
    fn what_is_no_text_has_a_line() {
        let (line, message) = decode(b"a\rb\r\n\xff".to_vec()).unwrap_err();
        assert_eq!((line, message.as_str()), (3, "not UTF-8 text"));
        assert!(decode(vec![0xff, 0xfe, 0x00, 0xdc]).is_err());
    }
}
