//! Site amplification of the SERA project: models of another on rock, amplified as design codes do or by a nonlinear term.
//!
//! Pitilakis K., Riga E., Anastasiadis A., Fotopoulou S., Karafagka S., 2018. Towards the revision of EC8: proposal for an
//! alternative site classification scheme and associated intensity dependent spectral amplification factors. Soil Dynamics
//! and Earthquake Engineering 126, 105137, doi:10.1016/j.soildyn.2018.03.030; and of 2020, doi:10.1007/s10518-020-00805-3.
//!
//! CEN, 2018. Eurocode 8: earthquake resistant design of structures, draft revision of part 1, SC8 PT1.
//!
//! Sandıkkaya M.A., Dinsever L.D., 2018. A site amplification model for crustal earthquakes. Geosciences 8(7), 264,
//! doi:10.3390/geosciences8070264.
//!
//! The argument `gmpe_name` names the model on rock, `reference_velocity` the `vs30` of that rock; other arguments are the
//! model's own. Sandıkkaya and Dinsever (2018) take `region` and `phi_0` too. As in the engine, their reference motion of
//! 0.1 g is a number of m/s^2 added to one of g.

use std::sync::{Arc, LazyLock};

use crate::elementary::hypot;
use crate::elementary::scalar::{exp, ln};
use crate::gsim::arguments::Arguments;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_AND_PARTS, TOTAL_ONLY};
use crate::gsim::registry::{Made, Model};
use crate::gsim::{
    Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, StdDev, Trt, Validity,
};

/// Standard gravity, m/s^2.
const G: f64 = 9.80665;

/// With the site classes of Pitilakis et al. (2018).
const PITILAKIS: ModelInfo = ModelInfo {
    name: "PitilakisEtAl2018",
    trt: Trt::Any,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Vs30, Param::Ec8P18],
    std_devs: TOTAL_ONLY,
    component: Component::Horizontal,
    reference: "Pitilakis et al. (2018), Towards the revision of EC8: proposal for an alternative site classification scheme \
                and associated intensity dependent spectral amplification factors, Soil Dynamics and Earthquake Engineering \
                126, 105137",
    doi: Some("10.1016/j.soildyn.2018.03.030"),
    validity: Validity::NOT_STATED,
};

/// With Eurocode 8.
const EUROCODE8: ModelInfo = ModelInfo {
    name: "Eurocode8Amplification",
    params: &[Param::Mag, Param::Vs30, Param::H800],
    reference: "CEN (2018), Eurocode 8: earthquake resistant design of structures, draft revision of part 1, SC8 PT1",
    doi: None,
    ..PITILAKIS
};

const SANDIKKAYA: ModelInfo = ModelInfo {
    name: "SandikkayaDinsever2018",
    params: &[Param::Mag, Param::Vs30, Param::Z1pt0],
    std_devs: TOTAL_AND_PARTS,
    reference: "Sandıkkaya and Dinsever (2018), A site amplification model for crustal earthquakes, Geosciences 8(7), 264",
    doi: Some("10.3390/geosciences8070264"),
    ..PITILAKIS
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: PITILAKIS, make: |info, arguments| spectrum(info, arguments, Code::Classes(&FACTORS_2018)) },
    Model {
        info: ModelInfo { name: "PitilakisEtAl2020", doi: Some("10.1007/s10518-020-00805-3"), ..PITILAKIS },
        make: |info, arguments| spectrum(info, arguments, Code::Classes(&FACTORS_2020)),
    },
    Model { info: EUROCODE8, make: |info, arguments| spectrum(info, arguments, Code::Eurocode8) },
    Model {
        info: ModelInfo {
            name: "Eurocode8AmplificationDefault",
            params: &[Param::Mag, Param::Vs30, Param::Ec8],
            ..EUROCODE8
        },
        make: |info, arguments| spectrum(info, arguments, Code::Eurocode8Default),
    },
    Model { info: SANDIKKAYA, make: nonlinear },
];

/// The model on rock, the `vs30` of the rock, and the parameters of both models.
#[derive(Debug)]
struct OnRock {
    model: Arc<dyn Gsim>,
    vs30: f64,
    params: Vec<Param>,
}

impl OnRock {
    fn read(info: &'static ModelInfo, arguments: &mut Arguments, default_vs30: f64) -> Result<OnRock, GsimError> {
        let name = arguments.needed_text("gmpe_name")?;
        let vs30 = arguments.number_or("reference_velocity", default_vs30)?;
        if vs30 <= 0.0 {
            return Err(arguments.wrong("reference_velocity", &vs30, "a velocity above 0 m/s"));
        }
        let model = arguments.wrapped(&name)?;
        let params = Param::union(model.params(), info.params);
        Ok(OnRock { model, vs30, params })
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        self.model.compute(&ctx.with(Param::Vs30, self.vs30), imts, out);
    }
}

/// The factors at short and at long periods by site class and strength of shaking.
type Factors = [([f64; 6], [f64; 6]); 8];

/// Pitilakis et al. (2018), tables 5 and 6: the classes in the order of the parameter.
static FACTORS_2018: Factors = [
    ([1.0; 6], [1.0; 6]),
    ([1.3, 1.3, 1.2, 1.2, 1.2, 1.2], [1.4, 1.4, 1.4, 1.4, 1.3, 1.3]),
    ([1.4, 1.3, 1.3, 1.2, 1.1, 1.1], [1.6, 1.5, 1.5, 1.5, 1.4, 1.3]),
    ([1.7, 1.6, 1.4, 1.3, 1.3, 1.2], [1.7, 1.6, 1.5, 1.5, 1.4, 1.3]),
    ([1.6, 1.5, 1.3, 1.2, 1.1, 1.0], [2.1, 2.0, 1.9, 1.8, 1.8, 1.7]),
    ([1.8, 1.6, 1.4, 1.2, 1.1, 1.0], [3.2, 3.0, 2.7, 2.5, 2.4, 2.3]),
    ([2.2, 1.9, 1.6, 1.4, 1.2, 1.0], [4.1, 3.8, 3.3, 3.0, 2.8, 2.7]),
    ([1.7, 1.6, 1.6, 1.5, 1.5, 1.5], [1.3, 1.3, 1.2, 1.2, 1.2, 1.2]),
];

/// Pitilakis et al. (2020).
static FACTORS_2020: Factors = [
    ([1.0; 6], [1.0; 6]),
    ([1.3, 1.3, 1.3, 1.2, 1.2, 1.2], [1.1; 6]),
    ([1.3, 1.3, 1.2, 1.2, 1.2, 1.1], [1.4, 1.4, 1.3, 1.3, 1.3, 1.3]),
    ([1.7, 1.7, 1.6, 1.5, 1.5, 1.4], [1.5, 1.5, 1.4, 1.4, 1.4, 1.4]),
    ([1.6, 1.5, 1.3, 1.2, 1.1, 1.0], [2.3, 2.2, 2.0, 1.9, 1.9, 1.8]),
    ([1.7, 1.6, 1.4, 1.2, 1.2, 1.1], [2.4, 2.3, 2.1, 2.0, 2.0, 1.9]),
    ([1.8, 1.7, 1.5, 1.4, 1.3, 1.2], [4.0, 3.5, 3.0, 2.7, 2.4, 2.3]),
    ([1.7, 1.6, 1.6, 1.5, 1.5, 1.4], [1.2, 1.1, 1.1, 1.1, 1.1, 1.1]),
];

/// Where the factors have their values, g; below the second the first holds.
const STRENGTHS: [f64; 6] = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25];

/// Eurocode 8, table 3.4: the factors of the classes A to F.
const DEFAULTS: [[f64; 2]; 6] = [[1.0, 1.0], [1.2, 1.6], [1.35, 2.25], [1.5, 3.20], [1.7, 3.0], [1.35, 4.0]];

/// How amplification depends on the site.
#[derive(Clone, Copy, Debug)]
enum Code {
    /// By the classes of Pitilakis et al. (2018).
    Classes(&'static Factors),
    /// By `vs30` and the depth to rock.
    Eurocode8,
    /// By class alone.
    Eurocode8Default,
}

impl Code {
    /// The factors at short and at long periods, given the accelerations on rock there, g.
    fn factors(self, vs30: f64, site: f64, short: f64, long: f64) -> [f64; 2] {
        let class = site as usize;
        match self {
            Code::Classes(factors) => {
                let Some((fs, fl)) = class.checked_sub(1).and_then(|at| factors.get(at)) else { return [1.0; 2] };
                [at_strength(fs, short), at_strength(fl, short)]
            }
            Code::Eurocode8 => eurocode8(vs30, site, short, long),
            Code::Eurocode8Default => class.checked_sub(1).and_then(|at| DEFAULTS.get(at)).copied().unwrap_or([1.0; 2]),
        }
    }

    /// The parameter of the site that it takes.
    fn param(self) -> Param {
        match self {
            Code::Classes(_) => Param::Ec8P18,
            Code::Eurocode8 => Param::H800,
            Code::Eurocode8Default => Param::Ec8,
        }
    }
}

fn at_strength(factors: &[f64; 6], strength: f64) -> f64 {
    let [.., last] = *factors;
    let pairs = STRENGTHS.windows(2).zip(factors.windows(2)).skip(1);
    let mut inside = pairs.filter(|(s, _)| (s[0]..s[1]).contains(&strength));
    match inside.next() {
        Some((s, f)) => f[0] + (strength - s[0]) * (f[1] - f[0]) / (s[1] - s[0]),
        None if strength < STRENGTHS[1] => factors[0],
        None => last,
    }
}

/// Eurocode 8, table 3.3 with the classes of table 3.1; `h800` is the depth to rock of 800 m/s, m.
fn eurocode8(vs30: f64, h800: f64, short: f64, long: f64) -> [f64; 2] {
    let [alpha, beta] = [short, long].map(|s| 1.0 - 2.0e3 * s * G / (vs30 * vs30));
    let ln_v = ln(vs30 / 800.0);
    let power = |exponent: f64| exp(exponent * ln_v);
    let (soft, thin) = (vs30 < 250.0, h800 <= 30.0);
    if vs30 >= 400.0 {
        if h800 > 5.0 { [power(-0.25 * alpha), power(-0.7 * beta)] } else { [1.0; 2] }
    } else if thin && (soft || h800 > 5.0) {
        let h = h800 / 30.0;
        [power(-0.25 * alpha * h * (4.0 - h800 / 10.0)), power(-0.7 * beta * h)]
    } else if thin {
        [1.0; 2]
    } else if h800 <= 100.0 {
        [power(-0.25 * alpha), power(-0.7 * beta)]
    } else {
        [0.9 * power(-0.25 * alpha), 1.25 * power(-0.7 * beta)]
    }
}

fn spectrum(info: &'static ModelInfo, arguments: &mut Arguments, code: Code) -> Made {
    let rock = OnRock::read(info, arguments, 800.0)?;
    let Some(second) = Imt::sa(1.0) else { return Err(info.not_defined(&Imt::PGA)) };
    for imt in [&Imt::PGA, &second] {
        rock.model.check(imt)?;
    }
    Ok(Arc::new(DesignSpectrum { info, rock, code, second }))
}

/// A model whose `PGA` and spectral acceleration at 1 s on rock are amplified, and make a design spectrum.
#[derive(Debug)]
struct DesignSpectrum {
    info: &'static ModelInfo,
    rock: OnRock,
    code: Code,
    /// SA(1.0)
    second: Imt,
}

impl Gsim for DesignSpectrum {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.rock.params
    }

    fn std_devs(&self) -> &'static [StdDev] {
        self.rock.model.std_devs()
    }

    /// Those of the model, which is computed on rock.
    fn validities(&self) -> Vec<(&'static str, Validity)> {
        self.rock.model.validities().into_iter().map(|(name, validity)| (name, validity.on_any_ground())).collect()
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)?;
        self.rock.model.check(imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let mut on_rock = GroundMotion::default();
        self.rock.compute(ctx, &[Imt::PGA, self.second], &mut on_rock);
        self.rock.compute(ctx, imts, out);
        let [vs30, site] = ctx.columns([Param::Vs30, self.code.param()]);
        for k in 0..ctx.len() {
            let [pga, second] = [0, 1].map(|m| exp(on_rock.mean[on_rock.row(m).start + k]));
            let short = SHORT_OVER_PGA * pga;
            let [of_short, of_long] = self.code.factors(vs30[k], site[k], short, second);
            let spectrum = Spectrum { short: of_short * short, long: of_long * second, long_on_rock: second };
            for (m, imt) in imts.iter().enumerate() {
                let at = out.row(m).start + k;
                out.mean[at] = ln(spectrum.at(imt.period().unwrap_or_default()));
            }
        }
    }
}

/// Acceleration at short periods over `PGA`.
const SHORT_OVER_PGA: f64 = 2.5;

/// A design spectrum: equations 3.11 to 3.15 of Eurocode 8.
struct Spectrum {
    /// g
    short: f64,
    /// At 1 s, g.
    long: f64,
    /// At 1 s on rock, g.
    long_on_rock: f64,
}

impl Spectrum {
    fn at(&self, period: f64) -> f64 {
        const TA: f64 = 0.03;
        if period <= TA {
            return self.short / SHORT_OVER_PGA;
        }
        let tc = self.long / self.short;
        let tb = (tc / 5.0).clamp(0.05, 0.1);
        let td = if self.long_on_rock > 0.1 { 1.0 + 10.0 * self.long_on_rock } else { 2.0 };
        if td < period {
            td * self.long / (period * period)
        } else if tc < period {
            self.long / period
        } else if period <= tb {
            self.short / (tb - TA) * ((period - TA) + (tb - period) / SHORT_OVER_PGA)
        } else {
            self.short
        }
    }
}

coefficients! {
    /// Sandıkkaya and Dinsever (2018), tables 1 and 3.
    struct Coeffs { b1, b3, b2, sigma_s, c0, c2, c1 }
}

coefficients! {
    /// Sandıkkaya and Dinsever (2018), table 2: what is added to b1 in a region.
    struct Regions { ckusnz, ckjp, cktw, ckch, ckwa, ckgrtr, ckwmt, cknwe }
}

coefficients! {
    /// A number for an intensity measure.
    struct Value { value }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("SandikkayaDinsever2018.csv");
static REGIONS: LazyLock<Table<Regions>> = table!("SandikkayaDinsever2018_regions.csv");

/// What a region adds to b1, by its name.
#[derive(Clone, Copy)]
struct Region(&'static str, fn(&Regions) -> f64);

impl std::fmt::Debug for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

fn nonlinear(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let regions = [
        Region("all", |_| 0.0),
        Region("USNZ", |r| r.ckusnz),
        Region("JP", |r| r.ckjp),
        Region("TW", |r| r.cktw),
        Region("CH", |r| r.ckch),
        Region("WA", |r| r.ckwa),
        Region("TRGR", |r| r.ckgrtr),
        Region("WMT", |r| r.ckwmt),
        Region("NWE", |r| r.cknwe),
    ];
    let region = arguments.choice("region", regions.map(|region| (region.0, region)))?;
    let phi_0 = arguments.by_imt("phi_0")?;
    let phi_0 = phi_0.map(|values| Table::of(values.into_iter().map(|(imt, value)| (imt, vec![value])).collect()));
    let rock = OnRock::read(info, arguments, 760.0)?;
    if rock.model.std_devs() != TOTAL_AND_PARTS {
        let (wrapped, reason) = (rock.model.info().name.to_owned(), "it gives the total standard deviation alone");
        return Err(GsimError::Unsuitable { model: info.name, wrapped, reason });
    }
    Ok(Arc::new(SandikkayaDinsever2018 { info, rock, region, phi_0 }))
}

/// Sandıkkaya and Dinsever (2018).
#[derive(Debug)]
struct SandikkayaDinsever2018 {
    info: &'static ModelInfo,
    rock: OnRock,
    region: Region,
    /// The standard deviation within events on rock, in place of 0.85 of the model's.
    phi_0: Option<Table<Value>>,
}

impl Gsim for SandikkayaDinsever2018 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.rock.params
    }

    /// Those of the model, which is computed on rock.
    fn validities(&self) -> Vec<(&'static str, Validity)> {
        self.rock.model.validities().into_iter().map(|(name, validity)| (name, validity.on_any_ground())).collect()
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        self.rock.model.check(imt)?;
        match &self.phi_0 {
            Some(table) if table.get(imt).is_none() => {
                let defined = table.imts().map(Imt::to_string).collect::<Vec<_>>().join(", ");
                Err(GsimError::ImtNotDefined { model: self.info.name, imt: *imt, defined })
            }
            _ => Ok(()),
        }
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        self.rock.compute(ctx, imts, out);
        let [vs30, z1pt0] = ctx.columns([Param::Vs30, Param::Z1pt0]);
        for (m, imt) in imts.iter().enumerate() {
            let (c, b1) = (COEFFS.at(imt), COEFFS.at(imt).b1 + (self.region.1)(&REGIONS.at(imt)));
            let phi_0 = self.phi_0.as_ref().map(|table| table.at(imt).value);
            for k in 0..ctx.len() {
                let at = out.row(m).start + k;
                let rock = exp(out.mean[at]);
                out.mean[at] += amplification(&c, b1, rock, vs30[k], z1pt0[k]);
                let phi_0 = phi_0.unwrap_or(0.85 * out.phi[at]);
                out.phi[at] = hypot(phi_0, site_sigma(&c, rock, vs30[k]));
                out.sig[at] = hypot(out.phi[at], out.tau[at]);
            }
        }
    }
}

/// Equation 9.
fn amplification(c: &Coeffs, b1: f64, rock: f64, vs30: f64, z1pt0: f64) -> f64 {
    const REFERENCE: f64 = 0.1 * G;
    let linear = b1 * ln(vs30.min(1000.0) / 760.0);
    let nonlinear = c.b3 * ln((rock + REFERENCE) / REFERENCE) * exp(-exp(2.0 * ln(vs30) - 11.0));
    linear + c.b2 * ln(z1pt0) + nonlinear
}

/// The standard deviation between sites.
fn site_sigma(c: &Coeffs, rock: f64, vs30: f64) -> f64 {
    let dependence = c.c1 * ln(rock.clamp(0.005, 0.35)) + c.c2 * ln(vs30.clamp(150.0, 600.0));
    c.sigma_s * c.c0 * dependence
}
