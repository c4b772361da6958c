//! Disaggregation: a file a site and kind of bins, `Mag_Dist-0_N.csv` of the realizations nearest to the mean,
//! `Mag_Dist-traditional-0_N.csv` of their contributions, `Mag_Dist-mean-0_N.csv` of the mean.
//!
//! The arrays have the shape (N, bins..., M, P, Z), Z being the realizations, or 1 for the mean.

use std::ops::Range;
use std::sync::OnceLock;

use serde_json::Value;

use super::columns::NumberStyle;
use super::combinations::{AxisCells, CellSource, Combinations, axes};
use super::format::{Comment, list, quoted, repr, scientific};
use super::{Calculation, Exports, add, numpy};
use crate::schema::{HCURVES_STATS, JSON, SITECOL, WEIGHTS};
use crate::view::Result;
use crate::view::links::{Resolved, resolve};
use crate::view::results::column::{ArrayColumn, CellValue};
use crate::view::results::{BinBounds, text_attr};
use crate::view::source::{ViewSource, What};
use crate::view::table::MOST_ROWS;

/// The kinds of bins as the names of files have them.
const BINS: [&str; 6] = ["Mag", "Dist", "Lon", "Lat", "Eps", "TRT"];
/// The values that are looked at at a time for one that is not zero.
const PART: u64 = 1 << 12;

/// The files, if the calculation is a disaggregation.
pub(super) fn export(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(disaggregation) = Disaggregation::find(source, calculation)? else { return Ok(()) };
    for (group, kind) in [
        ("disagg-rlzs", DisaggKind::Rlzs),
        ("disagg-rlzs", DisaggKind::Traditional),
        ("disagg-stats", DisaggKind::Mean),
    ] {
        for labels in children(source, group)? {
            let Some(array) = ArrayColumn::find(source, &format!("{group}/{labels}"), None)? else { continue };
            for site in 0..disaggregation.sites {
                if let Some(rows) = disaggregation.rows(calculation, kind, &labels, &array, site)? {
                    add(source, files, calculation.file_name(&format!("{labels}{}-{site}", kind.infix())), rows);
                }
            }
        }
    }
    Ok(())
}

/// The names of the datasets of a group; none if it is not there.
fn children(source: &ViewSource, group: &str) -> Result<Vec<String>> {
    let Resolved::Group(_, group) = resolve(source, &[], group.as_bytes())? else { return Ok(vec![]) };
    let children = source.children(&group)?;
    let datasets = children.iter().filter(|child| matches!(child.what, What::Dataset(_)));
    Ok(datasets.filter_map(|child| String::from_utf8(child.name.clone()).ok()).collect())
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum DisaggKind {
    Rlzs,
    Traditional,
    Mean,
}

impl DisaggKind {
    fn infix(self) -> &'static str {
        match self {
            DisaggKind::Rlzs => "",
            DisaggKind::Traditional => "-traditional",
            DisaggKind::Mean => "-mean",
        }
    }
}

/// What all files have in common.
struct Disaggregation {
    sites: u64,
    imts: Vec<String>,
    /// The probabilities that the levels stand for, by site.
    poes: Vec<Vec<f64>>,
    /// The levels by site, intensity measure and probability.
    levels: Vec<f64>,
    /// The aggregated probabilities of exceedance by site, intensity measure, probability and realization.
    aggregated: Vec<f64>,
    /// The realizations of each site, and their weights, which sum to one.
    rlzs: Vec<Vec<u64>>,
    weights: Vec<Vec<f64>>,
    /// The edges of the bins of each kind in [`BINS`] but the last.
    edges: Vec<BinBounds>,
    trts: Vec<String>,
    /// The longitudes and latitudes of the sites.
    places: [Vec<f64>; 2],
}

impl Disaggregation {
    /// `None` if something is not there.
    fn find(source: &ViewSource, calculation: &Calculation) -> Result<Option<Self>> {
        let short = |path: &str| -> Result<Option<ArrayColumn>> {
            Ok(ArrayColumn::find(source, path, None)?.and_then(ArrayColumn::short))
        };
        let all = |path: &str| -> Result<Option<Vec<f64>>> {
            short(path)?.map(|column| column.numbers(0..column.count)).transpose()
        };
        let (Some(best), Some(weights), Some(levels), Some(aggregated)) =
            (short("best_rlzs")?, all(WEIGHTS.key)?, all("hmap3")?, all("poe4")?)
        else {
            return Ok(None);
        };
        let site = |column: &str| all(&format!("{}/{column}", SITECOL.key));
        let (Some(lon), Some(lat), Some(trts)) = (site("lon")?, site("lat")?, short("disagg-bins/TRT")?) else {
            return Ok(None);
        };
        let sites = lon.len() as u64;
        let mut edges = vec![];
        for label in &BINS[..5] {
            let Some(found) = BinBounds::find(source, label, lon.len())? else { return Ok(None) };
            edges.push(found);
        }
        let imts: Vec<String> = calculation.job.imts().into_iter().map(String::from).collect();
        let Some(poes) = poes(source, calculation, &imts, sites)? else { return Ok(None) };
        let best = best.places(0..best.count)?;
        let per_site = best.len() / lon.len().max(1);
        let rlzs: Vec<Vec<u64>> = best.chunks(per_site.max(1)).map(<[u64]>::to_vec).collect();
        let weights = rlzs.iter().map(|rlzs| normalized(&weights, rlzs)).collect();
        let trts = trts.texts(0..trts.count)?;
        Ok(Some(Self { sites, imts, poes, levels, aggregated, rlzs, weights, edges, trts, places: [lon, lat] }))
    }

    /// The rows of a file; `None` if the array has not the shape that follows from the rest, or is of zeros alone: the
    /// engine writes no such file.
    fn rows(
        &self,
        calculation: &Calculation,
        kind: DisaggKind,
        labels: &str,
        array: &ArrayColumn,
        site: u64,
    ) -> Result<Option<Combinations<Bins>>> {
        let Some(bins) = labels.split('_').map(|label| self.bins(label, site)).collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let (Some(rlzs), Some(groups)) = (self.rlzs.get(site as usize), self.groups(site)) else { return Ok(None) };
        let names = match kind {
            DisaggKind::Mean => vec!["mean".to_string()],
            _ => rlzs.iter().map(|rlz| format!("rlz{rlz}")).collect(),
        };
        let (width, of_site) = (names.len() as u64, groups.len() * rlzs.len());
        let aggregated = self.aggregated.chunks(of_site.max(1)).nth(site as usize).map(<[f64]>::to_vec);
        let rows = bins.iter().fold(groups.len() as u64, |n, bins| n.saturating_mul(bins.len() as u64));
        let count = rows.saturating_mul(width);
        let shaped = array.count == self.sites.saturating_mul(count);
        if !shaped || rows > MOST_ROWS || self.aggregated.len() != self.sites as usize * of_site {
            return Ok(None);
        }
        let (of_bins, _) = axes(bins.into_iter(), groups.len() as u64);
        let axes = std::iter::once(groups).chain(of_bins).collect();
        let aggregated = aggregated.filter(|_| kind == DisaggKind::Traditional);
        let zeros = OnceLock::new();
        let values = Bins { array: array.clone(), first: site * count, count, width, aggregated, zeros };
        if values.are_zero()? {
            return Ok(None);
        }
        let header = ["imt", "iml", "poe"].map(String::from).into_iter();
        let header = header.chain(labels.split('_').map(str::to_lowercase)).chain(names).collect();
        Ok(Combinations::new(self.comment(calculation, kind, site), header, axes, values))
    }

    /// The intensity measures with the probabilities and the levels of a site, in the order of the rows.
    fn groups(&self, site: u64) -> Option<AxisCells> {
        let poes = self.poes.get(site as usize)?;
        let levels = self.levels.chunks((self.imts.len() * poes.len()).max(1)).nth(site as usize)?;
        let pairs = self.imts.iter().flat_map(|imt| poes.iter().map(move |poe| (imt, *poe)));
        let mut groups: Vec<_> =
            (0..).zip(pairs.zip(levels)).map(|(at, ((imt, poe), iml))| (imt, poe, *iml, at)).collect();
        groups.sort_by(|a, b| a.0.cmp(b.0).then(a.1.total_cmp(&b.1)));
        let cells = |(imt, poe, iml, at): (&String, f64, f64, u64)| {
            (vec![imt.clone(), scientific(iml, 5, true), scientific(poe, 5, true)], at)
        };
        Some(groups.into_iter().map(cells).collect())
    }

    /// The texts that stand for the bins of a kind: their middles, or the tectonic region types.
    fn bins(&self, label: &str, site: u64) -> Option<Vec<String>> {
        if label == "TRT" {
            return Some(self.trts.clone());
        }
        let edges = self.edges.get(BINS.iter().position(|name| *name == label)?)?;
        Some(edges.middles(site as usize).into_iter().map(|middle| scientific(middle, 5, true)).collect())
    }

    fn comment(&self, calculation: &Calculation, kind: DisaggKind, site: u64) -> Comment {
        let mut comment = calculation.with_time(calculation.comment.clone());
        for (edges, name) in self.edges.iter().zip(BINS) {
            comment = comment.bare(&format!("{}_bin_edges", name.to_lowercase()), &texts(edges, site as usize));
        }
        comment = comment.bare("tectonic_region_types", &list(self.trts.iter().map(|trt| quoted(trt))));
        for (name, places) in ["lon", "lat"].iter().zip(&self.places) {
            comment = comment.bare(name, &repr(places.get(site as usize).copied().unwrap_or(f64::NAN)));
        }
        let of_levels =
            calculation.job.params.get("iml_disagg").and_then(Value::as_object).is_some_and(|of| !of.is_empty());
        let (Some(weights), Some(rlzs)) = (self.weights.get(site as usize), self.rlzs.get(site as usize)) else {
            return comment;
        };
        if kind == DisaggKind::Mean && !of_levels {
            return comment;
        }
        let comment = comment.bare("weights", &list(weights.iter().map(|weight| repr(*weight))));
        comment.bare("rlz_ids", &list(rlzs.iter().map(u64::to_string)))
    }
}

/// The edges of bins at a site, as the engine writes them.
fn texts(edges: &BinBounds, site: usize) -> String {
    list(edges.of(site).iter().map(|edge| if edges.is_whole { format!("{edge:.0}") } else { repr(*edge) }))
}

/// The probabilities of each site: those that were asked for, or that of the level that was, by the mean curve of the first
/// intensity measure. `None` if the curve is not there.
fn poes(source: &ViewSource, calculation: &Calculation, imts: &[String], sites: u64) -> Result<Option<Vec<Vec<f64>>>> {
    let asked = calculation.job.params.get("poes").and_then(Value::as_array);
    let asked: Vec<f64> = asked.into_iter().flatten().filter_map(Value::as_f64).collect();
    if !asked.is_empty() {
        return Ok(Some(vec![asked; sites as usize]));
    }
    let Some(curves) = ArrayColumn::find(source, HCURVES_STATS.key, None)? else { return Ok(None) };
    // With a level to disaggregate at there is no other.
    if !imts.iter().all(|imt| calculation.job.levels(imt).len() == 1) || sites == 0 || curves.count % sites != 0 {
        return Ok(None);
    }
    let axes = text_attr(source, HCURVES_STATS.key, JSON)?.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    if axes.is_none_or(|axes| axes["stat"][0] != "mean") {
        return Ok(None);
    }
    let of_site = curves.count / sites;
    let mean = |site: u64| -> Result<f64> {
        Ok(curves.numbers(site * of_site..site * of_site + 1)?.first().copied().unwrap_or(f64::NAN))
    };
    // The logarithm is taken in single precision.
    let through_logarithm = |poe: f64| f64::from(numpy::ln(poe as f32)).exp();
    (0..sites).map(|site| Ok(vec![through_logarithm(mean(site)?)])).collect::<Result<Vec<_>>>().map(Some)
}

/// The weights of some realizations, made to sum to one in single precision as numpy sums.
fn normalized(weights: &[f64], rlzs: &[u64]) -> Vec<f64> {
    let chosen: Vec<f32> =
        rlzs.iter().map(|rlz| weights.get(*rlz as usize).map_or(f32::NAN, |weight| *weight as f32)).collect();
    let total = numpy::sum(&chosen);
    chosen.iter().map(|weight| f64::from(weight / total)).collect()
}

/// The values of a file, by bins, intensity measures and probabilities: so many for each.
#[derive(Debug)]
struct Bins {
    array: ArrayColumn,
    /// Where those of the site start, and how many there are.
    first: u64,
    count: u64,
    /// How many stand in a row.
    width: u64,
    /// What the realizations have in all bins together by intensity measure and probability, if contributions to that are
    /// asked for.
    aggregated: Option<Vec<f64>>,
    /// Which columns have nothing but zeros: found when first asked for, which takes long only where there are some.
    zeros: OnceLock<Vec<bool>>,
}

impl Bins {
    /// Some values from the start of those of the site.
    fn values(&self, range: Range<u64>) -> Result<Vec<f64>> {
        let mut values = self.array.numbers(self.first + range.start..self.first + range.end)?;
        if let Some(aggregated) = &self.aggregated {
            for (at, value) in range.zip(&mut values) {
                let all = aggregated.get((at % aggregated.len() as u64) as usize).copied().unwrap_or(f64::NAN);
                *value = (1.0 - *value).ln() / (1.0 - all).ln();
            }
        }
        Ok(values)
    }

    /// Looks at all values, a part at a time with their places, until `done` says that it has seen enough.
    fn look(&self, mut done: impl FnMut(u64, f64) -> bool) -> Result<()> {
        for start in (0..self.count).step_by(PART as usize) {
            let part = start..self.count.min(start + PART);
            if part.clone().zip(self.values(part)?).any(|(at, value)| done(at, value)) {
                break;
            }
        }
        Ok(())
    }

    /// Whether there is nothing but zeros.
    fn are_zero(&self) -> Result<bool> {
        let mut zero = true;
        self.look(|_, value| {
            zero &= value == 0.0;
            !zero
        })?;
        Ok(zero)
    }

    /// Which columns have nothing but zeros.
    fn zeros(&self) -> Result<&[bool]> {
        if let Some(zeros) = self.zeros.get() {
            return Ok(zeros);
        }
        let mut zeros = vec![true; self.width as usize];
        let mut left = self.width;
        self.look(|at, value| {
            if let Some(zero) = zeros.get_mut((at % self.width.max(1)) as usize).filter(|zero| **zero && value != 0.0) {
                *zero = false;
                left -= 1;
            }
            left == 0
        })?;
        Ok(self.zeros.get_or_init(|| zeros))
    }
}

impl CellSource for Bins {
    fn cells(&self, place: u64) -> Result<Option<Vec<String>>> {
        // pandas takes a column of zeros for integers.
        let cell = |(value, zero): (f64, &bool)| match zero {
            true => "0".to_string(),
            false => NumberStyle::Pandas.text("", &CellValue::Real(if value == 0.0 { 0.0 } else { value })),
        };
        let values = self.values(place * self.width..(place + 1) * self.width)?;
        Ok(Some(values.into_iter().zip(self.zeros()?).map(cell).collect()))
    }
}
