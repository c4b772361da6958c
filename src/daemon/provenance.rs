//! What a calculation was made of and by.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::inputs::is_plain;
use super::sha256::{sha256_of, sha256_of_text};
use crate::calc::{Model, Threads};
use crate::datastore::{Attrs, CalcFolder, PROVENANCE};
use crate::schema::agrees_with;

/// An attribute of the datastore may have so many bytes; one that would have more leaves out the list of inputs.
const MOST_BYTES: usize = 48 << 10;

/// What a calculation was made of and by. It is kept as `provenance.json` in its folder and as an attribute of the datastore.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The program, with its version.
    pub program: String,
    /// Whose numbers it follows.
    pub agrees_with: String,
    /// The processor, and how many threads of it were used.
    pub processor: String,
    pub threads: usize,
    /// When it began, in UTC.
    pub started: String,
    /// When it was complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<String>,
    /// The job file, from the folder of the calculation.
    pub job_file: PathBuf,
    /// The digest of the list of inputs: equal for equal inputs.
    pub inputs_sha256: String,
    /// Each input, by its path from the folder of the calculation; those that are elsewhere by their absolute paths.
    #[serde(default)]
    pub inputs: BTreeMap<PathBuf, InputDigest>,
    /// The published ground-motion models that it uses, by name.
    pub ground_motion_models: BTreeSet<String>,
    /// The magnitude-scaling relationships of its sources, by the names of NRML.
    pub scaling_relations: BTreeSet<String>,
}

/// An input file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputDigest {
    pub bytes: u64,
    pub sha256: String,
}

impl Provenance {
    /// Of a calculation that begins now in `folder`. Each of its inputs is read.
    ///
    /// # Errors
    /// If an input cannot be read.
    pub fn new(model: &Model, folder: &CalcFolder) -> Result<Provenance> {
        let started = Timestamp::now();
        let base = folder.path();
        let inside = |path: &Path| path.strip_prefix(&base).unwrap_or(path).to_path_buf();
        let files = model.job.needed_files()?;
        let inputs: BTreeMap<PathBuf, InputDigest> = files
            .present
            .iter()
            .map(|path| Ok((inside(path), InputDigest::of(path).with_context(|| inside(path).display().to_string())?)))
            .collect::<Result<_>>()?;
        let Used { models, relations } = Used::by(model);
        Ok(Provenance {
            program: concat!("oqfs ", env!("CARGO_PKG_VERSION")).into(),
            agrees_with: agrees_with(),
            processor: processor(),
            threads: Threads.count(),
            started: started.to_string(),
            finished: None,
            job_file: inside(&model.job.path),
            inputs_sha256: digest_of(&inputs),
            inputs,
            ground_motion_models: models,
            scaling_relations: relations,
        })
    }

    /// The same of one that is complete now.
    pub fn finished(self) -> Provenance {
        Provenance { finished: Some(Timestamp::now().to_string()), ..self }
    }

    /// As an attribute of the datastore.
    pub fn attrs(&self) -> Attrs {
        let text = |of: &Provenance| serde_json::to_string(of).unwrap_or_default();
        let whole = text(self);
        let fits = if whole.len() <= MOST_BYTES {
            whole
        } else {
            text(&Provenance { inputs: BTreeMap::new(), ..self.clone() })
        };
        [("provenance".to_string(), fits.into())].into_iter().collect()
    }

    /// The job file of a calculation, if its inputs were kept: as its provenance says, or the input that `job.ini` is a copy of.
    pub fn job_file(folder: &CalcFolder) -> Result<PathBuf> {
        if let Some(known) = folder.provenance::<Provenance>()? {
            let (job_file, shown) = (known.job_file, folder.shown());
            ensure!(is_plain(&job_file), "{}: its {PROVENANCE} names a job file elsewhere", shown.display());
            return Ok(folder.path().join(job_file));
        }
        let job = folder.path().join("job.ini");
        let shown = folder.shown();
        let text = fs::read(&job).with_context(|| format!("{} has no job.ini and no {PROVENANCE}", shown.display()))?;
        let mut folders = vec![folder.inputs()];
        while let Some(next) = folders.pop() {
            let entries = fs::read_dir(&next).with_context(|| format!("the inputs of {}", shown.display()))?;
            for entry in entries {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.metadata()?.len() == text.len() as u64 && fs::read(&path)? == text {
                    return Ok(path);
                }
            }
        }
        anyhow::bail!("{} has no input that its job.ini is a copy of", shown.display())
    }
}

/// What a calculation uses that was published, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Ground-motion models.
    pub models: BTreeSet<String>,
    /// Magnitude-scaling relationships.
    pub relations: BTreeSet<String>,
}

impl Used {
    /// What a model uses.
    pub fn by(model: &Model) -> Used {
        let trts: BTreeSet<_> = model.groups.iter().map(|group| group.trt_index).collect();
        let branches = model.tree.all_gsims().flat_map(|gsims| trts.iter().flat_map(|trt| gsims.models(*trt)));
        let models = branches.flat_map(|branch| branch.gsim.validities()).map(|(name, _)| name.to_string()).collect();
        let sources = model.groups.iter().flat_map(|group| &group.sources);
        let relations: BTreeSet<&str> = sources.map(|source| source.msr.name()).collect();
        Used { models, relations: relations.into_iter().map(str::to_string).collect() }
    }
}

impl InputDigest {
    fn of(path: &Path) -> io::Result<InputDigest> {
        let (bytes, sha256) = sha256_of(path)?;
        Ok(InputDigest { bytes, sha256 })
    }
}

fn digest_of(inputs: &BTreeMap<PathBuf, InputDigest>) -> String {
    let lines = inputs.iter().map(|(path, file)| format!("{}  {}\n", file.sha256, path.display()));
    sha256_of_text(&lines.collect::<String>())
}

/// What the processor calls itself.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let named = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    named.map_or_else(|| std::env::consts::ARCH.to_string(), |(_, name)| name.trim().to_string())
}
