//! Intensity measure types, with the names that stand in a `job.ini` (`PGA`, `SA(0.1)`).

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::nearest::nearest;

/// What follows the name of an intensity measure in parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    Period,
    OptionalPeriod,
    Frequency,
    PeriodAndRatio,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $form:ident;)+) => {
        /// The kind of an intensity measure: its type without period or frequency.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ImtKind { $($(#[$doc])* $variant),+ }

        impl ImtKind {
            /// Every kind, in declaration order.
            pub const ALL: &'static [ImtKind] = &[$(ImtKind::$variant),+];

            /// The name, as the engine writes it.
            pub const fn name(self) -> &'static str {
                match self { $(ImtKind::$variant => $name),+ }
            }

            const fn form(self) -> Form {
                match self { $(ImtKind::$variant => Form::$form),+ }
            }
        }
    };
}

kinds! {
    /// Peak ground acceleration, g.
    Pga = "PGA", Plain;
    /// Peak ground velocity, cm/s.
    Pgv = "PGV", Plain;
    /// Peak ground displacement, cm.
    Pgd = "PGD", Plain;
    /// Spectral acceleration, 5 % damping, g.
    Sa = "SA", Period;
    /// Average spectral acceleration over several periods, g; with or without a conditioning period.
    AvgSa = "AvgSA", OptionalPeriod;
    /// Average spectral acceleration over 0.2 to 2 times the period, g.
    SaAvg2 = "Sa_avg2", Period;
    /// Average spectral acceleration over 0.2 to 3 times the period, g.
    SaAvg3 = "Sa_avg3", Period;
    /// Inelastic spectral displacement at a period and a strength ratio, cm.
    Sdi = "SDi", PeriodAndRatio;
    /// Filtered incremental velocity, cm/s.
    Fiv3 = "FIV3", Period;
    /// Effective amplitude spectrum at a frequency.
    Eas = "EAS", Frequency;
    /// Fourier amplitude spectrum at a frequency.
    Fas = "FAS", Frequency;
    /// Duration for random vibration theory at a frequency.
    Drvt = "DRVT", Frequency;
    /// Arias intensity, m/s.
    Ia = "IA", Plain;
    /// Cumulative absolute velocity, g s.
    Cav = "CAV", Plain;
    /// Relative significant duration, 5 to 95 % of the Arias intensity, s.
    Rsd = "RSD", Plain;
    /// The same as `RSD`, under the name most models use.
    Rsd595 = "RSD595", Plain;
    /// Relative significant duration, 5 to 75 % of the Arias intensity, s.
    Rsd575 = "RSD575", Plain;
    /// Relative significant duration, 20 to 80 % of the Arias intensity, s.
    Rsd2080 = "RSD2080", Plain;
    /// Modified Mercalli intensity.
    Mmi = "MMI", Plain;
    /// Japan Meteorological Agency intensity.
    Jma = "JMA", Plain;
    /// Lateral spread displacement from liquefaction, m.
    Lsd = "LSD", Plain;
}

impl fmt::Display for ImtKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A finite, non-negative number, stored by its bits, which sort as the numbers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Number(u64);

impl Number {
    fn new(value: f64) -> Option<Number> {
        // Adding zero turns -0 into 0, so that equal numbers have equal bits.
        (value.is_finite() && value >= 0.0).then(|| Number((value + 0.0).to_bits()))
    }

    fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// An intensity measure type, such as `PGA` or `SA(0.1)`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Imt {
    kind: ImtKind,
    /// The period, or the frequency of `EAS`, `FAS` and `DRVT`.
    argument: Option<Number>,
    /// The strength ratio of `SDi`.
    ratio: Option<Number>,
}

/// Why a text is not an intensity measure type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImtError {
    /// The name is not one of [`ImtKind::ALL`].
    #[error("unknown intensity measure type {found:?}; {hint}accepted are {}", accepted())]
    Unknown {
        /// The whole text found.
        found: String,
        /// `did you mean ...? `, or nothing.
        hint: String,
    },
    /// The name is known and what follows it is not right.
    #[error("wrong intensity measure type {found:?}: write it as {form}")]
    Argument {
        /// The whole text found.
        found: String,
        /// How the intensity measure is written.
        form: String,
    },
}

impl Imt {
    /// Peak ground acceleration.
    pub const PGA: Imt = Imt::plain(ImtKind::Pga);
    /// Peak ground velocity.
    pub const PGV: Imt = Imt::plain(ImtKind::Pgv);

    const fn plain(kind: ImtKind) -> Imt {
        Imt { kind, argument: None, ratio: None }
    }

    /// Spectral acceleration at a period in seconds; `None` unless it is finite and not negative.
    pub fn sa(period: f64) -> Option<Imt> {
        Some(Imt { kind: ImtKind::Sa, argument: Some(Number::new(period)?), ratio: None })
    }

    /// An effective amplitude spectrum at a frequency in Hz; `None` unless it is finite and positive.
    pub fn eas(frequency: f64) -> Option<Imt> {
        let argument = Number::new(frequency).filter(|number| number.get() > 0.0)?;
        Some(Imt { kind: ImtKind::Eas, argument: Some(argument), ratio: None })
    }

    /// Read what the engine reads: a name, with its argument in parentheses where it takes one (`PGA`, `SA(0.1)`), or
    /// a bare number, which is a period of spectral acceleration.
    ///
    /// # Errors
    /// If the name is unknown or its argument missing, superfluous, or not a finite, non-negative number.
    pub fn parse(text: &str) -> Result<Imt, ImtError> {
        let text = text.trim();
        if let Some(imt) = text.parse().ok().and_then(Imt::sa) {
            return Ok(imt);
        }
        let (name, rest) = text.find('(').map_or((text, None), |at| (&text[..at], Some(&text[at + 1..])));
        let Some(&kind) = ImtKind::ALL.iter().find(|kind| kind.name() == name) else {
            return Err(ImtError::unknown(text, name));
        };
        let wrong = || ImtError::Argument { found: text.to_owned(), form: form(kind) };
        let arguments: Vec<Number> = match rest {
            None => Vec::new(),
            Some(rest) => rest
                .strip_suffix(')')
                .or_else(|| unclosed(rest))
                .ok_or_else(wrong)?
                .split(',')
                .map(|part| part.trim().parse().ok().and_then(Number::new).ok_or_else(wrong))
                .collect::<Result<_, _>>()?,
        };
        match (kind.form(), arguments.as_slice()) {
            (Form::Plain, []) if rest.is_none() => Ok(Imt::plain(kind)),
            (Form::OptionalPeriod, []) if rest.is_none() => Ok(Imt::plain(kind)),
            (Form::Frequency, [zero]) if zero.get() == 0.0 => Err(wrong()),
            (Form::Period | Form::OptionalPeriod | Form::Frequency, &[argument]) => {
                Ok(Imt { kind, argument: Some(argument), ratio: None })
            }
            (Form::PeriodAndRatio, &[period, ratio]) => Ok(Imt { kind, argument: Some(period), ratio: Some(ratio) }),
            _ => Err(wrong()),
        }
    }

    /// The kind, without the period.
    pub fn kind(&self) -> ImtKind {
        self.kind
    }

    /// Whether it is an acceleration of a spectrum: `PGA` or `SA`.
    pub fn is_spectral(&self) -> bool {
        matches!(self.kind, ImtKind::Pga | ImtKind::Sa)
    }

    /// The period in seconds: 0 for `PGA`, one over the frequency for `EAS`, `FAS` and `DRVT`, `None` for measures that have none.
    pub fn period(&self) -> Option<f64> {
        match (self.kind, self.argument) {
            (ImtKind::Pga, _) => Some(0.0),
            (kind, Some(argument)) if kind.form() == Form::Frequency => Some(1.0 / argument.get()),
            (_, argument) => argument.map(Number::get),
        }
    }

    /// The strength ratio of `SDi`, `None` of the others.
    pub fn strength_ratio(&self) -> Option<f64> {
        self.ratio.map(Number::get)
    }

    /// The order in which the engine lays out intensity measures: by period, those without one counting as 0. Sort
    /// with a stable sort, as measures that compare equal stay in the order of the job.
    pub fn by_period(&self, other: &Imt) -> Ordering {
        let key = |imt: &Imt| imt.period().unwrap_or(0.0);
        key(self).total_cmp(&key(other))
    }
}

/// By period as [`Imt::by_period`], then by kind and the rest, so that the order is total.
impl Ord for Imt {
    fn cmp(&self, other: &Imt) -> Ordering {
        let rest = |imt: &Imt| (imt.kind, imt.argument, imt.ratio);
        self.by_period(other).then_with(|| rest(self).cmp(&rest(other)))
    }
}

impl PartialOrd for Imt {
    fn partial_cmp(&self, other: &Imt) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Imt {
    type Err = ImtError;

    fn from_str(text: &str) -> Result<Imt, ImtError> {
        Imt::parse(text)
    }
}

/// The engine's canonical string: `PGA`, `SA(0.1)`, `SA(1.0)`, `EAS(1.000000)`.
impl fmt::Display for Imt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        match (self.argument.map(Number::get), self.ratio.map(Number::get)) {
            (None, _) => Ok(()),
            (Some(frequency), _) if self.kind.form() == Form::Frequency => write!(f, "({frequency:.6})"),
            (Some(period), None) => write!(f, "({})", shortest(period)),
            (Some(period), Some(ratio)) => write!(f, "({},{})", shortest(period), shortest(ratio)),
        }
    }
}

impl fmt::Debug for Imt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl ImtError {
    fn unknown(found: &str, name: &str) -> ImtError {
        let close = nearest(name, ImtKind::ALL.iter().map(|kind| kind.name()));
        let hint = if close.is_empty() { String::new() } else { format!("did you mean {}? ", close.join(" or ")) };
        ImtError::Unknown { found: found.to_owned(), hint }
    }
}

/// How an intensity measure of this kind is written.
fn form(kind: ImtKind) -> String {
    match kind.form() {
        Form::Plain => kind.name().to_owned(),
        Form::Period => format!("{kind}(period)"),
        Form::OptionalPeriod => format!("{kind} or {kind}(period)"),
        Form::Frequency => format!("{kind}(frequency)"),
        Form::PeriodAndRatio => format!("{kind}(period,strength ratio)"),
    }
}

fn accepted() -> String {
    ImtKind::ALL.iter().map(|&kind| form(kind)).collect::<Vec<_>>().join(", ")
}

/// The shortest digits that read back as the same number, always with a point or an exponent, as Python's `repr`.
fn shortest(value: f64) -> String {
    if value == 0.0 || (1e-4..1e16).contains(&value) {
        return if value.fract() == 0.0 { format!("{value:.1}") } else { format!("{value}") };
    }
    let text = format!("{value:e}");
    match text.split_once("e-") {
        Some((digits, exponent)) => format!("{digits}e-{exponent:0>2}"),
        None => text.replace('e', "e+"),
    }
}

/// What lacks its closing parenthesis. The engine drops the last character whatever it is; only where that leaves the
/// number as it is, there is no doubt what is meant.
fn unclosed(rest: &str) -> Option<&str> {
    let number = |text: &str| text.parse::<f64>().ok();
    let shorter = rest.get(..rest.len().checked_sub(1)?)?;
    number(rest).filter(|&n| number(shorter) == Some(n)).map(|_| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads_as(text: &str, canonical: &str, period: Option<f64>) {
        let imt = Imt::parse(text).unwrap();
        assert_eq!((imt.to_string().as_str(), imt.period()), (canonical, period), "{text}");
        assert_eq!(Imt::parse(canonical).unwrap(), imt, "{canonical} does not read back");
    }

    #[test]
    fn spellings_of_the_engine() {
        reads_as("PGA", "PGA", Some(0.0));
        reads_as(" PGV ", "PGV", None);
        reads_as("SA(0.10)", "SA(0.1)", Some(0.1));
        reads_as("SA(1)", "SA(1.0)", Some(1.0));
        reads_as("SA(1.0", "SA(1.0)", Some(1.0));
        reads_as("SA( 0.1)", "SA(0.1)", Some(0.1));
        reads_as("SA(0.00001)", "SA(1e-05)", Some(1e-5));
        reads_as("SA(0.0001)", "SA(0.0001)", Some(1e-4));
        reads_as("SA(1.25e-5)", "SA(1.25e-05)", Some(1.25e-5));
        reads_as("SA(1e16)", "SA(1e+16)", Some(1e16));
        reads_as("SA(-0.0)", "SA(0.0)", Some(0.0));
        reads_as("0.1", "SA(0.1)", Some(0.1));
        reads_as("AvgSA", "AvgSA", None);
        reads_as("AvgSA(0.5)", "AvgSA(0.5)", Some(0.5));
        reads_as("Sa_avg2(2)", "Sa_avg2(2.0)", Some(2.0));
        reads_as("SDi(1.0, 2)", "SDi(1.0,2.0)", Some(1.0));
        reads_as("EAS(4)", "EAS(4.000000)", Some(0.25));
        reads_as("RSD595", "RSD595", None);
    }

    #[test]
    fn what_is_wrong_is_named_with_what_is_accepted() {
        let message = |text: &str| Imt::parse(text).unwrap_err().to_string();
        for text in
            ["SA", "SA()", "SA(", "SA(0.1", "SA(0.1))", "SA(0.1)x", "SA(-1)", "SA(nan)", "SA(inf)", "SA(1,2)", "SA(x)"]
        {
            assert_eq!(message(text), format!("wrong intensity measure type {text:?}: write it as SA(period)"));
        }
        for text in ["PGA()", "PGA(1)"] {
            assert_eq!(message(text), format!("wrong intensity measure type {text:?}: write it as PGA"));
        }
        assert!(message("EAS(0)").ends_with("EAS(frequency)"));
        assert!(message("SDi(1)").ends_with("SDi(period,strength ratio)"));
        assert!(message("pga").contains("did you mean PGA"), "{}", message("pga"));
        assert!(
            message("XYZW(1)").contains("\"XYZW(1)\"; accepted are PGA, PGV, PGD, SA(period), AvgSA or AvgSA(period)")
        );
        assert!(message("").starts_with("unknown intensity measure type \"\""));
        assert!(message("-1").starts_with("unknown"));
    }

    #[test]
    fn the_engines_order_is_by_period_and_stable() {
        let mut imts: Vec<Imt> = ["SA(10.0)", "PGV", "SA(2.0)", "PGA"].iter().map(|s| s.parse().unwrap()).collect();
        imts.sort_by(Imt::by_period);
        assert_eq!(format!("{imts:?}"), "[PGV, PGA, SA(2.0), SA(10.0)]");
        imts.sort();
        assert_eq!(format!("{imts:?}"), "[PGA, PGV, SA(2.0), SA(10.0)]");
    }
}
