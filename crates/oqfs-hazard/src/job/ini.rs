//! The grammar of a `.ini` file, as Python's `configparser` reads the engine's jobs.

use std::collections::HashMap;

use super::new_name;

/// A parameter with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct IniEntry {
    /// The name, lower case.
    pub key: String,
    /// The value; continuation lines are joined by newlines.
    pub value: String,
    /// The line of the name, from 1.
    pub line: usize,
}

/// A job file is text of people; a line longer than this is something else.
const MAX_LINE: usize = 1 << 20;

/// The parameters of a file in their order, or the line and the reason why it is no `.ini` file.
///
/// Sections are required but have no meaning: a name may be there only once in the whole file. Comments are lines
/// that start with `#` or `;`. A line that starts with a space continues the value before it.
pub fn parse(text: &str) -> Result<Vec<IniEntry>, (usize, String)> {
    let mut entries: Vec<IniEntry> = Vec::new();
    let mut lines: HashMap<String, usize> = HashMap::new();
    let mut section: Option<String> = None;
    let mut open = false; // whether a value may go on
    for (i, raw) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = i + 1;
        if raw.len() > MAX_LINE {
            return Err((line, format!("a line of {} bytes; no parameter is that long", raw.len())));
        }
        let trimmed = raw.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(entry) = entries.last_mut().filter(|_| open && raw.starts_with([' ', '\t'])) {
            entry.value.push('\n');
            entry.value.push_str(trimmed);
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[') {
            let Some((name, _)) = name.split_once(']') else {
                return Err((line, format!("found {trimmed:?}; expected a section like [general]")));
            };
            section = Some(name.to_string());
            open = false;
            continue;
        }
        let Some(at) = trimmed.find(['=', ':']) else {
            return Err((line, format!("found {trimmed:?}; expected name = value")));
        };
        if section.is_none() {
            return Err((line, format!("{trimmed:?} stands before any section; expected a line like [general]")));
        }
        let key = trimmed[..at].trim().to_lowercase();
        if key.is_empty() {
            return Err((line, format!("found {trimmed:?}; a name is missing before the {}", &trimmed[at..=at])));
        }
        if let Some(first) = lines.insert(key.clone(), line) {
            return Err((line, format!("{key} is defined again; it stands already on line {first}")));
        }
        entries.push(IniEntry { key, value: trimmed[at + 1..].trim().to_string(), line });
        open = true;
    }
    if entries.is_empty() {
        return Err((0, "no parameter found; expected a job like [general] calculation_mode = classical".to_string()));
    }
    Ok(entries)
}

/// The text of a file that [`parse`] reads, with other values for some parameters, in the place of the old ones if there are any. A parameter
/// whose new value is empty is left out.
pub fn with_values(text: &str, values: &[(String, String)]) -> String {
    let same = |a: &str, b: &str| new_name(a).unwrap_or(a) == new_name(b).unwrap_or(b);
    // the last one of a name counts
    let wanted = |key: &str| values.iter().rev().find(|(name, _)| same(name, key));
    let line =
        |(name, value): &(String, String)| if value.is_empty() { String::new() } else { format!("{name} = {value}\n") };
    let (mut out, mut set, mut replaced, mut first_section) = (String::new(), Vec::new(), false, None);
    for raw in text.split_inclusive('\n') {
        let trimmed = raw.trim_start_matches('\u{feff}').trim();
        let is_nothing = trimmed.is_empty() || trimmed.starts_with(['#', ';']);
        if !is_nothing && raw.starts_with([' ', '\t']) && replaced {
            continue;
        }
        if !is_nothing {
            let key = trimmed.find(['=', ':']).map(|at| trimmed[..at].trim().to_lowercase());
            let new = key.filter(|_| !trimmed.starts_with('[')).and_then(|key| wanted(&key));
            replaced = new.is_some();
            if let Some(new) = new {
                out += &line(new);
                set.push(new);
                continue;
            }
        }
        out += raw;
        if trimmed.starts_with('[') && first_section.is_none() {
            if !raw.ends_with('\n') {
                out.push('\n');
            }
            first_section = Some(out.len());
        }
    }
    let more =
        values.iter().filter(|new| wanted(&new.0) == Some(new) && !set.contains(new)).map(line).collect::<String>();
    out.insert_str(first_section.unwrap_or(0), &more);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_comments_and_continuations() {
        let text = "\u{feff}[general]\n# a comment\nDescription = Étna: a = b\nlevels = {\n  \"PGA\": [1,\n\n   ; no\n   2]}\n[b]\nx: 1\ny =\n";
        let found = parse(text).unwrap();
        let pairs: Vec<_> = found.iter().map(|e| (e.key.as_str(), e.value.as_str(), e.line)).collect();
        assert_eq!(
            pairs,
            [("description", "Étna: a = b", 3), ("levels", "{\n\"PGA\": [1,\n2]}", 4), ("x", "1", 10), ("y", "", 11)]
        );
    }

    #[test]
    fn values_are_changed_in_their_place() {
        let text = "\u{feff}[general]\nx = 1\n  # said of x\nLevels: {\n  'PGA': [1,\n  2]}\n[b]\ny = 2";
        let with = |values: &[(&str, &str)]| {
            with_values(text, &values.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect::<Vec<_>>())
        };
        assert_eq!(with(&[]), text);
        assert_eq!(with(&[("x", "7")]), text.replace("x = 1", "x = 7"));
        assert_eq!(with(&[("x", "7"), ("x", "8")]), text.replace("x = 1", "x = 8"));
        assert_eq!(
            with(&[("levels", "{'PGV': [1]}")]),
            text.replace("Levels: {\n  'PGA': [1,\n  2]}", "levels = {'PGV': [1]}")
        );
        assert_eq!(with(&[("x", "")]), text.replace("x = 1\n", ""));
        assert_eq!(with(&[("z", "3"), ("w", "4")]), text.replace("[general]\n", "[general]\nz = 3\nw = 4\n"));
        for changed in [with(&[("y", "5"), ("x", "")]), with(&[("new", "a = b: c"), ("levels", "1")])] {
            parse(&changed).unwrap();
        }
        // by its old name too
        let changed = with_values("[a]\ndelta_rates_csv = a.csv\n", &[("delta_rates_file".into(), "b.csv".into())]);
        assert_eq!(changed, "[a]\ndelta_rates_file = b.csv\n");
    }

    /// No test of time: it would end, but nobody would wait for it.
    #[test]
    fn a_file_of_many_names_is_read() {
        let text = (0..300_000).fold("[a]\n".to_string(), |text, i| text + &format!("x{i} = {i}\n"));
        assert_eq!(parse(&text).unwrap().len(), 300_000);
        assert_eq!(parse(&(text + "x7 = 1\n")).unwrap_err().0, 300_002);
    }

    #[test]
    fn mistakes_have_a_line() {
        for (text, line, part) in [
            ("x = 1\n", 1, "before any section"),
            ("[a]\nnonsense\n", 2, "expected name = value"),
            ("[a]\nx = 1\n[b]\nX = 2\n", 4, "defined again; it stands already on line 2"),
            ("[a\n", 1, "expected a section"),
            ("[a]\n= 3\n", 2, "a name is missing"),
            ("", 0, "no parameter found"),
        ] {
            let (found, message) = parse(text).unwrap_err();
            assert_eq!(found, line, "{message}");
            assert!(message.contains(part), "{message}");
        }
    }
}
