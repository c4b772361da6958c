//! Pictures of seismic hazard, as SVG: hazard curves, spectra, maps, sites and sources, logic trees, magnitude-frequency distributions,
//! contributions of sources, disaggregations. [`png()`] makes a PNG of any of them.
//!
//! The axes, ticks, grids and legends are drawn by `kuva`, whose marks a map or a tree can stand among; PNGs come from `resvg`. Nothing here
//! knows a datastore: callers bring numbers and names. The same input always gives the same bytes. Numbers that are not finite, and those that a
//! logarithmic axis cannot show, are left out.

mod classes;
mod curves;
mod disagg;
mod map;
mod marks;
mod png;
mod rates;
mod ratio;
mod spectra;
mod style;
mod text;
mod tree;
mod world;

pub use self::curves::{CurvesPicture, SiteCurve};
pub use self::disagg::MagDistPicture;
pub use self::map::{DrawnOutline, MapPicture, OutlineKind, PlacesPicture};
pub use self::png::{PNG_SIZE, PngError, png, png_of_size};
pub use self::rates::{RateLine, RatesPicture};
pub use self::ratio::RatioPicture;
pub use self::spectra::{SiteSpectra, SpectraPicture};
pub use self::text::escaped;
pub use self::tree::{DrawnSet, TreePicture};

/// What every picture says of itself.
#[derive(Clone, Debug, Default)]
pub struct Heading {
    /// A name that no other picture on a page has; part of the ids in the SVG.
    pub id: String,
    pub title: String,
    /// What is shown, in one line.
    pub subtitle: String,
}

impl Heading {
    pub fn new(id: impl Into<String>, title: impl Into<String>, subtitle: impl Into<String>) -> Self {
        Self { id: id.into(), title: title.into(), subtitle: subtitle.into() }
    }
}

/// The most sites or sources whose lines one picture shows.
pub const MOST_LINES: usize = 12;
