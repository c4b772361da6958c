//! `disagg_summary_N.csv`: the mean and the modal magnitude, distance and epsilon of a disaggregation. The engine has no such file.
//!
//! A bin stands for its middle and weighs by its rate; the mode is the bin of the largest rate. They are those of the mean over the realizations,
//! or of the realization that is nearest to it.

use std::ops::Range;

use super::format::{Comment, scientific};
use super::{Calculation, Exports, add, table_writer};
use crate::schema::{DISAGG_LEVELS, DISAGG_RLZS, DISAGG_STATS};
use crate::view::results::column::ArrayColumn;
use crate::view::results::{Disaggregated, Sites, centers};
use crate::view::source::ViewSource;
use crate::view::table::Rows;
use crate::view::{Error, Result};

/// The arrays that it is made of, the better ones first.
const ARRAYS: [&str; 2] = ["Mag_Dist_Eps", "Mag_Dist"];
/// What each has bins of.
const AXES: [&str; 3] = ["mag", "dist", "eps"];

/// The file, if there is a disaggregation by magnitude and distance.
pub(super) fn export(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(sites) = Sites::find(source)? else { return Ok(()) };
    let Some(levels) = ArrayColumn::find(source, DISAGG_LEVELS, None)? else { return Ok(()) };
    let imts: Vec<String> = calculation.job.imts().into_iter().map(String::from).collect();
    let poes = calculation.job.numbers("poes");
    let extents = [sites.count as usize, imts.len(), poes.len().max(1)];
    for labels in ARRAYS {
        for group in [DISAGG_STATS, DISAGG_RLZS] {
            let Some(array) = Disaggregated::find(source, group, labels, extents)? else { continue };
            let comment = calculation.with_time(calculation.comment.clone());
            let axes = labels.split('_').count();
            let rows = Summary { comment, sites, levels, imts, poes, array, axes };
            add(source, files, calculation.file_name("disagg_summary"), rows);
            return Ok(());
        }
    }
    Ok(())
}

/// A row a site, intensity measure and probability.
#[derive(Debug)]
struct Summary {
    comment: Comment,
    sites: Sites,
    levels: ArrayColumn,
    imts: Vec<String>,
    /// None of a disaggregation at a level.
    poes: Vec<f64>,
    array: Disaggregated,
    /// How many of [`AXES`] there are.
    axes: usize,
}

impl Summary {
    fn header(&self) -> Vec<String> {
        let names = ["site_id", "lon", "lat", "imt", "iml", "poe"].map(String::from).into_iter();
        let of = |which: &'static str| AXES[..self.axes].iter().map(move |axis| format!("{axis}_{which}"));
        names.chain(of("mean")).chain(of("mode")).collect()
    }

    /// The means and the modes at a site; `None` if nothing exceeds the level.
    fn summed(&self, site: usize, imt: usize, poe: usize) -> Result<Option<(Vec<f64>, Vec<f64>)>> {
        let rates = self.array.rates(site, imt, poe)?;
        let middles: Vec<Vec<f64>> = self.array.bounds.iter().map(|bounds| bounds.middles(site)).collect();
        Ok(centers(&middles, &rates).map(|(means, modes, _)| (means, modes)))
    }
}

impl Rows for Summary {
    fn count(&self) -> u64 {
        self.sites.count * (self.imts.len() * self.poes.len().max(1)) as u64
    }

    fn width(&self) -> u64 {
        self.header().len() as u64
    }

    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let mut writer = table_writer(text, &rows, &self.comment, &self.header())?;
        let poes = self.poes.len().max(1);
        for row in rows {
            let (group, p) = (row as usize / poes, row as usize % poes);
            let (site, m) = (group / self.imts.len(), group % self.imts.len());
            let Some((means, modes)) = self.summed(site, m, p)? else { continue };
            let position = self.sites.positions(site as u64..site as u64 + 1)?;
            let level = self.levels.numbers(row..row + 1)?;
            let mut record = vec![site.to_string()];
            record
                .extend(position.iter().flat_map(|place| [place[0], place[1]]).map(|degrees| format!("{degrees:.5}")));
            record.push(self.imts[m].clone());
            record.extend(level.iter().map(|level| scientific(*level, 5, true)));
            record.push(self.poes.get(p).map_or_else(String::new, |poe| scientific(*poe, 5, true)));
            record.extend(means.iter().chain(&modes).map(|value| scientific(*value, 5, true)));
            writer.write_record(record)?;
        }
        writer.flush().map_err(Error::Io)
    }
}
