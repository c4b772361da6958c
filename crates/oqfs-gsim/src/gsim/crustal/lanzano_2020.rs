//! Lanzano et al. (2020), for central Italy, relative to reference rock sites.
//!
//! Lanzano G., Felicetta C., Pacor F., Spallarossa D., Traversa P., 2020. Methodology to identify the reference rock sites in
//! regions of medium-to-high seismicity: an application in Central Italy. Geophysical Journal International 222(3), 2053-2067,
//! doi:10.1093/gji/ggaa261.
//!
//! - Component: geometric mean. Units: g. Valid for magnitude 3.2 to 6.5 and Joyner-Boore distances up to 250 km.
//!
//! The names say how sites are classed by `siteclass`: `ref`, where `A` is a reference site; `EC8`, `A` to `E`; `Cluster`, `1` to
//! `9`.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::hypot;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "LanzanoEtAl2020_ref",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rjb, Param::Siteclass],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Lanzano et al. (2020), Methodology to identify the reference rock sites in regions of medium-to-high \
                seismicity: an application in Central Italy, Geophysical Journal International 222(3), 2053-2067",
    doi: Some("10.1093/gji/ggaa261"),
    validity: Validity::NOT_STATED.magnitude(3.2, 6.5).distance(Param::Rjb, 0.0, 250.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| plain(info, &REFERENCE, |imt, c| Row::new(c, reference(imt)), Terms::new) },
    Model {
        info: ModelInfo { name: "LanzanoEtAl2020_EC8", ..BASE },
        make: |info, _| plain(info, &EC8, |imt, c| Row::new(c, ec8(imt)), Terms::new),
    },
    Model {
        info: ModelInfo { name: "LanzanoEtAl2020_Cluster", ..BASE },
        make: |info, _| plain(info, &CLUSTER, |imt, c| Row::new(c, cluster(imt)), Terms::new),
    },
];

coefficients! {
    /// The coefficients of all variants, in common logarithms.
    struct Coeffs { a, b1, b2, c1, c2, c3, mref, tau, phi_s2s, phi_0 }
}

coefficients! {
    /// Sites that are no reference.
    struct OfReference { s_others }
}

coefficients! {
    /// Classes of Eurocode 8.
    struct OfEc8 { sb, sc, sd, se }
}

coefficients! {
    /// Clusters of sites.
    struct OfCluster { s2, s3, s4, s5, s6, s7, s8, s9 }
}

static REFERENCE: LazyLock<Table<Coeffs>> = table!("LanzanoEtAl2020_ref.csv");
static REFERENCE_SITE: LazyLock<Table<OfReference>> = table!("LanzanoEtAl2020_ref.csv");
static EC8: LazyLock<Table<Coeffs>> = table!("LanzanoEtAl2020_ec8.csv");
static EC8_SITE: LazyLock<Table<OfEc8>> = table!("LanzanoEtAl2020_ec8.csv");
static CLUSTER: LazyLock<Table<Coeffs>> = table!("LanzanoEtAl2020_cluster.csv");
static CLUSTER_SITE: LazyLock<Table<OfCluster>> = table!("LanzanoEtAl2020_cluster.csv");

/// How many kinds of sites there are: none, `A` to `E`, and `1` to `9`.
const KINDS: usize = 15;

fn reference(imt: &Imt) -> [f64; KINDS] {
    let other = REFERENCE_SITE.at(imt).s_others;
    std::array::from_fn(|kind| if kind == 1 { 0.0 } else { other })
}

fn ec8(imt: &Imt) -> [f64; KINDS] {
    let c = EC8_SITE.at(imt);
    let classes = [0.0, 0.0, c.sb, c.sc, c.sd, c.se];
    std::array::from_fn(|kind| classes.get(kind).copied().unwrap_or(0.0))
}

fn cluster(imt: &Imt) -> [f64; KINDS] {
    let c = CLUSTER_SITE.at(imt);
    let clusters = [c.s2, c.s3, c.s4, c.s5, c.s6, c.s7, c.s8, c.s9];
    std::array::from_fn(|kind| kind.checked_sub(7).map_or(0.0, |at| clusters[at]))
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// The site term by the kind of site.
    site: [f64; KINDS],
    phi: f64,
}

impl Row {
    fn new(c: Coeffs, site: [f64; KINDS]) -> Row {
        Row { c, site, phi: hypot(c.phi_s2s, c.phi_0) }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    /// Distance with a depth of 6 km, km.
    r: f64,
    log10_r: f64,
    kind: usize,
}

impl Terms {
    fn new([mag, rjb, siteclass]: [f64; 3]) -> Terms {
        let r = hypot(rjb, 6.0);
        Terms { mag, r, log10_r: LOG10_E * ln(r), kind: (siteclass as usize).min(KINDS - 1) }
    }
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let above = t.mag - 5.0;
        let magnitude = if above <= 0.0 { c.b1 * above } else { c.b2 * above };
        let path = (c.c1 * (t.mag - c.mref) + c.c2) * t.log10_r + c.c3 * (t.r - 1.0);
        let log10 = c.a + magnitude + path + self.site[t.kind];
        let (tau, phi) = (LN_10 * c.tau, LN_10 * self.phi);
        Estimate { mean: LN_10 * log10 - LN_G, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}
