//! Zalachoris and Rathje (2019), for small to moderate earthquakes in Texas, Oklahoma and Kansas.
//!
//! Zalachoris G., Rathje E.M., 2019. Ground motion model for small-to-moderate earthquakes in Texas, Oklahoma, and Kansas.
//! Earthquake Spectra 35(1), 1-20, doi:10.1193/022618EQS047M.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`. Valid for magnitude 3 to 5.8 and distances of 4 to 500 km.
//!
//! The model of Boore et al. (2014), with the factors of Hassani and Atkinson (2015) to eastern North America and those of
//! the authors.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::scalar::{ln, log10};
use crate::gsim::basin_scaling::{BasinScaling, Cybershake};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::boore_2014::{BooreEtAl2014, Coeffs, KNOWN, Region};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "ZalachorisRathje2019",
        trt: Trt::Induced,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Rhypo, Param::Vs30],
        std_devs: TOTAL_AND_PARTS,
        component: Component::RotD50,
        reference: "Zalachoris and Rathje (2019), Ground motion model for small-to-moderate earthquakes in Texas, Oklahoma, \
                    and Kansas, Earthquake Spectra 35(1), 1-20",
        doi: Some("10.1193/022618EQS047M"),
        validity: Validity::NOT_STATED.magnitude(3.0, 5.8).distance(Param::Rhypo, 4.0, 500.0),
    },
    make: |info, _| {
        let base = BooreEtAl2014 {
            info,
            coeffs: &BASE,
            region: &REGION,
            mean_z1: None,
            scaling: BasinScaling::NONE,
            cybershake: Cybershake::NONE,
            faulting: KNOWN,
        };
        Ok(Arc::new(ZalachorisRathje2019 { info, base }))
    },
}];

coefficients! {
    /// Hassani and Atkinson (2015), in common logarithms.
    struct East { c1, c2, c3 }
}

coefficients! {
    /// The adjustments of the authors.
    struct Own { a, rb, mb, b0, b1, c, vc, cadj, tau, phi, sigma }
}

static BASE: LazyLock<Table<Coeffs>> = table!("ZalachorisRathje2019_base.csv");
static REGION: LazyLock<Table<Region>> = table!("ZalachorisRathje2019_base.csv");
static EAST: LazyLock<Table<East>> = table!("ZalachorisRathje2019_east.csv");
static OWN: LazyLock<Table<Own>> = table!("ZalachorisRathje2019.csv");

/// Zalachoris and Rathje (2019).
#[derive(Debug)]
struct ZalachorisRathje2019 {
    info: &'static ModelInfo,
    base: BooreEtAl2014,
}

impl Gsim for ZalachorisRathje2019 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.base.check(imt)?;
        EAST.check(self.info, imt)?;
        OWN.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        self.base.compute(ctx, imts, out);
        let [mag, rjb, rhypo, vs30] = ctx.columns([Param::Mag, Param::Rjb, Param::Rhypo, Param::Vs30]);
        for (m, imt) in imts.iter().enumerate() {
            let (east, own) = (EAST.at(imt), OWN.at(imt));
            for (k, at) in out.row(m).enumerate() {
                out.mean[at] += to_east(&east, rjb[k]) + adjustment(&own, mag[k], rhypo[k], vs30[k]);
                (out.sig[at], out.tau[at], out.phi[at]) = (own.sigma, own.tau, own.phi);
            }
        }
    }
}

fn to_east(c: &East, rjb: f64) -> f64 {
    LN_10 * (c.c1 + c.c2 * rjb + c.c3 * log10(rjb.min(150.0) / 50.0).max(0.0))
}

/// Of magnitude, of distances near by, and of soil.
fn adjustment(c: &Own, mag: f64, rhypo: f64, vs30: f64) -> f64 {
    let magnitude = c.b0 + c.b1 * (mag.min(5.8) - c.mb).max(0.0) + c.cadj;
    let near = if rhypo < c.rb { c.a * ln(rhypo.max(4.0) / c.rb) } else { 0.0 };
    magnitude + near + c.c * ln(vs30 / c.vc).min(0.0)
}
