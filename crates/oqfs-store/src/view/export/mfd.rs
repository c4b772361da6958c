//! `event_based_mfd_N.csv`: the annual frequency of each magnitude among the events.

use std::collections::BTreeMap;
use std::ops::Range;

use super::format::{Comment, scientific};
use super::{Calculation, Exports, add, csv_writer, write_head};
use crate::schema::WEIGHTS;
use crate::view::results::column::{ArrayColumn, places};
use crate::view::source::ViewSource;
use crate::view::table::Rows;
use crate::view::{Error, Result};

/// The ruptures that are read at a time.
const PART: u64 = 1 << 16;

/// The file, if there are ruptures and a time.
pub(super) fn export(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let column = |name: &str| -> Result<Option<ArrayColumn>> {
        let all = ArrayColumn::find(source, "ruptures", Some(name))?;
        all.map_or_else(|| ArrayColumn::find(source, "filtered_ruptures", Some(name)), |column| Ok(Some(column)))
    };
    let (Some(mags), Some(events)) = (column("mag")?, column("n_occ")?) else { return Ok(()) };
    let weights = ArrayColumn::find(source, WEIGHTS.key, None)?.map(|weights| weights.count as f64);
    let samples = calculation.job.number("number_of_logic_tree_samples").filter(|samples| *samples > 0.0);
    let (Some(realizations), Some(time)) = (samples.or(weights), calculation.job.number("investigation_time")) else {
        return Ok(());
    };
    let sets = calculation.job.number("ses_per_logic_tree_path").unwrap_or(1.0);
    let (comment, years) = (calculation.comment.clone(), time * sets * realizations);
    add(source, files, calculation.file_name("event_based_mfd"), Frequencies { comment, mags, events, years });
    Ok(())
}

/// A row a magnitude, all made at once: how many there are shows when the ruptures are read.
#[derive(Debug)]
struct Frequencies {
    comment: Comment,
    mags: ArrayColumn,
    events: ArrayColumn,
    /// What the events happen in.
    years: f64,
}

impl Frequencies {
    /// The number of events by magnitude, in tenths.
    fn counts(&self) -> Result<BTreeMap<i64, u64>> {
        let mut counts = BTreeMap::new();
        for start in (0..self.mags.count).step_by(PART as usize) {
            let part = start..self.mags.count.min(start + PART);
            for (mag, n) in self.mags.numbers(part.clone())?.into_iter().zip(places(&self.events.cells(part)?)?) {
                // Rounded in single precision, half to even.
                let count = counts.entry((mag as f32 * 10.0).round_ties_even() as i64).or_insert(0u64);
                *count = count.saturating_add(n);
            }
        }
        Ok(counts)
    }
}

impl Rows for Frequencies {
    fn count(&self) -> u64 {
        1
    }

    fn width(&self) -> u64 {
        2
    }

    fn write(&self, _: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let mut writer = csv_writer(text);
        write_head(&mut writer, &self.comment, &["mag", "freq"])?;
        for (tenths, n) in self.counts()? {
            let mag = tenths as f64 / 10.0;
            writer.write_record([scientific(mag, 7, false), scientific(n as f64 / self.years, 7, false)])?;
        }
        writer.flush().map_err(Error::Io)
    }
}
