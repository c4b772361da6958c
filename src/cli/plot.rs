//! `oqfs plot`: a picture of a calculation, or of a job before it runs.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use oqfs_plot::{Heading, PlacesPicture, png};

use super::out;
use super::place::{Place, Trees};
use crate::calc::{Model, SourceShapes};
use crate::datastore::open_arrays;
use crate::job::Job;
use crate::nearest::nearest;
use crate::view::plots::{DrawnBranch, mfd_picture, sources_picture, tree_picture};

/// Open a picture of a calculation, or write it to a file.
///
/// The pictures of a calculation are those of its folder plots/ in a mount. Of a job that has not run there are sites, sources, mfd and
/// logic-tree. Without a name of a picture, the names are listed.
#[derive(Debug, Args)]
pub struct Plot {
    /// A calculation (its number, calc_N, last, or the path of its folder), an HDF5 file, or the job.ini of a job.
    #[arg(value_name = "CALC|JOB.ini")]
    of: PathBuf,
    /// Which picture: a name as it is listed (hcurves-PGA), or the start of one name alone (uhs).
    what: Option<String>,
    /// Write it to this file, as SVG or PNG by its ending; - prints the SVG.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The pictures of a job that has not run.
const OF_JOB: [&str; 4] = ["logic-tree", "mfd", "sites", "sources"];

impl Plot {
    /// Open or write it, or list what there is.
    pub fn execute(self) -> Result<()> {
        let is_job = self.of.extension().is_some_and(|ending| ending == "ini") && self.of.is_file();
        if is_job {
            let Some(name) = self.chosen(&OF_JOB.map(String::from))? else { return Ok(()) };
            let model = Model::read(Job::read(&self.of)?, &open_arrays)?;
            return self.give(&name, picture_of_job(&model, &name));
        }
        let mut trees = Trees::default();
        let folder = trees.place(&self.of.join("plots"))?;
        let found = folder.find(true).with_context(|| format!("{} has no pictures", self.of.display()))?;
        let files = folder.tree.names(&found)?;
        let names: Vec<String> =
            files.iter().filter_map(|file| Some(file.to_str()?.strip_suffix(".svg")?.to_string())).collect();
        let Some(name) = self.chosen(&names)? else { return Ok(()) };
        let svg = read(&trees.place(&self.of.join("plots").join(format!("{name}.svg")))?)?;
        self.give(&name, svg)
    }

    /// The one that is meant; `None` after the names were listed.
    fn chosen(&self, names: &[String]) -> Result<Option<String>> {
        let Some(what) = &self.what else {
            names.iter().try_for_each(out::line)?;
            return Ok(None);
        };
        if names.contains(what) {
            return Ok(Some(what.clone()));
        }
        let starts: Vec<&String> = names.iter().filter(|name| name.starts_with(what.as_str())).collect();
        match starts[..] {
            [one] => Ok(Some(one.clone())),
            [] => {
                let close = nearest(what, names.iter().map(String::as_str));
                let hint =
                    if close.is_empty() { String::new() } else { format!("; did you mean {}?", close.join(", ")) };
                let of = self.of.display();
                bail!("{of}: there is no picture {what}{hint}; oqfs plot {of} lists those there are")
            }
            _ => {
                let shown: Vec<&str> = starts.iter().take(8).map(|name| name.as_str()).collect();
                let more = if starts.len() > shown.len() { ", ..." } else { "" };
                bail!("{} pictures start with {what}: {}{more}", starts.len(), shown.join(", "))
            }
        }
    }

    /// Writes or opens a picture.
    fn give(&self, name: &str, svg: String) -> Result<()> {
        let Some(path) = &self.output else { return open(name, &svg) };
        if path == Path::new("-") {
            return out::print(svg);
        }
        let bytes = match path.extension().and_then(|ending| ending.to_str()) {
            Some("svg") => svg.into_bytes(),
            Some("png") => png(&svg).map_err(|e| anyhow!("{e}"))?,
            _ => bail!("{}: expected a name that ends with .svg or .png, or -", path.display()),
        };
        fs::write(path, bytes).with_context(|| path.display().to_string())
    }
}

fn read(place: &Place) -> Result<String> {
    let found = place.find(true)?;
    let mut bytes = vec![];
    let take = |piece: &[u8]| {
        bytes.extend(piece);
        Ok(true)
    };
    place.tree.read(&found, take).with_context(|| place.to_string())?;
    Ok(String::from_utf8(bytes)?)
}

/// Opens a picture with the program that the user has for that.
fn open(name: &str, svg: &str) -> Result<()> {
    let is_there =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|at| !at.is_empty()));
    if !is_there {
        let hint = if std::io::stdout().is_terminal() { "" } else { "; -o - prints it" };
        bail!("there is no display to open {name} on; -o FILE.svg or FILE.png writes it{hint}");
    }
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' }).collect();
    // left behind: the program that shows it reads it later
    let mut file = tempfile::Builder::new().prefix(&format!("{plain}-")).suffix(".svg").tempfile()?;
    file.write_all(svg.as_bytes())?;
    let (_, path) = file.keep()?;
    let mut command = Command::new("xdg-open");
    command.arg(&path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().with_context(|| format!("xdg-open, for {}", path.display()))?;
    if status.success() { Ok(()) } else { Err(anyhow!("xdg-open cannot open {}: {status}", path.display())) }
}

/// One of [`OF_JOB`].
fn picture_of_job(model: &Model, name: &str) -> String {
    let description = model.job.params.given.description.as_str();
    let heading = |title: &str| Heading::new(format!("job-{name}"), title, description);
    let places = || (model.sites.points.lon.clone(), model.sites.points.lat.clone());
    match name {
        "logic-tree" => tree_picture(heading("Logic trees"), branches(model)).svg(),
        "mfd" => {
            let ids: Vec<String> =
                model.groups.iter().flat_map(|group| &group.sources).map(|s| s.id.to_string()).collect();
            mfd_picture(heading("Magnitude-frequency distributions"), &SourceShapes::of(model), &ids).svg()
        }
        "sources" => sources_picture(heading("Sources"), &SourceShapes::of(model), places()).svg(),
        _ => {
            let (lons, lats) = places();
            let ids = model.sites.custom_ids();
            let numbers = (0..lons.len()).map(|site| site.to_string());
            let names = if ids.is_empty() { numbers.collect() } else { ids.to_vec() };
            PlacesPicture { heading: heading("Sites"), lons, lats, names, ..PlacesPicture::default() }.svg()
        }
    }
}

/// The branches of both logic trees.
fn branches(model: &Model) -> Vec<DrawnBranch> {
    let of_sources = model.tree.source_models.branch_sets.iter().flat_map(|set| {
        set.branches.iter().map(|branch| DrawnBranch {
            set: set.id.to_string(),
            title: set.uncertainty_type.to_string(),
            value: branch.model.to_string(),
            weight: branch.weight,
        })
    });
    let of_gsims = model.tree.gsims.branches.iter().flat_map(|(trt, branches)| {
        branches.iter().map(|branch| DrawnBranch {
            set: trt.to_string(),
            title: trt.to_string(),
            value: branch.name.to_string(),
            weight: branch.weight,
        })
    });
    of_sources.chain(of_gsims).collect()
}
