//! What of a source its rates depend on.

use super::alternative::AlternativeCharacteristic;
use super::area::AreaSource;
use super::characteristic::{CharacteristicFaultSource, FaultSurface};
use super::complex_fault::ComplexFaultSource;
use super::fault::{HypoDepth, Hypocentres};
use super::kite_fault::{KiteFaultSource, KiteGeometry};
use super::listed::{Kind, ListedRupture, ListedSource};
use super::point::{PointSource, Spread};
use super::simple_fault::SimpleFaultSource;
use super::{AspectRatio, Member, Mfd, Msr, NodalPlane, Rule, Source, Tom, Typology};
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
digested!(enum Kind { 1: NonParametric, 2: MultiFault { infers_rates } });
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
digested!(struct Member { rule, weight });
digested!(struct Rule { sources_exclude, ruptures_exclude, probability, cluster } without {
    group: "it tells groups apart",
});
