//! Correlations of the standardized residuals of two intensity measures at one site, in one earthquake.

use super::imt::{Imt, ImtKind};
use crate::elementary::scalar::{cos, exp, ln, log10, powf, tanh};

/// A model of the correlation of intensity measures, by the engine's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrossCorrelation {
    /// Baker and Jayaram (2008), Correlation of spectral acceleration values from NGA ground motion models, Earthquake Spectra 24(1),
    /// 299-317, doi 10.1193/1.2857544. Total residuals of spectral accelerations, GMRotI50, 0.01 to 10 s.
    BakerJayaram2008,
    /// Bradley (2012), Empirical correlations between peak ground velocity and spectrum-based intensity measures, Earthquake Spectra 28(1),
    /// 17-35, doi 10.1193/1.3675582. Total residuals of PGV and a spectral acceleration.
    Bradley2012,
    /// Goda and Atkinson (2009), Probabilistic characterization of spatially correlated response spectra for earthquakes in Japan, Bulletin of
    /// the Seismological Society of America 99(5), 3003-3020, doi 10.1785/0120090007. Residuals between events of spectral accelerations.
    GodaAtkinson2009,
    /// Whatever the measures, 1.
    FullCrossCorrelation,
    /// Between two measures, 0.
    NoCrossCorrelation,
}

impl CrossCorrelation {
    /// All of them.
    pub const ALL: [CrossCorrelation; 5] = [
        CrossCorrelation::BakerJayaram2008,
        CrossCorrelation::Bradley2012,
        CrossCorrelation::GodaAtkinson2009,
        CrossCorrelation::FullCrossCorrelation,
        CrossCorrelation::NoCrossCorrelation,
    ];

    /// The engine's name.
    pub fn name(self) -> &'static str {
        match self {
            CrossCorrelation::BakerJayaram2008 => "BakerJayaram2008",
            CrossCorrelation::Bradley2012 => "Bradley2012",
            CrossCorrelation::GodaAtkinson2009 => "GodaAtkinson2009",
            CrossCorrelation::FullCrossCorrelation => "FullCrossCorrelation",
            CrossCorrelation::NoCrossCorrelation => "NoCrossCorrelation",
        }
    }

    /// The model of a name.
    pub fn by_name(name: &str) -> Option<CrossCorrelation> {
        CrossCorrelation::ALL.into_iter().find(|model| model.name() == name)
    }

    /// The correlation of two intensity measures, `None` if the model is not of these.
    pub fn between(self, one: &Imt, other: &Imt) -> Option<f64> {
        let periods = || spectral_period(one).zip(spectral_period(other));
        match self {
            CrossCorrelation::FullCrossCorrelation => Some(1.0),
            _ if one == other && (spectral_period(one).is_some() || one.kind() == ImtKind::Pgv) => Some(1.0),
            CrossCorrelation::NoCrossCorrelation => Some(if one == other { 1.0 } else { 0.0 }),
            CrossCorrelation::BakerJayaram2008 => periods().map(baker_jayaram),
            CrossCorrelation::GodaAtkinson2009 => periods().map(goda_atkinson),
            CrossCorrelation::Bradley2012 => match (one.kind(), other.kind()) {
                (ImtKind::Pgv, _) => spectral_period(other).map(bradley),
                (_, ImtKind::Pgv) => spectral_period(one).map(bradley),
                _ => None,
            },
        }
    }
}

/// The period of a spectral acceleration, s; PGA counts as 0.
fn spectral_period(imt: &Imt) -> Option<f64> {
    imt.period().filter(|_| imt.is_spectral())
}

/// Below this period correlations are of another kind, s.
const SHORT: f64 = 0.109;

/// The equations of Baker and Jayaram (2008) for C1 to C4, and the choice among them.
fn baker_jayaram((one, other): (f64, f64)) -> f64 {
    let (shorter, longer) = (one.min(other), one.max(other));
    if longer - shorter < 1e-10 {
        return 1.0;
    }
    let c1 = 1.0 - cos(std::f64::consts::FRAC_PI_2 - 0.366 * ln(longer / shorter.max(SHORT)));
    let c2 = if longer < 0.2 {
        1.0 - 0.105 * (1.0 - 1.0 / (1.0 + exp(100.0 * longer - 5.0))) * (longer - shorter) / (longer - 0.0099)
    } else {
        0.0
    };
    let c3 = if longer < SHORT { c2 } else { c1 };
    let c4 = c1 + 0.5 * (c3.sqrt() - c3) * (1.0 + cos(std::f64::consts::PI * shorter / SHORT));
    match (longer < SHORT, shorter > SHORT) {
        (true, _) => c2,
        (false, true) => c1,
        (false, false) if longer < 0.2 => c2.min(c4),
        (false, false) => c4,
    }
}

/// The equation of Goda and Atkinson (2009); PGA counts as 0.05 s (engine behaviour).
fn goda_atkinson((one, other): (f64, f64)) -> f64 {
    let [one, other] = [one, other].map(|period| if period == 0.0 { 0.05 } else { period });
    let (shorter, longer) = (one.min(other), one.max(other));
    let is_short = if shorter < 0.25 { 1.0 } else { 0.0 };
    let slope = 1.374 + 5.586 * is_short * powf(shorter / longer, 0.728) * log10(shorter / 0.25);
    let ratio = log10(longer / shorter);
    let angle = std::f64::consts::FRAC_PI_2 - slope * ratio;
    let delta = 1.0 + cos(-1.5 * ratio);
    ((1.0 - cos(angle) + delta) / 3.0).min(1.0)
}

/// The equation of Bradley (2012) with its table: PGV with the spectral acceleration of a period.
fn bradley(period: f64) -> f64 {
    let (a, b, c, d) = match period {
        ..0.01 => return 0.733,
        ..0.1 => (0.73, 0.54, 0.045, 1.8),
        ..0.75 => (0.54, 0.81, 0.28, 1.5),
        ..2.5 => (0.80, 0.76, 1.1, 3.0),
        _ => (0.76, 0.70, 5.0, 3.2),
    };
    (a + b) / 2.0 - (a - b) / 2.0 * tanh(d * ln(period / c))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the functions of OpenQuake 3.26.2.
    const EXPECTED: [(&str, &str, &str, f64); 19] = [
        ("BakerJayaram2008", "PGA", "SA(0.05)", 0.9345386533665836),
        ("BakerJayaram2008", "PGA", "SA(0.15)", 0.8875854034006572),
        ("BakerJayaram2008", "SA(0.05)", "SA(0.1)", 0.9421213925344339),
        ("BakerJayaram2008", "SA(0.05)", "SA(0.15)", 0.9153049737568549),
        ("BakerJayaram2008", "SA(0.12)", "SA(0.18)", 0.8521438648124793),
        ("BakerJayaram2008", "SA(0.05)", "SA(1.0)", 0.41571614465149537),
        ("BakerJayaram2008", "SA(0.2)", "SA(1.0)", 0.44442506635664636),
        ("BakerJayaram2008", "SA(5.0)", "SA(0.3)", 0.1428512084360164),
        ("BakerJayaram2008", "SA(0.2)", "SA(0.2)", 1.0),
        ("GodaAtkinson2009", "PGA", "SA(0.1)", 1.0),
        ("GodaAtkinson2009", "SA(0.1)", "SA(0.3)", 0.858896035898101),
        ("GodaAtkinson2009", "SA(0.5)", "SA(2.0)", 0.6277090360678499),
        ("GodaAtkinson2009", "PGA", "SA(5.0)", 0.1304949733930666),
        ("Bradley2012", "PGV", "PGA", 0.733),
        ("Bradley2012", "PGV", "SA(0.05)", 0.6171962887783417),
        ("Bradley2012", "SA(0.3)", "PGV", 0.6889213923843766),
        ("Bradley2012", "PGV", "SA(1.0)", 0.785567699935163),
        ("Bradley2012", "PGV", "SA(4.0)", 0.748396481356779),
        ("NoCrossCorrelation", "PGA", "SA(1.0)", 0.0),
    ];

    fn imt(text: &str) -> Imt {
        text.parse().unwrap()
    }

    #[test]
    fn correlations_are_those_of_the_engine() {
        for (name, one, other, expected) in EXPECTED {
            let model = CrossCorrelation::by_name(name).unwrap();
            let [found, back] = [(one, other), (other, one)].map(|(a, b)| model.between(&imt(a), &imt(b)).unwrap());
            assert!((found - expected).abs() < 1e-14 && found == back, "{name} {one} {other}: {found}, not {expected}");
        }
    }

    #[test]
    fn measures_that_a_model_is_not_of_have_none() {
        let between = |name: &str, one: &str, other: &str| {
            CrossCorrelation::by_name(name).unwrap().between(&imt(one), &imt(other))
        };
        assert_eq!(between("BakerJayaram2008", "PGV", "SA(1.0)"), None);
        assert_eq!(between("Bradley2012", "PGA", "SA(1.0)"), None);
        assert_eq!(between("GodaAtkinson2009", "MMI", "MMI"), None);
        assert_eq!(between("FullCrossCorrelation", "MMI", "PGA"), Some(1.0));
        assert!(CrossCorrelation::by_name("yes").is_none());
    }
}
