//! Changes that a logic tree makes to sources: magnitude-frequency distributions, geometries, scaling relationships.

use super::characteristic::FaultSurface;
use super::simple_fault::SimpleFaultSource;
use super::{Mfd, Msr, SeismogenicDepths, Source, SourceError, Typology};
use crate::geo::Point;
use crate::geo::mesh::RectMesh;

/// A change to a source.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// New a and b values.
    SetAb(f64, f64),
    /// A new b value.
    SetB(f64),
    /// Add to the b value; the a value keeps the moment rate.
    AddToB(f64),
    /// A new upper magnitude.
    SetMaxMag(f64),
    /// Add to the upper magnitude; if balanced, the a value keeps the moment rate.
    AddToMaxMag {
        /// How much.
        by: f64,
        /// Whether the moment rate is kept.
        balanced: bool,
    },
    /// New rates of evenly spaced magnitudes.
    SetIncremental {
        /// Magnitude of the first bin.
        min_mag: f64,
        /// Width of a bin.
        bin_width: f64,
        /// The annual rates.
        rates: Vec<f64>,
    },
    /// The a value follows from the slip rate and the area of the fault.
    SetSlip {
        /// Slip rate, mm/year.
        rate: f64,
        /// Rigidity, GPa.
        rigidity: f64,
        /// The constant of the moment-magnitude relation, log10 N m.
        constant: f64,
    },
    /// The upper magnitude follows from the area of the fault.
    MaxMagFromArea {
        /// How many standard deviations of magnitude to add.
        epsilon: f64,
    },
    /// A new scaling relationship.
    SetMsr(Msr),
    /// A new lower seismogenic depth, km.
    SetLowerDepth(f64),
    /// Add to the dip, degrees.
    AddToDip(f64),
    /// A new dip, degrees.
    SetDip(f64),
    /// A new geometry.
    SetSimpleFault {
        /// The trace.
        trace: Vec<Point>,
        /// The seismogenic depths, km.
        depths: SeismogenicDepths,
        /// The dip, degrees.
        dip: f64,
        /// The mesh spacing, km.
        spacing: f64,
    },
    /// A new geometry.
    SetComplexFault {
        /// The edges from the top of the fault to its bottom.
        edges: Vec<Vec<Point>>,
        /// The mesh spacing, km.
        spacing: f64,
    },
    /// New surfaces that rupture together.
    SetSurfaces(Vec<FaultSurface>),
}

impl Change {
    /// Whether it changes the magnitude-frequency distribution by itself.
    pub fn is_of_mfd(&self) -> bool {
        use Change::*;
        matches!(self, SetAb(..) | SetB(..) | AddToB(..) | SetMaxMag(..) | AddToMaxMag { .. } | SetIncremental { .. })
    }

    /// Change a source, or say why it cannot be changed so.
    pub fn apply(&self, source: &mut Source) -> Result<(), SourceError> {
        match self {
            Change::SetAb(a, b) => change_gr(source, |gr| (gr.a, gr.b) = (*a, *b)),
            Change::SetB(b) => change_gr(source, |gr| gr.b = *b),
            Change::AddToB(by) => change_gr(source, |gr| gr.keeping_moment(|gr| gr.b += by)),
            Change::SetMaxMag(max_mag) => change_gr(source, |gr| gr.max_mag = *max_mag),
            Change::AddToMaxMag { by, balanced: true } => {
                change_gr(source, |gr| gr.keeping_moment(|gr| gr.max_mag += by))
            }
            Change::AddToMaxMag { by, balanced: false } => change_gr(source, |gr| gr.max_mag += by),
            Change::SetIncremental { min_mag, bin_width, rates } => match &source.mfd {
                Mfd::Incremental { .. } => {
                    source.mfd = Mfd::incremental(*min_mag, *bin_width, rates.clone())?;
                    Ok(())
                }
                other => Err(unfit("incrementalMFD", other.name())),
            },
            Change::SetSlip { rate, rigidity, constant } => {
                const MM_GPA_KM2: f64 = 1e-3 * 1e9 * 1e6;
                let moment_rate = rate * rigidity * fault_area(source)? * MM_GPA_KM2;
                change_gr(source, |gr| gr.set_moment(moment_rate, *constant))
            }
            Change::MaxMagFromArea { epsilon } => {
                let area = fault_area(source)?;
                let rake = fault(source)?.rake;
                let max_mag = source.msr.median_mag(area, rake).ok_or_else(|| {
                    unfit("a magScaleRel that gives magnitudes from areas", &format!("{:?}", source.msr))
                })?;
                let deviation = source.msr.deviation_of_mag(rake).ok_or_else(|| {
                    unfit("a magScaleRel with a standard deviation of magnitudes", &format!("{:?}", source.msr))
                })?;
                change_gr(source, |gr| gr.max_mag = max_mag + epsilon * deviation)
            }
            Change::SetMsr(msr) => {
                source.msr = *msr;
                Ok(())
            }
            Change::SetLowerDepth(depth) => change_fault(source, |f| f.depths.1 = *depth),
            Change::AddToDip(by) => change_fault(source, |f| f.dip += by),
            Change::SetDip(dip) => change_fault(source, |f| f.dip = *dip),
            Change::SetSimpleFault { trace, depths, dip, spacing } => change_fault(source, |f| {
                (f.trace, f.depths, f.dip, f.mesh_spacing) = (trace.clone(), *depths, *dip, *spacing);
            }),
            Change::SetComplexFault { edges, spacing } => match &mut source.typology {
                Typology::ComplexFault(fault) => {
                    (fault.edges, fault.mesh_spacing) = (edges.clone(), *spacing);
                    fault.check()
                }
                other => Err(unfit("complexFaultSource", other.name())),
            },
            Change::SetSurfaces(surfaces) => match &mut source.typology {
                Typology::Characteristic(fault) => {
                    fault.surfaces = surfaces.clone();
                    Ok(())
                }
                other => Err(unfit("characteristicFaultSource", other.name())),
            },
        }
    }
}

/// The parameters of a truncated Gutenberg-Richter distribution.
struct Gr {
    min_mag: f64,
    max_mag: f64,
    a: f64,
    b: f64,
}

impl Gr {
    /// `10^(a + 9.05) b` times the integral of the moment over magnitude has this factor beside `10^a`.
    fn moment_factor(&self) -> f64 {
        let slope = 1.5 - self.b;
        let integral = if slope == 0.0 {
            self.max_mag - self.min_mag
        } else {
            (10f64.powf(slope * self.max_mag) - 10f64.powf(slope * self.min_mag)) / slope
        };
        10f64.powf(9.05) * self.b * integral
    }

    /// Change something and let the a value keep the total moment rate.
    fn keeping_moment(&mut self, change: impl FnOnce(&mut Gr)) {
        let moment = 10f64.powf(self.a) * self.moment_factor();
        change(self);
        self.a = (moment / self.moment_factor()).log10();
    }

    /// The a value of a moment rate, N m / year, between magnitude 0 and the upper one (engine behaviour, `from_moment`).
    fn set_moment(&mut self, moment_rate: f64, constant: f64) {
        let largest = 10f64.powf(1.5 * self.max_mag + constant);
        let above = (-self.b * std::f64::consts::LN_10 * self.max_mag).exp();
        self.a = (moment_rate * (1.5 - self.b) * (1.0 - above) / (self.b * largest * above)).log10();
    }
}

fn change_gr(source: &mut Source, change: impl FnOnce(&mut Gr)) -> Result<(), SourceError> {
    let Mfd::TruncatedGutenbergRichter { min_mag, max_mag, bin_width, a_value, b_value } = source.mfd else {
        return Err(unfit("truncGutenbergRichterMFD", source.mfd.name()));
    };
    let mut gr = Gr { min_mag, max_mag, a: a_value, b: b_value };
    change(&mut gr);
    source.mfd = Mfd::truncated(gr.min_mag, gr.max_mag, bin_width, gr.a, gr.b)?;
    Ok(())
}

fn change_fault(source: &mut Source, change: impl FnOnce(&mut SimpleFaultSource)) -> Result<(), SourceError> {
    let Typology::SimpleFault(fault) = &mut source.typology else {
        return Err(unfit("simpleFaultSource", source.typology.name()));
    };
    change(fault);
    fault.check()
}

fn fault(source: &Source) -> Result<&SimpleFaultSource, SourceError> {
    match &source.typology {
        Typology::SimpleFault(fault) => Ok(fault),
        other => Err(unfit("simpleFaultSource", other.name())),
    }
}

/// Area of the fault, km², on the mesh the engine takes for it: of 1 km for a simple fault, of 2 km for a complex one, its
/// own for a characteristic one.
fn fault_area(source: &Source) -> Result<f64, SourceError> {
    let mesh = match &source.typology {
        Typology::SimpleFault(fault) => RectMesh::of_simple_fault(&fault.trace, fault.depths, fault.dip, 1.0)?,
        Typology::ComplexFault(fault) => RectMesh::of_complex_fault(&fault.edges, 2.0)?,
        Typology::Characteristic(fault) => {
            return fault.surfaces.iter().map(|surface| Ok(surface.build()?.area)).sum();
        }
        other => {
            let needed = "simpleFaultSource, complexFaultSource and characteristicFaultSource";
            return Err(unfit(needed, other.name()));
        }
    };
    Ok(mesh.area())
}

fn unfit(needed: &str, found: &str) -> SourceError {
    SourceError::Unfit { needed: needed.to_string(), found: found.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::characteristic::CharacteristicFaultSource;
    use crate::source::complex_fault::ComplexFaultSource;
    use crate::source::point::{PointSource, Spread};

    fn source() -> Source {
        let spread = Spread { depths: (0.0, 10.0), nodal_planes: Vec::new(), hypo_depths: Vec::new() };
        Source {
            id: "1".into(),
            name: String::new(),
            trt: "Volcanic".into(),
            mfd: Mfd::truncated(5.0, 6.5, 0.1, 3.0, 1.0).unwrap(),
            msr: Msr::Wc1994,
            aspect_ratio: 1.0,
            tom: Default::default(),
            member: None,
            origin: Default::default(),
            typology: Typology::Point(PointSource { location: (0.0, 0.0), spread, part_of: None }),
        }
    }

    fn moment_rate(mfd: &Mfd) -> f64 {
        let Mfd::TruncatedGutenbergRichter { min_mag, max_mag, a_value, b_value, .. } = *mfd else { panic!() };
        10f64.powf(a_value) * Gr { min_mag, max_mag, a: a_value, b: b_value }.moment_factor()
    }

    #[test]
    fn relative_changes_keep_the_moment_rate() {
        for change in [Change::AddToB(0.1), Change::AddToB(0.5), Change::AddToMaxMag { by: 0.4, balanced: true }] {
            let mut changed = source();
            change.apply(&mut changed).unwrap();
            assert_ne!(changed.mfd, source().mfd);
            assert!((moment_rate(&changed.mfd) / moment_rate(&source().mfd) - 1.0).abs() < 1e-12, "{change:?}");
        }
        let mut changed = source();
        Change::AddToMaxMag { by: 0.4, balanced: false }.apply(&mut changed).unwrap();
        assert!(moment_rate(&changed.mfd) > 1.1 * moment_rate(&source().mfd));
    }

    #[test]
    fn geometries_are_replaced_where_they_fit() {
        let edge = |lat: f64, depth: f64| vec![Point::new(22.0, lat, depth), Point::new(23.0, lat - 0.2, depth)];
        let edges = vec![edge(35.4, 15.0), edge(35.0, 30.0)];
        let complex = Change::SetComplexFault { edges: edges.clone(), spacing: 4.0 };
        let fault = ComplexFaultSource { edges: vec![edge(35.4, 5.0), edge(35.2, 9.0)], rake: 90.0, mesh_spacing: 2.0 };
        let surfaces = vec![FaultSurface::Complex(fault.clone())];
        let mut changed = Source { typology: Typology::ComplexFault(fault.clone()), ..source() };
        complex.apply(&mut changed).unwrap();
        assert_eq!(changed.typology, Typology::ComplexFault(ComplexFaultSource { edges, mesh_spacing: 4.0, ..fault }));
        let mut whole = source();
        whole.typology = Typology::Characteristic(CharacteristicFaultSource { surfaces: Vec::new(), rake: 90.0 });
        let new = Change::SetSurfaces(surfaces.clone());
        new.apply(&mut whole).unwrap();
        assert_eq!(whole.typology, Typology::Characteristic(CharacteristicFaultSource { surfaces, rake: 90.0 }));
        assert!((fault_area(&whole).unwrap() / 2150.0 - 1.0).abs() < 0.05, "{}", fault_area(&whole).unwrap());
        assert!(
            complex
                .apply(&mut whole)
                .unwrap_err()
                .to_string()
                .contains("is for complexFaultSource, but this is characteristicFaultSource")
        );
        assert!(
            new.apply(&mut changed)
                .unwrap_err()
                .to_string()
                .contains("is for characteristicFaultSource, but this is complexFaultSource")
        );
    }

    #[test]
    fn a_change_that_does_not_fit_is_an_error() {
        assert!(Change::SetDip(30.0).apply(&mut source()).is_err());
        assert!(Change::SetMaxMag(4.0).apply(&mut source()).unwrap_err().to_string().contains("maxMag is 4"));
        let mut arbitrary = source();
        arbitrary.mfd = Mfd::arbitrary(vec![5.0], vec![0.1]).unwrap();
        let message = Change::AddToB(0.1).apply(&mut arbitrary).unwrap_err().to_string();
        assert!(message.contains("arbitraryMFD") && message.contains("truncGutenbergRichterMFD"), "{message}");
    }
}
