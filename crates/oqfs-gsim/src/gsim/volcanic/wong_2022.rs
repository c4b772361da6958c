//! Wong et al. (2022), for Hawaii.
//!
//! Wong I., Darragh R., Smith S., Wu Q., Silva W., Kishida T., 2022. Ground motion models for shallow crustal and deep earthquakes
//! in Hawaii and analyses of the 2018 M 6.9 Kalapana sequence. Earthquake Spectra 38(1), 579-614, doi:10.1177/87552930211044521.
//!
//! - Component: horizontal. Units: g, and cm/s for `PGV`, which has no standard deviation. `Deep` is for depths below 20 km.
//! - Ground of 150, 185, 260, 365, 530, 760, 1,080 and 1,500 m/s, and those between as the one between.

use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const SHALLOW: ModelInfo = ModelInfo {
    name: "WongEtAl2022Shallow",
    trt: Trt::Volcanic,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::Horizontal,
    reference: "Wong et al. (2022), Ground motion models for shallow crustal and deep earthquakes in \
                Hawaii and analyses of the 2018 M 6.9 Kalapana sequence, Earthquake Spectra 38(1), \
                579-614",
    doi: Some("10.1177/87552930211044521"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: SHALLOW,
        make: |info, _| plain(info, &OF_SHALLOW[0], |imt, _| Row::new(imt, &OF_SHALLOW), Terms::new),
    },
    Model {
        info: ModelInfo { name: "WongEtAl2022Deep", ..SHALLOW },
        make: |info, _| plain(info, &OF_DEEP[0], |imt, _| Row::new(imt, &OF_DEEP), Terms::new),
    },
];

coefficients! {
    /// One kind of ground.
    struct Coeffs { c1, c2, c4, c6, c7, c10, sigma }
}

/// By the kind of ground.
type Tables = [LazyLock<Table<Coeffs>>; 8];

static OF_SHALLOW: Tables = [
    table!("WongEtAl2022.csv", "shallow_150"),
    table!("WongEtAl2022.csv", "shallow_185"),
    table!("WongEtAl2022.csv", "shallow_260"),
    table!("WongEtAl2022.csv", "shallow_365"),
    table!("WongEtAl2022.csv", "shallow_530"),
    table!("WongEtAl2022.csv", "shallow_760"),
    table!("WongEtAl2022.csv", "shallow_1080"),
    table!("WongEtAl2022.csv", "shallow_1500"),
];
static OF_DEEP: Tables = [
    table!("WongEtAl2022.csv", "deep_150"),
    table!("WongEtAl2022.csv", "deep_185"),
    table!("WongEtAl2022.csv", "deep_260"),
    table!("WongEtAl2022.csv", "deep_365"),
    table!("WongEtAl2022.csv", "deep_530"),
    table!("WongEtAl2022.csv", "deep_760"),
    table!("WongEtAl2022.csv", "deep_1080"),
    table!("WongEtAl2022.csv", "deep_1500"),
];

/// The coefficients of one intensity measure, by the kind of ground.
#[derive(Clone, Copy)]
struct Row([Coeffs; 8]);

impl Row {
    fn new(imt: &Imt, tables: &Tables) -> Row {
        Row(tables.each_ref().map(|table| {
            let c = table.at(imt);
            Coeffs { sigma: if imt.kind() == ImtKind::Pgv { 0.0 } else { c.sigma }, ..c }
        }))
    }
}

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
    /// The kind of ground.
    kind: usize,
}

impl Terms {
    fn new([mag, rjb, vs30]: [f64; 3]) -> Terms {
        // Ground of a bound itself is a kind, that between bounds the one after it.
        let bounds = [185.0, 365.0, 760.0];
        let kind = match bounds.iter().position(|bound| vs30 <= *bound) {
            Some(at) if vs30 == bounds[at] => 2 * at + 1,
            Some(at) => 2 * at,
            None if vs30 < 1500.0 => 6,
            None => 7,
        };
        Terms { mag, rjb, kind }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0[t.kind];
        let above = t.mag - 6.0;
        let path = (c.c6 + c.c7 * t.mag) * ln(t.rjb + exp(c.c4));
        Estimate::total(c.c1 + c.c2 * t.mag + c.c10 * above * above + path, c.sigma)
    }
}
