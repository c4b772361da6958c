//! What a reader is asked, and what it answers.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AttributeMap, Error, FileState, RefusedFile, Result};
use crate::datastore;
use crate::datastore::beside::FoundFile;
use crate::datastore::read::{Chunks, Description, Link, Token};

/// A file in one state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FileRef {
    /// The same as long as it is held open; another one each time it is opened.
    pub key: u64,
    pub place: Place,
    pub state: FileState,
    /// Its path, for messages.
    pub shown: OsString,
}

/// Where a file is. A path may be no text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Place {
    /// From the data directory.
    InDir(OsString),
    /// Absolute.
    Alone(OsString),
}

/// A question about a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Ask {
    /// Of a group; of the root group if none is given.
    Survey(Option<Token>),
    Object {
        object: Token,
        is_dataset: bool,
    },
    Read {
        dataset: Token,
        start: Vec<u64>,
        count: Vec<u64>,
        widths: Vec<usize>,
    },
    Longest {
        dataset: Token,
        start: Vec<u64>,
        count: Vec<u64>,
    },
    Json {
        dataset: Token,
        start: Vec<u64>,
        count: Vec<u64>,
    },
    Chunks(Token),
}

/// What is in a part of a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Survey {
    /// The group that was asked for.
    pub group: Token,
    /// The links of groups, by name: of the one that was asked for, or why they cannot be read, and of others below.
    pub links: Vec<(Token, Result<Vec<Link>, String>)>,
    /// Objects of these groups.
    pub objects: Vec<(Token, ObjectInfo)>,
    /// That is all there is in the file.
    pub is_whole: bool,
}

/// What is known of an object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ObjectInfo {
    /// Its attributes, or why they cannot be read.
    pub attrs: Result<AttributeMap, String>,
    /// If it is a dataset, what is known of that, or why nothing is.
    pub dataset: Option<Result<Description, String>>,
    /// The whole of a dataset that is one string.
    pub text: Option<Vec<u8>>,
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Survey(Survey),
    Object(Box<ObjectInfo>),
    Bytes(#[serde(with = "serde_bytes")] Vec<u8>),
    Widths(Vec<usize>),
    Json(Value),
    Chunks(Option<Chunks>),
    Failed(Failure),
}

impl Answer {
    pub fn unexpected(&self) -> Error {
        match self {
            Self::Failed(failure) => failure.error(),
            _ => Error::Process(io::Error::other("an answer to another question")),
        }
    }
}

/// An error on its way from one process to another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Failure {
    Changed,
    /// The system refused something, by its number.
    System {
        path: OsString,
        code: i32,
    },
    BeingWritten {
        path: OsString,
        pid: Option<u32>,
    },
    NotClosed {
        path: OsString,
        reason: String,
    },
    Truncated {
        path: OsString,
        reason: String,
    },
    NotHdf5 {
        path: OsString,
        reason: String,
    },
    Hdf5 {
        path: OsString,
        key: String,
        reason: String,
    },
    Other(String),
}

impl Failure {
    pub fn of(error: &datastore::Error) -> Self {
        use datastore::Error::*;
        match error {
            Io { path, error } => match error.raw_os_error() {
                Some(code) => Self::System { path: path.into(), code },
                None => Self::Other(error.to_string()),
            },
            BeingWritten { path, pid } => Self::BeingWritten { path: path.into(), pid: *pid },
            NotClosed { path, reason } => Self::NotClosed { path: path.into(), reason: reason.clone() },
            Truncated { path, reason } => Self::Truncated { path: path.into(), reason: reason.clone() },
            NotHdf5 { path, reason } => Self::NotHdf5 { path: path.into(), reason: reason.clone() },
            Hdf5 { path, key, reason } => Self::Hdf5 { path: path.into(), key: key.clone(), reason: reason.clone() },
            other => Self::Other(other.to_string()),
        }
    }

    fn error(&self) -> Error {
        use datastore::Error::*;
        let at = |path: &OsString| PathBuf::from(path);
        Error::Datastore(match self {
            Self::Changed => return Error::Changed,
            Self::System { path, code } => Io { path: at(path), error: io::Error::from_raw_os_error(*code) },
            Self::BeingWritten { path, pid } => BeingWritten { path: at(path), pid: *pid },
            Self::NotClosed { path, reason } => NotClosed { path: at(path), reason: reason.clone() },
            Self::Truncated { path, reason } => Truncated { path: at(path), reason: reason.clone() },
            Self::NotHdf5 { path, reason } => NotHdf5 { path: at(path), reason: reason.clone() },
            Self::Hdf5 { path, key, reason } => Hdf5 { path: at(path), key: key.clone(), reason: reason.clone() },
            Self::Other(said) => return Error::Process(io::Error::other(said.clone())),
        })
    }
}

/// To a reader.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    /// Files to close first: the library would give what it knows of them to whoever opens them anew.
    pub close: Vec<u64>,
    /// Files that are not given to the library.
    pub refused: Vec<RefusedFile>,
    /// Nothing is asked, and nothing answered, if there is none.
    pub ask: Option<(FileRef, Ask)>,
}

/// From a reader.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    /// It is inside the library with another file than the one that was asked for, or is so no more.
    Inside(Option<FileState>),
    /// The answer, and what was found of files beside the file.
    Answered(Box<Answer>, Vec<FoundFile>),
}

/// The most bytes of a message: what is longer is none.
const MOST: u64 = 1 << 30;

/// Sends a message: its length in 8 bytes, then MessagePack, which says numbers to the last bit.
pub(super) fn send<T: Serialize>(to: &mut impl Write, message: &T) -> io::Result<()> {
    let mut bytes = vec![0; 8];
    rmp_serde::encode::write(&mut bytes, message).map_err(io::Error::other)?;
    let len = bytes.len() as u64 - 8;
    bytes[..8].copy_from_slice(&len.to_le_bytes());
    to.write_all(&bytes)
}

/// The next message; `None` at the end.
pub(super) fn receive<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    let mut len = [0; 8];
    match from.read_exact(&mut len) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let len = u64::from_le_bytes(len);
    if len > MOST {
        return Err(io::Error::other("a message that is too long"));
    }
    let mut bytes = vec![0; len as usize];
    from.read_exact(&mut bytes)?;
    rmp_serde::from_slice(&bytes).map(Some).map_err(io::Error::other)
}

impl Survey {
    /// Of a group, of which nothing is known yet.
    pub(super) fn of(group: Token) -> Self {
        Self { group, links: vec![], objects: vec![], is_whole: false }
    }
}
