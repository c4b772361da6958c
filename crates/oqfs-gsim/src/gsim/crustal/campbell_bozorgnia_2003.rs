//! Campbell and Bozorgnia (2003), for horizontal and vertical motion, and the variant of the United States' maps of 2007.
//!
//! Campbell K.W., Bozorgnia Y., 2003. Updated near-source ground-motion (attenuation) relations for the horizontal and
//! vertical components of peak ground acceleration and acceleration response spectra. Bulletin of the Seismological Society
//! of America 93(1), 314-331, doi:10.1785/0120020029. Erratum: 93(3), 1413.
//!
//! - Component: geometric mean, or vertical. Units: g.
//! - Valid for magnitude 4.7 to 7.7, distances up to 60 km; three kinds of ground from a `vs30` of 368 m/s on.
//!
//! `NSHMP2007` is for firm rock, its distance term for the mean of soft and firm rock. As in the engine, its hanging wall is
//! not limited to Joyner-Boore distances of 5 km, nor to reverse faulting or magnitudes above 5.5.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "CampbellBozorgnia2003",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Dip, Param::Rrup, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Campbell and Bozorgnia (2003), Updated near-source ground-motion (attenuation) relations for the horizontal \
                and vertical components of peak ground acceleration and acceleration response spectra, Bulletin of the \
                Seismological Society of America 93(1), 314-331",
    doi: Some("10.1785/0120020029"),
    validity: Validity::NOT_STATED.magnitude(4.7, 7.7).distance(Param::Rrup, 0.0, 60.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| Ok(Arc::new(CampbellBozorgnia2003 { info, coeffs: &HORIZONTAL })) },
    Model {
        info: ModelInfo { name: "CampbellBozorgnia2003Vertical", component: Component::Vertical, ..BASE },
        make: |info, _| Ok(Arc::new(CampbellBozorgnia2003 { info, coeffs: &VERTICAL })),
    },
    Model {
        info: ModelInfo {
            name: "CampbellBozorgnia2003NSHMP2007",
            params: &[Param::Mag, Param::Rake, Param::Dip, Param::Rrup, Param::Rjb],
            ..BASE
        },
        make: |info, _| Ok(Arc::new(CampbellBozorgnia2003 { info, coeffs: &NSHMP2007 })),
    },
];

coefficients! {
    /// Table 4.
    struct Coeffs { c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16 }
}

static HORIZONTAL: LazyLock<Table<Coeffs>> = table!("CampbellBozorgnia2003.csv");
static VERTICAL: LazyLock<Table<Coeffs>> = table!("CampbellBozorgnia2003_vertical.csv");
static NSHMP2007: LazyLock<Table<Coeffs>> = table!("CampbellBozorgnia2003_nshmp2007.csv");

/// Campbell and Bozorgnia (2003).
#[derive(Debug)]
struct CampbellBozorgnia2003 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
}

impl Gsim for CampbellBozorgnia2003 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, dip, rrup, rjb] = ctx.columns([Param::Mag, Param::Rake, Param::Dip, Param::Rrup, Param::Rjb]);
        let by_vs30 = self.info.params.contains(&Param::Vs30);
        let vs30 = if by_vs30 { ctx.column(Param::Vs30) } else { &[] };
        let rows: Vec<Row> = imts.iter().map(|imt| Row(self.coeffs.at(imt))).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let dips = (22.5..=157.5).contains(&rake[k]);
            let over = if dip[k] <= 70.0 { (5.0 - rjb[k]) / 5.0 } else { 0.0 };
            let ground = vs30.get(k).map_or(Ground::NSHMP2007, |&vs30| Ground::of(vs30));
            let hanging = match vs30.get(k) {
                None => over * (mag[k] - 5.5).min(1.0),
                Some(_) if !dips => 0.0,
                Some(_) => over.max(0.0) * (mag[k] - 5.5).clamp(0.0, 1.0) * ground.any(),
            };
            Terms {
                mag: mag[k],
                rrup: rrup[k],
                reverse: f64::from(dips && dip[k] > 45.0),
                thrust: f64::from(dips && dip[k] <= 45.0),
                hanging: hanging * (rrup[k] / 8.0).min(1.0),
                ground,
            }
        });
    }
}

/// Weights of very firm soil, soft rock and firm rock.
#[derive(Clone, Copy)]
struct Ground {
    near: [f64; 2],
    far: [f64; 3],
}

impl Ground {
    /// Half of soft and half of firm rock near the source, firm rock beyond.
    const NSHMP2007: Ground = Ground { near: [0.5, 0.5], far: [0.0, 0.0, 1.0] };

    fn of(vs30: f64) -> Ground {
        let far = [(368.0..=421.0).contains(&vs30), vs30 > 421.0 && vs30 <= 830.0, vs30 > 830.0].map(f64::from);
        Ground { near: [far[0] + far[1], far[2]], far }
    }

    /// 1 if the ground is one of the three, else 0.
    fn any(&self) -> f64 {
        self.far.iter().sum()
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// 1 for reverse faulting on steep faults, else 0.
    reverse: f64,
    /// 1 for thrust faulting on gentle faults, else 0.
    thrust: f64,
    /// Of equation 7, but for c15.
    hanging: f64,
    ground: Ground,
}

/// Equations 1 and 11.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let below = 8.5 - t.mag;
        let source = c.c1 + c.c2 * t.mag + c.c3 * below * below + c.c10 * t.reverse + c.c11 * t.thrust;
        let [soil, soft, firm] = t.ground.far;
        let mean = source + distance(c, t, below) + c.c12 * soil + c.c13 * soft + c.c14 * firm + c.c15 * t.hanging;
        Estimate::total(mean, c.c16 - if t.mag < 7.4 { 0.07 * t.mag } else { 0.518 })
    }
}

/// Equation 3.
#[inline(always)]
fn distance(c: &Coeffs, t: &Terms, below: f64) -> f64 {
    let [soft, firm] = t.ground.near;
    let near = exp(c.c8 * t.mag + c.c9 * below * below) * (c.c5 + c.c6 * soft + c.c7 * firm);
    0.5 * c.c4 * ln(t.rrup * t.rrup + near * near)
}
