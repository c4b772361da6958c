//! Magnitude-scaling relationships: the area of a rupture from its magnitude.

use super::SourceError;
use crate::nearest::nearest;

/// A magnitude-scaling relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Msr {
    /// Wells and Coppersmith, 1994, BSSA 84, 974-1002, table 2A: by style of faulting.
    Wc1994,
    /// Of the PEER verification tests (Thomas, Wong and Abrahamson, PEER 2010/106): `log10 A = m - 4`.
    PeerMsr,
    /// Ruptures as good as points: 1e-4 km² for every magnitude.
    PointMsr,
}

const NAMES: [(&str, Msr); 3] = [("WC1994", Msr::Wc1994), ("PeerMSR", Msr::PeerMsr), ("PointMSR", Msr::PointMsr)];

impl Msr {
    /// The relationship of this NRML name.
    pub fn by_name(name: &str) -> Result<Msr, SourceError> {
        NAMES.iter().find(|(n, _)| *n == name).map(|&(_, msr)| msr).ok_or_else(|| SourceError::Parameter {
            parameter: "magScaleRel",
            found: name.to_string(),
            accepted: format!("known are {}", nearest(name, NAMES.iter().map(|n| n.0)).join(", ")),
        })
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
    fn an_unknown_name_gets_the_nearest() {
        let message = Msr::by_name("WC1944").unwrap_err().to_string();
        assert!(message.contains("WC1944") && message.contains("WC1994"), "{message}");
    }
}
