//! Models that stand for several: the average of their probabilities of exceedance is meant.

use std::sync::Arc;

use crate::gsim::adapt::forward::forward;
use crate::gsim::arguments::{Arguments, NO_FILES};
use crate::gsim::registry::Made;
use crate::gsim::{Contexts, GroundMotion, Gsim, Imt};

/// Parts with their weights, and the model to be shown for all of them.
#[derive(Debug)]
struct Mixture {
    model: Arc<dyn Gsim>,
    parts: Vec<(f64, Arc<dyn Gsim>)>,
}

/// What is `model` to who asks for ground motion, and the average of `parts` where probabilities are wanted. `model`
/// requires what they require.
pub(in crate::gsim) fn of(model: Arc<dyn Gsim>, parts: Vec<(f64, Arc<dyn Gsim>)>) -> Arc<dyn Gsim> {
    Arc::new(Mixture { model, parts })
}

/// The mixture of a model with several standard deviations: the argument `mixture_model` of any model, with lists of
/// `factors` and of as many `weights`.
pub(in crate::gsim) fn of_sigmas(model: Arc<dyn Gsim>, values: toml::Table) -> Made {
    let mut arguments = Arguments::new("mixture_model", values, NO_FILES);
    let (factors, weights) = (arguments.numbers("factors")?, arguments.numbers("weights")?);
    if factors.len() != weights.len() {
        let found = format!("{} numbers", weights.len());
        return Err(arguments.wrong("weights", &found, format!("as many as there are factors, {}", factors.len())));
    }
    arguments.finish()?;
    let scaled = |factor: f64| -> Arc<dyn Gsim> { Arc::new(ScaledSigma { model: model.clone(), factor }) };
    let parts = weights.into_iter().zip(factors.into_iter().map(scaled)).collect();
    Ok(of(model, parts))
}

impl Gsim for Mixture {
    forward!(model: info, validities, params, std_devs, component, check, check_vs30, infers_depths, outside, compute);

    fn parts(&self) -> &[(f64, Arc<dyn Gsim>)] {
        &self.parts
    }
}

/// A model with its total standard deviation multiplied.
#[derive(Debug)]
struct ScaledSigma {
    model: Arc<dyn Gsim>,
    factor: f64,
}

impl Gsim for ScaledSigma {
    forward!(model: info, validities, params, component, check, check_vs30, infers_depths, outside);

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        self.model.compute(ctx, imts, out);
        out.sig.iter_mut().for_each(|sig| *sig *= self.factor);
    }
}

#[cfg(test)]
mod tests {
    use crate::gsim::by_name;

    const MIXTURE: &str = "mixture_model.factors = [0.8, 1.2]\nmixture_model.weights = [0.5, 0.5]";

    #[test]
    fn a_modified_model_is_a_mixture_too() {
        for before in [
            "[BooreAtkinson2008]",
            "[ModifiableGMPE]\ngmpe.BooreAtkinson2008 = {}\nset_between_epsilon.epsilon_tau = 1",
        ] {
            let model = by_name(&format!("{before}\n{MIXTURE}")).unwrap();
            assert_eq!(model.parts().iter().map(|(weight, _)| *weight).collect::<Vec<_>>(), [0.5, 0.5], "{before}");
        }
    }

    #[test]
    fn a_mixture_within_a_modified_model_is_refused() {
        let within = "[ModifiableGMPE]\ngmpe.BooreAtkinson2008.mixture_model = {factors = [1], weights = [1]}";
        let said = by_name(within).unwrap_err().to_string();
        assert!(said.contains("mixture_model beside gmpe"), "{said}");
    }
}
