//! The ranges that a model is valid for, as its publication states them.

use super::Param;

/// A range of values. An open end is infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Range {
    /// Whether a value is within the range.
    pub fn has(&self, value: f64) -> bool {
        (self.min..=self.max).contains(&value)
    }

    /// `4 to 7.6`, `up to 300 km` or `450 m/s and more`.
    pub fn in_words(&self, unit: &str) -> String {
        match (self.min, self.max) {
            (min, f64::INFINITY) => format!("{min}{unit} and more"),
            (min, max) if min <= 0.0 => format!("up to {max}{unit}"),
            (min, max) => format!("{min} to {max}{unit}"),
        }
    }
}

/// The ranges that a model is valid for. What the publication does not state is `None`.
///
/// A range that depends on the style of faulting is the widest. Ground that a model is for without a range, such as rock of
/// 760 m/s, is not stated here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Validity {
    /// Of magnitude, in the scale that the model takes.
    pub magnitude: Option<Range>,
    /// Of a distance, km, with its kind.
    pub distance: Option<(Param, Range)>,
    /// Of `vs30`, m/s.
    pub vs30: Option<Range>,
    /// Of the depth of hypocentres, km.
    pub depth: Option<Range>,
}

impl Validity {
    /// Of a model that states no range.
    pub const NOT_STATED: Validity = Validity { magnitude: None, distance: None, vs30: None, depth: None };

    /// The same for magnitudes in a range.
    pub const fn magnitude(self, min: f64, max: f64) -> Validity {
        Validity { magnitude: Some(Range { min, max }), ..self }
    }

    /// The same for distances of a kind in a range, km.
    pub const fn distance(self, kind: Param, min: f64, max: f64) -> Validity {
        Validity { distance: Some((kind, Range { min, max })), ..self }
    }

    /// The same for another kind of distance, in the same range.
    pub const fn by(self, kind: Param) -> Validity {
        match self.distance {
            Some((_, range)) => Validity { distance: Some((kind, range)), ..self },
            None => self,
        }
    }

    /// The same for ground in a range of `vs30`, m/s.
    pub const fn vs30(self, min: f64, max: f64) -> Validity {
        Validity { vs30: Some(Range { min, max }), ..self }
    }

    /// The same for hypocentres in a range of depths, km.
    pub const fn depth(self, min: f64, max: f64) -> Validity {
        Validity { depth: Some(Range { min, max }), ..self }
    }

    /// The same for magnitudes whose range is not known, such as those of another scale.
    pub const fn of_any_magnitude(self) -> Validity {
        Validity { magnitude: None, ..self }
    }

    /// The same on any ground.
    pub const fn on_any_ground(self) -> Validity {
        Validity { vs30: None, ..self }
    }

    /// Each range, by what it is of, with its unit; `not stated` where there is none.
    pub fn lines(&self) -> [(&'static str, String); 4] {
        let stated = |range: Option<Range>, unit: &str| {
            range.map_or_else(|| "not stated".to_owned(), |range| range.in_words(unit))
        };
        let kind = self.distance.map_or(String::new(), |(kind, _)| format!("{} ", kind.name()));
        let distance = stated(self.distance.map(|(_, range)| range), " km");
        [
            ("magnitude", stated(self.magnitude, "")),
            ("distance", format!("{kind}{distance}")),
            ("vs30", stated(self.vs30, " m/s")),
            ("depth", stated(self.depth, " km")),
        ]
    }
}
