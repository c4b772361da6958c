//! NRML, the Natural hazards' Risk Markup Language 0.4 and 0.5: source models, logic trees, site models and exposures as
//! plain data.
//!
//! Files are streamed: one source at a time is a small tree of [`xml::XmlNode`], never the whole file, unless it declares entities.

pub mod amplification;
mod aspect_ratio;
pub mod delta_rates;
mod entities;
pub mod exposure;
mod group;
mod hypocentres;
mod listed;
pub mod logic_tree;
mod mfd;
mod multi_point;
pub mod site_model;
pub mod source_model;
pub mod surface;
pub mod text;
pub mod xml;

use std::path::{Path, PathBuf};

/// What is wrong with an input file, and where.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {}", path.display(), if *line > 0 { format!(", line {line}") } else { String::new() }, brief(message))]
pub struct NrmlError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// What was found and what is accepted.
    pub message: String,
}

/// A message as long as a reader takes: what it quotes of a file may be of any length.
pub fn brief(message: &str) -> std::borrow::Cow<'_, str> {
    const MOST: usize = 600;
    if message.chars().nth(2 * MOST).is_none() {
        return message.into();
    }
    let start: String = message.chars().take(MOST).collect();
    let end = message.char_indices().rev().nth(MOST / 2).map_or(0, |(at, _)| at);
    format!("{start} ... {}", &message[end..]).into()
}

impl NrmlError {
    /// An error at a line of a file.
    pub fn new(path: &Path, line: usize, message: impl Into<String>) -> NrmlError {
        NrmlError { path: path.to_path_buf(), line, message: message.into() }
    }
}
