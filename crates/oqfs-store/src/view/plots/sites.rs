//! The sites.

use oqfs_plot::PlacesPicture;

use super::{Picture, Pictures, Plotted};
use crate::schema::SITECOL;
use crate::view::Result;
use crate::view::results::{CUSTOM_ID, Sites};

/// One picture.
pub(super) fn pictures(plotted: &Plotted) -> Result<Pictures> {
    let Some(sites) = plotted.sites.clone() else {
        return Ok(Pictures::None("the datastore has no sites".into()));
    };
    let heading = plotted.heading("sites", "Sites", &format!("{} sites", sites.count));
    let draw = move || {
        let (lons, lats, names) = places(&sites)?;
        Ok(PlacesPicture { heading: heading.clone(), lons, lats, names, ..PlacesPicture::default() }.svg())
    };
    Ok(Pictures::Some(vec![Picture::new("sites", &[SITECOL.key], draw)]))
}

/// Longitudes, latitudes and names of all sites.
pub(super) fn places(sites: &Sites) -> Result<(Vec<f64>, Vec<f64>, Vec<String>)> {
    let (lons, lats) = sites.positions(0..sites.count)?.into_iter().map(|[lon, lat, _]| (lon, lat)).unzip();
    let names = match sites.column(CUSTOM_ID) {
        Some(ids) => ids.texts(0..sites.count)?,
        None => (0..sites.count).map(|site| site.to_string()).collect(),
    };
    Ok((lons, lats, names))
}
