//! `plots/`: pictures of a calculation, as SVG and PNG, made from its arrays when they are read.
//!
//! Which pictures there are follows from the names and axes of the datasets alone; arrays are read when a picture is.

mod disagg;
mod hazard;
mod rates;
mod shapes;
mod sites;
mod tree;

use std::sync::{Arc, OnceLock};

use oqfs_plot::{Heading, PNG_SIZE, png_of_size};

pub(in crate::view) use self::hazard::{curves_at, spectra_at};
pub use self::shapes::{mfd_picture, sources_picture};
pub use self::tree::{DrawnBranch, tree_picture};
use super::file::File;
use super::results::{Hazard, JobParams, Sites, evenly};
use super::source::ViewSource;
use super::tree::{MadeDir, TreeEntry};
use super::{Error, Result};
use crate::schema::{OQPARAM, SITECOL};

/// The name of the directory, at the top.
const PLOTS: &str = "plots";
const README: &str = "README";

/// The directory of pictures, if the datastore is that of a calculation.
pub(super) fn plots(set: &Arc<PlotSet>) -> Result<Option<TreeEntry>> {
    Ok(is_calculation(&set.source)?.then(|| TreeEntry::made_dir(PLOTS, PlotDir(set.clone()))))
}

/// Whether a datastore has a job and sites.
pub(super) fn is_calculation(source: &ViewSource) -> Result<bool> {
    let top = source.children(&source.root()?)?;
    let has = |key: &str| top.iter().any(|child| child.name == key.as_bytes());
    Ok(has(OQPARAM) && has(SITECOL.key))
}

/// The pictures of a datastore in one state: found when they are asked for first, and each made once.
#[derive(Debug)]
pub(super) struct PlotSet {
    source: Arc<ViewSource>,
    calc: u32,
    found: OnceLock<FoundPictures>,
}

#[derive(Debug)]
struct FoundPictures {
    pictures: Vec<PictureFiles>,
    readme: Arc<File>,
}

/// A picture as files.
#[derive(Debug)]
struct PictureFiles {
    name: String,
    keys: Vec<String>,
    svg: Arc<File>,
    png: Arc<File>,
}

impl PictureFiles {
    fn offered(&self) -> OfferedPicture<'_> {
        let is_map = self.name.starts_with("hmap-") || self.name == "sites";
        OfferedPicture { name: &self.name, is_map, svg: &self.svg }
    }
}

#[derive(Debug)]
struct PlotDir(Arc<PlotSet>);

/// Makes the SVG; the same one each time.
type Draw = Box<dyn Fn() -> Result<String> + Send + Sync>;

/// A picture that can be made.
struct Picture {
    /// The name of its files without the ending.
    name: String,
    /// The datasets that it is made from.
    keys: Vec<String>,
    draw: Draw,
}

impl Picture {
    fn new(name: impl Into<String>, keys: &[&str], draw: impl Fn() -> Result<String> + Send + Sync + 'static) -> Self {
        Self { name: name.into(), keys: keys.iter().map(|key| key.to_string()).collect(), draw: Box::new(draw) }
    }
}

/// A picture that can be asked for.
pub(super) struct OfferedPicture<'a> {
    pub name: &'a str,
    /// Whether it shows sites where they are.
    pub is_map: bool,
    svg: &'a File,
}

impl OfferedPicture<'_> {
    /// The SVG.
    ///
    /// # Errors
    /// If what it shows cannot be read.
    pub fn draw(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.svg.read()?).into_owned())
    }
}

/// The kinds of pictures in the order in which a reader wants them, by the starts of their names.
const ORDER: [&str; 9] =
    ["hmap-mean", "sites", "sources", "logic-tree", "mfd", "uhs", "hcurves", "by-source", "disagg"];

/// The pictures of one kind, or why there are none.
type PictureKind = fn(&Plotted) -> Result<Pictures, Error>;

/// What can be made of a kind.
enum Pictures {
    Some(Vec<Picture>),
    /// None, for this reason.
    None(String),
}

/// Every kind: the start of its names, and what it is.
const KINDS: [(&str, &str, PictureKind); 9] = [
    ("hcurves-IMT", "hazard curves by intensity measure, with the quantiles as a band", hazard::curves),
    ("uhs", "uniform hazard spectra", hazard::spectra),
    ("hmap-STAT-IMT-POE", "hazard maps", hazard::maps),
    ("sites", "the sites", sites::pictures),
    ("sources", "the sources on a map, by tectonic region type", shapes::sources),
    ("logic-tree", "the branches of the logic trees with their weights", tree::pictures),
    ("mfd", "magnitude-frequency distributions of the sources", shapes::mfd),
    ("by-source-IMT-site-N", "the contribution of each source to the hazard of a site", rates::pictures),
    ("disagg-KIND-site-N-IMT-POE", "disaggregations of the hazard of a site", disagg::pictures),
];

/// What all pictures of a calculation are made from.
struct Plotted {
    source: Arc<ViewSource>,
    calc: u32,
    job: JobParams,
    sites: Option<Arc<Sites>>,
    hazard: Option<Arc<Hazard>>,
}

impl Plotted {
    fn read(source: &Arc<ViewSource>, calc: u32) -> Result<Self> {
        let job = JobParams::read(source, &source.attrs(&source.root()?)?)?;
        // what is wrong with curves or maps is no reason to leave out the rest
        let hazard = Hazard::read(source).unwrap_or_else(|e| {
            log::warn!("calc_{calc}: no pictures of its hazard: {e}");
            None
        });
        let hazard = hazard.map(Arc::new);
        let sites = match &hazard {
            Some(hazard) => Some(hazard.sites.clone()),
            None => Sites::find(source)?.map(Arc::new),
        };
        Ok(Self { source: source.clone(), calc, job, sites, hazard })
    }

    /// What a picture says of itself: what is shown, and of which calculation.
    fn heading(&self, name: &str, title: impl Into<String>, shown: &str) -> Heading {
        let parts = [format!("calculation {}", self.calc), shortened(self.job.text("description")), shown.to_string()];
        Heading::new(format!("calc-{}-{}", self.calc, escaped(name)), title, joined(&parts, "; "))
    }
}

/// Parts of a line, those that say something.
fn joined(parts: &[impl AsRef<str>], between: &str) -> String {
    let parts: Vec<&str> = parts.iter().map(|part| part.as_ref().trim()).filter(|part| !part.is_empty()).collect();
    parts.join(between)
}

/// A description as part of a line.
fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.into();
    }
    let start: String = text.chars().take(MOST - 1).collect();
    format!("{}…", start.trim_end())
}

/// A name as an id of XML.
fn escaped(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

impl MadeDir for PlotDir {
    fn entries(&self) -> Result<Vec<TreeEntry>> {
        let found = self.0.found()?;
        let mut entries = vec![TreeEntry::made(README, found.readme.clone(), &[OQPARAM])];
        for PictureFiles { name, keys, svg, png } in &found.pictures {
            entries.push(TreeEntry::made(format!("{name}.svg"), svg.clone(), keys));
            entries.push(TreeEntry::made(format!("{name}.png"), png.clone(), keys));
        }
        Ok(entries)
    }
}

impl PlotSet {
    pub fn new(source: &Arc<ViewSource>, calc: u32) -> Self {
        Self { source: source.clone(), calc, found: OnceLock::new() }
    }

    pub fn source(&self) -> &Arc<ViewSource> {
        &self.source
    }

    /// All pictures, the more important ones first.
    ///
    /// # Errors
    /// If the job cannot be read.
    pub fn offered(&self) -> Result<Vec<OfferedPicture<'_>>> {
        let pictures = self.found()?.pictures.iter();
        let mut pictures: Vec<_> = pictures.map(PictureFiles::offered).collect();
        let rank = |picture: &OfferedPicture| {
            ORDER.iter().position(|start| picture.name.starts_with(start)).unwrap_or(ORDER.len())
        };
        pictures.sort_by_key(rank);
        Ok(pictures)
    }

    fn found(&self) -> Result<&FoundPictures> {
        if let Some(found) = self.found.get() {
            return Ok(found);
        }
        let plotted = Plotted::read(&self.source, self.calc)?;
        let (mut pictures, mut lines) = (vec![], vec![]);
        for (names, what, kind) in KINDS {
            let found = kind(&plotted).unwrap_or_else(|e| {
                log::warn!("calc_{}: no pictures {names}: {e}", self.calc);
                Pictures::None(e.to_string())
            });
            match found {
                Pictures::Some(of_kind) => {
                    lines.push(format!("{names}: {what}."));
                    pictures.extend(of_kind.into_iter().map(|picture| self.files(picture)));
                }
                Pictures::None(why) => lines.push(format!("{names}: {what}. Left out: {why}.")),
            }
        }
        let readme = Arc::new(File::of_bytes(readme(&lines).into_bytes()));
        Ok(self.found.get_or_init(|| FoundPictures { pictures, readme }))
    }

    /// A picture as SVG and as PNG.
    fn files(&self, picture: Picture) -> PictureFiles {
        let Picture { name, keys, draw } = picture;
        let cache = self.source.cache();
        let svg = Arc::new(File::made(cache, None, move || Ok(draw()?.into_bytes())));
        let drawn = svg.clone();
        let png = File::made(cache, Some(PNG_SIZE as u64), move || {
            png_of_size(&String::from_utf8_lossy(&drawn.read()?)).map_err(|e| Error::Unsupported(e.to_string()))
        });
        PictureFiles { name, keys, svg, png: Arc::new(png) }
    }
}

fn readme(lines: &[String]) -> String {
    let start = "Pictures of this calculation, made from its arrays when they are read. Each is there as .svg (any size, text that can be\n\
                 selected) and as .png (always 256 KiB: what the picture does not need is filled up, so that its size is known\n\
                 before it is made). The extended attribute user.made_from names the datasets that a picture was made from.\n\
                 Curves of more than 12 sites or sources are shown for 12.\n\n";
    format!("{start}{}\n", lines.join("\n"))
}

/// The sites or sources that are shown of so many.
fn chosen(count: u64) -> Vec<u64> {
    evenly(count, oqfs_plot::MOST_LINES as u64)
}

/// What is said of the sites that are shown; nothing if all are.
fn shown_sites(count: u64) -> String {
    let shown = chosen(count).len() as u64;
    if shown == count { String::new() } else { format!("{shown} of {count} sites") }
}

/// What the legend calls a site.
fn label(sites: &Sites, site: u64) -> Result<String> {
    let name = match sites.column(super::results::CUSTOM_ID) {
        Some(ids) => ids.texts(site..site + 1)?.pop().filter(|id| !id.is_empty()),
        None => None,
    };
    let place = sites.positions(site..site + 1)?.pop().unwrap_or([f64::NAN; 3]);
    let degrees = |x: f64| format!("{:.4}", x).trim_end_matches('0').trim_end_matches('.').to_string();
    let name = name.unwrap_or_else(|| format!("site {site}"));
    Ok(format!("{name} ({}, {})", degrees(place[0]), degrees(place[1])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_chosen_evenly_with_both_ends() {
        assert_eq!(chosen(3), [0, 1, 2]);
        let many = chosen(237);
        assert_eq!((many.len(), many[0], many[11]), (12, 0, 236));
        assert!(many.windows(2).all(|two| (21..=22).contains(&(two[1] - two[0]))), "{many:?}");
    }
}
