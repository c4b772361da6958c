//! Somerville et al. (2009), for the craton of Yilgarn and for Australia elsewhere.
//!
//! Somerville P., Graves R., Collins N., Song S.G., Ni S., Cummins P., 2009. Source and ground motion models for Australian
//! earthquakes. Report to Geoscience Australia.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 5 to 7.5, distances up to 500 km, rock of 865 m/s; `SS14` has the site term of Boore et al. (2014).

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::{hypot, scalar};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::boore_2014::{Site, SiteTerm};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "SomervilleEtAl2009NonCratonic",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rjb],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Somerville et al. (2009), Source and ground motion models for Australian earthquakes, Report to \
                Geoscience Australia",
    doi: None,
    validity: Validity::NOT_STATED.magnitude(5.0, 7.5).distance(Param::Rjb, 0.0, 500.0),
};

const WITH_SITE: &[Param] = &[Param::Mag, Param::Rjb, Param::Vs30];

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| Ok(Arc::new(SomervilleEtAl2009 { info, coeffs: &NON_CRATONIC })) },
    Model {
        info: ModelInfo { name: "SomervilleEtAl2009NonCratonic_SS14", params: WITH_SITE, ..BASE },
        make: |info, _| Ok(Arc::new(SomervilleEtAl2009 { info, coeffs: &NON_CRATONIC })),
    },
    Model {
        info: ModelInfo { name: "SomervilleEtAl2009YilgarnCraton", ..BASE },
        make: |info, _| Ok(Arc::new(SomervilleEtAl2009 { info, coeffs: &YILGARN })),
    },
    Model {
        info: ModelInfo { name: "SomervilleEtAl2009YilgarnCraton_SS14", params: WITH_SITE, ..BASE },
        make: |info, _| Ok(Arc::new(SomervilleEtAl2009 { info, coeffs: &YILGARN })),
    },
];

coefficients! {
    /// Tables 2 and 3.
    struct Coeffs { c1, c2, c3, c4, c5, c6, c7, c8, sigma }
}

static NON_CRATONIC: LazyLock<Table<Coeffs>> = table!("SomervilleEtAl2009_non_cratonic.csv");
static YILGARN: LazyLock<Table<Coeffs>> = table!("SomervilleEtAl2009_yilgarn.csv");

/// The `vs30` of rock, m/s.
const VS30: f64 = 865.0;

/// Somerville et al. (2009).
#[derive(Debug)]
struct SomervilleEtAl2009 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
}

impl Gsim for SomervilleEtAl2009 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)?;
        SiteTerm::check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rjb] = ctx.columns([Param::Mag, Param::Rjb]);
        let vs30 = if self.info.params == WITH_SITE { ctx.column(Param::Vs30) } else { &[] };
        let row = |imt: &Imt| Row { c: self.coeffs.at(imt), site: SiteTerm::at(imt) };
        let (pga, rows): (Row, Vec<Row>) = (row(&Imt::PGA), imts.iter().map(row).collect());
        batch::compute(ctx.len(), &rows, out, |k| {
            let rupture = Rupture::new(mag[k], rjb[k]);
            let site = vs30.get(k).map(|&vs30| pga.site.rock_and_site(VS30, vs30, ln_rock(&pga.c, &rupture)));
            Terms { rupture, site }
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    site: SiteTerm,
}

#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rjb: f64,
    /// ln of the distance, with a depth of 6 km, up to 50 km and beyond.
    ln_r: f64,
    ln_near: f64,
    ln_far: f64,
}

impl Rupture {
    fn new(mag: f64, rjb: f64) -> Rupture {
        const H: f64 = 6.0;
        let ln_r = ln(hypot(rjb, H));
        let ln_near = ln_r.min(scalar::ln(hypot(50.0, H)));
        Rupture { mag, rjb, ln_r, ln_near, ln_far: ln_r - ln_near }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    /// Rock, and the site, of a model with a site term.
    site: Option<[Site; 2]>,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let site = match &t.site {
            Some([rock, site]) => self.site.ln_amplification(site) - self.site.ln_amplification(rock),
            None => 0.0,
        };
        Estimate::total(ln_rock(&self.c, &t.rupture) + site, self.c.sigma)
    }
}

/// Table 2.
#[inline(always)]
fn ln_rock(c: &Coeffs, r: &Rupture) -> f64 {
    let above = r.mag - 6.4;
    let magnitude = if above < 0.0 { c.c2 * above } else { c.c7 * above };
    let path = c.c3 * r.ln_near + c.c6 * r.ln_far + c.c4 * above * r.ln_r + c.c5 * r.rjb;
    c.c1 + magnitude + path + c.c8 * (8.5 - r.mag) * (8.5 - r.mag)
}
