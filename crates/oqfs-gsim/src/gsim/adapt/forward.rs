//! What a model of another model does not change.

/// In an implementation of [`Gsim`](crate::gsim::Gsim): the methods that are those of the model in a field,
/// `forward!(model: info, check)`.
macro_rules! forward {
    ($field:ident: $($method:ident),+) => { $($crate::gsim::adapt::forward::forward_one! { $method $field })+ };
}

/// One method of [`forward!`].
macro_rules! forward_one {
    (info $field:ident) => {
        fn info(&self) -> &$crate::gsim::ModelInfo {
            self.$field.info()
        }
    };
    (params $field:ident) => {
        fn params(&self) -> &[$crate::gsim::Param] {
            self.$field.params()
        }
    };
    (std_devs $field:ident) => {
        fn std_devs(&self) -> &'static [$crate::gsim::StdDev] {
            self.$field.std_devs()
        }
    };
    (component $field:ident) => {
        fn component(&self) -> $crate::gsim::Component {
            self.$field.component()
        }
    };
    (check $field:ident) => {
        fn check(&self, imt: &$crate::gsim::Imt) -> Result<(), $crate::gsim::GsimError> {
            self.$field.check(imt)
        }
    };
    (check_vs30 $field:ident) => {
        fn check_vs30(&self, vs30: f64) -> Result<(), $crate::gsim::GsimError> {
            self.$field.check_vs30(vs30)
        }
    };
    (infers_depths $field:ident) => {
        fn infers_depths(&self) -> bool {
            self.$field.infers_depths()
        }
    };
    (validities $field:ident) => {
        fn validities(&self) -> Vec<(&'static str, $crate::gsim::Validity)> {
            self.$field.validities()
        }
    };
    (outside $field:ident) => {
        fn outside(&self, ctx: &$crate::gsim::Contexts, at: usize) -> Option<String> {
            self.$field.outside(ctx, at)
        }
    };
    (compute $field:ident) => {
        fn compute(
            &self,
            ctx: &$crate::gsim::Contexts,
            imts: &[$crate::gsim::Imt],
            out: &mut $crate::gsim::GroundMotion,
        ) {
            self.$field.compute(ctx, imts, out);
        }
    };
}

pub(in crate::gsim) use {forward, forward_one};
