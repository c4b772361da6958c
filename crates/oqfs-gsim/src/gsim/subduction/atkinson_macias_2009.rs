//! Atkinson and Macias (2009), for great earthquakes on the interface of the Cascadia subduction zone.
//!
//! Atkinson G.M., Macias M., 2009. Predicted ground motions for great interface earthquakes in the Cascadia subduction zone.
//! Bulletin of the Seismological Society of America 99(3), 1552-1578, doi:10.1785/0120080147.
//!
//! - Component: random horizontal. Units: g.
//! - The arguments `ba08_site_term`, `cb14_basin_term` and `m9_basin_term` add the site term of Boore and Atkinson (2008), the basin
//!   term of Campbell and Bozorgnia (2014), and in deep basins in its place that of Moschetti et al. (2024).
//! - Valid for magnitude 7.5 to 9, rupture distances up to 400 km, rock of 760 m/s.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::hypot;
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::borrowed_basins::BorrowedBasins;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::boore_atkinson_2008::SiteTerm;
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "AtkinsonMacias2009",
        trt: Trt::SubductionInterface,
        imts: &[ImtKind::Pga, ImtKind::Sa],
        params: &PARAMS,
        std_devs: TOTAL_ONLY,
        component: Component::RandomHorizontal,
        reference: "Atkinson and Macias (2009), Predicted ground motions for great interface earthquakes in the Cascadia \
                    subduction zone, Bulletin of the Seismological Society of America 99(3), 1552-1578",
        doi: Some("10.1785/0120080147"),
        validity: Validity::NOT_STATED.magnitude(7.5, 9.0).distance(Param::Rrup, 0.0, 400.0),
    },
    make,
}];

const PARAMS: [Param; 2] = [Param::Mag, Param::Rrup];

fn make(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let site = arguments.flag_or("ba08_site_term", false)?;
    let basins = BorrowedBasins::read(arguments)?;
    let of_site: &[Param] = if site { &SiteTerm::PARAMS } else { &[] };
    let params = Param::union(&Param::union(&PARAMS, of_site), basins.params());
    Ok(Arc::new(AtkinsonMacias2009 { info, params, site, basins }))
}

coefficients! {
    /// Table 4.
    struct Coeffs { c0, c1, c2, c3, c4, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("AtkinsonMacias2009.csv");

/// Atkinson and Macias (2009).
#[derive(Debug)]
struct AtkinsonMacias2009 {
    info: &'static ModelInfo,
    params: Vec<Param>,
    /// Whether there is a site term.
    site: bool,
    basins: BorrowedBasins,
}

impl Gsim for AtkinsonMacias2009 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.params
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        if self.site && SiteTerm::get(imt).is_none() {
            return Err(self.info.not_defined(imt));
        }
        self.basins.check(self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn validities(&self) -> Vec<(&'static str, Validity)> {
        let validity = self.info.validity;
        vec![(self.info.name, if self.site { validity.on_any_ground() } else { validity })]
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup] = ctx.columns(PARAMS);
        let rows: Vec<Row> = imts.iter().map(|imt| Row(COEFFS.at(imt))).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let h = mag[k] * mag[k] - 3.1 * mag[k] - 14.55;
            let distance = hypot(rrup[k], h);
            Terms { mag: mag[k] - 8.0, distance, log10_distance: ln(distance) / LN_10 }
        });
        for (m, imt) in imts.iter().enumerate() {
            let row = out.row(m);
            self.amplify(imt, ctx, &mut out.mean[row]);
        }
    }
}

impl AtkinsonMacias2009 {
    /// Add the terms of the site and of basins to the ln-mean of one intensity measure.
    fn amplify(&self, imt: &Imt, ctx: &Contexts, mean: &mut [f64]) {
        if let Some(term) = SiteTerm::get(imt).filter(|_| self.site) {
            let columns = ctx.columns(SiteTerm::PARAMS);
            for (k, mean) in mean.iter_mut().enumerate() {
                *mean += term.ln_amplification(columns.map(|column| column[k]));
            }
        }
        self.basins.add(imt, ctx, mean);
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// M - 8
    mag: f64,
    /// With the depth of saturation.
    distance: f64,
    log10_distance: f64,
}

/// Equations 4 and 5, log10 of cm/s^2.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        const LN_G: f64 = 6.888_230_916_953_265; // of 980.665 cm/s^2
        let c = &self.0;
        let log10 = c.c0 + (c.c3 + c.c4 * t.mag) * t.mag + c.c1 * t.log10_distance + c.c2 * t.distance;
        Estimate::total(LN_10 * log10 - LN_G, LN_10 * c.sigma)
    }
}
