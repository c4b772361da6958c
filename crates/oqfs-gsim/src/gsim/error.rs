//! What can be wrong with a model as it is named or asked for.

use super::Imt;

/// What can be wrong with a model as a logic tree names it, or with what is asked of it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GsimError {
    /// No model has this name.
    #[error("unknown ground-motion model {name:?}; {hint}")]
    UnknownModel {
        /// The name found.
        name: String,
        /// The nearest known names, or where to find all.
        hint: String,
    },
    /// A model of the engine's that is not here.
    #[error("{model}: it is a model of the engine that is not supported: {reason}")]
    Absent {
        /// The model.
        model: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// A conditional model by itself.
    #[error(
        "{model} gives the motion in one intensity measure from that in others, which another model gives; expected it within \
         ModifiableGMPE, as in `conditional_gmpe.IMT.gmpe.{model} = {{}}`"
    )]
    Conditional {
        /// The model.
        model: &'static str,
    },
    /// The text is not `NAME` or `[NAME]` followed by arguments in TOML.
    #[error(
        "cannot read the ground-motion model {found:?}: {reason}; accepted is NAME or [NAME], followed by lines `argument = value`"
    )]
    Syntax {
        /// The first line.
        found: String,
        /// What is wrong with the text.
        reason: String,
    },
    /// An argument that the model does not take.
    #[error("{model} does not take the argument {argument:?}; {hint}accepted are: {accepted}")]
    UnexpectedArgument {
        /// The model.
        model: &'static str,
        /// The name of the argument.
        argument: String,
        /// `did you mean ...? `, or nothing.
        hint: String,
        /// What it takes.
        accepted: String,
    },
    /// An argument without which there is no such model.
    #[error("{model} needs the argument {argument:?}")]
    MissingArgument {
        /// The model.
        model: &'static str,
        /// The name of the argument.
        argument: &'static str,
    },
    /// An argument that the model takes, with a value that it does not.
    #[error("{model}: {argument} = {found}: expected {expected}")]
    WrongArgument {
        /// The model.
        model: &'static str,
        /// The name of the argument.
        argument: String,
        /// The value found.
        found: String,
        /// What is accepted.
        expected: String,
    },
    /// A model of another kind than a wrapper needs.
    #[error("{model} cannot be made of {wrapped}: {reason}")]
    Unsuitable {
        /// The wrapper.
        model: &'static str,
        /// The model it was to be made of.
        wrapped: String,
        /// Why not.
        reason: &'static str,
    },
    /// The model does not define the intensity measure.
    #[error("{model} is not defined for {imt}; accepted are: {defined}")]
    ImtNotDefined {
        /// The model.
        model: &'static str,
        /// The intensity measure asked for.
        imt: Imt,
        /// What the model defines.
        defined: String,
    },
    /// The period is outside the model's table of coefficients.
    #[error("{model} is not defined for {imt}; accepted are periods from {min} to {max} s")]
    PeriodOutOfRange {
        /// The model.
        model: &'static str,
        /// The intensity measure asked for.
        imt: Imt,
        /// The shortest period, s.
        min: f64,
        /// The longest period, s.
        max: f64,
    },
    /// The model is not defined for the ground of a site.
    #[error("{model} is not defined for a vs30 of {vs30} m/s; accepted are {accepted}")]
    Vs30OutOfRange {
        /// The model.
        model: &'static str,
        /// Of the site, m/s.
        vs30: f64,
        /// What the model defines.
        accepted: &'static str,
    },
}
