//! Lin et al. (2011), for crustal earthquakes in Taiwan, as in the country's hazard model of 2020.
//!
//! Lin P.-S., Lee C.-T., Cheng C.-T., Sung C.-H., 2011. Response spectral attenuation relations for shallow crustal earthquakes in
//! Taiwan. Engineering Geology 121(3-4), 150-164, doi:10.1016/j.enggeo.2011.04.019.
//!
//! - Component: geometric mean. Units: g. Rock is from 360 m/s on. The names say which wall of the fault it is for.

use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "Lin2011foot",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Lin et al. (2011), Response spectral attenuation relations for shallow crustal earthquakes in Taiwan, \
                Engineering Geology 121(3-4), 150-164",
    doi: Some("10.1016/j.enggeo.2011.04.019"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| plain(info, &FOOT_ROCK, |imt, c| Row([FOOT_SOIL.at(imt), c]), Terms::new) },
    Model {
        info: ModelInfo { name: "Lin2011hanging", ..BASE },
        make: |info, _| plain(info, &HANGING_ROCK, |imt, c| Row([HANGING_SOIL.at(imt), c]), Terms::new),
    },
];

coefficients! {
    /// Tables 3 and 4.
    struct Coeffs { c1, c2, c3, c4, c5, sigma }
}

static FOOT_ROCK: LazyLock<Table<Coeffs>> = table!("Lin2011.csv", "foot_rock");
static FOOT_SOIL: LazyLock<Table<Coeffs>> = table!("Lin2011.csv", "foot_soil");
static HANGING_ROCK: LazyLock<Table<Coeffs>> = table!("Lin2011.csv", "hanging_rock");
static HANGING_SOIL: LazyLock<Table<Coeffs>> = table!("Lin2011.csv", "hanging_soil");

/// The coefficients of one intensity measure, on soil and on rock.
#[derive(Clone, Copy)]
struct Row([Coeffs; 2]);

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// 1 on rock, 0 on soil.
    rock: usize,
}

impl Terms {
    fn new([mag, rrup, vs30]: [f64; 3]) -> Terms {
        Terms { mag, rrup, rock: usize::from(vs30 >= 360.0) }
    }
}

/// Equations 10 and 11.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0[t.rock];
        let mean = c.c1 + c.c2 * t.mag + c.c3 * ln(t.rrup + c.c4 * exp(c.c5 * t.mag));
        Estimate::total(mean, c.sigma)
    }
}
