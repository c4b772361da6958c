//! Allen (2012), for south-eastern Australia.
//!
//! Allen T.I., 2012. Stochastic ground-motion prediction equations for southeastern Australian earthquakes using updated
//! source and attenuation parameters. Geoscience Australia Record 2012/69.
//!
//! - Component: median horizontal. Units: g. Hypocentres above and below 10 km have tables of their own.
//! - Rock of 820 m/s; `SS14` has the site term of Boore et al. (2014).

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::boore_2014::{Site, SiteTerm};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::LN_G;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model on rock.
const ROCK: ModelInfo = ModelInfo {
    name: "Allen2012",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::HypoDepth, Param::Rrup],
    std_devs: TOTAL_ONLY,
    component: Component::MedianHorizontal,
    reference: "Allen (2012), Stochastic ground-motion prediction equations for southeastern Australian earthquakes using \
                updated source and attenuation parameters, Geoscience Australia Record 2012/69",
    doi: None,
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: ROCK, make: |info, _| Ok(Arc::new(Allen2012 { info })) },
    Model {
        info: ModelInfo {
            name: "Allen2012_SS14",
            params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30],
            ..ROCK
        },
        make: |info, _| Ok(Arc::new(Allen2012 { info })),
    },
];

coefficients! {
    /// The tables of shallow and of deep earthquakes, in common logarithms.
    struct Coeffs { c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, sigma }
}

static SHALLOW: LazyLock<Table<Coeffs>> = table!("Allen2012_shallow.csv");
static DEEP: LazyLock<Table<Coeffs>> = table!("Allen2012_deep.csv");

/// The `vs30` of rock, m/s.
const VS30: f64 = 820.0;

/// Allen (2012).
#[derive(Debug)]
struct Allen2012 {
    info: &'static ModelInfo,
}

impl Gsim for Allen2012 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        SHALLOW.check(self.info, imt)?;
        SiteTerm::check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, depth, rrup] = ctx.columns([Param::Mag, Param::HypoDepth, Param::Rrup]);
        let rows: Vec<Row> = imts.iter().map(Row::new).collect();
        let pga = Row::new(&Imt::PGA);
        let vs30 = if self.info.params.contains(&Param::Vs30) { ctx.column(Param::Vs30) } else { &[] };
        batch::compute(ctx.len(), &rows, out, |k| {
            let rupture = Rupture { mag: mag[k] - 4.0, rrup: rrup[k], deep: usize::from(depth[k] >= 10.0) };
            let ln_pga = || ln_rock(&pga.c[rupture.deep], &rupture);
            let site = vs30.get(k).map(|&vs30| pga.site.rock_and_site(VS30, vs30, ln_pga()));
            Terms { rupture, site }
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    /// Of shallow and of deep earthquakes.
    c: [Coeffs; 2],
    site: SiteTerm,
}

impl Row {
    fn new(imt: &Imt) -> Row {
        Row { c: [SHALLOW.at(imt), DEEP.at(imt)], site: SiteTerm::at(imt) }
    }
}

#[derive(Clone, Copy)]
struct Rupture {
    /// M - 4
    mag: f64,
    rrup: f64,
    /// 1 for hypocentres at 10 km and below, else 0.
    deep: usize,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    /// Rock, and the site, of the model with a site term.
    site: Option<[Site; 2]>,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c[t.rupture.deep];
        let site = match &t.site {
            Some([rock, site]) => self.site.ln_amplification(site) - self.site.ln_amplification(rock),
            None => 0.0,
        };
        Estimate::total(ln_rock(c, &t.rupture) + site, LN_10 * c.sigma)
    }
}

/// Equation 18.
#[inline(always)]
fn ln_rock(c: &Coeffs, r: &Rupture) -> f64 {
    let m = r.mag;
    let (r1, r2) = (90.0 + c.c8 * m, 150.0 + c.c11 * m);
    let near = r.rrup.min(r1);
    let saturation = 1.0 + c.c5 * m;
    let g0 = 0.5 * ln(near * near + saturation * saturation);
    let [g1, g2] = [r1, r2].map(|from| ln(r.rrup / from).max(0.0));
    let path = (c.c3 + c.c4 * m) * g0 + (c.c6 + c.c7 * m) * g1 + (c.c9 + c.c10 * m) * g2;
    LN_10 * (c.c0 + (c.c1 + c.c2 * m) * m + LOG10_E * path) - LN_G
}
