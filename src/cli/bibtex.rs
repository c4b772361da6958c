//! References as BibTeX.

use std::collections::BTreeMap;
use std::fmt;

/// An entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    kind: &'static str,
    key: String,
    /// By name, in order.
    fields: Vec<(&'static str, String)>,
    /// What it is cited for.
    used_as: Vec<String>,
}

impl Entry {
    /// A program.
    pub fn software(name: &str, version: &str, what: &str) -> Entry {
        let fields = vec![("title", name.into()), ("version", version.into()), ("abstract", what.into())];
        Entry { kind: "software", key: name.into(), fields, used_as: vec![] }
    }

    /// A publication told as `Authors (year), title, journal volume(number), pages`, or with a series and number in place of the last two;
    /// `None` if it is told otherwise, as what was not published is.
    pub fn of(reference: &str, doi: Option<&str>, used_as: String) -> Option<Entry> {
        let (authors, year, rest) = split(reference)?;
        let mut entry = Entry { kind: "misc", key: String::new(), fields: vec![], used_as: vec![used_as] };
        entry.used_as.retain(|used| !used.is_empty());
        let mut parts: Vec<&str> = rest.split(", ").collect();
        let pages = parts.pop_if(|last| is_pages(last)).map(str::to_string);
        let place = if parts.len() > 1 { parts.pop() } else { None };
        entry.add("author", authors.replace(" et al.", " and others"));
        entry.add("year", year);
        entry.add("title", format!("{{{}}}", parts.join(", ")));
        match place.map(journal) {
            Some((name, Some(volume), number)) => {
                entry.kind = "article";
                entry.add("journal", name);
                entry.add("volume", volume);
                number.into_iter().for_each(|number| entry.add("number", number));
            }
            Some((name, None, _)) => entry.add("howpublished", name),
            None => {}
        }
        pages.into_iter().for_each(|pages| entry.add("pages", pages.replace('-', "--")));
        doi.into_iter().for_each(|doi| entry.add("doi", doi));
        let first: String =
            authors.split([' ', ',']).next().unwrap_or("").chars().filter(|c| c.is_alphanumeric()).collect();
        entry.key = format!("{first}{year}");
        Some(entry)
    }

    fn add(&mut self, name: &'static str, value: impl Into<String>) {
        self.fields.push((name, value.into()));
    }

    /// Whether both are of one publication.
    pub fn is_same(&self, other: &Entry) -> bool {
        self.fields == other.fields
    }

    /// It is cited for what another one is, too.
    pub fn also(&mut self, other: &Entry) {
        self.used_as.extend(other.used_as.iter().cloned());
    }

    /// The entries with different keys: a letter more where there are several of one author and year.
    pub fn with_keys(mut entries: Vec<Entry>) -> Vec<Entry> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for entry in &mut entries {
            let count = seen.entry(entry.key.clone()).or_default();
            if *count > 0 {
                let letters = "abcdefghijklmnopqrstuvwxyz";
                entry.key += &letters[*count % letters.len()..][..1];
                entry.key.extend((*count >= letters.len()).then(|| (*count / letters.len()).to_string()));
            }
            *count += 1;
        }
        entries
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "@{}{{{},", self.kind, self.key)?;
        for (name, value) in &self.fields {
            writeln!(f, "  {name} = {{{}}},", value.replace('&', "\\&").replace('%', "\\%"))?;
        }
        if !self.used_as.is_empty() {
            writeln!(f, "  note = {{{}}},", self.used_as.join(", ").replace('_', "\\_"))?;
        }
        writeln!(f, "}}")
    }
}

/// Authors, the year, and what follows.
fn split(reference: &str) -> Option<(&str, &str, &str)> {
    let (authors, rest) = reference.split_once(" (")?;
    let (year, rest) = rest.split_once(')')?;
    let is_year = year.len() >= 4 && year.bytes().take(4).all(|b| b.is_ascii_digit());
    let title = rest.trim_start_matches([',', ' ']);
    (is_year && authors.starts_with(char::is_uppercase) && !title.is_empty()).then_some((authors, year, title))
}

/// Pages, or an article's number.
fn is_pages(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && text.len() < 16
}

/// The name of a journal, its volume and number.
fn journal(text: &str) -> (String, Option<String>, Option<String>) {
    let whole = || (text.to_string(), None, None);
    let Some((name, last)) = text.rsplit_once(' ') else { return whole() };
    if !last.starts_with(|c: char| c.is_ascii_digit()) || last.contains('/') || name.ends_with("Report") {
        return whole();
    }
    match last.strip_suffix(')').and_then(|last| last.split_once('(')) {
        Some((volume, number)) => (name.into(), Some(volume.into()), Some(number.into())),
        None => (name.into(), Some(last.into()), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gsim::{info, names};

    #[test]
    fn a_reference_is_taken_apart() {
        let text = "Boore and Atkinson (2008), Equations for PGA, PGV, and PSA, Earthquake Spectra 24(1), 99-138";
        let entry = Entry::of(text, Some("10.1193/1.2830434"), "BooreAtkinson2008".into()).unwrap();
        let expected = "@article{Boore2008,\n  author = {Boore and Atkinson},\n  year = {2008},\n  \
            title = {{Equations for PGA, PGV, and PSA}},\n  journal = {Earthquake Spectra},\n  volume = {24},\n  number = {1},\n  \
            pages = {99--138},\n  doi = {10.1193/1.2830434},\n  note = {BooreAtkinson2008},\n}\n";
        assert_eq!(entry.to_string(), expected);
        let report =
            Entry::of("Thomas et al. (2010), Verification & more, PEER Report 2010/106", None, "PeerMSR".into())
                .unwrap();
        let text = report.to_string();
        assert!(text.starts_with("@misc{Thomas2010,\n  author = {Thomas and others}"), "{text}");
        assert!(
            text.contains("howpublished = {PEER Report 2010/106}") && text.contains("Verification \\& more"),
            "{text}"
        );
    }

    #[test]
    fn keys_differ() {
        let of =
            |title: &str| Entry::of(&format!("Leonard (2010), {title}, BSSA 1, 2-3"), None, String::new()).unwrap();
        let keys: Vec<_> = Entry::with_keys(vec![of("a"), of("b"), of("c")]).into_iter().map(|e| e.key).collect();
        assert_eq!(keys, ["Leonard2010", "Leonard2010b", "Leonard2010c"]);
    }

    /// Whatever the words, an entry has an author, a year and a title, and its braces are closed. What has none is made of other models.
    #[test]
    fn every_published_model_has_an_entry() {
        let (mut articles, mut without) = (0, vec![]);
        for name in names() {
            let model = info(name).unwrap();
            let Some(entry) = Entry::of(model.reference, model.doi, name.to_string()) else {
                assert_eq!(model.doi, None, "{name}");
                without.push(name);
                continue;
            };
            let text = entry.to_string();
            let depth = text.chars().fold(0i32, |depth, c| depth + i32::from(c == '{') - i32::from(c == '}'));
            assert_eq!(depth, 0, "{text}");
            for field in ["author", "year", "title"] {
                let value = entry.fields.iter().find(|(known, _)| *known == field).map(|(_, value)| value.len());
                assert!(value > Some(2), "{name}, {field}: {text}");
            }
            articles += usize::from(entry.kind == "article");
        }
        assert!(articles * 3 > names().len() * 2, "{articles} of {}", names().len());
        assert!(without.len() < 30, "{without:?}");
    }
}
