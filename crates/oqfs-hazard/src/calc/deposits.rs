//! Contexts of equal scatter, deposited until there are enough of them to compute their levels together.
//!
//! Many models give one standard deviation for all contexts, or one for each magnitude. A [`Column`] sums up the moments of such
//! contexts ([`super::moments`]), by site, and makes rates of them in the end; those of any other scatter are computed one by one.
//! What it does depends on the contexts of a piece alone, in their order: never on time, threads or other models.

use super::exceedance::{Exceedance, Motions, PaddedLevels};
use super::moments::{Bins, Moments};
use crate::vector::Vectorised;

/// With fewer levels a context by itself costs next to nothing.
const FEWEST_LEVELS: usize = 16;

/// Contexts of a scatter are deposited from so many a site on: fewer would be alone in their bins.
const ENOUGH: usize = 12;

/// Different scatters that are counted; a model with more has one for each context.
const MOST_SCATTERS: usize = 64;

/// Room for each site of a tile: rows of moments, and places in the table that leads to them.
const ROWS: usize = 64;
const PLACES: usize = 1024;

/// A tile has room for so many sites at least: for a batch of contexts.
const FEWEST_SITES: usize = 32;

/// Bytes that a column of so many levels takes for each site, about: some of its rows stay empty.
pub fn bytes_of_site(levels: usize) -> f64 {
    let most = ROWS * size_of::<Moments>() + PLACES * size_of::<u32>();
    if levels < FEWEST_LEVELS { 0.0 } else { most as f64 / 2.0 }
}

/// Contexts whose rows are found before any is changed: the processor fetches several rows at once.
const TOGETHER: usize = 64;

/// What was deposited has to have shared its rows with so many contexts, or no more is.
const WORTH: usize = 4;

/// Motions by one model in one intensity measure at the sites of a tile.
#[derive(Debug, Default)]
pub struct Column {
    /// The scatters that were seen, with the number of contexts.
    seen: Vec<(f64, usize)>,
    slots: Vec<Slot>,
    rows: Vec<Moments>,
    /// How many contexts the rows are of.
    deposited: usize,
    /// Whether it does not pay.
    is_off: bool,
    /// Whether contexts are deposited from the first one on, because many follow.
    pub expects_many: bool,
}

/// The contexts of one scatter.
#[derive(Debug)]
struct Slot {
    bins: Bins,
    /// The row of each bin at each site, (T, bins): one more than its place; 0 if it has none yet.
    places: Vec<u32>,
}

/// What levels are of, and where their sums are.
pub struct Destination<'a> {
    /// The probability of exceeding a level.
    pub exceedance: &'a Exceedance,
    /// The levels.
    pub levels: &'a PaddedLevels,
    /// The number of sites.
    pub sites: usize,
    /// From the sums of one site to those of the next.
    pub stride: usize,
    /// The sums: those of a site are `stride` times its place further on.
    pub sums: &'a mut [f64],
}

impl Column {
    /// Take contexts; `site` is the place of each one's site in the tile.
    pub fn add(&mut self, motions: Motions, site: &[u32], target: &mut Destination) {
        if self.is_off || target.levels.count() < FEWEST_LEVELS {
            return target.add(motions);
        }
        // the contexts up to here are done
        let (mut done, mut start) = (0, 0);
        for run in motions.sigma.chunk_by(|a, b| a == b) {
            let range = start..start + run.len();
            start = range.end;
            if let Some(slot) = self.slot(run[0], run.len(), target) {
                target.add(motions.part(done..range.start));
                done = range.end;
                self.deposit(slot, motions.part(range.clone()), &site[range], target);
            }
            if self.is_off {
                break;
            }
        }
        target.add(motions.part(done..site.len()));
    }

    /// Make rates of all that was deposited.
    pub fn finish(&mut self, target: &mut Destination) {
        self.deposited = 0;
        if self.rows.is_empty() {
            // of many small sources that count by themselves most leave nothing
            return;
        }
        for slot in &mut self.slots {
            let bins = slot.bins.len();
            for (site, places) in slot.places.chunks_exact_mut(bins).enumerate() {
                let filled = places.iter().enumerate().filter(|(_, place)| **place > 0);
                let filled = filled.map(|(bin, place)| (bin, &self.rows[*place as usize - 1]));
                let sums = &mut target.sums[site * target.stride..][..target.levels.count()];
                slot.bins.accumulate(target.exceedance, target.levels, filled, sums);
                places.fill(0);
            }
        }
        self.rows.clear();
    }

    /// Where contexts of one scatter are deposited, if they are; `count` more have come.
    fn slot(&mut self, sigma: f64, count: usize, target: &mut Destination) -> Option<usize> {
        if let Some(slot) = self.slots.iter().position(|slot| slot.bins.sigma == sigma) {
            return Some(slot);
        }
        let place = self.seen.iter().position(|(of, _)| *of == sigma).unwrap_or(self.seen.len());
        if place == MOST_SCATTERS {
            self.is_off = self.slots.is_empty();
            return None;
        }
        if place == self.seen.len() {
            self.seen.push((sigma, 0));
        }
        self.seen[place].1 += count;
        if !self.expects_many && self.seen[place].1 < ENOUGH * target.sites {
            return None;
        }
        let bins = Bins::new(target.levels, target.exceedance, sigma).filter(|bins| bins.len() <= PLACES);
        let Some(bins) = bins else {
            // it is not tried again with each context
            self.seen[place].1 = 0;
            return None;
        };
        if self.slots.iter().map(|slot| slot.bins.len()).sum::<usize>() + bins.len() > PLACES {
            self.empty(target);
            self.slots.clear();
            self.seen.clear();
        }
        self.slots.push(Slot { places: vec![0; target.sites * bins.len()], bins });
        (!self.is_off).then_some(self.slots.len() - 1)
    }

    fn deposit(&mut self, slot: usize, motions: Motions, site: &[u32], target: &mut Destination) {
        if self.rows.len() + site.len() > ROWS * target.sites.max(FEWEST_SITES) {
            self.empty(target);
        }
        let Slot { bins, places } = &mut self.slots[slot];
        Deposit { bins, motions, site, places, rows: &mut self.rows }.vectorised();
        self.deposited += site.len();
    }

    /// The same as [`Self::finish`] for want of room, which must not happen too often.
    fn empty(&mut self, target: &mut Destination) {
        self.is_off = self.deposited < WORTH * self.rows.len();
        self.finish(target);
    }
}

/// Contexts of one scatter on their way to their rows.
struct Deposit<'a> {
    bins: &'a Bins,
    motions: Motions<'a>,
    site: &'a [u32],
    places: &'a mut [u32],
    rows: &'a mut Vec<Moments>,
}

impl Vectorised for Deposit<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Deposit { bins, motions: Motions { mean, rate, .. }, site, places, rows } = self;
        let (width, mut found, mut first) = (bins.len(), [(0, 0.0, 0.0); TOGETHER], 0);
        while first < site.len() {
            let end = (first + TOGETHER).min(site.len());
            let mut count = 0;
            for u in first..end {
                let Some((bin, at)) = bins.place(mean[u]) else { continue };
                let place = &mut places[site[u] as usize * width + bin];
                if *place == 0 {
                    rows.push(Moments::default());
                    *place = rows.len() as u32;
                }
                found[count] = (*place as usize - 1, rate[u], at);
                count += 1;
            }
            while count > 0 {
                count -= 1;
                let (row, rate, at) = found[count];
                rows[row].add(rate, at);
            }
            first = end;
        }
    }
}

impl Destination<'_> {
    /// Add contexts one by one.
    fn add(&mut self, motions: Motions) {
        self.exceedance.accumulate(self.levels, motions, self.sums);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITES: usize = 3;

    fn levels(count: u32) -> PaddedLevels {
        PaddedLevels::new(&(0..count).map(|i| -5.3 + 0.25 * f64::from(i)).collect::<Vec<_>>())
    }

    /// Contexts with the standard deviations that `sigma` says, in batches; the rates of the column and of contexts one by one.
    fn both(
        count: usize,
        batch: usize,
        levels: &PaddedLevels,
        sigma: impl Fn(usize) -> f64,
    ) -> (Column, [Vec<f64>; 2]) {
        let exceedance = Exceedance::new(3.0);
        let mean: Vec<f64> = (0..count).map(|u| -4.0 + 3.0 * (0.37 * u as f64).fract()).collect();
        let sigma: Vec<f64> = (0..count).map(sigma).collect();
        let rate: Vec<f64> = (0..count).map(|u| 1e-3 * (1.0 + (u % 5) as f64)).collect();
        let site: Vec<u32> = (0..count).map(|u| (u % SITES) as u32).collect();
        let start: Vec<usize> = site.iter().map(|site| *site as usize * levels.count()).collect();
        let motions = Motions { mean: &mean, sigma: &sigma, rate: &rate, start: &start };
        let (mut column, mut found) = (Column::default(), vec![0.0; SITES * levels.count()]);
        let mut expected = found.clone();
        exceedance.accumulate(levels, motions, &mut expected);
        let mut target =
            Destination { exceedance: &exceedance, levels, sites: SITES, stride: levels.count(), sums: &mut found };
        for first in (0..count).step_by(batch) {
            let range = first..(first + batch).min(count);
            column.add(motions.part(range.clone()), &site[range], &mut target);
        }
        column.finish(&mut target);
        (column, [found, expected])
    }

    #[track_caller]
    fn near([found, expected]: &[Vec<f64>; 2]) {
        let is_near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * b;
        assert!(
            found.iter().zip(expected).all(is_near),
            "{found:?}
{expected:?}"
        );
    }

    #[test]
    fn whatever_the_scatters_nothing_is_lost() {
        let of_few = |u: usize| 0.5 + 0.05 * (u / 100 % 4) as f64;
        let of_each = |u: usize| 0.5 + 1e-5 * u as f64;
        let of_one = |_: usize| 0.55;
        // one scatter among many
        let mixed = |u: usize| if u.is_multiple_of(2) { 0.55 } else { 0.5 + 1e-5 * u as f64 };
        // every magnitude a scatter, one after the other
        let in_turn = |u: usize| 0.4 + 0.001 * (u / 300) as f64;
        for batch in [1, 7, 512] {
            for count in [1, 40, 700, 20_000] {
                for sigma in [&of_few as &dyn Fn(usize) -> f64, &of_each, &of_one, &mixed, &in_turn] {
                    near(&both(count, batch, &levels(20), sigma).1);
                }
            }
        }
    }

    #[test]
    fn contexts_are_deposited_where_that_pays() {
        let is_deposited = |(column, _): (Column, _)| !column.slots.is_empty();
        assert!(is_deposited(both(700, 512, &levels(20), |_| 0.55)));
        assert!(is_deposited(both(2000, 512, &levels(20), |u| 0.5 + 0.05 * (u / 100 % 4) as f64)));
        // too few of them; too few levels; one scatter for each
        assert!(!is_deposited(both(20, 512, &levels(20), |_| 0.55)));
        assert!(!is_deposited(both(700, 512, &levels(10), |_| 0.55)));
        let (column, _) = both(700, 512, &levels(20), |u| 0.5 + 1e-5 * u as f64);
        assert!(column.is_off && column.slots.is_empty());
    }

    #[test]
    fn room_is_bounded() {
        let (column, rates) = both(40_000, 512, &levels(40), |u| 0.4 + 0.01 * (u / 800) as f64);
        near(&rates);
        assert!(column.slots.iter().map(|slot| slot.bins.len()).sum::<usize>() <= PLACES);
        assert!(column.rows.capacity() <= 2 * ROWS * FEWEST_SITES && column.seen.len() <= MOST_SCATTERS);
    }
}
