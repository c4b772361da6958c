//! Suggestions for a name that nobody knows: the known names it is closest to.

/// The known names closest to `name`, best first, at most three; empty if none is close enough to be a slip.
///
/// Close means an edit distance (insertions, deletions, substitutions, transpositions of neighbours; the case of ASCII
/// letters aside) of at most a third of the name's length, or that one name begins with the other.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    const SUGGESTIONS: usize = 3;
    let wanted = folded(name);
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut close: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let other = folded(candidate);
            let distance = strsim::osa_distance(&wanted, &other);
            let prefix =
                wanted.len().min(other.len()) >= 3 && (other.starts_with(&wanted) || wanted.starts_with(&other));
            (prefix || distance <= wanted.chars().count().div_ceil(3)).then_some((distance, candidate))
        })
        .collect();
    close.sort();
    close.truncate(SUGGESTIONS);
    close.into_iter().map(|(_, candidate)| candidate).collect()
}

fn folded(text: &str) -> String {
    text.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] =
        ["BooreAtkinson2008", "BooreAtkinson2011", "SadighEtAl1997", "ToroEtAl2002", "ToroEtAl2002SHARE"];

    fn nearest_known(name: &str) -> Vec<&'static str> {
        nearest(name, KNOWN)
    }

    #[test]
    fn a_slip_finds_its_name_first() {
        assert_eq!(nearest_known("BooreAtkinson208"), ["BooreAtkinson2008", "BooreAtkinson2011"]);
        assert_eq!(nearest_known("sadighetal1997"), ["SadighEtAl1997"]);
        assert_eq!(nearest_known("SadgihEtAl1997"), ["SadighEtAl1997"]);
    }

    #[test]
    fn a_prefix_finds_the_longer_names() {
        assert_eq!(nearest_known("Toro"), ["ToroEtAl2002", "ToroEtAl2002SHARE"]);
    }

    #[test]
    fn what_is_far_finds_nothing() {
        assert!(nearest_known("Zhao2006").is_empty());
        assert!(nearest_known("").is_empty());
    }
}
