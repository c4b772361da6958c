//! Hazard curves, spectra and maps.

use std::sync::Arc;

use oqfs_plot::{CurvesPicture, Heading, MOST_LINES, MapPicture, SiteCurve, SiteSpectra, SpectraPicture};

use super::{Picture, Pictures, Plotted, chosen, joined, label, shown_sites};
use crate::view::Result;
use crate::view::results::{Grid, Hazard, SiteArray, is_spectral, period, return_period, unit};

const NO_CURVES: &str = "the calculation keeps no hazard curves, or has none yet";
const NO_MAPS: &str = "the calculation keeps no hazard maps, or has none yet; the parameter poes asks for them";

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
pub(super) fn measure(imt: &str) -> String {
    match unit(imt) {
        "" => imt.to_string(),
        unit => format!("{imt} ({unit})"),
    }
}

/// A picture an intensity measure.
pub(super) fn curves(plotted: &Plotted) -> Result<Pictures> {
    let Some(hazard) = &plotted.hazard else { return Ok(Pictures::None(NO_CURVES.into())) };
    let Some(array) = hazard.curves.iter().next() else { return Ok(Pictures::None(NO_CURVES.into())) };
    let mut pictures = vec![];
    for (m, imt) in array.imts.iter().enumerate() {
        let (name, kind) = (format!("hcurves-{imt}"), middle(array));
        let band = quantiles(array).map(|[low, high]| format!("band {} to {}", array.kinds[low], array.kinds[high]));
        let said = [array.kinds[kind].clone(), band.unwrap_or_default(), shown_sites(array.sites.count)];
        let heading = plotted.heading(&name, format!("Hazard curves, {imt}"), &joined(&said, ", "));
        let (hazard, array, imt) = (hazard.clone(), array.clone(), imt.clone());
        let key = array.key;
        let draw = move || {
            let curve = |site: u64| site_curve(&hazard, &array, site, m, label(&array.sites, site)?);
            let sites = chosen(array.sites.count).into_iter().map(curve).collect::<Result<_>>()?;
            Ok(curves_picture(&hazard, heading.clone(), measure(&imt), sites).svg())
        };
        pictures.push(Picture::new(name, &[key], draw));
    }
    Ok(Pictures::Some(pictures))
}

fn curves_picture(hazard: &Hazard, heading: Heading, measure: String, sites: Vec<SiteCurve>) -> CurvesPicture {
    let (years, poes) = (hazard.time().unwrap_or(1.0), hazard.job.numbers("poes"));
    CurvesPicture { heading, measure, years, sites, poes }
}

/// The curve of a site for an intensity measure, with its band.
fn site_curve(hazard: &Hazard, array: &SiteArray, site: u64, imt: usize, label: String) -> Result<SiteCurve> {
    let values = |kind: usize| array.values(site, array.places(kind, imt));
    let band = match quantiles(array) {
        Some([low, high]) => Some([values(low)?, values(high)?]),
        None => None,
    };
    Ok(SiteCurve { label, levels: hazard.job.levels(&array.imts[imt]), mean: values(middle(array))?, band })
}

/// The curves of a site for all intensity measures that have the unit of the first one, as SVG; `None` if there are no curves.
///
/// # Errors
/// If they cannot be read.
pub(in crate::view) fn curves_at(hazard: &Hazard, site: u64, id: &str) -> Result<Option<String>> {
    let Some(array) = hazard.curves.iter().next() else { return Ok(None) };
    let of_measure = array.imts.iter().find(|imt| is_spectral(imt)).or(array.imts.first()).map_or("", |imt| unit(imt));
    let shown = (0..array.imts.len()).filter(|m| unit(&array.imts[*m]) == of_measure).take(MOST_LINES);
    let curve = |m: usize| site_curve(hazard, array, site, m, array.imts[m].clone());
    let curves = shown.map(curve).collect::<Result<Vec<_>>>()?;
    let heading =
        Heading::new(id, "Hazard curves", format!("{}; {}", label(&array.sites, site)?, array.kinds[middle(array)]));
    let measure = if of_measure.is_empty() { "Level".into() } else { format!("Level ({of_measure})") };
    Ok(Some(curves_picture(hazard, heading, measure, curves).svg()))
}

/// The uniform hazard spectra of a site, as SVG; `None` if there are none.
///
/// # Errors
/// If they cannot be read.
pub(in crate::view) fn spectra_at(hazard: &Hazard, site: u64, id: &str) -> Result<Option<String>> {
    let Some(array) = hazard.maps.iter().next() else { return Ok(None) };
    let subtitle = format!("{}; {}", label(&array.sites, site)?, array.kinds[middle(array)]);
    let heading = Heading::new(id, "Uniform hazard spectra", subtitle);
    Ok(Some(spectra_picture(hazard, array, &[site], heading)?.svg()))
}

/// The spectra of the mean at some sites.
fn spectra_picture(hazard: &Hazard, array: &SiteArray, sites: &[u64], heading: Heading) -> Result<SpectraPicture> {
    let imts: Vec<usize> = (0..array.imts.len()).filter(|m| is_spectral(&array.imts[*m])).collect();
    let poes: Vec<String> = array.poes.iter().map(|poe| probability(hazard, *poe)).collect();
    let spectra = |site: &u64| -> Result<SiteSpectra> {
        let all = array.values(*site, 0..array.stride())?;
        let spectrum = |p: usize| imts.iter().map(|m| all[array.places(middle(array), *m).start + p]).collect();
        Ok(SiteSpectra { label: label(&array.sites, *site)?, values: (0..poes.len()).map(spectrum).collect() })
    };
    let sites = sites.iter().map(spectra).collect::<Result<_>>()?;
    let periods = imts.iter().map(|m| period(&array.imts[*m])).collect();
    Ok(SpectraPicture { heading, periods, poes, sites })
}

/// One picture, of the mean.
pub(super) fn spectra(plotted: &Plotted) -> Result<Pictures> {
    let Some(hazard) = &plotted.hazard else { return Ok(Pictures::None(NO_MAPS.into())) };
    let Some(array) = hazard.maps.iter().next() else { return Ok(Pictures::None(NO_MAPS.into())) };
    if array.imts.iter().filter(|imt| is_spectral(imt)).count() < 2 {
        return Ok(Pictures::None("a spectrum takes two intensity measures of PGA and SA at least".into()));
    }
    let said = [array.kinds[middle(array)].clone(), shown_sites(array.sites.count)];
    let heading = plotted.heading("uhs", "Uniform hazard spectra", &joined(&said, ", "));
    let (hazard, array) = (hazard.clone(), array.clone());
    let key = array.key;
    let draw = move || Ok(spectra_picture(&hazard, &array, &chosen(array.sites.count), heading.clone())?.svg());
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
    let Some(array) = hazard.maps.iter().next() else { return Ok(Pictures::None(NO_MAPS.into())) };
    let array = Arc::new(array.clone());
    let mut pictures = vec![];
    // of realizations there may be very many
    let kinds = if hazard.maps.stats.is_some() { array.kinds.len() } else { MOST_LINES };
    for (k, kind) in array.kinds.iter().enumerate().take(kinds) {
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
