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
//! `NorthEastCorrection` and `SouthWestCorrection` have the corrections of anomalous intensities by the distance from the trench
//! in the north-east and from the volcanic front in the south-west (equations 3.5.2-1 and 3.5.2-2).
//!
//! As in the engine, the standard deviation of the subduction models takes `PGA` in g for `PGV` in cm/s.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::front::Front;
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::{Made, Model, models};
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

const INTERFACE: ModelInfo = ModelInfo { trt: Trt::SubductionInterface, ..CRUST };
const SLAB: ModelInfo = ModelInfo { trt: Trt::SubductionIntraslab, ..CRUST };
/// With the distance from the trench.
const NORTH_EAST: &[Param] =
    &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Rhypo, Param::Vs30, Param::Lon, Param::Lat];
/// With that from the volcanic front.
const SOUTH_WEST: &[Param] = &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30, Param::Lon, Param::Lat];

/// The difference of the type of earthquake, of `PGA` and of `PGV`.
const OF_CRUST: [f64; 2] = [0.0, 0.0];
const OF_INTERFACE: [f64; 2] = [0.01, -0.02];
const OF_SLAB: [f64; 2] = [0.22, 0.12];

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "SiMidorikawa1999Asc": CRUST => make(OF_CRUST, Correction::None),
    "SiMidorikawa1999SInter": INTERFACE => make(OF_INTERFACE, Correction::None),
    "SiMidorikawa1999SInterNorthEastCorrection": ModelInfo { params: NORTH_EAST, ..INTERFACE } =>
        make(OF_INTERFACE, Correction::NorthEast),
    "SiMidorikawa1999SInterSouthWestCorrection": ModelInfo { params: SOUTH_WEST, ..INTERFACE } =>
        make(OF_INTERFACE, Correction::SouthWest),
    "SiMidorikawa1999SSlab": SLAB => make(OF_SLAB, Correction::None),
    "SiMidorikawa1999SSlabNorthEastCorrection": ModelInfo { params: NORTH_EAST, ..SLAB } =>
        make(OF_SLAB, Correction::NorthEast),
    "SiMidorikawa1999SSlabSouthWestCorrection": ModelInfo { params: SOUTH_WEST, ..SLAB } =>
        make(OF_SLAB, Correction::SouthWest),
};

fn make(info: &'static ModelInfo, _: &mut Arguments, d: [f64; 2], correction: Correction) -> Made {
    Ok(Arc::new(SiMidorikawa1999 { info, d, correction }))
}

/// The correction of anomalous intensities.
#[derive(Clone, Copy, Debug)]
enum Correction {
    None,
    NorthEast,
    SouthWest,
}

/// The trench in the north-east, table 3.5.2-1.
static TRENCH: LazyLock<Front> = LazyLock::new(|| {
    Front::through(&[
        (143.5, 24.0),
        (143.0, 29.0),
        (141.9, 33.8),
        (142.4, 35.8),
        (143.25, 36.55),
        (143.8, 37.7),
        (144.2, 39.2),
        (144.3, 40.1),
        (144.65, 41.0),
        (146.8, 42.0),
        (153.0, 45.5),
    ])
});

/// The volcanic front in the south-west, table 3.5.2-2.
static VOLCANIC_FRONT: LazyLock<Front> = LazyLock::new(|| {
    Front::through(&[
        (122.0, 24.5),
        (124.0, 24.5),
        (128.3, 27.9),
        (129.7, 29.5),
        (130.8, 31.5),
        (131.6, 33.4),
        (132.0, 34.9),
        (133.7, 35.3),
        (134.9, 35.3),
        (136.9, 36.2),
    ])
});

/// The `vs30` for which the model is defined, m/s, and the factors of motion there.
const GROUND: [(f64, f64); 3] = [(400.0, 1.41), (600.0, 1.0), (800.0, 1.0 / 1.25)];

/// Si and Midorikawa (1999).
#[derive(Debug)]
struct SiMidorikawa1999 {
    info: &'static ModelInfo,
    /// The difference of the type of earthquake, of `PGA` and of `PGV`.
    d: [f64; 2],
    correction: Correction,
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
        let [rhypo, lon, lat] = [Param::Rhypo, Param::Lon, Param::Lat].map(|param| ctx.column(param));
        let of_crust = self.info.trt == Trt::ActiveShallowCrust;
        let rows: Vec<Row> = imts.iter().map(|imt| Row::new(imt, self.d, of_crust, self.correction)).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            depth: depth[k],
            rrup: rrup[k],
            ln_factor: ln_factor(vs30[k]).unwrap_or(0.0),
            place: match self.correction {
                Correction::None => [0.0; 2],
                Correction::NorthEast => [TRENCH.to_the_right(lon[k], lat[k]).abs(), rhypo[k]],
                Correction::SouthWest => [VOLCANIC_FRONT.to_the_right(lon[k], lat[k]), 0.0],
            },
        });
    }
}

fn ln_factor(vs30: f64) -> Option<f64> {
    GROUND.iter().find(|(ground, _)| (ground - vs30).abs() < 1e-10).map(|(_, factor)| scalar::ln(*factor))
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
    correction: Correction,
    trench: Trench,
    front: VolcanicFront,
}

/// Equation 3.5.2-1: the constant and the power of the distance, and the factor and the constant of the depth.
#[derive(Clone, Copy)]
struct Trench {
    constant: f64,
    power: f64,
    factor: f64,
    depth: f64,
}

/// Equation 3.5.2-2: the factors of the depth up to 75 km from the front, by the distance, and beyond.
#[derive(Clone, Copy)]
struct VolcanicFront {
    near: f64,
    far: f64,
}

impl Row {
    fn new(imt: &Imt, d: [f64; 2], of_crust: bool, correction: Correction) -> Row {
        if imt.kind() == ImtKind::Pgv {
            Row {
                mag: 0.58,
                depth: 0.0038,
                constant: d[1] - 1.29,
                near: 0.0028,
                attenuation: 0.002,
                of_crust,
                correction,
                trench: Trench { constant: -0.012, power: 2.064, factor: -4.021e-5, depth: 9.905e-3 },
                front: VolcanicFront { near: 4.28e-5, far: 3.21e-3 },
            }
        } else {
            Row {
                mag: 0.50,
                depth: 0.0043,
                constant: d[0] + 0.61 - scalar::log10(980.665),
                near: 0.0055,
                attenuation: 0.003,
                of_crust,
                correction,
                trench: Trench { constant: 0.13, power: 3.2, factor: -8.1e-5, depth: 2.0e-2 },
                front: VolcanicFront { near: 7.06e-5, far: 5.30e-3 },
            }
        }
    }

    /// The common logarithm of the motion on ground of 600 m/s.
    #[inline(always)]
    fn log10(&self, mag: f64, depth: f64, rrup: f64) -> f64 {
        let mag = mag.min(8.3);
        let near = self.near * exp(LN_10 * 0.5 * mag);
        let path = ln(rrup + near) / LN_10 + self.attenuation * rrup;
        self.mag * mag + self.depth * depth + self.constant - path
    }

    /// The common logarithm of the correction.
    #[inline(always)]
    fn log10_correction(&self, depth: f64, [distance, rhypo]: [f64; 2]) -> f64 {
        match self.correction {
            Correction::None => 0.0,
            Correction::NorthEast => {
                let c = &self.trench;
                let by_distance = (c.constant + c.power * ln(rhypo / 300.0) / LN_10).max(0.0);
                by_distance + (c.factor * distance + c.depth) * (depth - 30.0).max(0.0)
            }
            Correction::SouthWest => {
                let by_front = if distance <= 75.0 { self.front.near * distance } else { self.front.far };
                by_front * (depth - 30.0)
            }
        }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    depth: f64,
    rrup: f64,
    /// From ground of 600 m/s to that of the site.
    ln_factor: f64,
    /// The distance from the trench or the volcanic front, and from the hypocentre, for the correction.
    place: [f64; 2],
}

/// Equation 3.5.1-1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let log10 = self.log10(t.mag, t.depth, t.rrup);
        let sigma = if self.of_crust { sigma_of_crust(t.rrup) } else { sigma_of_subduction(log10) };
        let corrected = log10 + self.log10_correction(t.depth, t.place);
        Estimate::total(LN_10 * corrected + t.ln_factor, LN_10 * sigma)
    }
}

/// The standard deviation of subduction, in common logarithms, by `PGV` on ground of 600 m/s, for a difference `d` of the type of
/// earthquake.
pub(in crate::gsim) fn sigma_of_pgv_on_rock(mag: f64, depth: f64, rrup: f64, d: f64) -> f64 {
    sigma_of_subduction(Row::new(&Imt::PGV, [d; 2], false, Correction::None).log10(mag, depth, rrup))
}

/// Equation 3.5.5-2, in common logarithms.
#[inline(always)]
pub(in crate::gsim) fn sigma_of_crust(rrup: f64) -> f64 {
    0.23 - 0.03 * (ln(rrup.clamp(20.0, 30.0) / 20.0) / const { scalar::ln(1.5) })
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

    /// What the engine 3.26.2 gives on ground of 600 m/s, of `PGA` and of `PGV`.
    #[test]
    fn corrected_numbers_of_the_engine() {
        let mut ctx = Contexts::default();
        ctx.reset(4);
        let columns = [
            (Param::Mag, [6.1, 7.4, 8.5, 7.0]),
            (Param::HypoDepth, [12.0, 35.0, 60.0, 90.0]),
            (Param::Rrup, [9.0, 126.0, 75.0, 200.0]),
            (Param::Rhypo, [20.0, 150.0, 400.0, 320.0]),
            (Param::Vs30, [600.0; 4]),
            (Param::Lon, [141.2, 139.0, 145.0, 131.0]),
            (Param::Lat, [38.0, 35.6, 43.0, 33.0]),
        ];
        columns.iter().for_each(|(param, values)| ctx.column_mut(*param).extend(values));
        let expected: [(&str, [[f64; 4]; 2]); 4] = [
            (
                "SiMidorikawa1999SInterNorthEastCorrection",
                [
                    [-1.1004924294, -2.5461626975, 0.7807864078, -11.354292547],
                    [2.6970691073, 1.6267529869, 4.278965348, -3.3032005113],
                ],
            ),
            (
                "SiMidorikawa1999SInterSouthWestCorrection",
                [
                    [-1.0882447292, -2.4380087847, -2.6877849323, -3.6410446524],
                    [2.7044940587, 1.6873777708, 2.3971532214, 0.6342471828],
                ],
            ),
            (
                "SiMidorikawa1999SSlabNorthEastCorrection",
                [
                    [-0.6169495599, -2.062619828, 1.2643292773, -10.8707496775],
                    [3.0194310203, 1.9491149, 4.601327261, -2.9808385982],
                ],
            ),
            (
                "SiMidorikawa1999SSlabSouthWestCorrection",
                [
                    [-0.6047018597, -1.9544659151, -2.2042420628, -3.1575017829],
                    [3.0268559718, 2.0097396839, 2.7195151344, 0.9566090959],
                ],
            ),
        ];
        for (name, expected) in expected {
            let model = crate::gsim::by_name(name).unwrap();
            let mut out = GroundMotion::default();
            model.compute(&ctx, &[Imt::PGA, Imt::PGV], &mut out);
            let found = [0, 1].map(|m| out.mean[out.row(m)].to_vec());
            for (found, expected) in found.iter().zip(&expected) {
                let close = found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-9);
                assert!(close, "{name}: {found:?}, expected {expected:?}");
            }
        }
    }
}
