//! The names of HDF5 objects as file names, reversibly.
//!
//! Percent-encoding, as in URLs: `%`, control characters, bytes that are no UTF-8, the names `.` and `..`, and names that
//! would be mistaken for another file. Everything else stays as it is.

use std::fmt::Write;

/// The longest file name, in bytes.
pub const NAME_MAX: usize = 255;

/// The endings of files that are made from datasets. No group may seem to be one.
pub const SUFFIXES: [&str; 4] = [".npy", ".json", ".txt", ".csv"];

/// The names in a calculation's folder that are no HDF5 objects.
pub const RESERVED: [&str; 12] = [
    "attrs.json",
    "export",
    "inputs",
    "job.ini",
    "job.json",
    "log",
    "objects",
    "output.hdf5",
    "output.hdf5.partial",
    "provenance.json",
    "report.html",
    "status",
];

/// The file name for the object `name` with `suffix` (empty for a group) in a folder that is the calculation's own (`top`) or
/// not. Different names never become the same file name.
pub fn file_name(name: &[u8], suffix: &str, top: bool) -> String {
    let mut text = escape(name);
    let taken = |full: &str| top && RESERVED.contains(&full) || [".", "..", suffix].contains(&full);
    if suffix.is_empty()
        && let Some(end) = SUFFIXES.iter().find(|end| text.ends_with(**end))
    {
        // The dot of the ending is told apart.
        let dot = text.len() - end.len();
        text.replace_range(dot..=dot, "%2E");
    }
    if taken(&format!("{text}{suffix}")) {
        let first = text.bytes().next();
        let rest = text.get(1..).unwrap_or("").to_string();
        text = first.map_or("%".into(), |b| format!("%{b:02X}"));
        // Two dots: both, or the rest would still be one.
        text.push_str(&if rest == "." { "%2E".into() } else { rest });
    }
    if text.len() + suffix.len() > NAME_MAX {
        text = shorten(&text, name, NAME_MAX - suffix.len());
    }
    text + suffix
}

fn escape(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '%' | '/' | '\0'..='\x1f' | '\x7f' => {
                    let _ = write!(text, "%{:02X}", c as u32);
                }
                c => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// The beginning of a name that is too long, `%~`, and a digest of all of it; `attrs.json` has the whole name.
fn shorten(text: &str, name: &[u8], max: usize) -> String {
    // FNV-1a, 64 bits.
    let digest = name.iter().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    let mut keep = max.saturating_sub(18).min(text.len());
    while !text.is_char_boundary(keep) || text[..keep].bytes().rev().take(2).any(|b| b == b'%') {
        keep -= 1;
    }
    format!("{}%~{digest:016x}", &text[..keep])
}

/// The object's name in a file name without its suffix; `None` if it was shortened or is no such name.
pub fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut name = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            name.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        name.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_needs_it_is_escaped_and_nothing_else() {
        let same = ["hcurves-stats", "[BooreAtkinson2008]", "SA(0.1)", "Népal", "a b", ".x", "a~b"];
        same.iter().for_each(|name| assert_eq!(file_name(name.as_bytes(), ".npy", true), format!("{name}.npy")));
        for (name, suffix, top, file) in [
            (&b"100%"[..], "", false, "100%25"),
            (b"a\nb\x7f", ".npy", false, "a%0Ab%7F.npy"),
            (b"\xff", "", false, "%FF"),
            (b".", "", false, "%2E"),
            (b"..", "", false, "%2E%2E"),
            (b"..", ".npy", false, "...npy"),
            (b"x.npy", "", false, "x%2Enpy"),
            (b"x.npy", ".npy", false, "x.npy.npy"),
            (b"attrs", ".json", true, "%61ttrs.json"),
            (b"attrs", ".json", false, "attrs.json"),
            (b"inputs", "", true, "%69nputs"),
            (b"status", ".npy", true, "status.npy"),
        ] {
            assert_eq!(file_name(name, suffix, top), file);
        }
    }

    #[test]
    fn long_names_are_cut_and_stay_apart() {
        let (a, b) = ("é".repeat(200), "é".repeat(199) + "e");
        let (a, b) = (file_name(a.as_bytes(), ".npy", false), file_name(b.as_bytes(), ".npy", false));
        assert!(a.len() <= NAME_MAX && b.len() <= NAME_MAX && a != b, "{a} {b}");
        assert_eq!(unescape(a.strip_suffix(".npy").unwrap()), None);
        assert_eq!(file_name(&[b'x'; 251], ".npy", false).len(), NAME_MAX);
        assert!(file_name(&[b'\n'; 100], "", false).len() <= NAME_MAX);
    }

    proptest! {
        #[test]
        fn any_name_comes_back(name in prop::collection::vec(1u8.., 1..60), top: bool, i in 0usize..5) {
            prop_assume!(!name.contains(&b'/'));
            let suffix = ["", ".npy", ".json", ".txt", ".csv"][i];
            let file = file_name(&name, suffix, top);
            prop_assert!(!file.contains('/') && file != "." && file != "..");
            prop_assert!(!top || !RESERVED.contains(&&*file));
            let stem = file.strip_suffix(suffix).unwrap();
            prop_assert!(!suffix.is_empty() || SUFFIXES.iter().all(|s| !stem.ends_with(s)));
            if file.len() < NAME_MAX - 20 {
                prop_assert_eq!(unescape(stem).unwrap(), name);
            }
        }
    }
}
