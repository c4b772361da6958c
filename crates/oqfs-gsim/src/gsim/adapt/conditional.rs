//! Conditional models: the motion in one intensity measure follows from that in others, which another model gives.
//!
//! In a logic tree they stand within `ModifiableGMPE`, an intensity measure each:
//!
//! ```toml
//! [ModifiableGMPE]
//! gmpe.AbrahamsonGulerce2020SInter = {}
//! conditional_gmpe.IA.gmpe.MacedoEtAl2019SInter = {region = "Japan"}
//! ```

use crate::gsim::arguments::{Arguments, NO_FILES};
use crate::gsim::registry::{self, Made};
use crate::gsim::{Contexts, GroundMotion, Gsim, GsimError, Imt, ModelInfo, Param, Validity};

/// A model whose motion follows from that of another.
pub(in crate::gsim) trait Conditional: Send + Sync + std::fmt::Debug {
    /// What is declared of it.
    fn info(&self) -> &'static ModelInfo;

    /// The intensity measures that its own follows from.
    fn given(&self) -> &[Imt];

    /// The ln-mean, sigma, tau and phi of the `k`-th context. `given` has a row for each of the intensity measures [`Conditional::given`].
    fn motion(&self, ctx: &Contexts, given: &GroundMotion, k: usize) -> [f64; 4];
}

/// A conditional model, or what is wrong with its arguments.
pub(in crate::gsim) type MadeConditional = Result<Box<dyn Conditional>, GsimError>;

/// A name of a conditional model, and how to make it from its declaration and its arguments.
pub(in crate::gsim) type Maker = (&'static str, fn(&'static ModelInfo, &mut Arguments) -> MadeConditional);

/// The conditional models.
static MAKERS: &[&[Maker]] =
    &[crate::gsim::crustal::abrahamson_bhasin_2020::MAKERS, crate::gsim::subduction::macedo_2019::MAKERS];

/// What a conditional model is by itself: an error.
pub(in crate::gsim) fn alone(info: &'static ModelInfo, _: &mut Arguments) -> Made {
    Err(GsimError::Conditional { model: info.name })
}

/// Conditional models by the intensity measures that they are for.
#[derive(Debug)]
pub(in crate::gsim) struct Conditionals(Vec<(Imt, Box<dyn Conditional>)>);

impl Conditionals {
    /// Those of the argument `conditional_gmpe`: of each intensity measure `gmpe` with one model.
    pub(in crate::gsim) fn read(method: &'static str, arguments: &mut Arguments) -> Result<Conditionals, GsimError> {
        let by_imt = arguments.rest();
        if by_imt.is_empty() {
            return Err(arguments.wrong(method, &"{}", "a model for each of some intensity measures"));
        }
        let one = |(name, value): (String, toml::Value)| {
            let imt = Imt::parse(&name).map_err(|e| arguments.wrong(method, &name, e.to_string()))?;
            let expected = "one conditional model with its arguments, as in `IA.gmpe.MacedoEtAl2019SInter = {}`";
            let wrong = || arguments.wrong(&name, &value, expected);
            let mut inside = value.as_table().filter(|table| table.len() == 1).ok_or_else(wrong)?.iter();
            let Some((_, toml::Value::Table(model))) = inside.next().filter(|(key, _)| *key == "gmpe") else {
                return Err(wrong());
            };
            let mut models = model.iter();
            let (Some((model, toml::Value::Table(values))), None) = (models.next(), models.next()) else {
                return Err(wrong());
            };
            let Some((model, make)) = MAKERS.iter().copied().flatten().find(|(known, _)| known == model) else {
                let known: Vec<&str> = MAKERS.iter().copied().flatten().map(|(known, _)| *known).collect();
                return Err(arguments.wrong(&name, model, format!("a conditional model, one of {}", known.join(", "))));
            };
            let mut arguments = Arguments::new(model, values.clone(), NO_FILES);
            let made = make(registry::info(model)?, &mut arguments)?;
            arguments.finish()?;
            made.info().check_kind(&imt)?;
            Ok((imt, made))
        };
        by_imt.into_iter().map(one).collect::<Result<_, _>>().map(Conditionals)
    }

    fn get(&self, imt: &Imt) -> Option<&dyn Conditional> {
        self.0.iter().find(|(known, _)| known == imt).map(|(_, model)| &**model)
    }

    /// What they need beside what the other model needs.
    pub(in crate::gsim) fn params(&self) -> impl Iterator<Item = Param> {
        self.0.iter().flat_map(|(_, model)| model.info().params).copied()
    }

    /// Their names, with the ranges that each is valid for.
    pub(in crate::gsim) fn validities(&self) -> impl Iterator<Item = (&'static str, Validity)> {
        self.0.iter().map(|(_, model)| (model.info().name, model.info().validity))
    }

    /// The other model has to define an intensity measure, or all that its conditional model needs.
    pub(in crate::gsim) fn check(&self, other: &dyn Gsim, imt: &Imt) -> Result<(), GsimError> {
        match self.get(imt) {
            Some(model) => model.given().iter().try_for_each(|given| other.check(given)),
            None => other.check(imt),
        }
    }

    /// What the other model gives of the intensity measures that no conditional model is for. The rows of the rest are unspecified.
    pub(in crate::gsim) fn compute_others(
        &self,
        other: &dyn Gsim,
        ctx: &Contexts,
        imts: &[Imt],
        out: &mut GroundMotion,
    ) {
        let places: Vec<usize> = (0..imts.len()).filter(|&m| self.get(&imts[m]).is_none()).collect();
        let own: Vec<Imt> = places.iter().map(|&m| imts[m]).collect();
        let mut found = GroundMotion::default();
        if !own.is_empty() {
            other.compute(ctx, &own, &mut found);
        }
        out.resize(imts.len(), ctx.len());
        for (from, &m) in places.iter().enumerate() {
            let (from, to) = (found.row(from), out.row(m));
            out.mean[to.clone()].copy_from_slice(&found.mean[from.clone()]);
            out.sig[to.clone()].copy_from_slice(&found.sig[from.clone()]);
            out.tau[to.clone()].copy_from_slice(&found.tau[from.clone()]);
            out.phi[to].copy_from_slice(&found.phi[from]);
        }
    }

    /// The mean, sigma, tau and phi of an intensity measure, if a conditional model is for it. `other` gives what it follows
    /// from for the contexts `there`, whose ground may be another than that of `ctx`.
    pub(in crate::gsim) fn apply(
        &self,
        imt: &Imt,
        ctx: &Contexts,
        (other, there): (&dyn Gsim, &Contexts),
        [mean, sig, tau, phi]: [&mut [f64]; 4],
    ) {
        let Some(model) = self.get(imt) else { return };
        let mut given = GroundMotion::default();
        other.compute(there, model.given(), &mut given);
        for k in 0..ctx.len() {
            [mean[k], sig[k], tau[k], phi[k]] = model.motion(ctx, &given, k);
        }
    }
}
