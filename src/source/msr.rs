//! Magnitude-scaling relationships: the area of a rupture from its magnitude.

use super::SourceError;

/// A magnitude-scaling relationship.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Msr {
    /// Wells and Coppersmith, 1994, BSSA 84, 974-1002, table 2A: by style of faulting.
    Wc1994,
    /// Of the PEER verification tests (Thomas, Wong and Abrahamson, PEER 2010/106): `log10 A = m - 4`.
    PeerMsr,
    /// Ruptures as good as points: 1e-4 km² for every magnitude.
    PointMsr,
    /// `log10 A = m - C`, with C from 3.7 to 4.4 in practice.
    CScaling(f64),
}

const NAMES: [&str; 4] = ["WC1994", "PeerMSR", "PointMSR", "CScalingMSR.C = ..."];

impl Msr {
    /// The relationship that NRML names: `WC1994`, or with an argument `CScalingMSR.C = 3.9`.
    pub fn by_name(text: &str) -> Result<Msr, SourceError> {
        let text = text.trim();
        match text {
            "WC1994" => return Ok(Msr::Wc1994),
            "PeerMSR" => return Ok(Msr::PeerMsr),
            "PointMSR" => return Ok(Msr::PointMsr),
            _ => {}
        }
        let argument = text.strip_prefix("CScalingMSR.").or_else(|| text.strip_prefix("[CScalingMSR]"));
        let value = argument.and_then(|a| a.trim().strip_prefix('C')).and_then(|a| a.trim().strip_prefix('='));
        match value.and_then(|v| v.trim().parse::<f64>().ok()).filter(|c| c.is_finite()) {
            Some(c) => Ok(Msr::CScaling(c)),
            None => Err(SourceError::Parameter {
                parameter: "magScaleRel",
                found: text.to_string(),
                accepted: format!("known are {}", NAMES.join(", ")),
            }),
        }
    }

    /// Median magnitude of a rupture of this area (km²) and rake; `None` where the relationship does not give it.
    pub fn median_mag(self, area: f64, rake: f64) -> Option<f64> {
        let log_area = area.log10();
        match self {
            Msr::Wc1994 if (-45.0..=45.0).contains(&rake) || rake.abs() > 135.0 => Some(3.98 + 1.02 * log_area),
            Msr::Wc1994 if rake > 0.0 => Some(4.33 + 0.90 * log_area),
            Msr::Wc1994 => Some(3.93 + 1.02 * log_area),
            _ => None,
        }
    }

    /// Standard deviation of that magnitude.
    pub fn deviation_of_mag(self, rake: f64) -> Option<f64> {
        match self {
            Msr::Wc1994 if (-45.0..=45.0).contains(&rake) || rake.abs() >= 135.0 => Some(0.23),
            Msr::Wc1994 => Some(0.25),
            _ => None,
        }
    }

    /// Median area, km², of a rupture of this magnitude and rake (degrees).
    pub fn median_area(self, mag: f64, rake: f64) -> f64 {
        match self {
            Msr::Wc1994 => {
                if (-45.0..=45.0).contains(&rake) || rake.abs() >= 135.0 {
                    10f64.powf(-3.42 + 0.90 * mag) // strike slip
                } else if rake > 0.0 {
                    10f64.powf(-3.99 + 0.98 * mag) // reverse
                } else {
                    10f64.powf(-2.87 + 0.82 * mag) // normal
                }
            }
            Msr::PeerMsr => 10f64.powf(mag - 4.0),
            Msr::PointMsr => 1e-4,
            Msr::CScaling(c) => 10f64.powf(mag - c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_areas() {
        assert!((Msr::Wc1994.median_area(7.0, 0.0) - 10f64.powf(2.88)).abs() < 1e-9);
        assert!((Msr::Wc1994.median_area(7.0, 90.0) - 10f64.powf(2.87)).abs() < 1e-9);
        assert!((Msr::Wc1994.median_area(7.0, -90.0) - 10f64.powf(2.87)).abs() < 1e-9);
        assert_eq!(Msr::PeerMsr.median_area(6.0, 0.0), 100.0);
    }

    #[test]
    fn an_argument_is_read() {
        assert_eq!(Msr::by_name("\n CScalingMSR.C = 3.90\n").unwrap(), Msr::CScaling(3.9));
        assert_eq!(Msr::by_name("[CScalingMSR]\nC = 4.2").unwrap().median_area(6.2, 0.0), 100.0);
        assert!(Msr::by_name("CScalingMSR").is_err());
    }

    #[test]
    fn an_unknown_name_gets_the_known_ones() {
        let message = Msr::by_name("WC1944").unwrap_err().to_string();
        assert!(message.contains("WC1944") && message.contains("WC1994"), "{message}");
    }
}
