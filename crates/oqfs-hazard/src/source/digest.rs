//! What of a source its rates depend on.

use super::alternative::AlternativeCharacteristic;
use super::area::AreaSource;
use super::characteristic::{CharacteristicFaultSource, FaultSurface};
use super::complex_fault::ComplexFaultSource;
use super::fault::{HypoDepth, Hypocentres};
use super::kite_fault::{KiteFaultSource, KiteGeometry};
use super::listed::{ListedKind, ListedRupture, ListedSource};
use super::point::{PointSource, Spread};
use super::simple_fault::SimpleFaultSource;
use super::{AspectRatio, Dependence, GroupMember, Mfd, Msr, NodalPlane, Source, Tom, Typology};
use crate::digest::digested;

digested!(struct Source { trt, mfd, msr, aspect_ratio, tom, member, typology } without {
    id: "it tells sources apart",
    name: "it is for readers",
    origin: "it is for messages",
});

digested!(enum Typology {
    1: Point(source),
    2: Area(source),
    3: SimpleFault(source),
    4: ComplexFault(source),
    5: Characteristic(source),
    6: KiteFault(source),
    7: Listed(source),
});

digested!(struct PointSource { location, spread, part_of });
digested!(struct Spread { depths, nodal_planes, hypo_depths, down_dip });
digested!(struct NodalPlane { strike, dip, rake });
digested!(struct AreaSource { polygon, discretization, spread });
digested!(struct SimpleFaultSource { trace, depths, dip, rake, mesh_spacing, hypocentres });
digested!(enum Hypocentres { 1: Middle, 2: Fractions(list), 3: Depths(list) });
digested!(struct HypoDepth { probability, depth, down_dip });
digested!(struct ComplexFaultSource { edges, rake, mesh_spacing });
digested!(struct CharacteristicFaultSource { surfaces, rake });
digested!(enum FaultSurface {
    1: Simple(fault),
    2: Complex(fault),
    3: Planar(corners),
    4: Kite { profiles, mesh_spacing },
    5: Cloud(points),
});
digested!(struct KiteFaultSource { geometry, rake, mesh_spacing, floating_steps });
digested!(enum KiteGeometry { 1: Profiles(profiles), 2: Simple { trace, depths, dip } });
digested!(struct ListedSource { kind, surfaces, ruptures } without {
    sections: "they are the names of the surfaces",
});
digested!(enum ListedKind { 1: NonParametric, 2: MultiFault { infers_rates } });
digested!(struct ListedRupture { mag, rake, hypocentre, probabilities, weight, parts });

digested!(enum Mfd {
    1: TruncatedGutenbergRichter { min_mag, max_mag, bin_width, a_value, b_value },
    2: Incremental { min_mag, bin_width, rates },
    3: Arbitrary { magnitudes, rates },
    4: YoungsCoppersmith { min_mag, a_value, b_value, char_mag, char_rate, bin_width },
    5: TaperedGutenbergRichter { min_mag, max_mag, corner_mag, bin_width, a_value, b_value },
    6: AlternativeCharacteristic(mfd),
    7: Listed,
});
digested!(struct AlternativeCharacteristic {
    min_mag, max_mag, bin_width, b_value, b_characteristic, gamma, delta, total_rate,
});

digested!(enum Msr {
    1: AllenHayesInterfaceBilinear,
    2: AllenHayesInterfaceLinear,
    3: AllenHayesIntraslab,
    4: BcHydroNva,
    5: Ceus2011,
    6: CScaling(c),
    7: Germany,
    8: GscCascadia,
    9: GscExplorerOuter,
    10: GscExplorerBest,
    11: GscExplorerInner,
    12: GscOffshoreThrustsHgt,
    13: GscOffshoreThrustsWin,
    14: Leonard2010Scr,
    15: Leonard2010ScrM0,
    16: Leonard2010ScrMx,
    17: Leonard2014Interplate,
    18: Leonard2014Scr,
    19: PeerMsr,
    20: PointMsr,
    21: StrasserInterface,
    22: StrasserIntraslab,
    23: ThingbaijamInterface,
    24: ThingbaijamNormal,
    25: ThingbaijamReverse,
    26: ThingbaijamStrikeSlip,
    27: Wc1994,
    28: Wc1994Qcss,
});

digested!(enum AspectRatio { 1: Constant(ratio), 2: ByMagnitude(ends) });
digested!(enum Tom { 1: Poisson, 2: NegativeBinomial { dispersion } });
digested!(struct GroupMember { rule, weight });
digested!(struct Dependence { sources_exclude, ruptures_exclude, probability, cluster } without {
    group: "it tells groups apart",
});

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::digest::{Digest, Digester};
    use crate::geo::Point;
    use crate::source::Origin;
    use crate::source::point::MultiPoint;

    fn spread() -> Spread {
        let planes = vec![(1.0, NodalPlane { strike: 10.0, dip: 60.0, rake: 90.0 })];
        Spread { depths: (0.0, 20.0), nodal_planes: planes, hypo_depths: vec![(1.0, 8.0)], down_dip: Vec::new() }
    }

    fn point() -> PointSource {
        PointSource { location: (13.0, 42.0), spread: spread(), part_of: None }
    }

    fn fault() -> SimpleFaultSource {
        SimpleFaultSource {
            trace: vec![Point::new(13.0, 42.0, 0.0), Point::new(13.2, 42.1, 0.0)],
            depths: (0.0, 12.0),
            dip: 60.0,
            rake: 90.0,
            mesh_spacing: 2.0,
            hypocentres: Hypocentres::Middle,
        }
    }

    fn of(typology: Typology) -> Source {
        Source::plain("p", "Volcanic", Mfd::incremental(5.0, 0.5, vec![0.01, 0.002]).unwrap(), typology)
    }

    fn rule() -> Dependence {
        let group = ("m.xml".to_string(), 0);
        Dependence { group, sources_exclude: false, ruptures_exclude: false, probability: 1.0, cluster: None }
    }

    fn member(rule: Dependence, weight: f64) -> Source {
        Source { member: Some(GroupMember { rule: Arc::new(rule), weight }), ..of(Typology::Point(point())) }
    }

    #[test]
    fn sources_that_differ_have_different_digests() {
        let plain = || of(Typology::Point(point()));
        let simple = |hypocentres| of(Typology::SimpleFault(SimpleFaultSource { hypocentres, ..fault() }));
        let depth = HypoDepth { probability: 1.0, depth: 8.0, down_dip: None };
        let multi = |points: &[(f64, f64)]| {
            let part_of = Some(Arc::new(MultiPoint::of(points)));
            of(Typology::Point(PointSource { part_of, ..point() }))
        };
        let kite = |floating_steps, geometry| {
            of(Typology::KiteFault(KiteFaultSource { geometry, rake: 90.0, mesh_spacing: 2.0, floating_steps }))
        };
        let profiles = || KiteGeometry::Profiles(vec![fault().trace, fault().trace]);
        let by_trace = KiteGeometry::Simple { trace: fault().trace, depths: (0.0, 12.0), dip: 60.0 };
        let surfaces =
            |surface| of(Typology::Characteristic(CharacteristicFaultSource { surfaces: vec![surface], rake: 90.0 }));
        let listed = |kind| {
            let rupture = ListedRupture {
                mag: 6.0,
                rake: 90.0,
                hypocentre: None,
                probabilities: vec![0.9, 0.1],
                weight: 1.0,
                parts: vec![0],
            };
            let (surfaces, ruptures) = (Arc::new(vec![FaultSurface::Simple(fault())]), Arc::new(vec![rupture]));
            of(Typology::Listed(ListedSource { kind, sections: Arc::default(), surfaces, ruptures }))
        };
        let sources = [
            plain(),
            Source { trt: "Craton".into(), ..plain() },
            Source { mfd: Mfd::incremental(5.0, 0.5, vec![0.01, 0.003]).unwrap(), ..plain() },
            Source { mfd: Mfd::arbitrary(vec![5.0, 5.5], vec![0.01, 0.002]).unwrap(), ..plain() },
            Source { msr: Msr::CScaling(4.0), ..plain() },
            Source { msr: Msr::CScaling(4.1), ..plain() },
            Source { aspect_ratio: AspectRatio::Constant(1.5), ..plain() },
            Source { aspect_ratio: AspectRatio::ByMagnitude([(5.0, 1.0), (7.0, 2.0)]), ..plain() },
            Source { tom: Tom::NegativeBinomial { dispersion: 0.5 }, ..plain() },
            Source { tom: Tom::NegativeBinomial { dispersion: 0.6 }, ..plain() },
            member(rule(), 1.0),
            member(rule(), 0.5),
            member(Dependence { sources_exclude: true, ..rule() }, 1.0),
            member(Dependence { ruptures_exclude: true, ..rule() }, 1.0),
            member(Dependence { probability: 0.5, ..rule() }, 1.0),
            member(Dependence { cluster: Some(0.01), ..rule() }, 1.0),
            of(Typology::Point(PointSource { location: (13.0, 42.1), ..point() })),
            of(Typology::Point(PointSource { spread: Spread { down_dip: vec![0.4], ..spread() }, ..point() })),
            multi(&[(13.0, 42.0), (13.2, 42.0)]),
            multi(&[(13.0, 42.0), (13.1, 42.0), (13.2, 42.0)]),
            multi(&[(13.0, 42.0), (13.3, 42.0)]),
            simple(Hypocentres::Middle),
            simple(Hypocentres::Fractions(vec![(0.5, 0.5, 1.0)])),
            simple(Hypocentres::Fractions(vec![(0.5, 0.6, 1.0)])),
            simple(Hypocentres::Depths(vec![depth])),
            simple(Hypocentres::Depths(vec![HypoDepth { down_dip: Some(0.5), ..depth }])),
            kite((0.0, 0.0), profiles()),
            kite((0.5, 0.0), profiles()),
            kite((0.0, 0.0), by_trace),
            surfaces(FaultSurface::Cloud(fault().trace)),
            surfaces(FaultSurface::Planar([fault().trace[0]; 4])),
            surfaces(FaultSurface::Kite { profiles: vec![fault().trace], mesh_spacing: 2.0 }),
            surfaces(FaultSurface::Kite { profiles: vec![fault().trace], mesh_spacing: 2.5 }),
            listed(ListedKind::NonParametric),
            listed(ListedKind::MultiFault { infers_rates: false }),
            listed(ListedKind::MultiFault { infers_rates: true }),
        ];
        let digests: Vec<Digest> = sources.iter().map(Digester::of).collect();
        for (i, digest) in digests.iter().enumerate() {
            assert_eq!(digests.iter().position(|other| other == digest), Some(i), "{:?}", sources[i]);
        }
    }

    #[test]
    fn names_and_places_of_files_change_no_digest() {
        let plain = Digester::of(&of(Typology::Point(point())));
        let named = Source { id: "q".into(), name: "of q".into(), ..of(Typology::Point(point())) };
        let elsewhere = Source { origin: Origin { line: 7, ..Origin::default() }, ..of(Typology::Point(point())) };
        assert_eq!([Digester::of(&named), Digester::of(&elsewhere)], [plain; 2]);
        let other_group = Dependence { group: ("n.xml".to_string(), 1), ..rule() };
        assert_eq!(Digester::of(&member(other_group, 1.0)), Digester::of(&member(rule(), 1.0)));
    }
}
