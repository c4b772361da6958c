//! Disaggregations by source: `mean_disagg_by_src-SITE_N.csv`, the engine's, of the bins of each source; and `disagg_by_src_N.csv`, which the engine
//! has not, a row a source: its annual rate of exceedance and its mean and modal magnitude, distance and epsilon, the largest rate first.

use std::ops::Range;
use std::sync::OnceLock;

use super::columns::NumberStyle;
use super::combinations::{Combinations, axes};
use super::format::{Comment, list, quoted, repr, scientific};
use super::kept_rows::{KeptRows, Site, sites};
use super::{Calculation, Exports, add, table_writer};
use crate::schema::{DISAGG_BY_SRC, HCURVES_STATS, JSON};
use crate::view::results::column::{ArrayColumn, CellValue};
use crate::view::results::{Release, Wrapped, centers, text_attr};
use crate::view::source::ViewSource;
use crate::view::table::Rows;
use crate::view::{Error, Result};

/// The first release whose comments name the type of a level.
const LEVELS_TYPED: Release = Release(3, 26);

/// The axes of the arrays of the engine, to which ours add the probability.
const AXES: [&str; 5] = ["source_id", "mag", "dist", "eps", "imt"];

/// The files, if there are disaggregations by source.
pub(super) fn export(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(sites) = sites(source, &["lon", "lat", "vs30"])? else { return Ok(()) };
    let several = sites.len() > 1;
    let mut all = Vec::new();
    for Site { id, said } in sites {
        let Some(found) = Sources::find(source, calculation, id)? else { continue };
        let stem = if several { format!("{DISAGG_BY_SRC}-{id}") } else { DISAGG_BY_SRC.to_string() };
        if let Some(rows) = found.of_bins(calculation, &said) {
            add(source, files, calculation.file_name(&stem), rows);
        }
        all.push((found, said));
    }
    if !all.is_empty() {
        let comment = calculation.with_time(calculation.comment.clone());
        let rows = Contributions { comment, sites: all, rows: OnceLock::new() };
        add(source, files, calculation.file_name("disagg_by_src"), rows);
    }
    Ok(())
}

/// The disaggregation of a site by source.
#[derive(Debug)]
struct Sources {
    site: u64,
    array: ArrayColumn,
    names: Vec<String>,
    imts: Vec<String>,
    /// The middles of the bins of magnitude, distance and epsilon.
    middles: Vec<Vec<f64>>,
    /// None of levels that the job gives.
    poes: Vec<f64>,
    /// By intensity measure and probability.
    levels: Vec<f64>,
    /// The annual rates of exceedance of all sources, as the levels, where they are known.
    hazard: Vec<Option<f64>>,
    /// The investigation time, years.
    time: f64,
}

impl Sources {
    /// `None` if there is none of the site, or it has other axes.
    fn find(source: &ViewSource, calculation: &Calculation, site: u64) -> Result<Option<Sources>> {
        let key = format!("{DISAGG_BY_SRC}/{site}");
        let Some(found) = Wrapped::find(source, &key)? else { return Ok(None) };
        let levels = ArrayColumn::find(source, &format!("{key}/iml"), None)?.and_then(ArrayColumn::short);
        let Some(levels) = levels else { return Ok(None) };
        let names = found.axes.iter().map(|(name, _)| name.as_str());
        let is_ours = names.clone().eq(AXES.into_iter().chain(["poe"]));
        let time = calculation.job.number("investigation_time").unwrap_or(f64::NAN);
        if !(is_ours || names.eq(AXES)) || found.extra.len() != 1 || !(time > 0.0) {
            return Ok(None);
        }
        let text = |cell: &CellValue| NumberStyle::Pandas.text("", cell);
        let number = |cell: &CellValue| match cell {
            CellValue::Real(x) => *x,
            CellValue::Integer(n) => *n as f64,
            CellValue::Text(_) | CellValue::Flag(_) => f64::NAN,
        };
        let texts = |axis: usize| found.axes[axis].1.iter().map(text).collect::<Vec<String>>();
        let numbers = |axis: usize| found.axes[axis].1.iter().map(number).collect::<Vec<f64>>();
        let poes = if is_ours { numbers(AXES.len()) } else { vec![] };
        let (names, imts, middles) = (texts(0), texts(4), vec![numbers(1), numbers(2), numbers(3)]);
        let levels = levels.numbers(0..levels.count)?;
        if levels.len() != imts.len() * poes.len().max(1) {
            return Ok(None);
        }
        let hazard = hazard(source, calculation, site, (&imts, &poes), time)?;
        Ok(Some(Sources { site, array: found.array, names, imts, middles, poes, levels, hazard, time }))
    }

    /// How many levels there are.
    fn width(&self) -> usize {
        self.levels.len()
    }

    /// The engine's file: a row a bin in which something is.
    fn of_bins(&self, calculation: &Calculation, said: &[f64]) -> Option<Combinations<KeptRows>> {
        let [lon, lat, vs30] = said[..] else { return None };
        let texts = |numbers: &[f64]| numbers.iter().map(|x| scientific(*x, 5, true)).collect::<Vec<String>>();
        let of_poes = (!self.poes.is_empty()).then(|| texts(&self.poes));
        let cells = std::iter::once(self.names.clone()).chain(self.middles.iter().map(|middles| texts(middles)));
        let cells: Vec<Vec<String>> = cells.chain([self.imts.clone()]).chain(of_poes.clone()).collect();
        let (axes, _) = axes(cells.into_iter(), 1);
        let names = AXES.into_iter().chain(of_poes.map(|_| "poe")).chain(["afoe"]);
        let typed = calculation.job.release >= LEVELS_TYPED;
        let level = |x: &f64| if typed { format!("np.float64({})", repr(*x)) } else { repr(*x) };
        let of_imt = |(imt, levels): (&String, &[f64])| match levels {
            [one] if self.poes.is_empty() => format!("{}: {}", quoted(imt), level(one)),
            all => format!("{}: {}", quoted(imt), list(all.iter().map(|x| repr(*x)))),
        };
        let levels = self.imts.iter().zip(self.levels.chunks(self.poes.len().max(1))).map(of_imt);
        let levels = levels.collect::<Vec<String>>().join(", ");
        let comment = calculation.comment.clone().bare("lon", &repr(lon)).bare("lat", &repr(lat));
        let comment = comment.bare("vs30", &repr(vs30)).bare("iml_disagg", &format!("{{{levels}}}"));
        let values = KeptRows { array: self.array.clone(), first: 0, width: 1, positive: true };
        Combinations::new(comment, names.map(String::from).collect(), axes, values)
    }

    /// The rows of a site, by level, the largest rate first.
    fn rows(&self, said: &[f64]) -> Result<Vec<Vec<String>>> {
        let width = self.width();
        let of_source = self.middles.iter().map(Vec::len).product::<usize>() * width;
        let values = self.array.numbers(0..(self.names.len() * of_source) as u64)?;
        let mut rows = Vec::new();
        for level in 0..width {
            let mut sources = Vec::new();
            for (name, values) in self.names.iter().zip(values.chunks(of_source.max(1))) {
                let rates: Vec<f64> = values.iter().skip(level).step_by(width).map(|x| x / self.time).collect();
                sources.extend(centers(&self.middles, &rates).map(|found| (name, found)));
            }
            sources.sort_by(|(a, (.., x)), (b, (.., y))| y.total_cmp(x).then(a.cmp(b)));
            for (name, (means, modes, rate)) in sources {
                let share = self.hazard[level].map(|all| rate / all);
                let mut row = vec![self.site.to_string()];
                row.extend(said.iter().take(2).map(|degrees| format!("{degrees:.5}")));
                let (imt, poe) = (level / self.poes.len().max(1), level % self.poes.len().max(1));
                row.push(self.imts[imt].clone());
                row.push(scientific(self.levels[level], 5, true));
                let number = |x: Option<&f64>| x.map_or_else(String::new, |x| scientific(*x, 5, true));
                row.push(number(self.poes.get(poe)));
                row.push(name.clone());
                row.extend([number(Some(&rate)), number(share.as_ref())]);
                row.extend(means.iter().chain(&modes).map(|x| scientific(*x, 5, true)));
                rows.push(row);
            }
        }
        Ok(rows)
    }
}

/// The annual rates of exceedance at a site, by intensity measure and probability: those that the probabilities stand for, or those of the mean
/// curves where these have the one level of the job.
fn hazard(
    source: &ViewSource,
    calculation: &Calculation,
    site: u64,
    (imts, poes): (&[String], &[f64]),
    time: f64,
) -> Result<Vec<Option<f64>>> {
    let rate = |poe: f64| Some(-(-poe).ln_1p() / time);
    if !poes.is_empty() {
        return Ok(imts.iter().flat_map(|_| poes.iter().map(|poe| rate(*poe))).collect());
    }
    let none = vec![None; imts.len()];
    let all = calculation.job.imts();
    let is_at_levels = calculation.job.params.get("iml_disagg").is_some_and(|of| of.is_object());
    let curves = ArrayColumn::find(source, HCURVES_STATS.key, None)?;
    let axes = text_attr(source, HCURVES_STATS.key, JSON)?
        .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    let (Some(curves), Some(axes), true) = (curves, axes, is_at_levels && all == imts) else { return Ok(none) };
    // a level of each measure, and the mean is the first statistic
    let statistics = axes["stat"].as_array().map_or(0, Vec::len) as u64;
    let width = imts.len() as u64;
    if axes["stat"][0] != "mean"
        || curves.count % (statistics * width).max(1) != 0
        || curves.count < (site + 1) * statistics * width
    {
        return Ok(none);
    }
    let first = site * statistics * width;
    Ok(curves.numbers(first..first + width)?.into_iter().map(rate).collect())
}

/// A row a site, level and source.
#[derive(Debug)]
struct Contributions {
    comment: Comment,
    /// With longitude and latitude.
    sites: Vec<(Sources, Vec<f64>)>,
    /// Those that there are, made when they are first asked for.
    rows: OnceLock<Vec<Vec<String>>>,
}

/// The names of the columns.
const HEADER: [&str; 15] = [
    "site_id",
    "lon",
    "lat",
    "imt",
    "iml",
    "poe",
    "source_id",
    "afoe",
    "share",
    "mag_mean",
    "dist_mean",
    "eps_mean",
    "mag_mode",
    "dist_mode",
    "eps_mode",
];

impl Contributions {
    fn rows(&self) -> Result<&[Vec<String>]> {
        if let Some(rows) = self.rows.get() {
            return Ok(rows);
        }
        let of_sites = self.sites.iter().map(|(sources, said)| sources.rows(said));
        let rows = of_sites.collect::<Result<Vec<_>>>()?.concat();
        Ok(self.rows.get_or_init(|| rows))
    }
}

impl Rows for Contributions {
    // as many as there may be: a source may give nothing at a level
    fn count(&self) -> u64 {
        self.sites.iter().map(|(sources, _)| (sources.names.len() * sources.width()) as u64).sum()
    }

    fn width(&self) -> u64 {
        HEADER.len() as u64
    }

    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let mut writer = table_writer(text, &rows, &self.comment, &HEADER)?;
        let all = self.rows()?;
        for row in rows.filter_map(|row| all.get(row as usize)) {
            writer.write_record(row)?;
        }
        writer.flush().map_err(Error::Io)
    }
}
