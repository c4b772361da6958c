//! Disaggregation: a file a site and kind of bins, `Mag_Dist-0_N.csv` of the realizations nearest to the mean,
//! `Mag_Dist-traditional-0_N.csv` of their contributions, `Mag_Dist-mean-0_N.csv` of the mean.
//!
//! The arrays have the shape (N, bins..., M, P, Z), Z being the realizations, or 1 for the mean.

use std::ops::Range;
use std::sync::OnceLock;

use serde_json::Value;

use super::column::Column;
use super::format::{Comment, list, quoted, repr, scientific};
use super::{Calculation, Exports, add, csv_writer, misshapen, write_head};
use crate::view::links::{Resolved, resolve};
use crate::view::source::{Source, What};
use crate::view::table::{MOST_ROWS, Rows};
use crate::view::{Error, Result};

/// The kinds of bins as the names of files have them.
const BINS: [&str; 6] = ["Mag", "Dist", "Lon", "Lat", "Eps", "TRT"];
/// The elements that are looked at at a time for one that is not zero.
const PART: u64 = 1 << 16;

/// The files, if the calculation is a disaggregation.
pub(super) fn export(source: &Source, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(disaggregation) = Disaggregation::find(source, calculation)? else { return Ok(()) };
    for (group, kind) in [("disagg-rlzs", Kind::Rlzs), ("disagg-rlzs", Kind::Traditional), ("disagg-stats", Kind::Mean)]
    {
        for labels in children(source, group)? {
            let Some(array) = Column::find(source, &format!("{group}/{labels}"), None)? else { continue };
            for site in 0..disaggregation.sites {
                if let Some(rows) = disaggregation.rows(calculation, kind, &labels, &array, site)?
                    && !rows.is_zero()?
                {
                    add(source, files, calculation.file_name(&format!("{labels}{}-{site}", kind.infix())), rows);
                }
            }
        }
    }
    Ok(())
}

/// The names of the datasets of a group; none if it is not there.
fn children(source: &Source, group: &str) -> Result<Vec<String>> {
    let Resolved::Group(_, group) = resolve(source, &[], group.as_bytes())? else { return Ok(vec![]) };
    let children = source.children(&group)?;
    let datasets = children.iter().filter(|child| matches!(child.what, What::Dataset(_)));
    Ok(datasets.filter_map(|child| String::from_utf8(child.name.clone()).ok()).collect())
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Rlzs,
    Traditional,
    Mean,
}

impl Kind {
    fn infix(self) -> &'static str {
        match self {
            Kind::Rlzs => "",
            Kind::Traditional => "-traditional",
            Kind::Mean => "-mean",
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
    edges: Vec<Edges>,
    trts: Vec<String>,
    /// The longitudes and latitudes of the sites.
    places: [Vec<f64>; 2],
}

#[derive(Debug)]
struct Edges {
    /// By site if they differ, or once.
    by_site: Vec<Vec<f64>>,
    /// Whether they are kept as integers.
    whole: bool,
}

impl Edges {
    fn of_site(&self, site: u64) -> &[f64] {
        let here = self.by_site.get(site as usize).filter(|_| self.by_site.len() > 1);
        here.or_else(|| self.by_site.first()).map_or(&[], Vec::as_slice)
    }

    fn texts(&self, site: u64) -> String {
        list(self.of_site(site).iter().map(|edge| if self.whole { format!("{edge:.0}") } else { repr(*edge) }))
    }
}

impl Disaggregation {
    /// `None` if something is not there.
    fn find(source: &Source, calculation: &Calculation) -> Result<Option<Self>> {
        let all = |path: &str| -> Result<Option<Vec<f64>>> {
            Column::find(source, path, None)?.map(|column| column.numbers(0..column.count)).transpose()
        };
        let (Some(best), Some(weights), Some(levels), Some(aggregated)) =
            (Column::find(source, "best_rlzs", None)?, all("weights")?, all("hmap3")?, all("poe4")?)
        else {
            return Ok(None);
        };
        let (Some(lon), Some(lat), Some(trts)) =
            (all("sitecol/lon")?, all("sitecol/lat")?, Column::find(source, "disagg-bins/TRT", None)?)
        else {
            return Ok(None);
        };
        let sites = lon.len() as u64;
        let mut edges = vec![];
        for (name, by_site) in BINS[..5].iter().zip([false, false, true, true, false]) {
            let Some(found) = Column::find(source, &format!("disagg-bins/{name}"), None)? else { return Ok(None) };
            let of_site = if by_site { found.count as usize / lon.len().max(1) } else { found.count as usize };
            let numbers = found.numbers(0..found.count)?;
            let by_site = numbers.chunks(of_site.max(1)).map(<[f64]>::to_vec).collect();
            edges.push(Edges { by_site, whole: found.is_integer() });
        }
        let imts: Vec<String> = calculation.imts().into_iter().map(String::from).collect();
        let Some(poes) = poes(source, calculation, &imts, sites)? else { return Ok(None) };
        let best = best.places(0..best.count)?;
        let per_site = best.len() / lon.len().max(1);
        let rlzs: Vec<Vec<u64>> = best.chunks(per_site.max(1)).map(<[u64]>::to_vec).collect();
        let weights = rlzs.iter().map(|rlzs| normalized(&weights, rlzs)).collect();
        let trts = trts.texts(0..trts.count)?;
        Ok(Some(Self { sites, imts, poes, levels, aggregated, rlzs, weights, edges, trts, places: [lon, lat] }))
    }

    /// The rows of a file; `None` if the array has not the shape that follows from the rest.
    fn rows(
        &self,
        calculation: &Calculation,
        kind: Kind,
        labels: &str,
        array: &Column,
        site: u64,
    ) -> Result<Option<DisaggRows>> {
        let Some(bins) = labels.split('_').map(|label| self.bins(label, site)).collect::<Option<Vec<_>>>() else {
            return Ok(None);
        };
        let (Some(rlzs), Some(poes)) = (self.rlzs.get(site as usize), self.poes.get(site as usize)) else {
            return Ok(None);
        };
        let names = match kind {
            Kind::Mean => vec!["mean".to_string()],
            _ => rlzs.iter().map(|rlz| format!("rlz{rlz}")).collect(),
        };
        let of_bins = bins.iter().map(|bins| bins.len() as u64).product::<u64>();
        let (m, p, z) = (self.imts.len() as u64, poes.len() as u64, names.len() as u64);
        let count = of_bins * m * p;
        let shaped = array.count == self.sites * count * z
            && self.levels.len() as u64 == self.sites * m * p
            && self.aggregated.len() == self.sites as usize * (m * p) as usize * rlzs.len();
        if !shaped || count > MOST_ROWS {
            return Ok(None);
        }
        let mut groups: Vec<Group> = vec![];
        for (i, imt) in (0..).zip(&self.imts) {
            for (j, poe) in (0..).zip(poes) {
                let level = (site * m + i) * p + j;
                let iml = self.levels.get(level as usize).copied().unwrap_or(f64::NAN);
                let from = level as usize * rlzs.len();
                let aggregated = self.aggregated.get(from..from + rlzs.len()).unwrap_or(&[]).to_vec();
                groups.push(Group { place: i * p + j, imt: imt.clone(), iml, poe: *poe, aggregated });
            }
        }
        groups.sort_by(|a, b| (&a.imt).cmp(&b.imt).then(a.poe.total_cmp(&b.poe)));
        let header = ["imt", "iml", "poe"].map(String::from).into_iter();
        let header = header.chain(labels.split('_').map(str::to_lowercase)).chain(names).collect();
        Ok(Some(DisaggRows {
            comment: self.comment(calculation, kind, site),
            header,
            bins,
            groups,
            array: array.clone(),
            first: site * count,
            of_bins,
            values: z,
            traditional: kind == Kind::Traditional,
            zeros: OnceLock::new(),
        }))
    }

    /// The texts that stand for the bins of a kind: their middles, or the tectonic region types.
    fn bins(&self, label: &str, site: u64) -> Option<Vec<String>> {
        if label == "TRT" {
            return Some(self.trts.clone());
        }
        let edges = self.edges.get(BINS.iter().position(|name| *name == label)?)?;
        Some(edges.of_site(site).windows(2).map(|two| scientific((two[0] + two[1]) / 2.0, 5, true)).collect())
    }

    fn comment(&self, calculation: &Calculation, kind: Kind, site: u64) -> Comment {
        let mut comment = calculation.comment.clone().bare("investigation_time", &calculation.investigation_time());
        for (edges, name) in self.edges.iter().zip(BINS) {
            comment = comment.bare(&format!("{}_bin_edges", name.to_lowercase()), &edges.texts(site));
        }
        comment = comment.bare("tectonic_region_types", &list(self.trts.iter().map(|trt| quoted(trt))));
        for (name, places) in ["lon", "lat"].iter().zip(&self.places) {
            comment = comment.bare(name, &repr(places.get(site as usize).copied().unwrap_or(f64::NAN)));
        }
        let of_levels =
            calculation.params.get("iml_disagg").and_then(Value::as_object).is_some_and(|of| !of.is_empty());
        let (Some(weights), Some(rlzs)) = (self.weights.get(site as usize), self.rlzs.get(site as usize)) else {
            return comment;
        };
        if kind == Kind::Mean && !of_levels {
            return comment;
        }
        let comment = comment.bare("weights", &list(weights.iter().map(|weight| repr(*weight))));
        comment.bare("rlz_ids", &list(rlzs.iter().map(u64::to_string)))
    }
}

/// The probabilities of each site: those that were asked for, or that of the level that was, by the mean curve of the first
/// intensity measure. `None` if the curve is not there.
fn poes(source: &Source, calculation: &Calculation, imts: &[String], sites: u64) -> Result<Option<Vec<Vec<f64>>>> {
    let asked = calculation.params.get("poes").and_then(Value::as_array);
    let asked: Vec<f64> = asked.into_iter().flatten().filter_map(Value::as_f64).collect();
    if !asked.is_empty() {
        return Ok(Some(vec![asked; sites as usize]));
    }
    let Some(curves) = Column::find(source, "hcurves-stats", None)? else { return Ok(None) };
    let levels = imts.iter().map(|imt| calculation.params.get("hazard_imtls")?.get(imt)?.as_array().map(Vec::len));
    // With a level to disaggregate at there is no other; the mean is the first of the statistics.
    if !levels.into_iter().all(|levels| levels == Some(1)) || sites == 0 || curves.count % sites != 0 {
        return Ok(None);
    }
    let of_site = curves.count / sites;
    let mean = |site: u64| -> Result<f64> {
        Ok(curves.numbers(site * of_site..site * of_site + 1)?.first().copied().unwrap_or(f64::NAN))
    };
    // The logarithm is taken in single precision.
    let through_logarithm = |poe: f64| f64::from(poe.ln() as f32).exp();
    (0..sites).map(|site| Ok(vec![through_logarithm(mean(site)?)])).collect::<Result<Vec<_>>>().map(Some)
}

/// The weights of some realizations, made to sum to one in single precision as numpy sums.
fn normalized(weights: &[f64], rlzs: &[u64]) -> Vec<f64> {
    let chosen: Vec<f32> =
        rlzs.iter().map(|rlz| weights.get(*rlz as usize).map_or(f32::NAN, |weight| *weight as f32)).collect();
    let total = numpy_sum(&chosen);
    chosen.iter().map(|weight| f64::from(weight / total)).collect()
}

/// numpy's sum of a contiguous array: eight sums side by side, longer arrays by halves.
fn numpy_sum(values: &[f32]) -> f32 {
    match values.len() {
        0..8 => values.iter().fold(-0.0, |sum, x| sum + x),
        8..=128 => {
            let eights = values.chunks_exact(8);
            let rest = eights.remainder();
            let mut sums = [0.0f32; 8];
            for (n, eight) in eights.enumerate() {
                for (sum, x) in sums.iter_mut().zip(eight) {
                    *sum = if n == 0 { *x } else { *sum + x };
                }
            }
            let [a, b, c, d, e, f, g, h] = sums;
            rest.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, x| sum + x)
        }
        n => {
            let (left, right) = values.split_at(n / 2 - (n / 2) % 8);
            numpy_sum(left) + numpy_sum(right)
        }
    }
}

/// An intensity measure and a probability: the rows of the one after those of the other.
#[derive(Debug)]
struct Group {
    /// Its place among the elements of a bin, in values.
    place: u64,
    imt: String,
    iml: f64,
    poe: f64,
    /// What the realizations have in all bins together.
    aggregated: Vec<f64>,
}

/// A row for each bin of each intensity measure and probability.
#[derive(Debug)]
struct DisaggRows {
    comment: Comment,
    header: Vec<String>,
    /// The texts of the bins of each kind.
    bins: Vec<Vec<String>>,
    groups: Vec<Group>,
    array: Column,
    /// Of the values of the site, in groups of realizations.
    first: u64,
    of_bins: u64,
    /// How many values a row has.
    values: u64,
    traditional: bool,
    /// Which columns of values have nothing but zeros: found when first asked for.
    zeros: OnceLock<Vec<bool>>,
}

impl DisaggRows {
    /// The values of a bin and a group.
    fn values(&self, bin: u64, group: &Group) -> Result<Vec<f64>> {
        let at = (self.first + bin * self.groups.len() as u64 + group.place) * self.values;
        let values = self.array.numbers(at..at + self.values)?;
        if !self.traditional {
            return Ok(values);
        }
        let contribution = |(value, all): (f64, &f64)| (1.0 - value).ln() / (1.0 - all).ln();
        Ok(values.into_iter().zip(&group.aggregated).map(contribution).collect())
    }

    /// True if there is nothing but zeros: the engine writes no such file.
    fn is_zero(&self) -> Result<bool> {
        let from = self.first * self.values;
        let count = self.of_bins * self.groups.len() as u64 * self.values;
        for start in (from..from + count).step_by(PART as usize) {
            if self.array.numbers(start..(start + PART).min(from + count))?.iter().any(|value| *value != 0.0) {
                return Ok(false);
            }
        }
        Ok(!self.groups.iter().any(|group| self.traditional && group.aggregated.contains(&0.0)))
    }

    /// Which columns have nothing but zeros, which are then integers.
    fn zeros(&self) -> Result<&[bool]> {
        if let Some(zeros) = self.zeros.get() {
            return Ok(zeros);
        }
        let mut zeros = vec![true; self.values as usize];
        'rows: for group in &self.groups {
            for bin in 0..self.of_bins {
                let values = self.values(bin, group)?;
                zeros.iter_mut().zip(values).for_each(|(zero, value)| *zero &= value == 0.0);
                if !zeros.contains(&true) {
                    break 'rows;
                }
            }
        }
        Ok(self.zeros.get_or_init(|| zeros))
    }

    /// The text of the bins of a row, the last kind of bins changing fastest.
    fn bins(&self, bin: u64) -> Vec<&str> {
        let mut rest = bin as usize;
        let mut texts: Vec<&str> = vec![];
        for bins in self.bins.iter().rev() {
            texts.push(bins.get(rest % bins.len().max(1)).map_or("", |text| text));
            rest /= bins.len().max(1);
        }
        texts.reverse();
        texts
    }
}

impl Rows for DisaggRows {
    fn count(&self) -> u64 {
        self.of_bins * self.groups.len() as u64
    }

    fn width(&self) -> u64 {
        self.header.len() as u64
    }

    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let mut writer = csv_writer(text);
        if rows.start == 0 {
            write_head(&mut writer, &self.comment, &self.header)?;
        }
        let zeros = self.zeros()?;
        for row in rows {
            let (group, bin) = (row / self.of_bins.max(1), row % self.of_bins.max(1));
            let group = self.groups.get(group as usize).ok_or_else(|| misshapen("disagg"))?;
            writer.write_field(&group.imt)?;
            writer.write_field(scientific(group.iml, 5, true))?;
            writer.write_field(scientific(group.poe, 5, true))?;
            for bins in self.bins(bin) {
                writer.write_field(bins)?;
            }
            for (value, zero) in self.values(bin, group)?.into_iter().zip(zeros) {
                let text = match (zero, value.is_nan()) {
                    (true, _) => "0".to_string(),
                    (_, true) => "nan".to_string(),
                    _ => scientific(value, 5, true),
                };
                writer.write_field(text)?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        writer.flush().map_err(Error::Io)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_numpys() {
        // numpy 1.26: numpy.float32([1 / (i + 1) for i in range(n)]).sum()
        for (n, sum) in [(3, 1.833_333_4), (20, 3.597_74), (300, 6.282_665)] {
            let values: Vec<f32> = (0..n).map(|i| (1.0 / f64::from(i + 1)) as f32).collect();
            assert_eq!(numpy_sum(&values), sum, "{n}");
        }
    }
}
