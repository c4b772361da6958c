//! A directory of `at/`: the hazard at a site.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Asked, Places, tables};
use crate::schema::SITECOL;
use crate::view::Result;
use crate::view::file::File;
use crate::view::plots::{curves_at, spectra_at};
use crate::view::results::{CUSTOM_ID, SiteArrays};
use crate::view::tree::{MadeDir, TreeEntry};

/// The directory of a site.
#[derive(Debug)]
pub(super) struct SiteDir {
    pub places: Arc<Places>,
    /// The number of the site.
    pub site: u64,
    /// The place that was asked for; `None` if the site was.
    pub asked: Option<Asked>,
}

/// Makes a file of a site.
type Make = fn(&Places, u64) -> Result<Vec<u8>>;

impl MadeDir for SiteDir {
    fn entries(&self) -> Result<Vec<TreeEntry>> {
        let (places, hazard) = (&self.places, &self.places.hazard);
        let of_site = self.file({
            let asked = self.asked;
            move |places, site| site_json(places, site, asked)
        });
        let mut entries = vec![TreeEntry::made("site.json", of_site, &[SITECOL.key])];
        let mut add = |name, arrays: &SiteArrays, make: Make| {
            let keys: Vec<&str> = places.shown(arrays).map(|array| array.key).collect();
            if !keys.is_empty() {
                entries.push(TreeEntry::made(name, self.file(make), &keys));
            }
        };
        add("curves.csv", &hazard.curves, tables::curves);
        add("curves.svg", &hazard.curves, |places, site| {
            drawn(curves_at(&places.hazard, site, &format!("site-{site}-curves"))?)
        });
        add("maps.csv", &hazard.maps, tables::maps);
        if tables::has_spectra(&hazard.maps) {
            add("uhs.csv", &hazard.maps, tables::spectra);
            add("uhs.svg", &hazard.maps, |places, site| {
                drawn(spectra_at(&places.hazard, site, &format!("site-{site}-uhs"))?)
            });
        }
        Ok(entries)
    }
}

impl SiteDir {
    /// A file that is made when it is read.
    fn file(&self, make: impl Fn(&Places, u64) -> Result<Vec<u8>> + Send + Sync + 'static) -> File {
        let (places, site) = (self.places.clone(), self.site);
        File::made(self.places.source.cache(), None, move || make(&places, site))
    }
}

/// The bytes of a picture.
fn drawn(svg: Option<String>) -> Result<Vec<u8>> {
    Ok(svg.unwrap_or_default().into_bytes())
}

/// `site.json`: the site, and its distance from the place that was asked for.
fn site_json(places: &Places, site: u64, asked: Option<Asked>) -> Result<Vec<u8>> {
    let mut all = Map::from_iter([("site_id".to_string(), site.into())]);
    let sites = &places.hazard.sites;
    for name in [CUSTOM_ID, "lon", "lat", "depth"] {
        if let Some(column) = sites.column(name) {
            all.extend(column.json(site..site + 1)?.pop().map(|value| (name.to_string(), value)));
        }
    }
    if let Some(Asked { lon, lat, distance }) = asked {
        all.insert("asked".into(), json!({"lon": lon, "lat": lat}));
        // a metre is as exact as the places of sites are
        all.insert("distance_km".into(), ((distance * 1e3).round() / 1e3).into());
    }
    let mut parameters = Map::new();
    for (name, column) in &places.parameters {
        parameters.extend(column.json(site..site + 1)?.pop().map(|value| (name.clone(), value)));
    }
    all.insert("parameters".into(), parameters.into());
    Ok(format!("{:#}\n", Value::Object(all)).into_bytes())
}
