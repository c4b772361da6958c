//! Arteta et al. (2021), for the interface and the slab of subduction in northern South America.
//!
//! Arteta C.A., Pajaro C.A., Mercado V., Montejo J., Arcila M., Abrahamson N.A., 2021. Ground-motion model for
//! subduction earthquakes in northern South America. Earthquake Spectra 37(4), 2419-2452,
//! doi:10.1177/87552930211027585.
//!
//! - Component: RotD50. Units: g.
//! - The site is described by the spectral ratio of horizontal to vertical motion, its peak `PHV` and the period of
//!   that `THV`, or, in the models `Vs30`, by the values usual for `vs30`.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Make, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "ArtetaEtAl2021Inter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup, Param::Thv, Param::Phv],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Arteta et al. (2021), Ground-motion model for subduction earthquakes in northern South America, Earthquake \
                Spectra 37(4), 2419-2452",
    doi: Some("10.1177/87552930211027585"),
    validity: Validity::NOT_STATED,
};

/// The model for the slab.
const SLAB: ModelInfo = ModelInfo {
    name: "ArtetaEtAl2021Slab",
    trt: Trt::SubductionIntraslab,
    params: &[Param::Mag, Param::Rhypo, Param::Backarc, Param::Thv, Param::Phv],
    ..INTERFACE
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: INTERFACE, make: MAKE },
    Model {
        info: ModelInfo {
            name: "ArtetaEtAl2021InterVs30",
            params: &[Param::Mag, Param::Rrup, Param::Vs30],
            ..INTERFACE
        },
        make: MAKE,
    },
    Model { info: SLAB, make: MAKE },
    Model {
        info: ModelInfo {
            name: "ArtetaEtAl2021SlabVs30",
            params: &[Param::Mag, Param::Rhypo, Param::Vs30, Param::Backarc],
            ..SLAB
        },
        make: MAKE,
    },
];

const MAKE: Make = |info, _| Ok(Arc::new(ArtetaEtAl2021 { info }));

coefficients! {
    /// The interface.
    struct Interface { theta1, theta2, theta3, theta4, theta5, m1, tau, phi1, phi2 }
}

coefficients! {
    /// The slab.
    struct Slab { theta1, theta2, theta3, theta4, theta5, theta6, tau, phi1, phi2 }
}

coefficients! {
    /// Site classes, from short to long periods of the spectral ratio's peak.
    pub(in crate::gsim) struct SiteCoeffs { s2, s3, s4, s5 }
}

static INTERFACE_COEFFS: LazyLock<Table<Interface>> = table!("ArtetaEtAl2021_interface.csv");
static INTERFACE_SITE: LazyLock<Table<SiteCoeffs>> = table!("ArtetaEtAl2021_interface_site.csv");
static SLAB_COEFFS: LazyLock<Table<Slab>> = table!("ArtetaEtAl2021_slab.csv");
static SLAB_SITE: LazyLock<Table<SiteCoeffs>> = table!("ArtetaEtAl2021_slab_site.csv");

impl SiteCoeffs {
    pub(in crate::gsim) fn by_class(&self) -> [f64; 4] {
        [self.s2, self.s3, self.s4, self.s5]
    }
}

/// The class of a site and the logarithm of the peak of its spectral ratio.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct Site {
    class: usize,
    ln_peak: f64,
}

impl Site {
    /// Of the k-th context, as the model that is declared describes it.
    pub(in crate::gsim) fn of(info: &ModelInfo, ctx: &Contexts, k: usize) -> Site {
        if info.params.contains(&Param::Vs30) {
            Site::of_vs30(ctx.column(Param::Vs30)[k])
        } else {
            Site::of_peak(ctx.column(Param::Thv)[k], ctx.column(Param::Phv)[k])
        }
    }

    fn of_vs30(vs30: f64) -> Site {
        let class = [600.0, 370.0, 230.0].iter().take_while(|&&bound| vs30 < bound).count();
        Site { class, ln_peak: scalar::ln([3.29f64, 4.48, 4.24, 3.47][class]) }
    }

    /// By the period and the height of the spectral ratio's peak; a peak below 2 is none.
    fn of_peak(period: f64, peak: f64) -> Site {
        let class = [0.2, 0.4, 0.8].iter().take_while(|&&bound| period > bound).count();
        Site { class, ln_peak: if peak < 2.0 { 0.0 } else { scalar::ln(peak) } }
    }

    #[inline(always)]
    pub(in crate::gsim) fn ln_amplification(&self, by_class: &[f64; 4]) -> f64 {
        by_class[self.class] * self.ln_peak
    }
}

/// Arteta et al. (2021).
#[derive(Debug)]
struct ArtetaEtAl2021 {
    info: &'static ModelInfo,
}

impl ArtetaEtAl2021 {
    fn is_slab(&self) -> bool {
        self.info.trt == Trt::SubductionIntraslab
    }

    fn row(&self, imt: &Imt) -> Row {
        if self.is_slab() {
            let c = SLAB_COEFFS.at(imt);
            let c = Interface {
                theta1: c.theta1,
                theta2: c.theta2,
                theta3: c.theta3,
                theta4: c.theta4,
                theta5: c.theta5,
                m1: 6.5,
                tau: c.tau,
                phi1: c.phi1,
                phi2: c.phi2,
            };
            Row { c, theta6: SLAB_COEFFS.at(imt).theta6, site: SLAB_SITE.at(imt).by_class() }
        } else {
            Row { c: INTERFACE_COEFFS.at(imt), theta6: 0.0, site: INTERFACE_SITE.at(imt).by_class() }
        }
    }
}

impl Gsim for ArtetaEtAl2021 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        INTERFACE_SITE.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag] = ctx.columns([Param::Mag]);
        let [distance] = ctx.columns([if self.is_slab() { Param::Rhypo } else { Param::Rrup }]);
        let backarc = ctx.column(Param::Backarc);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            distance: distance[k],
            ln_distance: ln(distance[k] + 10.0 * exp(0.4 * (mag[k] - 6.0))),
            backarc: backarc.get(k).copied().unwrap_or(0.0),
            far: ((distance[k] - 150.0) / 50.0).clamp(0.0, 1.0),
            site: Site::of(self.info, ctx, k),
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Interface,
    /// 0 at the interface.
    theta6: f64,
    site: [f64; 4],
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    distance: f64,
    /// ln(R + 10 exp(0.4 (M - 6)))
    ln_distance: f64,
    backarc: f64,
    /// From 0 at 150 km to 1 at 200 km.
    far: f64,
    site: Site,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let magnitude = c.theta3 * (10.0 - t.mag) * (10.0 - t.mag) + c.theta2 * (t.mag - c.m1).min(0.0);
        let path = (c.theta4 + 0.1 * (t.mag - 7.0)) * t.ln_distance + c.theta5 * t.distance;
        let site = t.site.ln_amplification(&self.site) + self.theta6 * t.backarc;
        let (tau, phi) = (c.tau, c.phi1 + (c.phi2 - c.phi1) * t.far);
        Estimate { mean: c.theta1 + magnitude + path + site, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}
