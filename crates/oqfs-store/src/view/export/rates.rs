//! `mean_rates_by_src-SITE_N.csv`: the annual rates of exceeding each level by source, those that are positive.

use super::columns::NumberStyle;
use super::combinations::{AxisCells, Combinations, axis};
use super::format::{repr, scientific};
use super::kept_rows::{KeptRows, Site, sites};
use super::{Calculation, Exports, add};
use crate::schema::MEAN_RATES_BY_SRC;
use crate::view::Result;
use crate::view::results::Wrapped;
use crate::view::results::column::CellValue;
use crate::view::source::ViewSource;

/// A file a site, if there are rates by source.
pub(super) fn export(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(rates) = Wrapped::find(source, MEAN_RATES_BY_SRC.key)? else { return Ok(()) };
    let Some(sites) = sites(source, &["lon", "lat", "vs30"])? else { return Ok(()) };
    let names: Vec<&str> = rates.axes.iter().map(|(name, _)| name.as_str()).collect();
    let [(_, ids), (_, imts), (_, levels), (_, sources)] = &rates.axes[..] else { return Ok(()) };
    if !names.iter().copied().eq(MEAN_RATES_BY_SRC.axes.iter().map(|axis| axis.name())) || rates.extra.len() != 1 {
        return Ok(());
    }
    let [n, m, l, of_level] = [ids, imts, levels, sources].map(|cells| cells.len() as u64);
    let text = |cell: &CellValue| NumberStyle::Pandas.text("", cell);
    let mut by_source = axis(sources.iter().map(text), 1);
    by_source.sort();
    let mut by_level: Vec<(String, f64, u64)> = vec![];
    for (i, imt) in (0..).zip(imts.iter().map(text)) {
        let of_imt = calculation.job.levels(&imt);
        if of_imt.len() as u64 != l {
            return Ok(());
        }
        by_level.extend((0..).zip(of_imt).map(|(j, level)| (imt.clone(), level, (i * l + j) * of_level)));
    }
    by_level.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let by_level: AxisCells =
        by_level.into_iter().map(|(imt, level, at)| (vec![imt, scientific(level, 5, true)], at)).collect();
    for Site { id, said } in sites.into_iter().filter(|site| site.id < n) {
        let [lon, lat, vs30] = said[..] else { continue };
        let rounded = |degrees: f64| repr(format!("{degrees:.5}").parse().unwrap_or(degrees));
        let comment = calculation.comment.clone().bare("lon", &rounded(lon)).bare("lat", &rounded(lat));
        let comment = comment.bare("vs30", &repr(vs30));
        let header = ["source_id", "imt", "iml", "afoe"].map(String::from).to_vec();
        let first = id * m * l * of_level;
        let values = KeptRows { array: rates.array.clone(), first, width: 1, positive: true };
        if let Some(rows) = Combinations::new(comment, header, vec![by_source.clone(), by_level.clone()], values) {
            add(source, files, calculation.file_name(&format!("{}-{id}", MEAN_RATES_BY_SRC.key)), rows);
        }
    }
    Ok(())
}
