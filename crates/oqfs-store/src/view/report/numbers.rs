//! The hazard of sites as numbers for the script of the page.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use crate::view::Result;
use crate::view::results::{CUSTOM_ID, Hazard, SiteArray, evenly, is_spectral, period, return_period, unit};
use crate::view::source::ViewSource;

/// What the script gets, and what was left out of it.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    pub json: Map<String, Value>,
    pub notes: Vec<String>,
    /// How many sites the script knows.
    pub sites: usize,
    pub imts: Vec<String>,
    pub has_curves: bool,
    pub has_spectra: bool,
    pub has_realizations: bool,
    /// The names of the sites.
    pub names: Vec<String>,
}

/// The bytes of a number as base64, about.
const NUMBER: usize = 6;
/// The bytes of a site without its hazard: number, name and place.
const SITE: usize = 60;
/// The most realizations whose curves are kept.
const REALIZATIONS: usize = 100;

impl Numbers {
    /// At most `most` bytes of them, about.
    ///
    /// # Errors
    /// If an array cannot be read.
    pub fn read(source: &Arc<ViewSource>, most: usize) -> Result<Self> {
        let mut numbers = Self::default();
        let Some(hazard) = Hazard::read(source)? else { return Ok(numbers) };
        let curves = hazard.curves.iter().next();
        let maps = hazard.maps.iter().next();
        let Some(imts) = curves.or(maps).map(|array| array.imts.clone()) else { return Ok(numbers) };
        let rlzs = hazard.curves.rlzs.as_ref().filter(|_| hazard.curves.stats.is_some());
        let count = hazard.sites.count;
        // a quarter is for realizations, if there are any
        let of_site = SITE
            + NUMBER
                * curves
                    .iter()
                    .chain(&maps)
                    .map(|array| kinds_of(array) * array.stride() / array.kinds.len().max(1))
                    .sum::<usize>();
        let room = if rlzs.is_some() { most / 4 * 3 } else { most };
        let sites = evenly(count, (room / of_site).max(1) as u64);
        if (sites.len() as u64) < count {
            numbers.notes.push(format!(
                "Curves and spectra are here for {} of {count} sites, evenly chosen by number.",
                sites.len()
            ));
        }
        numbers.add_sites(&hazard, &sites)?;
        let levels = |imt: &String| if curves.is_some() { hazard.job.levels(imt) } else { vec![] };
        let imt = |imt: &String| json!({"name": imt, "unit": unit(imt), "period": period(imt), "levels": levels(imt)});
        numbers.json.insert("imts".into(), imts.iter().map(imt).collect());
        numbers.json.insert("time".into(), hazard.time().unwrap_or(1.0).into());
        for (name, array) in [("curves", curves), ("maps", maps)] {
            let part = array.map(|array| part(array, &sites, &(0..kinds_of(array)).collect::<Vec<_>>())).transpose()?;
            numbers.json.insert(name.into(), part.unwrap_or(Value::Null));
        }
        numbers.has_curves = curves.is_some();
        if let Some(maps) = maps {
            numbers.add_spectra(&hazard, maps);
        }
        if let Some(rlzs) = rlzs {
            numbers.add_realizations(rlzs, &sites, most / 4)?;
        }
        numbers.imts = imts;
        Ok(numbers)
    }

    fn add_sites(&mut self, hazard: &Hazard, sites: &[u64]) -> Result<()> {
        let places = hazard.sites.positions(0..hazard.sites.count)?;
        let ids = hazard.sites.column(CUSTOM_ID).map(|ids| ids.texts(0..ids.count)).transpose()?;
        let name = |site: &u64| {
            let id = ids.as_ref().and_then(|ids| ids.get(*site as usize)).filter(|id| !id.is_empty());
            id.cloned().unwrap_or_else(|| format!("site {site}"))
        };
        self.names = sites.iter().map(name).collect();
        let degrees = |axis: usize| {
            sites.iter().map(|site| (places[*site as usize][axis] * 1e5).round() / 1e5).collect::<Vec<_>>()
        };
        let sites_json = json!({"id": sites, "name": self.names, "lon": degrees(0), "lat": degrees(1)});
        self.sites = sites.len();
        self.json.insert("sites".into(), sites_json);
        Ok(())
    }

    fn add_spectra(&mut self, hazard: &Hazard, maps: &SiteArray) {
        let spectral: Vec<usize> = (0..maps.imts.len()).filter(|m| is_spectral(&maps.imts[*m])).collect();
        self.has_spectra = spectral.len() > 1;
        let label = |poe: &f64| match hazard.time() {
            Some(time) => format!("{:.0} years", return_period(*poe, time)),
            None => format!("PoE {poe}"),
        };
        self.json.insert("spectral".into(), json!(spectral));
        self.json.insert("poes".into(), json!(maps.poes));
        self.json.insert("poe_labels".into(), maps.poes.iter().map(label).collect());
    }

    fn add_realizations(&mut self, rlzs: &SiteArray, sites: &[u64], most: usize) -> Result<()> {
        let of_rlz = NUMBER * sites.len() * rlzs.stride() / rlzs.kinds.len().max(1);
        let kept = evenly(rlzs.kinds.len() as u64, ((most / of_rlz.max(1)).min(REALIZATIONS)) as u64);
        if kept.len() < rlzs.kinds.len() {
            self.notes.push(format!("Of {} realizations {} are here.", rlzs.kinds.len(), kept.len()));
        }
        if !kept.is_empty() {
            let kept: Vec<usize> = kept.into_iter().map(|rlz| rlz as usize).collect();
            self.json.insert("rlz_curves".into(), part(rlzs, sites, &kept)?);
            self.has_realizations = true;
        }
        Ok(())
    }
}

/// How many kinds of an array are kept.
fn kinds_of(array: &SiteArray) -> usize {
    array.kinds.len().min(REALIZATIONS)
}

/// Some kinds of an array at some sites: float32 in the order of the array.
fn part(array: &SiteArray, sites: &[u64], kinds: &[usize]) -> Result<Value> {
    let mut bytes = vec![];
    for site in sites {
        let values = array.values(*site, 0..array.stride())?;
        for kind in kinds {
            let places = array.places(*kind, 0).start..array.places(*kind, 0).start + array.imts.len() * array.last;
            bytes.extend(values[places].iter().flat_map(|value| (*value as f32).to_le_bytes()));
        }
    }
    let names: Vec<&String> = kinds.iter().map(|kind| &array.kinds[*kind]).collect();
    Ok(json!({"kinds": names, "last": array.last, "values": BASE64_STANDARD.encode(bytes)}))
}
