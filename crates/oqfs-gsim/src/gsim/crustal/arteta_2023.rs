//! Arteta et al. (2023), for the crust of northern South America.
//!
//! Arteta C.A., Pajaro C.A., Mercado V., Montejo J., Arcila M., Abrahamson N.A., 2023. Ground-motion model (GMM) for
//! crustal earthquakes in northern South America (NoSAm crustal GMM). Bulletin of the Seismological Society of America,
//! doi:10.1785/0120220168. The equations are numbered as there.
//!
//! - Component: RotD50. Units: g.
//! - The site is described as in `arteta_2021`; `rvolc` is the path through volcanic regions, km, which calculations
//!   take as 0, as in the engine.
//!
//! As in the engine, the model without `Vs30` takes the distance to the rupture, the other that to the hypocentre.

use std::sync::{Arc, LazyLock};

use crate::elementary::hypot;
use crate::elementary::scalar::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Make, Model};
use crate::gsim::subduction::arteta_2021::{Site, SiteCoeffs};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for sites with a spectral ratio.
const BASE: ModelInfo = ModelInfo {
    name: "ArtetaEtAl2023",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Rvolc, Param::Thv, Param::Phv],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Arteta et al. (2023), Ground-motion model (GMM) for crustal earthquakes in northern South America (NoSAm \
                crustal GMM), Bulletin of the Seismological Society of America",
    doi: Some("10.1785/0120220168"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: MAKE },
    Model {
        info: ModelInfo {
            name: "ArtetaEtAl2023_Vs30",
            params: &[Param::Mag, Param::HypoDepth, Param::Rhypo, Param::Rvolc, Param::Vs30],
            ..BASE
        },
        make: MAKE,
    },
];

const MAKE: Make = |info, _| Ok(Arc::new(ArtetaEtAl2023 { info }));

coefficients! {
    /// The coefficients of the model.
    struct Coeffs { theta1, theta2, theta3, theta4, theta5, theta6, theta7, m1, tau, phi, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ArtetaEtAl2023.csv");
static SITE: LazyLock<Table<SiteCoeffs>> = table!("ArtetaEtAl2023_site.csv");

/// Arteta et al. (2023).
#[derive(Debug)]
struct ArtetaEtAl2023 {
    info: &'static ModelInfo,
}

impl Gsim for ArtetaEtAl2023 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, depth, rvolc] = ctx.columns([Param::Mag, Param::HypoDepth, Param::Rvolc]);
        let by_rupture = self.info.params.contains(&Param::Rrup);
        let [distance] = ctx.columns([if by_rupture { Param::Rrup } else { Param::Rhypo }]);
        let row = |imt: &Imt| Row { c: COEFFS.at(imt), site: SITE.at(imt).by_class() };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            depth: depth[k],
            distance: distance[k],
            ln_distance: ln(hypot(distance[k], 4.5)),
            rvolc: rvolc[k],
            site: Site::of(self.info, ctx, k),
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    site: [f64; 4],
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    depth: f64,
    distance: f64,
    /// With the saturation near the source.
    ln_distance: f64,
    rvolc: f64,
    site: Site,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        // Equations 5 and 6, then 7 and 8.
        let magnitude = c.theta3 * (8.5 - t.mag) * (8.5 - t.mag) + c.theta2 * (t.mag - c.m1).min(0.0);
        let path = (c.theta4 + 0.275 * (t.mag - c.m1)) * t.ln_distance + c.theta5 * t.distance + c.theta6 * t.rvolc;
        let mean = c.theta1 + magnitude + path + c.theta7 * t.depth + t.site.ln_amplification(&self.site);
        Estimate { mean, sig: c.sigma, tau: c.tau, phi: c.phi }
    }
}
