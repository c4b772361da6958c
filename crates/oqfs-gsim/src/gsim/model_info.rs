//! What is declared of a model.

use super::{GsimError, Imt, ImtKind, Param, Validity};

/// `Debug` of a model without arguments: its name says all. The functions that it holds have other addresses in each process, and
/// what a model says of itself is what its rates are kept under.
macro_rules! debug_as_name {
    (for [$($generics:tt)*] $model:ty) => {
        impl<$($generics)*> std::fmt::Debug for $model {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.info.name)
            }
        }
    };
    ($model:ty) => {
        $crate::gsim::model_info::debug_as_name!(for [] $model);
    };
}
pub(super) use debug_as_name;

macro_rules! named {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// The engine's name.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

named! {
    /// The tectonic region type a model was made for. Source models may use other names: a logic tree may apply any
    /// model to any tectonic region.
    Trt {
        /// Active shallow crust.
        ActiveShallowCrust = "Active Shallow Crust",
        /// Stable continental crust.
        StableShallowCrust = "Stable Shallow Crust",
        /// Volcanic.
        Volcanic = "Volcanic",
        /// The interface of a subduction zone.
        SubductionInterface = "Subduction Interface",
        /// Within the slab of a subduction zone.
        SubductionIntraslab = "Subduction IntraSlab",
        /// Deep earthquakes away from active crust, such as those of Vrancea.
        SubductionDeep = "Deep",
        /// The upper mantle.
        UpperMantle = "Upper Mantle",
        /// Geothermal areas, where earthquakes are induced.
        Geothermal = "Geothermal",
        /// Areas where earthquakes are induced, as by the production of gas.
        Induced = "Induced",
        /// That of the models it is made of.
        Any = "any",
    }
}

named! {
    /// The component of ground motion a model predicts.
    Component {
        /// Geometric mean of the two horizontal components.
        GeometricMean = "Average Horizontal",
        /// Orientation-independent geometric mean over the period range (Boore et al., 2006).
        GmRotI50 = "Average Horizontal (GMRotI50)",
        /// One horizontal component, of arbitrary direction.
        Horizontal = "Horizontal",
        /// That of the models it is made of.
        Any = "any",
        /// The greater of the two horizontal components.
        GreaterHorizontal = "Greater of two horizontal",
        /// One of the two horizontal components, at random.
        RandomHorizontal = "Random horizontal",
        /// Peak of the vector sum of the horizontal components.
        PeakVectorSum = "Peak square root of sum of squares of horizontals",
        /// Vertical.
        Vertical = "Vertical",
        /// Vertical over horizontal.
        VerticalRatio = "Vertical-to-Horizontal Ratio",
        /// Vector sum of the peaks of the horizontal components.
        Vectorial = "Square root of sum of squares of peak horizontals",
        /// Median of the horizontal components.
        MedianHorizontal = "Median horizontal",
        /// Geometric mean of the horizontal components in the most adverse direction.
        GmRotD100 = "Average Horizontal (GMRotD100)",
        /// Maximum over all orientations of the horizontal components.
        RotD100 = "Horizontal Maximum Direction (RotD100)",
        /// Median over all orientations of the horizontal components.
        RotD50 = "Average Horizontal (RotD50)",
    }
}

named! {
    /// A standard deviation of the natural logarithm of ground motion.
    StdDev {
        /// Total, `sig`.
        Total = "Total",
        /// Between events, `tau`.
        BetweenEvent = "Inter event",
        /// Within an event, `phi`.
        WithinEvent = "Intra event",
    }
}

/// The standard deviations of a model that gives the total alone.
pub const TOTAL_ONLY: &[StdDev] = &[StdDev::Total];

/// The standard deviations of a model that gives all.
pub const TOTAL_AND_PARTS: &[StdDev] = &[StdDev::Total, StdDev::BetweenEvent, StdDev::WithinEvent];

/// The declaration of a model.
#[derive(Clone, Debug)]
pub struct ModelInfo {
    /// The name that stands in a logic tree.
    pub name: &'static str,
    /// The tectonic region the model was made for.
    pub trt: Trt,
    /// The kinds of intensity measures it defines.
    pub imts: &'static [ImtKind],
    /// What it needs of the rupture, the site and the distances.
    pub params: &'static [Param],
    /// The standard deviations it gives; [`GroundMotion`](super::GroundMotion) is 0 in the others.
    pub std_devs: &'static [StdDev],
    /// The component of ground motion.
    pub component: Component,
    /// Where the model was published.
    pub reference: &'static str,
    /// The DOI of the publication, if it has one.
    pub doi: Option<&'static str>,
    /// The ranges that it is valid for.
    pub validity: Validity,
}

impl ModelInfo {
    /// Whether the model defines measures of this kind, at whatever period.
    ///
    /// # Errors
    /// [`GsimError::ImtNotDefined`] if not.
    pub fn check_kind(&self, imt: &Imt) -> Result<(), GsimError> {
        if self.imts.contains(&imt.kind()) { Ok(()) } else { Err(self.not_defined(imt)) }
    }

    pub(super) fn not_defined(&self, imt: &Imt) -> GsimError {
        let defined = self.imts.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        GsimError::ImtNotDefined { model: self.name, imt: *imt, defined }
    }
}
