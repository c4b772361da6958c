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
            let distance = distance(&wanted, &other);
            let prefix =
                wanted.len().min(other.len()) >= 3 && (other.starts_with(&wanted) || wanted.starts_with(&other));
            (prefix || distance <= wanted.len().div_ceil(3)).then_some((distance, candidate))
        })
        .collect();
    close.sort();
    close.truncate(SUGGESTIONS);
    close.into_iter().map(|(_, candidate)| candidate).collect()
}

fn folded(text: &str) -> Vec<char> {
    text.chars().map(|c| c.to_ascii_lowercase()).collect()
}

/// Optimal string alignment distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, &y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
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

    #[test]
    fn distances() {
        let d = |a: &str, b: &str| distance(&folded(a), &folded(b));
        assert_eq!(d("", "abc"), 3);
        assert_eq!(d("abc", ""), 3);
        assert_eq!(d("kitten", "sitting"), 3);
        assert_eq!(d("abcd", "acbd"), 1);
        assert_eq!(d("PGA", "pga"), 0);
    }
}
