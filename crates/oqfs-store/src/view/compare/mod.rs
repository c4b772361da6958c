//! Two calculations, value by value: hazard curves, maps and uniform hazard spectra at the sites that both have.
//!
//! Sites are the same if they are within [`SAME_PLACE`] of each other, depth included. Statistics and realizations are compared by name,
//! curves at equal levels, maps and spectra at equal probabilities. What only one calculation has is told. Two values agree if their
//! difference is at most so large a part of the larger one; differences of probabilities of at most the floor do not count. What is no number
//! agrees with nothing.

mod sites;
mod tally;

use serde::Serialize;

use self::sites::Matched;
use self::tally::Tally;
use super::results::{Hazard, SiteArray, SiteArrays, is_spectral, period, unit};
use super::{Error, Result, Tree};

/// How far sites may be from each other that are the same, in km: ten metres, because places are kept to five decimals of a degree.
pub const SAME_PLACE: f64 = 0.01;
/// How far equal levels and probabilities may be from each other, as a part: they are kept as texts.
const SAME_LEVEL: f64 = 1e-9;

/// When two values agree.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// The largest difference, as a part of the larger value.
    pub relative: f64,
    /// Differences of probabilities of exceedance up to this one do not count.
    pub poe_floor: f64,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantity {
    /// Probabilities of exceedance.
    Curves,
    /// Levels of an intensity measure.
    Maps,
    /// Levels of the intensity measures of a spectrum.
    Spectra,
}

/// How the values of a statistic, or a realization, of two calculations differ.
#[derive(Clone, Debug, Serialize)]
pub struct HazardDifference {
    pub quantity: Quantity,
    /// `mean`, `quantile-0.15`, `rlz-000`.
    pub statistic: String,
    /// The intensity measure; of spectra the probability.
    pub of: String,
    /// The unit of the values; empty of probabilities.
    pub unit: &'static str,
    /// How many pairs of values were compared.
    pub values: u64,
    /// How many of these have a value that is no finite number.
    pub not_numbers: u64,
    /// The largest difference as a part of the larger value, of those that count; infinite where a value is no number.
    pub relative: f64,
    /// The largest difference.
    pub absolute: f64,
    /// The root of the mean of the squares of all differences of numbers.
    pub rms: f64,
    /// Whether all values agree.
    pub agrees: bool,
    /// Where the relative difference is largest; the absolute one, if none counts; `None` if the values are all the same.
    pub worst: Option<Worst>,
}

/// A pair of values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Worst {
    /// The number of the site in each calculation.
    pub site_ids: [u64; 2],
    pub lon: f64,
    pub lat: f64,
    /// The level; of maps the probability, of spectra the period in s.
    pub at: f64,
    pub values: [f64; 2],
}

/// How many sites there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SiteCounts {
    pub a: u64,
    pub b: u64,
    pub both: u64,
}

/// Two calculations and how they differ.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// Whether all that was compared agrees.
    pub agrees: bool,
    pub sites: SiteCounts,
    pub differences: Vec<HazardDifference>,
    /// What was not compared, and what else is to be known.
    pub notes: Vec<String>,
}

/// The curves of two calculations at a site.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CurvePair {
    /// The levels that both have.
    pub levels: Vec<f64>,
    /// The probabilities of exceedance of each calculation.
    pub poes: [Vec<f64>; 2],
}

/// Two calculations that have sites in common.
#[derive(Debug)]
pub struct CalcPair {
    hazard: [Hazard; 2],
    matched: Matched,
}

/// Values of a site to compare: where they are among those of a site in each calculation, and what is told as [`Worst::at`].
type Places = Vec<([usize; 2], f64)>;

impl CalcPair {
    /// # Errors
    /// If one has no hazard at sites, or they have no site in common, or what they have cannot be read.
    pub fn new(a: &Tree, b: &Tree) -> Result<Self> {
        let read = |tree: &Tree, name: &str| {
            let missing =
                || Error::Unsupported(format!("{name} has no hazard curves or maps of a classical calculation"));
            Hazard::read(tree.source())?.ok_or_else(missing)
        };
        let hazard = [read(a, "the first calculation")?, read(b, "the second calculation")?];
        let matched = Matched::find(&hazard[0].sites, &hazard[1].sites)?;
        if matched.pairs.is_empty() {
            return Err(Error::Unsupported("the calculations have no site in common".into()));
        }
        Ok(Self { hazard, matched })
    }

    /// The investigation time of the first one, years.
    pub fn investigation_time(&self) -> f64 {
        self.hazard[0].time().unwrap_or(1.0)
    }

    /// Compares all that both have.
    ///
    /// # Errors
    /// If something cannot be read, or there is nothing that both have.
    pub fn compare(&self, tolerance: Tolerance) -> Result<Comparison> {
        let [a, b] = &self.hazard;
        let mut notes = self.not_compared();
        let mut differences = vec![];
        for [a, b] in arrays_of_both(&a.curves, &b.curves) {
            let tallies = self.tallies_of_curves(a, b, tolerance, &mut notes);
            differences.extend(self.tell(a, b, tallies)?);
        }
        for [a, b] in arrays_of_both(&a.maps, &b.maps) {
            let tallies = self.tallies_of_maps(a, b, tolerance, &mut notes);
            differences.extend(self.tell(a, b, tallies)?);
        }
        differences.sort_by_key(|difference| difference.quantity);
        if differences.is_empty() {
            let why = if notes.is_empty() { String::new() } else { format!(": {}", notes.join("; ")) };
            return Err(Error::Unsupported(format!("the calculations have no curves and no maps to compare{why}")));
        }
        let (sites, agrees) = (self.matched.counts, differences.iter().all(|d| d.agrees));
        Ok(Comparison { agrees, sites, differences, notes })
    }

    /// The curves of a statistic and intensity measure at the site where they differ most; `None` if this is no difference of curves, or if
    /// there is none.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn curves_at(&self, difference: &HazardDifference) -> Result<Option<CurvePair>> {
        let Some(worst) = difference.worst.as_ref().filter(|_| difference.quantity == Quantity::Curves) else {
            return Ok(None);
        };
        let [a, b] = &self.hazard;
        for [a, b] in arrays_of_both(&a.curves, &b.curves) {
            let found = kinds_of_both(a, b).find(|(name, _)| *name == difference.statistic);
            let imts = imts_of_both(a, b).find(|(imt, _)| *imt == difference.of);
            let (Some((_, kinds)), Some((imt, imts))) = (found, imts) else { continue };
            let (places, levels): (Vec<_>, Vec<_>) = self.levels_of_both(a, b, kinds, imt, imts).into_iter().unzip();
            let poes = |side: usize, array: &SiteArray| -> Result<Vec<f64>> {
                let values = array.values(worst.site_ids[side], 0..array.stride())?;
                Ok(places.iter().map(|place| values.get(place[side]).copied().unwrap_or(f64::NAN)).collect())
            };
            return Ok(Some(CurvePair { levels, poes: [poes(0, a)?, poes(1, b)?] }));
        }
        Ok(None)
    }

    /// What is told of both calculations as wholes.
    fn not_compared(&self) -> Vec<String> {
        let [a, b] = &self.hazard;
        let mut told = vec![];
        let SiteCounts { a: in_a, both, .. } = self.matched.counts;
        let alone = [in_a - both, self.matched.only_b];
        for (count, which) in alone.into_iter().zip(["first", "second"]).filter(|(count, _)| *count > 0) {
            told.push(format!(
                "{count} sites of the {which} calculation: the other has none within {} m",
                SAME_PLACE * 1e3
            ));
        }
        if a.time() != b.time() {
            let years = |hazard: &Hazard| hazard.time().map_or("unknown".to_string(), |time| format!("{time} years"));
            told.push(format!("the investigation times differ: {} and {}", years(a), years(b)));
        }
        for (what, a, b) in [("curves", &a.curves, &b.curves), ("maps", &a.maps, &b.maps)] {
            for (kinds, has) in [("statistics", has_stats(a, b)), ("realizations", has_rlzs(a, b))] {
                if let [true, false] | [false, true] = has {
                    let which = if has[0] { "first" } else { "second" };
                    told.push(format!("{what} of {kinds}: the {which} calculation alone has them"));
                }
            }
        }
        told
    }

    /// What to compare of curves.
    fn tallies_of_curves(&self, a: &SiteArray, b: &SiteArray, of: Tolerance, notes: &mut Vec<String>) -> Vec<Tally> {
        tell_of_one(a, b, notes);
        let mut tallies = vec![];
        for (name, kinds) in kinds_of_both(a, b) {
            for (imt, imts) in imts_of_both(a, b) {
                let places = self.levels_of_both(a, b, kinds, imt, imts);
                let (most, compared) = (a.last.max(b.last), places.len());
                if compared < most {
                    add_once(notes, format!("curves of {imt}: {compared} of {most} levels are the same"));
                }
                tallies.push(Tally::new(Quantity::Curves, name, imt, "", places, of.relative, of.poe_floor));
            }
        }
        tallies
    }

    /// What to compare of maps, and of the spectra that are made of them.
    fn tallies_of_maps(&self, a: &SiteArray, b: &SiteArray, of: Tolerance, notes: &mut Vec<String>) -> Vec<Tally> {
        tell_of_one(a, b, notes);
        let poes: Vec<_> = same_numbers(&a.poes, &b.poes).collect();
        let most = a.poes.len().max(b.poes.len());
        if poes.len() < most {
            add_once(notes, format!("maps: {} of {most} probabilities are the same", poes.len()));
        }
        let mut tallies = vec![];
        for (name, [in_a, in_b]) in kinds_of_both(a, b) {
            let place =
                |[i, j]: [usize; 2], [p, q]: [usize; 2]| [a.places(in_a, i).start + p, b.places(in_b, j).start + q];
            for (imt, imts) in imts_of_both(a, b) {
                let places = poes.iter().map(|(at, poe)| (place(imts, *at), *poe)).collect();
                tallies.push(Tally::new(Quantity::Maps, name, imt, unit(imt), places, of.relative, 0.0));
            }
            let spectral: Vec<_> = imts_of_both(a, b).filter(|(imt, _)| is_spectral(imt)).collect();
            for (at, poe) in poes.iter().filter(|_| spectral.len() > 1) {
                let places = spectral.iter().map(|(imt, imts)| (place(*imts, *at), period(imt))).collect();
                let of_poe = format!("poe {poe}");
                tallies.push(Tally::new(Quantity::Spectra, name, &of_poe, "g", places, of.relative, 0.0));
            }
        }
        tallies
    }

    /// Where the levels of an intensity measure are that both have.
    fn levels_of_both(&self, a: &SiteArray, b: &SiteArray, kinds: [usize; 2], imt: &str, imts: [usize; 2]) -> Places {
        let levels = self.hazard.each_ref().map(|hazard| hazard.job.levels(imt));
        let first = [a.places(kinds[0], imts[0]).start, b.places(kinds[1], imts[1]).start];
        same_numbers(&levels[0], &levels[1]).map(|([i, j], level)| ([first[0] + i, first[1] + j], level)).collect()
    }

    /// Goes through the sites of both once, and tells of all that was to be compared.
    fn tell(&self, a: &SiteArray, b: &SiteArray, mut tallies: Vec<Tally>) -> Result<Vec<HazardDifference>> {
        tallies.retain(|tally| !tally.is_empty());
        if tallies.is_empty() {
            return Ok(vec![]);
        }
        for pair @ [in_a, in_b] in &self.matched.pairs {
            let (of_a, of_b) = (a.values(*in_a, 0..a.stride())?, b.values(*in_b, 0..b.stride())?);
            tallies.iter_mut().for_each(|tally| tally.add(*pair, &of_a, &of_b));
        }
        let sites = &self.hazard[0].sites;
        let mut differences = vec![];
        for tally in tallies {
            let worst = tally.worst_site();
            let place = worst.map(|site| sites.positions(site..site + 1)).transpose()?;
            let place = place.and_then(|places| places.first().copied());
            differences.push(tally.end(place));
        }
        Ok(differences)
    }
}

/// The array of the statistics; the only realization is the mean.
fn stats(arrays: &SiteArrays) -> Option<&SiteArray> {
    arrays.stats.as_ref().or_else(|| arrays.rlzs.as_ref().filter(|rlzs| rlzs.kinds.len() == 1))
}

/// The array of several realizations.
fn rlzs(arrays: &SiteArrays) -> Option<&SiteArray> {
    arrays.rlzs.as_ref().filter(|rlzs| rlzs.kinds.len() > 1)
}

fn has_stats(a: &SiteArrays, b: &SiteArrays) -> [bool; 2] {
    [a, b].map(|arrays| stats(arrays).is_some())
}

fn has_rlzs(a: &SiteArrays, b: &SiteArrays) -> [bool; 2] {
    [a, b].map(|arrays| rlzs(arrays).is_some())
}

/// The arrays that both have: of the statistics, of the realizations.
fn arrays_of_both<'a>(a: &'a SiteArrays, b: &'a SiteArrays) -> impl Iterator<Item = [&'a SiteArray; 2]> {
    let both = [(stats(a), stats(b)), (rlzs(a), rlzs(b))];
    both.into_iter().filter_map(|(a, b)| Some([a?, b?]))
}

/// The name of a kind: that of the only realization is that of the mean.
fn kind_name<'a>(array: &SiteArray, kind: &'a str) -> &'a str {
    if array.kinds.len() == 1 && kind.starts_with("rlz-") { "mean" } else { kind }
}

/// The statistics or realizations of two arrays with the same name, and their places in both.
fn kinds_of_both<'a>(a: &'a SiteArray, b: &'a SiteArray) -> impl Iterator<Item = (&'a str, [usize; 2])> {
    let in_b = |name: &str| b.kinds.iter().position(|kind| kind_name(b, kind) == name);
    let names = a.kinds.iter().map(|kind| kind_name(a, kind)).enumerate();
    names.filter_map(move |(i, name)| Some((name, [i, in_b(name)?])))
}

/// The intensity measures of both arrays, and their places in both.
fn imts_of_both<'a>(a: &'a SiteArray, b: &'a SiteArray) -> impl Iterator<Item = (&'a str, [usize; 2])> {
    let in_b = |name: &str| b.imts.iter().position(|imt| imt == name);
    a.imts.iter().enumerate().filter_map(move |(i, imt)| Some((imt.as_str(), [i, in_b(imt)?])))
}

/// The numbers that two lists have in common, with their places in both.
fn same_numbers(a: &[f64], b: &[f64]) -> impl Iterator<Item = ([usize; 2], f64)> {
    let same = |x: f64, y: f64| (x - y).abs() <= SAME_LEVEL * x.abs().max(y.abs());
    let in_b = move |x: f64| b.iter().position(|y| same(x, *y));
    a.iter().enumerate().filter_map(move |(i, x)| Some(([i, in_b(*x)?], *x)))
}

/// Tells which statistics and intensity measures one of two arrays has alone.
fn tell_of_one(a: &SiteArray, b: &SiteArray, told: &mut Vec<String>) {
    let what = if a.poes.is_empty() { "curves" } else { "maps" };
    for (here, there, which) in [(a, b, "first"), (b, a, "second")] {
        let has_kind = |name: &str| there.kinds.iter().any(|kind| kind_name(there, kind) == name);
        let kinds = here.kinds.iter().map(|kind| kind_name(here, kind)).filter(|kind| !has_kind(kind));
        let imts = here.imts.iter().map(String::as_str).filter(|imt| !there.imts.iter().any(|other| other == imt));
        let alone: Vec<&str> = kinds.chain(imts).collect();
        if !alone.is_empty() {
            add_once(told, format!("{what} of {}: the {which} calculation alone has them", alone.join(", ")));
        }
    }
}

fn add_once(told: &mut Vec<String>, line: String) {
    if !told.contains(&line) {
        told.push(line);
    }
}
