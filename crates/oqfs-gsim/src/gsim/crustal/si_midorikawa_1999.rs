//! Si and Midorikawa (1999), for the crust, the interface and the slab in Japan.
//!
//! Si H., Midorikawa S., 1999. New attenuation relationships for peak ground acceleration and velocity considering effects of
//! fault type and site condition. Journal of Structural and Construction Engineering 64(523), 63-70 (in Japanese),
//! doi:10.3130/aijs.64.63_2; as in Technical Reports on National Seismic Hazard Maps for Japan, NIED 336 (2009), pages
//! 148-151.
//!
//! - Component: greater of the two horizontal. Units: g, and cm/s for `PGV`.
//! - For a `vs30` of 400, 600 or 800 m/s.
//!
//! As in the engine, the standard deviation of the subduction models takes `PGA` in g for `PGV` in cm/s.

use std::f64::consts::LN_10;
use std::sync::Arc;

use crate::gsim::batch::{self, Estimate};
use crate::gsim::math::{exp, ln};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the crust.
const CRUST: ModelInfo = ModelInfo {
    name: "SiMidorikawa1999Asc",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv],
    params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GreaterHorizontal,
    reference: "Si and Midorikawa (1999), New attenuation relationships for peak ground acceleration and velocity considering \
                effects of fault type and site condition, Journal of Structural and Construction Engineering 64(523), 63-70",
    doi: Some("10.3130/aijs.64.63_2"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: CRUST, make: |info, _| Ok(Arc::new(SiMidorikawa1999 { info, d: [0.0, 0.0] })) },
    Model {
        info: ModelInfo { name: "SiMidorikawa1999SInter", trt: Trt::SubductionInterface, ..CRUST },
        make: |info, _| Ok(Arc::new(SiMidorikawa1999 { info, d: [0.01, -0.02] })),
    },
    Model {
        info: ModelInfo { name: "SiMidorikawa1999SSlab", trt: Trt::SubductionIntraslab, ..CRUST },
        make: |info, _| Ok(Arc::new(SiMidorikawa1999 { info, d: [0.22, 0.12] })),
    },
];

/// The `vs30` for which the model is defined, m/s, and the factors of motion there.
const GROUND: [(f64, f64); 3] = [(400.0, 1.41), (600.0, 1.0), (800.0, 1.0 / 1.25)];

/// Si and Midorikawa (1999).
#[derive(Debug)]
struct SiMidorikawa1999 {
    info: &'static ModelInfo,
    /// The difference of the type of earthquake, of `PGA` and of `PGV`.
    d: [f64; 2],
}

impl Gsim for SiMidorikawa1999 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)
    }

    fn check_vs30(&self, vs30: f64) -> Result<(), GsimError> {
        match ln_factor(vs30) {
            Some(_) => Ok(()),
            None => Err(GsimError::Vs30OutOfRange { model: self.info.name, vs30, accepted: "400, 600 and 800 m/s" }),
        }
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, depth, rrup, vs30] = ctx.columns([Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30]);
        let of_crust = self.info.trt == Trt::ActiveShallowCrust;
        let rows: Vec<Row> = imts.iter().map(|imt| Row::new(imt, self.d, of_crust)).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k].min(8.3),
            depth: depth[k],
            rrup: rrup[k],
            ln_factor: ln_factor(vs30[k]).unwrap_or(0.0),
        });
    }
}

fn ln_factor(vs30: f64) -> Option<f64> {
    GROUND.iter().find(|(ground, _)| (ground - vs30).abs() < 1e-10).map(|(_, factor)| factor.ln())
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    mag: f64,
    depth: f64,
    /// With the difference of the type of earthquake and the unit.
    constant: f64,
    near: f64,
    attenuation: f64,
    of_crust: bool,
}

impl Row {
    fn new(imt: &Imt, d: [f64; 2], of_crust: bool) -> Row {
        if imt.kind() == ImtKind::Pgv {
            Row { mag: 0.58, depth: 0.0038, constant: d[1] - 1.29, near: 0.0028, attenuation: 0.002, of_crust }
        } else {
            let constant = d[0] + 0.61 - 980.665f64.log10();
            Row { mag: 0.50, depth: 0.0043, constant, near: 0.0055, attenuation: 0.003, of_crust }
        }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// At most 8.3.
    mag: f64,
    depth: f64,
    rrup: f64,
    /// From ground of 600 m/s to that of the site.
    ln_factor: f64,
}

/// Equation 3.5.1-1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let near = self.near * exp(LN_10 * 0.5 * t.mag);
        let path = ln(t.rrup + near) / LN_10 + self.attenuation * t.rrup;
        let log10 = self.mag * t.mag + self.depth * t.depth + self.constant - path;
        let sigma = if self.of_crust { sigma_of_crust(t.rrup) } else { sigma_of_subduction(log10) };
        Estimate::total(LN_10 * log10 + t.ln_factor, LN_10 * sigma)
    }
}

/// Equation 3.5.5-2.
#[inline(always)]
fn sigma_of_crust(rrup: f64) -> f64 {
    0.23 - 0.03 * (ln(rrup.clamp(20.0, 30.0) / 20.0) / ln(1.5))
}

/// Equation 3.5.5-1.
#[inline(always)]
fn sigma_of_subduction(log10: f64) -> f64 {
    0.20 - 0.05 * ((exp(LN_10 * log10) - 25.0) / 25.0).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the engine 3.23.5 gives: its table would need contexts of three kinds of ground alone.
    #[test]
    fn numbers_of_the_engine() {
        let mut ctx = Contexts::default();
        ctx.reset(3);
        let columns = [
            (Param::Mag, [6.1, 7.4, 8.5]),
            (Param::HypoDepth, [12.0, 25.0, 40.0]),
            (Param::Rrup, [9.0, 26.0, 75.0]),
            (Param::Vs30, [400.0, 600.0, 800.0]),
        ];
        columns.iter().for_each(|(param, values)| ctx.column_mut(*param).extend(values));
        let of_crust = [0.529594571389, 0.484896566637, 0.460517018599];
        let of_subduction = 0.460517018599;
        type Expected = [[f64; 3]; 4];
        let expected: [(&str, Expected); 3] = [
            (
                "SiMidorikawa1999Asc",
                [
                    [-0.779928575983, -0.877064332144, -1.301513304541],
                    [3.086710513567, 3.321661435656, 3.154750900515],
                    of_crust,
                    of_crust,
                ],
            ),
            (
                "SiMidorikawa1999SInter",
                [
                    [-0.756902725053, -0.854038481214, -1.278487453611],
                    [3.040658811707, 3.275609733796, 3.108699198655],
                    [of_subduction; 3],
                    [of_subduction, 0.453796446332, 0.446748146689],
                ],
            ),
            (
                "SiMidorikawa1999SSlab",
                [
                    [-0.273359855525, -0.370495611685, -0.794944584082],
                    [3.363020724726, 3.597971646815, 3.431061111674],
                    [of_subduction; 3],
                    [of_subduction, 0.407446689529, 0.397717327609],
                ],
            ),
        ];
        for (name, expected) in expected {
            let model = crate::gsim::by_name(name).unwrap();
            let mut out = GroundMotion::default();
            model.compute(&ctx, &[Imt::PGA, Imt::PGV], &mut out);
            let found = [out.row(0), out.row(1)].map(|row| out.mean[row].to_vec()).into_iter();
            let found = found.chain([out.row(0), out.row(1)].map(|row| out.sig[row].to_vec()));
            for (found, expected) in found.zip(&expected) {
                let close = found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-9);
                assert!(close, "{name}: {found:?}, expected {expected:?}");
            }
        }
        let error = crate::gsim::by_name("SiMidorikawa1999Asc").unwrap().check_vs30(760.0).unwrap_err();
        assert!(error.to_string().contains("vs30 of 760 m/s; accepted are 400, 600 and 800"), "{error}");
    }
}
