//! Rates of exceedance kept in the data directory, for a calculation that is run again and for jobs that share groups.

use std::sync::atomic::{AtomicBool, Ordering};

use super::reporter::WorkLog;
use super::space::free;
use crate::calc::{BUILD, BlockRates, Digest, Model, RateStore, Summary};
use crate::datastore::{CalcFolder, Error, KeptFiles, Share};

/// Rates take no more than this, bytes, nor more than a tenth of what is free: room for those of a large job, some thousands of pieces.
const MOST: f64 = (1u64 << 33) as f64;

/// The rates kept in a data directory, as a calculation uses them. What is wrong with them costs time alone: it is said in the
/// log.
pub struct KeptRates<'a> {
    files: KeptFiles,
    log: &'a WorkLog,
    /// Whether something could not be kept; it is said once.
    is_told: AtomicBool,
}

impl<'a> KeptRates<'a> {
    /// For the calculation in a folder, in whose log is told what is wrong with them.
    pub fn new(folder: &CalcFolder, log: &'a WorkLog) -> KeptRates<'a> {
        let files = files(folder);
        if let Some(bytes) = files.left_by_others() {
            let message = format!("{:.1} MB of rates that another build of oqfs kept are not used", bytes as f64 / 1e6);
            log.say(log::Level::Info, &message);
        }
        KeptRates { files, log, is_told: AtomicBool::new(false) }
    }
}

/// The files of rates for the calculation in a folder.
fn files(folder: &CalcFolder) -> KeptFiles {
    let most = free(&folder.path()).map_or(MOST, |free| MOST.min(free / 10.0)) as u64;
    KeptFiles::new(folder.dir().clone(), BUILD, most)
}

/// Keep the pieces of shared work, which is complete, for later calculations.
///
/// # Errors
/// If that is not possible; what was kept until then is.
pub fn adopt(share: &Share) -> Result<(), Error> {
    let files = files(share.folder());
    share.kept()?.iter().try_for_each(|name| files.adopt(name, &share.piece_file(name)))
}

impl RateStore for KeptRates<'_> {
    fn get(&self, block: &Digest) -> Option<BlockRates> {
        let name = block.to_hex();
        match self.files.get(&name) {
            Ok(bytes) => decoded(&bytes?),
            Err(error) => {
                self.log.say(log::Level::Warn, &format!("{error}: computed again"));
                None
            }
        }
    }

    fn put(&self, block: &Digest, rates: &BlockRates) {
        if let Err(error) = self.files.put(&block.to_hex(), &encoded(rates))
            && !self.is_told.swap(true, Ordering::Relaxed)
        {
            self.log.say(log::Level::Warn, &format!("rates cannot be kept for later: {error}"));
        }
    }
}

/// Lines for the log: what did not have to be computed, by group and model.
pub fn reused(model: &Model, summary: &Summary) -> Vec<String> {
    let mut lines = Vec::new();
    let mut pairs = summary.reused.iter();
    for (g, (group, contexts)) in model.groups.iter().zip(&summary.contexts).enumerate() {
        let all: u64 = contexts.iter().sum();
        let of_group: Vec<_> = model.tree.gsims.models(group.trt_index).iter().zip(pairs.by_ref()).collect();
        let said = of_group.iter().filter(|(_, reused)| **reused > 0).map(|(branch, reused)| {
            let percent = 100.0 * **reused as f64 / all as f64;
            format!("{} {}%", branch.name.lines().next().unwrap_or_default(), percent.floor())
        });
        let said: Vec<String> = said.collect();
        if !said.is_empty() {
            lines.push(format!("reused of source group {g} ({}): {}", group.trt, said.join(", ")));
        }
    }
    lines
}

/// Little-endian numbers of 8 bytes each: the length of the contexts and they, the length of the models, and of each its
/// digest, the length of its rates and they; the length of the mean rates by source, and of each the place of its name, the length of its
/// rates and they.
pub(super) fn encoded(rates: &BlockRates) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut add = |number: u64| bytes.extend(number.to_le_bytes());
    add(rates.contexts.len() as u64);
    for &(source, n) in &rates.contexts {
        add(source as u64);
        add(n);
    }
    add(rates.by_model.len() as u64);
    let add_rates = |bytes: &mut Vec<u8>, rates: &[f64]| {
        bytes.extend((rates.len() as u64).to_le_bytes());
        bytes.extend(rates.iter().flat_map(|rate| rate.to_le_bytes()));
    };
    for (digest, rates) in &rates.by_model {
        bytes.extend(digest.as_bytes());
        add_rates(&mut bytes, rates);
    }
    bytes.extend((rates.by_source.len() as u64).to_le_bytes());
    for (name, rates) in &rates.by_source {
        bytes.extend((*name as u64).to_le_bytes());
        add_rates(&mut bytes, rates);
    }
    bytes
}

/// What was [`encoded`]; `None` if the bytes are not that.
pub(super) fn decoded(mut bytes: &[u8]) -> Option<BlockRates> {
    let rest = &mut bytes;
    let mut found = BlockRates::default();
    for _ in 0..number(rest)? {
        found.contexts.push((usize::try_from(number(rest)?).ok()?, number(rest)?));
    }
    for _ in 0..number(rest)? {
        let (digest, others) = rest.split_first_chunk()?;
        *rest = others;
        found.by_model.push((Digest::from_bytes(*digest), numbers(rest)?));
    }
    for _ in 0..number(rest)? {
        found.by_source.push((usize::try_from(number(rest)?).ok()?, numbers(rest)?));
    }
    rest.is_empty().then_some(found)
}

fn numbers(bytes: &mut &[u8]) -> Option<Vec<f64>> {
    let length = usize::try_from(number(bytes)?).ok()?.checked_mul(size_of::<f64>())?;
    let (numbers, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(numbers.as_chunks().0.iter().map(|number| f64::from_le_bytes(*number)).collect())
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_kept_to_the_bit_and_nothing_else_is_taken_for_them() {
        let digest = |n: u8| Digest::from_bytes([n; 32]);
        let rates = BlockRates {
            contexts: vec![(0, 7), (12, 3)],
            by_model: vec![(digest(1), vec![0.1, f64::MIN_POSITIVE, -0.0]), (digest(2), vec![])],
            by_source: vec![(3, vec![0.2, 0.3]), (0, vec![])],
        };
        let bytes = encoded(&rates);
        assert_eq!(decoded(&bytes), Some(rates));
        for length in 0..bytes.len() {
            assert_eq!(decoded(&bytes[..length]), None, "{length}");
        }
        assert_eq!(decoded(&[&bytes[..], &[0]].concat()), None);
    }
}
