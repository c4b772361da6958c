//! Hazard curves, spectra and maps.

use std::sync::Arc;

use oqfs_plot::{CurvesPicture, MapPicture, SiteCurve, SiteSpectra, SpectraPicture};

use super::{Picture, Pictures, Plotted, chosen, label, shown_sites};
use crate::view::Result;
use crate::view::results::{Grid, Hazard, SiteArray, SiteArrays, is_spectral, period, return_period, unit};

const NO_CURVES: &str = "the calculation keeps no hazard curves, or has none yet";
const NO_MAPS: &str = "the calculation keeps no hazard maps, or has none yet; the parameter poes asks for them";

/// The statistics, or the realizations where there are none.
fn first(arrays: &SiteArrays) -> Option<&SiteArray> {
    arrays.stats.as_ref().or(arrays.rlzs.as_ref())
}

/// The place of the mean among the kinds of an array, or of the first one.
fn middle(array: &SiteArray) -> usize {
    array.kinds.iter().position(|kind| kind == "mean").unwrap_or(0)
}

/// The places of the lowest and the highest quantile, if there are two.
fn quantiles(array: &SiteArray) -> Option<[usize; 2]> {
    let quantile = |kind: &String| kind.strip_prefix("quantile-")?.parse::<f64>().ok();
    let mut found: Vec<(f64, usize)> =
        array.kinds.iter().enumerate().filter_map(|(n, kind)| Some((quantile(kind)?, n))).collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (low, high) = (found.first()?.1, found.last()?.1);
    (low != high).then_some([low, high])
}

/// An intensity measure with its unit.
fn measure(imt: &str) -> String {
    match unit(imt) {
        "" => imt.to_string(),
        unit => format!("{imt} ({unit})"),
    }
}

/// A picture an intensity measure.
pub(super) fn curves(plotted: &Plotted) -> Result<Pictures> {
    let Some(hazard) = &plotted.hazard else { return Ok(Pictures::None(NO_CURVES.into())) };
    let Some(array) = first(&hazard.curves) else { return Ok(Pictures::None(NO_CURVES.into())) };
    let mut pictures = vec![];
    for (m, imt) in array.imts.iter().enumerate() {
        let (name, kind) = (format!("hcurves-{imt}"), middle(array));
        let band = quantiles(array).map(|[low, high]| format!("band {} to {}", array.kinds[low], array.kinds[high]));
        let said = [Some(array.kinds[kind].clone()), band, Some(shown_sites(array.sites.count))];
        let said: Vec<_> = said.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        let heading = plotted.heading(&name, format!("Hazard curves, {imt}"), &said.join(", "));
        let (hazard, array, imt) = (hazard.clone(), array.clone(), imt.clone());
        let poes = plotted.job.numbers("poes");
        let key = array.key;
        let draw = move || {
            let mut sites = vec![];
            for site in chosen(array.sites.count) {
                let values = |kind: usize| array.values(site, array.places(kind, m));
                let band =
                    quantiles(&array).map(|[low, high]| Ok::<_, crate::view::Error>([values(low)?, values(high)?]));
                sites.push(SiteCurve {
                    label: label(&array.sites, site)?,
                    mean: values(kind)?,
                    band: band.transpose()?,
                });
            }
            let (levels, years) = (hazard.job.levels(&imt), hazard.time().unwrap_or(1.0));
            let picture = CurvesPicture {
                heading: heading.clone(),
                measure: measure(&imt),
                years,
                levels,
                sites,
                poes: poes.clone(),
            };
            Ok(picture.svg())
        };
        pictures.push(Picture::new(name, &[key], draw));
    }
    Ok(Pictures::Some(pictures))
}

/// One picture, of the mean.
pub(super) fn spectra(plotted: &Plotted) -> Result<Pictures> {
    let Some(hazard) = &plotted.hazard else { return Ok(Pictures::None(NO_MAPS.into())) };
    let Some(array) = first(&hazard.maps) else { return Ok(Pictures::None(NO_MAPS.into())) };
    let imts: Vec<usize> = (0..array.imts.len()).filter(|m| is_spectral(&array.imts[*m])).collect();
    if imts.len() < 2 {
        return Ok(Pictures::None("a spectrum takes two intensity measures of PGA and SA at least".into()));
    }
    let kind = middle(array);
    let said = [array.kinds[kind].clone(), shown_sites(array.sites.count)];
    let said: Vec<_> = said.into_iter().filter(|part| !part.is_empty()).collect();
    let heading = plotted.heading("uhs", "Uniform hazard spectra", &said.join(", "));
    let (hazard, array) = (hazard.clone(), array.clone());
    let key = array.key;
    let draw = move || {
        let poes: Vec<String> = array.poes.iter().map(|poe| probability(&hazard, *poe)).collect();
        let mut sites = vec![];
        for site in chosen(array.sites.count) {
            let all = array.values(site, 0..array.stride())?;
            let spectrum = |p: usize| imts.iter().map(|m| all[array.places(kind, *m).start + p]).collect();
            sites.push(SiteSpectra {
                label: label(&array.sites, site)?,
                values: (0..poes.len()).map(spectrum).collect(),
            });
        }
        let periods = imts.iter().map(|m| period(&array.imts[*m])).collect();
        Ok(SpectraPicture { heading: heading.clone(), periods, poes, sites }.svg())
    };
    Ok(Pictures::Some(vec![Picture::new("uhs", &[key], draw)]))
}

/// A probability as a modeller says it.
fn probability(hazard: &Hazard, poe: f64) -> String {
    let percent = format!("{:.4}", poe * 100.0);
    let percent = percent.trim_end_matches('0').trim_end_matches('.');
    match hazard.time() {
        Some(time) => format!("{percent} % in {time} years ({:.0} years)", return_period(poe, time)),
        None => format!("{percent} %"),
    }
}

/// A picture a kind, intensity measure and probability.
pub(super) fn maps(plotted: &Plotted) -> Result<Pictures> {
    let Some(hazard) = &plotted.hazard else { return Ok(Pictures::None(NO_MAPS.into())) };
    let Some(array) = first(&hazard.maps) else { return Ok(Pictures::None(NO_MAPS.into())) };
    let array = Arc::new(array.clone());
    let mut pictures = vec![];
    for (k, kind) in array.kinds.iter().enumerate() {
        for (m, imt) in array.imts.iter().enumerate() {
            for (p, poe) in array.poes.iter().enumerate() {
                let name = format!("hmap-{kind}-{imt}-{poe}");
                let title = format!("Hazard map, {imt}, {}", probability(hazard, *poe));
                let heading = plotted.heading(&name, title, kind);
                let (array, unit) = (array.clone(), measure(imt));
                let key = array.key;
                let draw = move || {
                    let values = array.at_all_sites(array.places(k, m).start + p)?;
                    let places = array.sites.positions(0..array.sites.count)?;
                    let places: Vec<(f64, f64)> = places.into_iter().map(|[lon, lat, _]| (lon, lat)).collect();
                    let cells = cells(&places);
                    let (lons, lats) = places.into_iter().unzip();
                    let (heading, unit) = (heading.clone(), unit.clone());
                    Ok(MapPicture { heading, unit, lons, lats, values, cells }.svg())
                };
                pictures.push(Picture::new(name, &[key], draw));
            }
        }
    }
    Ok(Pictures::Some(pictures))
}

/// The cells of sites, if they are a grid.
fn cells(places: &[(f64, f64)]) -> Vec<[f64; 4]> {
    let Some(grid) = Grid::of(places) else { return vec![] };
    let cell = |(lon, lat): &(f64, f64)| grid.cell(*lon, *lat).map(|c| [c.west, c.south, c.east, c.north]);
    places.iter().map(cell).collect::<Option<_>>().unwrap_or_default()
}
