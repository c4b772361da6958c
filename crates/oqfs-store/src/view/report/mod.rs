//! `report.html`: one page that tells what a calculation is and shows its hazard, with nothing to load from anywhere.
//!
//! The page has the pictures of `plots/`, and the curves, maps and spectra of sites as numbers, which its script draws with uPlot. It is at
//! most [`MOST`] bytes: of what is more, some sites, realizations and pictures are left out, and the page says so.

mod facts;
mod numbers;
mod page;

use std::sync::Arc;

use self::facts::facts;
use self::numbers::Numbers;
use self::page::{Page, PageParts};
use super::calc::Standing;
use super::plots::{DrawnPicture, PlotSet};
use super::{Error, Result};

/// The most bytes of a page.
pub(super) const MOST: usize = 2_000_000;
/// The bytes of all numbers, and of all pictures, about.
const NUMBERS: usize = 900_000;
const PICTURES: usize = 900_000;

/// What the page says beside what is in the datastore.
#[derive(Clone, Debug, Default)]
pub(super) struct ReportTold {
    pub calc: u32,
    pub standing: Standing,
    /// The warnings of the log.
    pub warnings: Vec<String>,
}

/// The page; of a calculation without a datastore, that it has none yet.
///
/// # Errors
/// If something of the datastore cannot be read.
pub(super) fn report(plots: Option<&Arc<PlotSet>>, told: &ReportTold) -> Result<Vec<u8>> {
    let mut parts = PageParts { told: told.clone(), ..PageParts::default() };
    if let Some(plots) = plots {
        let source = plots.source();
        parts.facts = facts(source)?;
        parts.numbers = Numbers::read(source, NUMBERS)?;
        let mut left = PICTURES;
        for picture in plots.drawn()? {
            let picture = picture?;
            if picture.svg.len() <= left {
                left -= picture.svg.len();
                parts.pictures.push(picture);
            } else {
                parts.left_out.push(picture.name);
            }
        }
    }
    let page = Page::of(parts).map_err(|e| Error::Unsupported(format!("no report can be made: {e}")))?;
    Ok(page.html.into_bytes())
}
