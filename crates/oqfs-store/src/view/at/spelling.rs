//! The names of the directories of `at/`.

use crate::view::names::{file_name, unescape};

/// What a name asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Spelling {
    /// `LON,LAT`, in degrees.
    Place { lon: f64, lat: f64 },
    /// `site-ID`.
    Number(u64),
    /// `id-NAME`, with the bytes of the name.
    CustomId(Vec<u8>),
}

impl Spelling {
    /// `None` if a name asks for nothing.
    pub fn of(name: &str) -> Option<Self> {
        if let Some(number) = name.strip_prefix("site-") {
            let is_plain = number.bytes().all(|b| b.is_ascii_digit());
            return number.parse().ok().filter(|_| is_plain).map(Self::Number);
        }
        if name.starts_with("id-") {
            let whole = unescape(name)?;
            let id = whole.strip_prefix(b"id-").filter(|id| !id.is_empty())?;
            // one name for each id
            return (file_name(&whole, "", false) == name).then(|| Self::CustomId(id.to_vec()));
        }
        let (lon, lat) = name.split_once(',')?;
        let (lon, lat) = (degrees(lon)?, degrees(lat)?);
        ((-180.0..=360.0).contains(&lon) && (-90.0..=90.0).contains(&lat)).then_some(Self::Place { lon, lat })
    }
}

/// A number of degrees: a sign, digits and a point.
fn degrees(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_decimal_degrees_and_nothing_else() {
        let place = |lon, lat| Some(Spelling::Place { lon, lat });
        assert_eq!(Spelling::of("13.40,42.35"), place(13.4, 42.35));
        assert_eq!(Spelling::of("-170,-17.5"), place(-170.0, -17.5));
        assert_eq!(Spelling::of("+190.0,90"), place(190.0, 90.0));
        for wrong in [
            "",
            ",",
            "13.4",
            "13.4,",
            ",42",
            "13.4, 42.35",
            " 13.4,42.35",
            "1e1,42",
            "13.4,42.35,0",
            "nan,42",
            "inf,42",
            "13,4,42,35",
            "--1,2",
            "+-1,2",
            "1.2.3,4",
            ".,1",
            "0x1,2",
            "361,0",
            "-180.1,0",
            "0,90.1",
            "٣,٤",
        ] {
            assert_eq!(Spelling::of(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn sites_are_named_by_number_and_id() {
        assert_eq!(Spelling::of("site-237"), Some(Spelling::Number(237)));
        assert_eq!(Spelling::of("id-Avellino"), Some(Spelling::CustomId(b"Avellino".to_vec())));
        assert_eq!(Spelling::of("id-a%2Fb"), Some(Spelling::CustomId(b"a/b".to_vec())));
        for wrong in
            ["site-", "site-+1", "site--1", "site-99999999999999999999", "id-", "id-%41", "id-a%2", "Site-1", "site-1 "]
        {
            assert_eq!(Spelling::of(wrong), None, "{wrong:?}");
        }
    }
}
