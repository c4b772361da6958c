//! Jobs: a `job.ini` with its parameters checked and the files that it names.

mod archive;
mod build;
mod disagg;
mod distance;
mod earlier;
mod files;
mod ini;
mod json;
mod kinds;
mod literal;
mod parameters;
mod params;
mod spectra;
mod table;
mod values;

use std::path::{Path, PathBuf};

use crate::nrml::{brief, text};

pub use crate::nrml::text::in_other_case;

pub use archive::{extract, found_in, is_archive, unpack};
pub use disagg::{BinEdges, DisaggAxis, Marginal};
pub use distance::{IntegrationDistance, MinimumMagnitude, interpolate};
pub use earlier::{earlier_calculation, with_earlier};
pub use files::{Needed, is_job_file, job_files_below, source_model_paths};
pub use ini::with_values;
pub use kinds::{AcceptedRange, MOST_PATHS};
pub use parameters::{Absent, Declaration, Rates, Use, new_name, parameters, usage};
pub use params::{
    Amplification, AmplificationMethod, Amplified, ByteSize, Collapsed, Exposure, Gsims, Hull, InputFile, Mode,
    Oversampling, Params, ReferenceSite, Region, SamplingMethod, SiteSource, Vs30Type,
};
pub use spectra::PostProcessing;
pub use table::{Given, Lines};
pub use values::Imtls;

/// What is wrong with a job, and where.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {}", path.display(), if *line > 0 { format!(", line {line}") } else { String::new() }, brief(message))]
pub struct JobError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// The parameter, what was found and what is accepted.
    pub message: String,
}

/// A job that has been read and checked.
#[derive(Clone, Debug)]
pub struct Job {
    /// The `.ini` file.
    pub path: PathBuf,
    /// Its parameters.
    pub params: Params,
    /// What the user should know but that stops nothing: unknown names, parameters without effect.
    pub warnings: Vec<String>,
    /// Every parameter as it stands in the file, in its order.
    pub text: Vec<(String, String)>,
}

/// A job file is text of people; a longer one is something else.
const MOST_BYTES: u64 = 1 << 26;

impl Job {
    /// Read a job file and check its parameters; the files that it names must exist.
    pub fn read(path: &Path) -> Result<Job, JobError> {
        let job = Job::read_without_inputs(path)?;
        job.check_files()?;
        Ok(job)
    }

    /// Check that the files that the parameters name exist.
    ///
    /// # Errors
    /// Names the first that does not.
    pub fn check_files(&self) -> Result<(), JobError> {
        let missing = self.params.files().into_iter().find(|file| !file.path.is_file());
        missing.map_or(Ok(()), |file| {
            let hint = text::in_other_case(&file.path).map_or(String::new(), |other| format!("; {other}"));
            let message = format!("{}: there is no file {}{hint}", file.parameter, file.path.display());
            Err(self.error(file.line, message))
        })
    }

    /// Have the job, and the files that it names, where `copy` says that their copies are, so that they need not be read again.
    pub fn move_to(&mut self, copy: impl Fn(&Path) -> Option<PathBuf>) {
        let files = self.params.files_mut().into_iter().map(|file| &mut file.path);
        for path in files.chain([&mut self.path]) {
            if let Some(copy) = copy(path) {
                *path = copy;
            }
        }
    }

    /// Read a job file and check its parameters, whether or not the files that it names are there yet.
    pub fn read_without_inputs(path: &Path) -> Result<Job, JobError> {
        let fail = |line: usize, message: String| JobError { path: path.to_path_buf(), line, message };
        if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")) {
            let message = "a .toml file is a workflow of the engine, of several jobs, which is not supported; expected one of its jobs, \
                           a .ini file";
            return Err(fail(0, message.to_string()));
        }
        let text = Job::text_of(path)?;
        let entries = ini::parse(&text).map_err(|(line, message)| fail(line, message))?;
        let base = path.parent().unwrap_or(Path::new("."));
        let mut warnings = Vec::new();
        let params = build::build(&entries, base, &mut warnings).map_err(|(line, message)| fail(line, message))?;
        let text = entries.into_iter().map(|e| (e.key, e.value)).collect();
        Ok(Job { path: path.to_path_buf(), params, warnings, text })
    }

    /// The text of a job file, which is a regular file of no more than 64 MiB.
    ///
    /// # Errors
    /// If it is something else, or cannot be read.
    pub fn text_of(path: &Path) -> Result<String, JobError> {
        let fail = |line: usize, message: String| JobError { path: path.to_path_buf(), line, message };
        let bytes = text::bytes(path, MOST_BYTES).map_err(|e| fail(0, text::unreadable(path, &e)))?;
        text::decode(bytes).map_err(|(line, message)| fail(line, message))
    }

    /// An error in the job file.
    pub fn error(&self, line: usize, message: impl Into<String>) -> JobError {
        JobError { path: self.path.clone(), line, message: message.into() }
    }
}
