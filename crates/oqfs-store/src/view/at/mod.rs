//! `at/`: the hazard at a place. A directory of it is the site that is nearest to a place, or that has a number or an id.
//!
//! `at/13.40,42.35/` is not listed, and is there when it is asked for: whoever goes through a calculation finds nothing to go down into.

mod site_dir;
mod spelling;
mod tables;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::site_dir::SiteDir;
use self::spelling::Spelling;
use super::file::File;
use super::results::column::ArrayColumn;
use super::results::{CUSTOM_ID, Hazard, SiteArray, SiteArrays};
use super::source::ViewSource;
use super::table::{Rows, TextTable};
use super::tree::{MadeDir, TreeEntry};
use super::{Error, Result};
use crate::schema::{OQPARAM, SITECOL};

/// The name of the directory, at the top.
pub(super) const AT: &str = "at";
/// The most realizations that have columns of their own.
const MOST_RLZS: usize = 100;
/// How far a site may be from the place that was asked for, in km, unless the sites are a grid with a wider spacing.
const FARTHEST: f64 = 10.0;
/// The directories that are kept, with the sizes of their files: those that were asked for last.
const KEPT: usize = 64;

/// The directory `at` of a calculation; `None` if that has no hazard at sites.
///
/// # Errors
/// If its arrays cannot be read.
pub(super) fn at(source: &Arc<ViewSource>, calc: u32) -> Result<Option<TreeEntry>> {
    let Some(hazard) = Hazard::read(source)? else { return Ok(None) };
    let parameters = hazard.sites.parameters(source)?;
    let places = Places { source: source.clone(), calc, hazard, parameters };
    let has_columns = places.shown(&places.hazard.curves).chain(places.shown(&places.hazard.maps)).next().is_some();
    let dir = AtDir { places: Arc::new(places), found: Mutex::default() };
    Ok(has_columns.then(|| TreeEntry::made_dir(AT, dir)))
}

/// The sites of a calculation and what is known of them.
#[derive(Debug)]
struct Places {
    source: Arc<ViewSource>,
    calc: u32,
    hazard: Hazard,
    /// The site parameters by their names.
    parameters: Vec<(String, ArrayColumn)>,
}

impl Places {
    /// The arrays whose kinds have columns: the statistics, and the realizations if they are not too many.
    fn shown<'a>(&self, arrays: &'a SiteArrays) -> impl Iterator<Item = &'a SiteArray> {
        arrays.iter().filter(move |array| is_shown(arrays, array))
    }

    /// How far a site may be from the place that was asked for, in km.
    fn farthest(&self) -> f64 {
        self.hazard.job.number("region_grid_spacing").unwrap_or(0.0).max(FARTHEST)
    }

    /// The site that a name means, and the place that was asked for, if one was.
    fn find(&self, name: &str) -> Result<Option<(u64, Option<Asked>)>> {
        let sites = &self.hazard.sites;
        match Spelling::of(name) {
            None => Ok(None),
            Some(Spelling::Number(site)) => Ok((site < sites.count).then_some((site, None))),
            Some(Spelling::CustomId(id)) => Ok(sites.of_custom_id(&id)?.map(|site| (site, None))),
            Some(Spelling::Place { lon, lat }) => {
                let nearest = sites.nearest(self.source.cache(), lon, lat)?;
                let near = nearest.filter(|(_, distance)| *distance <= self.farthest());
                Ok(near.map(|(site, distance)| (site, Some(Asked { lon, lat, distance }))))
            }
        }
    }
}

/// True if an array has columns: it is that of the statistics, or has not too many realizations.
fn is_shown(arrays: &SiteArrays, array: &SiteArray) -> bool {
    arrays.rlzs.as_ref().is_none_or(|rlzs| rlzs.key != array.key || rlzs.kinds.len() <= MOST_RLZS)
}

/// A place that was asked for, in degrees, and how far the site is, in km.
#[derive(Clone, Copy, Debug)]
struct Asked {
    lon: f64,
    lat: f64,
    distance: f64,
}

/// The directory. It lists its explanation and the sites.
#[derive(Debug)]
struct AtDir {
    places: Arc<Places>,
    /// What was asked for last, at the end the last one.
    found: Mutex<VecDeque<TreeEntry>>,
}

impl MadeDir for AtDir {
    fn entries(&self) -> Result<Vec<TreeEntry>> {
        let rows = SitesTable { places: self.places.clone() };
        let table = File::of_table(TextTable::new(rows, self.places.source.cache()));
        let readme = File::of_bytes(readme(&self.places).into_bytes());
        Ok(vec![
            TreeEntry::made("README", readme, &[OQPARAM, SITECOL.key]),
            TreeEntry::made("sites.csv", table, &[SITECOL.key]),
        ])
    }

    fn unlisted(&self, name: &str) -> Result<Option<TreeEntry>> {
        if let Some(entry) = known(&mut self.found(), name) {
            return Ok(Some(entry));
        }
        let Some((site, asked)) = self.places.find(name)? else { return Ok(None) };
        let entry = TreeEntry::made_dir(name, SiteDir { places: self.places.clone(), site, asked });
        let mut found = self.found();
        // the first one stays, so that all see the same files
        if let Some(entry) = known(&mut found, name) {
            return Ok(Some(entry));
        }
        if found.len() == KEPT {
            found.pop_front();
        }
        found.push_back(entry.clone());
        Ok(Some(entry))
    }

    fn is_near(&self, name: &str) -> bool {
        // sites may have to be read for any other
        Spelling::of(name).is_none() || known(&mut self.found(), name).is_some()
    }
}

impl AtDir {
    fn found(&self) -> MutexGuard<'_, VecDeque<TreeEntry>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The directory of this name, if it is kept; it is the one that was asked for last from now on.
fn known(found: &mut VecDeque<TreeEntry>, name: &str) -> Option<TreeEntry> {
    let at = found.iter().rposition(|entry| entry.name == name)?;
    let entry = found.remove(at)?;
    found.push_back(entry.clone());
    Some(entry)
}

/// All sites: number, id, place and parameters.
#[derive(Debug)]
struct SitesTable {
    places: Arc<Places>,
}

impl SitesTable {
    fn columns(&self) -> impl Iterator<Item = (&str, &ArrayColumn)> {
        let places = self.places.hazard.sites.columns.iter().map(|(name, column)| (*name, column));
        places.chain(self.places.parameters.iter().map(|(name, column)| (name.as_str(), column)))
    }
}

impl Rows for SitesTable {
    fn count(&self) -> u64 {
        self.places.hazard.sites.count
    }

    fn width(&self) -> u64 {
        1 + self.columns().count() as u64
    }

    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let mut writer = csv::Writer::from_writer(text);
        if rows.start == 0 {
            writer.write_record(std::iter::once("site_id").chain(self.columns().map(|(name, _)| name)))?;
        }
        let columns: Vec<_> =
            self.columns().map(|(_, column)| column.csv_fields(rows.clone())).collect::<Result<_>>()?;
        for (i, site) in rows.enumerate() {
            writer.write_field(site.to_string())?;
            for column in &columns {
                writer.write_field(column.get(i).map_or(&[][..], |field| field))?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        writer.flush().map_err(Error::Io)
    }
}

/// What the directory is, for whoever finds it.
fn readme(places: &Places) -> String {
    let (hazard, farthest, calc) = (&places.hazard, places.farthest(), places.calc);
    let time = hazard.time().map_or("the investigation time".to_string(), |time| format!("{time} years"));
    let mut text = format!(
        "\
The hazard of calculation {calc} at a place. These directories are not listed, and are there all the same:

at/LON,LAT/   the site that is nearest to a longitude (-180 to 360) and latitude (-90 to 90) in decimal degrees: at/13.40,42.35/
              There is no such directory if the nearest site is farther than {farthest} km.
at/site-ID/   the site with this number, the site_id of sites.csv: at/site-0/
at/id-NAME/   the site with this custom_site_id, if sites have such ids

sites.csv     all sites: number, id, longitude and latitude in degrees, depth in km, site parameters

In such a directory are:

site.json     the site, and its distance in km from the place that was asked for
"
    );
    if places.shown(&hazard.curves).next().is_some() {
        text += &format!(
            "\
curves.csv    hazard curves: a row for each intensity measure and level. The columns of statistics and realizations are probabilities of
              exceedance in {time}. annual_rate is the annual rate of exceedance of the mean, or of the only column: Inf where the
              probability is 1.
"
        );
    }
    if places.shown(&hazard.maps).next().is_some() {
        let what = "hazard maps: the levels that are exceeded with a probability (poe)";
        text += &format!("maps.csv      {what} in {time}, a row for each intensity measure and poe\n");
    }
    if tables::has_spectra(&hazard.maps) {
        text += "uhs.csv       uniform hazard spectra: the same for PGA, as period 0, and spectral accelerations, a row for each period\n";
    }
    for array in [&hazard.curves, &hazard.maps].into_iter().filter_map(|arrays| arrays.rlzs.as_ref()) {
        let (key, count) = (array.key, array.kinds.len());
        if count > MOST_RLZS {
            text += &format!(
                "\n{key}.npy has {count} realizations. They have no columns here, because they are more than {MOST_RLZS}.\n"
            );
        }
    }
    if hazard.sites.column(CUSTOM_ID).is_none() {
        text += "\nThe sites of this calculation have no custom_site_id.\n";
    }
    text
}
