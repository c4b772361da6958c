//! `report.html`: one page that tells what a calculation is and shows its hazard, with nothing to load from anywhere.
//!
//! The page has the pictures of `plots/`, and the curves, maps and spectra of sites as numbers, which its script draws with uPlot. It is at
//! most [`MOST`] bytes: of what is more, some sites, realizations and pictures are left out, and the page says so.

mod facts;
mod log;
mod numbers;
mod page;

use std::sync::Arc;

use self::facts::facts;
pub(super) use self::log::warnings;
use self::numbers::Numbers;
use self::page::{Page, PageParts};
use super::plots::PlotSet;
use super::standing::Standing;
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
        // what cannot be read is no reason to leave out the rest
        let wrong = |what: &str, e: Error| format!("{what} cannot be read: {e}");
        match facts(plots.source()) {
            Ok((description, facts)) => {
                parts.facts = facts;
                let told = &mut parts.told.standing.job.description;
                if told.is_empty() {
                    *told = description;
                }
            }
            Err(e) => parts.numbers.notes.push(wrong("The job", e)),
        }
        match Numbers::read(plots.source(), NUMBERS) {
            Ok(numbers) => parts.numbers = numbers,
            Err(e) => parts.numbers.notes.push(wrong("The hazard of sites", e)),
        }
        draw(plots, &mut parts)?;
    }
    let page = Page::of(parts).map_err(|e| Error::Unsupported(format!("no report can be made: {e}")))?;
    Ok(page.html.into_bytes())
}

/// Draws pictures as long as there is room. What follows some that are too large is not drawn to see whether it is.
fn draw(plots: &PlotSet, parts: &mut PageParts) -> Result<()> {
    const TOO_LARGE: usize = 3;
    let (mut left, mut too_large) = (PICTURES, 0);
    for offered in plots.offered()? {
        let name = offered.name.to_string();
        if too_large >= TOO_LARGE {
            parts.left_out.push(name);
            continue;
        }
        match offered.draw() {
            Ok(svg) if svg.len() <= left => {
                left -= svg.len();
                parts.pictures.push(DrawnPicture { name, svg, is_map: offered.is_map });
            }
            Ok(_) => {
                too_large += 1;
                parts.left_out.push(name);
            }
            Err(e) => parts.numbers.notes.push(format!("{name} cannot be drawn: {e}")),
        }
    }
    Ok(())
}

/// A picture of the page.
struct DrawnPicture {
    name: String,
    svg: String,
    is_map: bool,
}
