//! Disaggregations: arrays of shape (N, bins..., M, P, Z), Z being realizations near the mean, or 1 for the mean.

use std::sync::Arc;

use oqfs_plot::{MagDistPicture, MapPicture};

use super::{Picture, Pictures, Plotted, chosen, label};
use crate::schema::{DISAGG_RLZS, DISAGG_STATS};
use crate::view::Result;
use crate::view::results::{BY_PLACE, Disaggregated};

/// The arrays that are drawn, the better ones first.
const BY_MAGNITUDE: [&str; 2] = ["Mag_Dist_Eps", "Mag_Dist"];
/// The mean, or the realizations that are nearest to it.
const GROUPS: [(&str, &str); 2] = [(DISAGG_STATS, "mean"), (DISAGG_RLZS, "the realization nearest to the mean")];

/// A picture a kind, site, intensity measure and probability, of twelve sites at most.
pub(super) fn pictures(plotted: &Plotted) -> Result<Pictures> {
    let none = || Ok(Pictures::None("the calculation is no disaggregation".into()));
    if plotted.job.text("calculation_mode") != "disaggregation" {
        return none();
    }
    let Some(sites) = &plotted.sites else { return none() };
    let imts: Vec<String> = plotted.job.imts().into_iter().map(String::from).collect();
    let poes = plotted.job.numbers("poes");
    let extents = [sites.count as usize, imts.len(), poes.len().max(1)];
    let mut pictures = vec![];
    for kinds in [&BY_MAGNITUDE[..], &[BY_PLACE]] {
        let mut found = None;
        for labels in kinds {
            for (group, whose) in GROUPS {
                if found.is_none() {
                    found = Disaggregated::find(&plotted.source, group, labels, extents)?
                        .map(|d| (Arc::new(d), *labels, group, whose));
                }
            }
        }
        let Some((array, labels, group, whose)) = found else { continue };
        for site in chosen(sites.count) {
            let place = label(sites, site)?;
            for (m, imt) in imts.iter().enumerate() {
                for p in 0..extents[2] {
                    let poe = poes.get(p).map(|poe| format!("-{poe}")).unwrap_or_default();
                    let name = format!("disagg-{labels}-site-{site}-{imt}{poe}");
                    let title = format!(
                        "Disaggregation, {imt}{}, {place}",
                        poes.get(p).map(|poe| format!(", PoE {poe}")).unwrap_or_default()
                    );
                    let heading = plotted.heading(&name, title, whose);
                    let array = array.clone();
                    let key = format!("{group}/{labels}");
                    let draw = move || {
                        let rates = array.rates(site as usize, m, p)?;
                        Ok(drawn(&array, site as usize, rates, heading.clone()))
                    };
                    pictures.push(Picture::new(name, &[&key], draw));
                }
            }
        }
    }
    if pictures.is_empty() {
        return Ok(Pictures::None(
            "disagg_outputs has none of Mag_Dist_Eps, Mag_Dist and Lon_Lat, or there is none yet".into(),
        ));
    }
    Ok(Pictures::Some(pictures))
}

/// The picture of the rates of all bins at a site, as shares of their sum.
fn drawn(array: &Disaggregated, site: usize, rates: Vec<f64>, heading: oqfs_plot::Heading) -> String {
    let all: f64 = rates.iter().filter(|rate| rate.is_finite()).sum();
    let shares: Vec<f64> = rates.iter().map(|rate| if all > 0.0 { rate / all } else { 0.0 }).collect();
    match &array.bounds[..] {
        [magnitudes, distances, epsilons @ ..] if array.is_by_magnitude => MagDistPicture {
            heading,
            magnitudes: magnitudes.of(site).to_vec(),
            distances: distances.of(site).to_vec(),
            epsilons: epsilons.first().map(|e| e.of(site).to_vec()).unwrap_or_default(),
            values: shares,
        }
        .svg(),
        [lons, lats] => {
            let (lons, lats) = (lons.of(site), lats.of(site));
            let cell = |(x, y): (&[f64], &[f64])| [x[0], y[0], x[1], y[1]];
            let cells: Vec<_> = lons.windows(2).flat_map(|x| lats.windows(2).map(move |y| cell((x, y)))).collect();
            let middle = |i: usize, j: usize| cells.iter().map(|c| (c[i] + c[j]) / 2.0).collect::<Vec<_>>();
            let values = shares.iter().map(|share| if *share > 0.0 { share * 100.0 } else { f64::NAN }).collect();
            MapPicture { heading, unit: "share, %".into(), lons: middle(0, 2), lats: middle(1, 3), values, cells }.svg()
        }
        _ => String::new(),
    }
}
