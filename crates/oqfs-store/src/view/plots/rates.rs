//! The contribution of sources to the hazard of a site.

use std::sync::Arc;

use oqfs_plot::{MOST_LINES, RateLine, RatesPicture};

use super::hazard::measure;
use super::{Picture, Pictures, Plotted, chosen, label};
use crate::schema::{Axis, MEAN_RATES_BY_SRC};
use crate::view::Result;
use crate::view::results::Wrapped;
use crate::view::results::column::CellValue;

/// A picture an intensity measure and site, of twelve sites at most.
pub(super) fn pictures(plotted: &Plotted) -> Result<Pictures> {
    let none = |why: &str| Ok(Pictures::None(why.into()));
    let Some(rates) = Wrapped::find(&plotted.source, MEAN_RATES_BY_SRC.key)? else {
        return none("the job does not ask for rates by source (disagg_by_src)");
    };
    let Some(sites) = &plotted.sites else { return none("there are no sites") };
    let names: Vec<&str> = rates.axes.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [Axis::Site, Axis::Imt, Axis::RockLevel, Axis::Source].map(Axis::name);
    if names != expected || rates.extra.len() != 1 {
        return none("the rates by source have other axes");
    }
    let texts = |axis: usize| -> Vec<String> { rates.axes[axis].1.iter().map(text).collect() };
    let (imts, sources) = (texts(1), Arc::new(texts(3)));
    let rates = Arc::new(rates);
    let mut pictures = vec![];
    for (m, imt) in imts.iter().enumerate() {
        for site in chosen(sites.count.min(rates.axes[0].1.len() as u64)) {
            let name = format!("by-source-{imt}-site-{site}");
            let place = label(sites, site)?;
            let heading = plotted.heading(&name, format!("Hazard by source, {imt}, {place}"), "mean");
            let levels = plotted.job.rock_levels(imt);
            let (rates, sources) = (rates.clone(), sources.clone());
            let x_label = measure(imt);
            let draw = move || {
                let [l, n] = [2, 3].map(|axis: usize| rates.axes[axis].1.len() as u64);
                let first = (site * rates.axes[1].1.len() as u64 + m as u64) * l * n;
                let values = rates.array.numbers(first..first + l * n)?;
                let (total, lines) = ranked(&levels, &values, &sources);
                let x_is_log = levels.iter().all(|level| *level > 0.0);
                let y_label = "Annual rate of exceedance".into();
                let (heading, x_label) = (heading.clone(), x_label.clone());
                Ok(RatesPicture { heading, x_label, y_label, x_is_log, total: Some(total), lines }.svg())
            };
            pictures.push(Picture::new(name, &[MEAN_RATES_BY_SRC.key], draw));
        }
    }
    Ok(Pictures::Some(pictures))
}

/// The rates of all sources together, and of those that contribute most, the first of them first. `values` are by level and source.
fn ranked(levels: &[f64], values: &[f64], sources: &[String]) -> (RateLine, Vec<RateLine>) {
    let n = sources.len().max(1);
    let line = |label: &str, rates: Vec<f64>| RateLine { label: label.into(), x: levels.to_vec(), rates };
    let total = values.chunks(n).map(|of_level| of_level.iter().sum()).collect();
    // by the sum over levels of the share of each source
    let mut shares: Vec<(f64, usize)> = (0..sources.len()).map(|s| (0.0, s)).collect();
    for of_level in values.chunks(n) {
        let all: f64 = of_level.iter().sum();
        let share = |(share, value): (&mut (f64, usize), &f64)| share.0 += if all > 0.0 { value / all } else { 0.0 };
        shares.iter_mut().zip(of_level).for_each(share);
    }
    shares.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let most = shares.iter().filter(|(share, _)| *share > 0.0).take(MOST_LINES);
    let lines = most.map(|(_, s)| line(&sources[*s], values.iter().skip(*s).step_by(n).copied().collect()));
    let lines = lines.collect();
    (line("all sources", total), lines)
}

fn text(cell: &CellValue) -> String {
    match cell {
        CellValue::Text(text) => text.clone(),
        CellValue::Integer(n) => n.to_string(),
        CellValue::Real(x) => x.to_string(),
        CellValue::Flag(flag) => flag.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_come_by_their_share_and_all_of_them_sum_up() {
        let (levels, sources) = ([0.1, 1.0], ["a", "b", "c"].map(String::from));
        let (total, lines) = ranked(&levels, &[1e-3, 3e-3, 0.0, 1e-5, 5e-5, 0.0], &sources);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-15;
        assert!(close(total.rates[0], 4e-3) && close(total.rates[1], 6e-5), "{total:?}");
        let shown: Vec<_> = lines.iter().map(|line| (line.label.as_str(), line.rates.clone())).collect();
        assert_eq!(shown, [("b", vec![3e-3, 5e-5]), ("a", vec![1e-3, 1e-5])]);
    }
}
