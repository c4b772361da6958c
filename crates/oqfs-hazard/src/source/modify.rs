//! Changes that a logic tree makes to sources: magnitude-frequency distributions, geometries, scaling relationships.

use super::alternative::AlternativeCharacteristic;
use super::characteristic::FaultSurface;
use super::simple_fault::SimpleFaultSource;
use super::{AspectRatio, Mfd, Msr, SeismogenicDepths, Source, SourceError, Typology, check};
use crate::elementary::scalar::{exp, exp10, log10};
use crate::geo::Point;
use crate::geo::mesh::RectMesh;
use crate::geo::polygon::Polygon;

/// A change to a source.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// New a and b values.
    SetAb(f64, f64),
    /// New a and b values, and a new upper magnitude.
    SetAbMaxMag(f64, f64, f64),
    /// A new b value, that below the characteristic zone if there is one.
    SetB(f64),
    /// Add to that b value; the a value, or the total rate, keeps the moment rate.
    AddToB(f64),
    /// A new b value of the characteristic zone.
    SetCharacteristicB(f64),
    /// Add to the b value of the characteristic zone; the total rate keeps the moment rate.
    AddToCharacteristicB(f64),
    /// A new upper magnitude.
    SetMaxMag(f64),
    /// Add to the upper magnitude; if balanced, the a value keeps the moment rate.
    AddToMaxMag {
        /// How much.
        by: f64,
        /// Whether the moment rate is kept.
        balanced: bool,
    },
    /// Add to the upper magnitude and to the width of the characteristic zone.
    AddToMaxMagAndDelta {
        /// How much to the upper magnitude.
        max_mag: f64,
        /// How much to the width.
        delta: f64,
        /// Whether the total rate keeps the moment rate.
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
    /// A new length over width of ruptures.
    SetAspectRatio(f64),
    /// Add to the length over width of ruptures.
    AddToAspectRatio(f64),
    /// A new lower seismogenic depth, km.
    SetLowerDepth(f64),
    /// Add to the lower seismogenic depth, km.
    AddToLowerDepth(f64),
    /// A new upper seismogenic depth, km.
    SetUpperDepth(f64),
    /// Add to the upper seismogenic depth, km.
    AddToUpperDepth(f64),
    /// New vertices of the polygon of an area source (longitude, latitude), degrees.
    SetPolygon(Vec<(f64, f64)>),
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
        match self {
            SetAb(..)
            | SetAbMaxMag(..)
            | SetB(..)
            | AddToB(..)
            | SetCharacteristicB(..)
            | AddToCharacteristicB(..)
            | SetMaxMag(..)
            | AddToMaxMag { .. }
            | AddToMaxMagAndDelta { .. }
            | SetIncremental { .. } => true,
            SetSlip { .. }
            | MaxMagFromArea { .. }
            | SetMsr(..)
            | SetAspectRatio(..)
            | AddToAspectRatio(..)
            | SetLowerDepth(..)
            | AddToLowerDepth(..)
            | SetUpperDepth(..)
            | AddToUpperDepth(..)
            | SetPolygon(..)
            | AddToDip(..)
            | SetDip(..)
            | SetSimpleFault { .. }
            | SetComplexFault { .. }
            | SetSurfaces(..) => false,
        }
    }

    /// Change a source, or say why it cannot be changed so.
    pub fn apply(&self, source: &mut Source) -> Result<(), SourceError> {
        use Change::*;
        let has_zones = matches!(source.mfd, Mfd::AlternativeCharacteristic(_));
        match self {
            SetAb(a, b) => change_gr(source, |gr| (gr.a, gr.b) = (*a, *b)),
            SetAbMaxMag(a, b, max_mag) => change_gr(source, |gr| (gr.a, gr.b, gr.max_mag) = (*a, *b, *max_mag)),
            SetB(b) if has_zones => set_alternative(source, |mfd| mfd.b_value = *b),
            SetB(b) => change_gr(source, |gr| gr.b = *b),
            AddToB(by) if has_zones => change_alternative(source, |mfd| mfd.b_value += by),
            AddToB(by) => change_gr(source, |gr| gr.keeping_moment(|gr| gr.b += by)),
            SetCharacteristicB(b) => set_alternative(source, |mfd| mfd.b_characteristic = *b),
            AddToCharacteristicB(by) => change_alternative(source, |mfd| mfd.b_characteristic += by),
            SetMaxMag(max_mag) if has_zones => set_alternative(source, |mfd| mfd.max_mag = *max_mag),
            SetMaxMag(max_mag) => change_gr(source, |gr| gr.max_mag = *max_mag),
            AddToMaxMag { by, balanced: true } => change_gr(source, |gr| gr.keeping_moment(|gr| gr.max_mag += by)),
            AddToMaxMag { by, balanced: false } => change_gr(source, |gr| gr.max_mag += by),
            AddToMaxMagAndDelta { max_mag, delta, balanced } => {
                let change = |mfd: &mut AlternativeCharacteristic| {
                    mfd.max_mag += max_mag;
                    mfd.delta += delta;
                };
                if *balanced { change_alternative(source, change) } else { set_alternative(source, change) }
            }
            SetIncremental { min_mag, bin_width, rates } => set_rates(source, *min_mag, *bin_width, rates),
            SetSlip { rate, rigidity, constant } => set_slip(source, rate * rigidity, *constant),
            MaxMagFromArea { epsilon } => max_mag_from_area(source, *epsilon),
            SetMsr(msr) => {
                source.msr = *msr;
                Ok(())
            }
            SetAspectRatio(ratio) => change_aspect_ratio(source, |_| *ratio),
            AddToAspectRatio(by) => change_aspect_ratio(source, |ratio| ratio + by),
            SetLowerDepth(depth) => change_depths(source, |(_, lower)| *lower = *depth),
            AddToLowerDepth(by) => change_depths(source, |(_, lower)| *lower += by),
            SetUpperDepth(depth) => change_depths(source, |(upper, _)| *upper = *depth),
            AddToUpperDepth(by) => change_depths(source, |(upper, _)| *upper += by),
            SetPolygon(polygon) => set_polygon(source, polygon),
            AddToDip(by) => change_fault(source, |f| f.dip += by),
            SetDip(dip) => change_fault(source, |f| f.dip = *dip),
            SetSimpleFault { trace, depths, dip, spacing } => change_fault(source, |f| {
                (f.trace, f.depths, f.dip, f.mesh_spacing) = (trace.clone(), *depths, *dip, *spacing);
            }),
            SetComplexFault { edges, spacing } => set_complex_fault(source, edges, *spacing),
            SetSurfaces(surfaces) => set_surfaces(source, surfaces),
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
            (exp10(slope * self.max_mag) - exp10(slope * self.min_mag)) / slope
        };
        exp10(9.05) * self.b * integral
    }

    /// Change something and let the a value keep the total moment rate.
    fn keeping_moment(&mut self, change: impl FnOnce(&mut Gr)) {
        let moment = exp10(self.a) * self.moment_factor();
        change(self);
        self.a = log10(moment / self.moment_factor());
    }

    /// The a value of a moment rate, N m / year, between magnitude 0 and the upper one (engine behaviour, `from_moment`).
    fn set_moment(&mut self, moment_rate: f64, constant: f64) {
        let largest = exp10(1.5 * self.max_mag + constant);
        let above = exp(-self.b * std::f64::consts::LN_10 * self.max_mag);
        self.a = log10(moment_rate * (1.5 - self.b) * (1.0 - above) / (self.b * largest * above));
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

fn alternative(mfd: &Mfd) -> Result<AlternativeCharacteristic, SourceError> {
    let Mfd::AlternativeCharacteristic(mfd) = mfd else {
        return Err(unfit("alternativeCharacteristicMFD", mfd.name()));
    };
    Ok(mfd.clone())
}

/// The total rate stays.
fn set_alternative(
    source: &mut Source,
    change: impl FnOnce(&mut AlternativeCharacteristic),
) -> Result<(), SourceError> {
    let mut mfd = alternative(&source.mfd)?;
    change(&mut mfd);
    source.mfd = Mfd::AlternativeCharacteristic(mfd.checked()?);
    Ok(())
}

/// The moment rate stays.
fn change_alternative(
    source: &mut Source,
    change: impl FnOnce(&mut AlternativeCharacteristic),
) -> Result<(), SourceError> {
    source.mfd = Mfd::AlternativeCharacteristic(alternative(&source.mfd)?.keeping_moment(change)?);
    Ok(())
}

fn set_rates(source: &mut Source, min_mag: f64, bin_width: f64, rates: &[f64]) -> Result<(), SourceError> {
    if !matches!(source.mfd, Mfd::Incremental { .. }) {
        return Err(unfit("incrementalMFD", source.mfd.name()));
    }
    source.mfd = Mfd::incremental(min_mag, bin_width, rates.to_vec())?;
    Ok(())
}

/// `moment` is the product of the slip rate, mm/year, and the rigidity, GPa.
fn set_slip(source: &mut Source, moment: f64, constant: f64) -> Result<(), SourceError> {
    const MM_GPA_KM2: f64 = 1e-3 * 1e9 * 1e6;
    let moment_rate = moment * fault_area(source)? * MM_GPA_KM2;
    change_gr(source, |gr| gr.set_moment(moment_rate, constant))
}

fn max_mag_from_area(source: &mut Source, epsilon: f64) -> Result<(), SourceError> {
    let area = fault_area(source)?;
    let rake = fault(source)?.rake;
    let found = format!("{:?}", source.msr);
    let max_mag = source.msr.median_mag(area, rake);
    let max_mag = max_mag.ok_or_else(|| unfit("a magScaleRel that gives magnitudes from areas", &found))?;
    let deviation = source.msr.deviation_of_mag(rake);
    let deviation = deviation.ok_or_else(|| unfit("a magScaleRel with a standard deviation of magnitudes", &found))?;
    change_gr(source, |gr| gr.max_mag = max_mag + epsilon * deviation)
}

/// Sources whose ruptures have a length over a width of their own; those of others are given.
fn change_aspect_ratio(source: &mut Source, change: impl FnOnce(f64) -> f64) -> Result<(), SourceError> {
    if matches!(source.typology, Typology::Characteristic(_) | Typology::Listed(_)) {
        return Err(unfit("sources with a ruptAspectRatio", source.typology.name()));
    }
    let AspectRatio::Constant(ratio) = source.aspect_ratio else {
        return Err(unfit("sources with a ruptAspectRatio", "a source with an aspectRatioFunction"));
    };
    let ratio = change(ratio);
    check("ruptAspectRatio", ratio, ratio > 0.0 && ratio.is_finite(), "it must be positive")?;
    source.aspect_ratio = AspectRatio::Constant(ratio);
    Ok(())
}

fn change_depths(source: &mut Source, change: impl FnOnce(&mut SeismogenicDepths)) -> Result<(), SourceError> {
    let spread = match &mut source.typology {
        Typology::SimpleFault(fault) => {
            change(&mut fault.depths);
            return fault.check();
        }
        Typology::Point(point) => &mut point.spread,
        Typology::Area(area) => &mut area.spread,
        other @ (Typology::ComplexFault(_)
        | Typology::Characteristic(_)
        | Typology::KiteFault(_)
        | Typology::Listed(_)) => {
            return Err(unfit("simpleFaultSource, pointSource, multiPointSource and areaSource", other.name()));
        }
    };
    change(&mut spread.depths);
    spread.check()
}

fn set_polygon(source: &mut Source, polygon: &[(f64, f64)]) -> Result<(), SourceError> {
    let Typology::Area(area) = &mut source.typology else {
        return Err(unfit("areaSource", source.typology.name()));
    };
    area.polygon = polygon.to_vec();
    Polygon::new(polygon)?;
    Ok(())
}

fn change_fault(source: &mut Source, change: impl FnOnce(&mut SimpleFaultSource)) -> Result<(), SourceError> {
    let Typology::SimpleFault(fault) = &mut source.typology else {
        return Err(unfit("simpleFaultSource", source.typology.name()));
    };
    change(fault);
    fault.check()
}

fn set_complex_fault(source: &mut Source, edges: &[Vec<Point>], spacing: f64) -> Result<(), SourceError> {
    let Typology::ComplexFault(fault) = &mut source.typology else {
        return Err(unfit("complexFaultSource", source.typology.name()));
    };
    (fault.edges, fault.mesh_spacing) = (edges.to_vec(), spacing);
    fault.check()
}

fn set_surfaces(source: &mut Source, surfaces: &[FaultSurface]) -> Result<(), SourceError> {
    let Typology::Characteristic(fault) = &mut source.typology else {
        return Err(unfit("characteristicFaultSource", source.typology.name()));
    };
    fault.surfaces = surfaces.to_vec();
    Ok(())
}

fn fault(source: &Source) -> Result<&SimpleFaultSource, SourceError> {
    let Typology::SimpleFault(fault) = &source.typology else {
        return Err(unfit("simpleFaultSource", source.typology.name()));
    };
    Ok(fault)
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
        other @ (Typology::Point(_) | Typology::Area(_) | Typology::KiteFault(_) | Typology::Listed(_)) => {
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
    use crate::source::NodalPlane;
    use crate::source::area::AreaSource;
    use crate::source::characteristic::CharacteristicFaultSource;
    use crate::source::complex_fault::ComplexFaultSource;
    use crate::source::point::{PointSource, Spread};

    fn source() -> Source {
        let plane = NodalPlane { strike: 0.0, dip: 60.0, rake: 0.0 };
        let spread = Spread {
            depths: (0.0, 10.0),
            nodal_planes: vec![(1.0, plane)],
            hypo_depths: vec![(1.0, 5.0)],
            down_dip: Vec::new(),
        };
        Source {
            id: "1".into(),
            name: String::new(),
            trt: "Volcanic".into(),
            mfd: Mfd::truncated(5.0, 6.5, 0.1, 3.0, 1.0).unwrap(),
            msr: Msr::Wc1994,
            aspect_ratio: AspectRatio::Constant(1.0),
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
    fn a_and_b_values_may_come_with_the_upper_magnitude() {
        let mut changed = source();
        Change::SetAbMaxMag(3.5, 0.9, 7.0).apply(&mut changed).unwrap();
        assert_eq!(changed.mfd, Mfd::truncated(5.0, 7.0, 0.1, 3.5, 0.9).unwrap());
    }

    #[test]
    fn characteristic_zones_change_as_the_engine_changes_them() {
        let mfd = AlternativeCharacteristic {
            min_mag: 5.0,
            max_mag: 7.53,
            bin_width: 0.1,
            b_value: 0.9,
            b_characteristic: 0.3,
            gamma: 0.8,
            delta: 0.5,
            total_rate: 0.02,
        };
        let wider = |balanced| Change::AddToMaxMagAndDelta { max_mag: 0.2, delta: 0.1, balanced };
        // engine 3.26.2: the number of bins, the rates of the magnitudes 5.05 and 7.45
        let cases = [
            (Change::AddToB(0.1), 25, 0.004861782748047671, 0.00012241135783443093),
            (Change::AddToCharacteristicB(-0.1), 25, 0.003669539198647962, 0.00012467858589788796),
            (wider(true), 27, 0.003190988913933119, 6.458514609913131e-05),
            (wider(false), 27, 0.0037022919777266183, 7.493384487769722e-05),
            (Change::SetB(1.0), 25, 0.0040330754130604145, 0.0001015459273164016),
            (Change::SetCharacteristicB(0.5), 25, 0.0036653861487343786, 0.0001149687992362473),
            (Change::SetMaxMag(7.8), 28, 0.0037008258730335183, 8.439674848911231e-05),
        ];
        for (change, count, first, later) in cases {
            let mut changed = Source { mfd: Mfd::AlternativeCharacteristic(mfd.clone()), ..source() };
            change.apply(&mut changed).unwrap();
            let rates = changed.mfd.rates();
            assert_eq!(rates.len(), count, "{change:?}");
            let close = |found: f64, engine: f64| (found / engine - 1.0).abs() < 1e-11;
            assert!(close(rates[0].1, first) && close(rates[24].1, later), "{change:?}: {rates:?}");
            assert!(change.is_of_mfd());
        }
        let message = Change::SetCharacteristicB(0.5).apply(&mut source()).unwrap_err().to_string();
        assert!(message.contains("is for alternativeCharacteristicMFD"), "{message}");
    }

    #[test]
    fn depths_ratios_and_polygons_change() {
        let mut changed = source();
        for change in [Change::SetUpperDepth(1.0), Change::AddToUpperDepth(1.5), Change::AddToLowerDepth(4.0)] {
            change.apply(&mut changed).unwrap();
        }
        for change in [Change::SetAspectRatio(1.5), Change::AddToAspectRatio(0.5)] {
            change.apply(&mut changed).unwrap();
        }
        let Typology::Point(PointSource { spread, .. }) = changed.typology.clone() else { panic!() };
        assert_eq!((spread.depths, changed.aspect_ratio), ((2.5, 14.0), AspectRatio::Constant(2.0)));
        let message = Change::AddToAspectRatio(-2.0).apply(&mut changed).unwrap_err().to_string();
        assert!(message.contains("ruptAspectRatio is 0; it must be positive"), "{message}");
        let message = Change::SetLowerDepth(2.0).apply(&mut changed).unwrap_err().to_string();
        assert!(message.contains("must be below upperSeismoDepth 2.5"), "{message}");

        let square = |side: f64| vec![(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)];
        let area = AreaSource { polygon: square(1.0), discretization: 20.0, spread };
        let mut changed = Source { typology: Typology::Area(area.clone()), ..source() };
        Change::SetPolygon(square(2.0)).apply(&mut changed).unwrap();
        assert_eq!(changed.typology, Typology::Area(AreaSource { polygon: square(2.0), ..area }));
        assert!(Change::SetPolygon(square(2.0)).apply(&mut source()).unwrap_err().to_string().contains("areaSource"));
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
