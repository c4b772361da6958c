//! HDF5 files read for others, by processes that can be lost.
//!
//! A damaged file can make the HDF5 library crash or loop for ever, and with it the process it is in. So the process that serves a mount
//! never calls the library: it asks processes of its own, each of which answers one question at a time. One that crashes, or takes too
//! much processor time for an answer, costs the file alone: it is refused from then on, until it changes, and whoever waits for another
//! file is given another process. [`Readers::here`] answers in this process, for those who trust their files.

mod ask;
mod open_files;
mod pool;
mod process;
mod refused;
mod serve;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};

use ask::{Answer, Ask, FileRef, Place};
pub use ask::{ObjectInfo, Survey};
pub use pool::Readers;
pub use refused::{FileState, RefusedFile, RefusedList};
pub use serve::serve;

use crate::datastore::read::{Chunks, Token};
use crate::datastore::{self, Beside, DataDir};

/// Why something of a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Datastore(#[from] datastore::Error),
    /// The HDF5 library does not come back from the file, or crashes, as was seen.
    #[error("{0}")]
    Refused(String),
    /// The file is another one than it was.
    #[error("the HDF5 file has changed since")]
    Changed,
    /// No process answers.
    #[error("the process that reads HDF5 files: {0}")]
    Process(std::io::Error),
}

/// The result of a question.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An HDF5 file in one state, as far as it is asked for.
#[derive(Debug)]
pub struct ReadFile {
    readers: Arc<Readers>,
    file: FileRef,
    beside: Beside,
}

impl ReadFile {
    /// The HDF5 file at `path` in a data directory, with what is `beside` it.
    ///
    /// # Errors
    /// If it is not there, or is no HDF5 file that can be read now; see [`datastore::open::look`].
    pub fn in_dir(readers: &Arc<Readers>, dir: &DataDir, path: &Path, beside: Beside) -> Result<Self> {
        let (real, shown) = (dir.reach(path), dir.shown().join(path));
        Self::new(readers, &real, &shown, Place::InDir(path.into()), beside)
    }

    /// The HDF5 file at `path`, wherever that is.
    ///
    /// # Errors
    /// As above.
    pub fn alone(readers: &Arc<Readers>, path: &Path) -> Result<Self> {
        let io = |error| datastore::Error::Io { path: path.into(), error };
        let absolute = std::path::absolute(path).map_err(io)?;
        let beside = Beside::around(path).map_err(io)?;
        Self::new(readers, path, path, Place::Alone(absolute.into()), beside)
    }

    fn new(readers: &Arc<Readers>, real: &Path, shown: &Path, place: Place, beside: Beside) -> Result<Self> {
        let metadata = datastore::open::look(real, shown)?;
        let state = FileState::from(&metadata);
        if let Some(why) = readers.refusal(&state) {
            return Err(Error::Refused(why));
        }
        let file = FileRef { key: readers.new_key(), place, state, shown: shown.into() };
        Ok(Self { readers: readers.clone(), file, beside })
    }

    /// The files beside it, as far as they were asked for.
    pub fn beside(&self) -> &Beside {
        &self.beside
    }

    /// The file, for messages.
    pub fn shown(&self) -> PathBuf {
        self.file.shown.clone().into()
    }

    /// Forgets what was found of the files beside it: they are looked for anew.
    pub fn look_anew(&mut self) {
        self.readers.close(self.file.key);
        self.file.key = self.readers.new_key();
        self.beside.forget();
    }

    fn ask(&self, ask: Ask) -> Result<Answer> {
        let (answer, found) = self.readers.ask(&self.file, ask)?;
        self.beside.note(found);
        Ok(answer)
    }

    /// What is in a group, and what is known of the objects there and below, group by group, as far as
    /// they are not very many. Of the root group if none is given.
    pub fn survey(&self, group: Option<Token>) -> Result<Survey> {
        match self.ask(Ask::Survey(group))? {
            Answer::Survey(survey) => Ok(survey),
            other => Err(other.unexpected()),
        }
    }

    /// What is known of an object; of a dataset, without its elements, if it is one.
    pub fn object(&self, object: Token, is_dataset: bool) -> Result<ObjectInfo> {
        match self.ask(Ask::Object { object, is_dataset })? {
            Answer::Object(info) => Ok(*info),
            other => Err(other.unexpected()),
        }
    }

    /// The elements of the block of shape `count` at `start`, packed; strings of any length are given `widths`.
    pub fn read(&self, dataset: Token, start: &[u64], count: &[u64], widths: &[usize]) -> Result<Vec<u8>> {
        let ask = Ask::Read { dataset, start: start.to_vec(), count: count.to_vec(), widths: widths.to_vec() };
        match self.ask(ask)? {
            Answer::Bytes(bytes) => Ok(bytes),
            other => Err(other.unexpected()),
        }
    }

    /// The longest string, in bytes, at each place of the packing that holds strings, in the block of shape `count` at `start`.
    pub fn longest(&self, dataset: Token, start: &[u64], count: &[u64]) -> Result<Vec<usize>> {
        match self.ask(Ask::Longest { dataset, start: start.to_vec(), count: count.to_vec() })? {
            Answer::Widths(widths) => Ok(widths),
            other => Err(other.unexpected()),
        }
    }

    /// The elements of the block of shape `count` at `start` as JSON.
    pub fn json(&self, dataset: Token, start: &[u64], count: &[u64]) -> Result<Value> {
        match self.ask(Ask::Json { dataset, start: start.to_vec(), count: count.to_vec() })? {
            Answer::Json(value) => Ok(value),
            other => Err(other.unexpected()),
        }
    }

    /// Where the chunks of a dataset lie, so that they can be read without the library; `None` if they cannot.
    pub fn chunks(&self, dataset: Token) -> Result<Option<Chunks>> {
        match self.ask(Ask::Chunks(dataset))? {
            Answer::Chunks(chunks) => Ok(chunks),
            other => Err(other.unexpected()),
        }
    }
}

impl Drop for ReadFile {
    fn drop(&mut self) {
        self.readers.close(self.file.key);
    }
}

/// The attributes of an object, by name.
pub type AttributeMap = Map<String, Value>;
