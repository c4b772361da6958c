//! The HDF5 files that a reader has open, and what it answers of them.

use std::any::Any;
use std::collections::{HashSet, VecDeque};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::ask::{Answer, Ask, Failure, FileRef, ObjectInfo, Place, Request, Survey};
use super::{AttributeMap, FileState, RefusedFile};
use crate::datastore::beside::FoundFile;
use crate::datastore::read::{Description, H5Dataset, H5File, ObjectKind, Packing, Target, Token};
use crate::datastore::{Beside, DType, DataDir, Error, Result, Watcher};

/// Files kept open.
const FILES: usize = 32;
/// Datasets of a file kept open.
const DATASETS: usize = 4;
/// Bytes of decoded chunks that the library keeps for each of them.
const CHUNKS: usize = 4 << 20;
/// The bytes of the largest chunk that the library keeps, instead of the others.
const LARGE_CHUNK: u64 = 256 << 20;
/// Objects that a survey tells of, apart from all links of the group that was asked for.
const SURVEYED: usize = 10_000;
/// Bytes of a string that is told with its dataset.
const TEXT: usize = 64 << 10;

/// Told when a file beside the one that was asked for is given to the library, and when that is over.
pub(super) type TellInside = Box<dyn Fn(Option<FileState>) + Send + Sync>;

/// The files beside others that are given to the library, and those that are not.
struct Beyond {
    refused: Mutex<Vec<RefusedFile>>,
    tell: TellInside,
}

impl Watcher for Arc<Beyond> {
    fn refusal(&self, file: &Metadata) -> Option<String> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.iter().find(|refused| refused.file == file.into()).map(|refused| refused.why.clone())
    }

    fn inside(&self, file: &Metadata) -> Box<dyn Any> {
        (self.tell)(Some(file.into()));
        Box::new(Within(self.clone()))
    }
}

/// Being inside the library with another file.
struct Within(Arc<Beyond>);

impl Drop for Within {
    fn drop(&mut self) {
        (self.0.tell)(None);
    }
}

/// The files that a reader has open.
pub(super) struct OpenFiles {
    dir: Option<DataDir>,
    beyond: Arc<Beyond>,
    /// The one used last at the end.
    files: VecDeque<(u64, OpenFile)>,
}

/// A file. What is open in it is closed before it is.
struct OpenFile {
    datasets: VecDeque<(Token, H5Dataset, Packing)>,
    file: H5File,
    beside: Beside,
    /// How many files beside it were told of.
    told: usize,
}

impl OpenFiles {
    /// None yet. Those that are named by their path from a data directory are in `dir`.
    pub fn new(dir: Option<DataDir>, tell: TellInside) -> Self {
        Self { dir, beyond: Arc::new(Beyond { refused: Mutex::default(), tell }), files: VecDeque::new() }
    }

    /// Does what is asked; the answer, and what was found of files beside the file since it was asked for last.
    pub fn answer(&mut self, request: Request) -> Option<(Answer, Vec<FoundFile>)> {
        self.files.retain(|(key, _)| !request.close.contains(key));
        *self.beyond.refused.lock().unwrap_or_else(PoisonError::into_inner) = request.refused;
        let (file, ask) = request.ask?;
        let open = match self.open(&file) {
            Ok(Some(open)) => open,
            Ok(None) => return Some((Answer::Failed(Failure::Changed), vec![])),
            Err(e) => return Some((Answer::Failed(Failure::of(&e)), vec![])),
        };
        let answer = open.answer(ask).unwrap_or_else(|e| Answer::Failed(Failure::of(&e)));
        let mut found = open.beside.found_files();
        if found.len() == open.told {
            found.clear();
        } else {
            open.told = found.len();
        }
        Some((answer, found))
    }

    /// The file, open; `None` if it is not what it was.
    fn open(&mut self, file: &FileRef) -> Result<Option<&mut OpenFile>> {
        if let Some(at) = self.files.iter().position(|(key, _)| *key == file.key) {
            let known = self.files.remove(at);
            self.files.extend(known);
        } else {
            let shown = PathBuf::from(&file.shown);
            let io = |error| Error::Io { path: shown.clone(), error };
            let (real, beside) = match &file.place {
                Place::InDir(path) => {
                    let dir = self.dir.as_ref().ok_or_else(|| io(std::io::Error::other("no data directory")))?;
                    let path = Path::new(path);
                    (dir.reach(path), Beside::new(dir, path, Some(Arc::new(self.beyond.clone()))).map_err(io)?)
                }
                Place::Alone(path) => (path.into(), Beside::around(Path::new(path)).map_err(io)?),
            };
            let is_same = || fs::metadata(&real).is_ok_and(|now| FileState::from(&now) == file.state);
            if !is_same() {
                return Ok(None);
            }
            let open = H5File::open_looked_at(&real, &shown, beside.clone())?;
            if !is_same() {
                return Ok(None);
            }
            self.files.push_back((file.key, OpenFile { datasets: VecDeque::new(), file: open, beside, told: 0 }));
            if self.files.len() > FILES {
                self.files.pop_front();
            }
        }
        Ok(self.files.back_mut().map(|(_, file)| file))
    }
}

impl OpenFile {
    fn answer(&mut self, ask: Ask) -> Result<Answer> {
        Ok(match ask {
            Ask::Survey(group) => Answer::Survey(self.survey(group)?),
            Ask::Object { object, is_dataset } => Answer::Object(Box::new(self.info(object, is_dataset))),
            Ask::Read { dataset, start, count, widths } => {
                let (dataset, packing) = self.dataset(dataset)?;
                packing.set_widths(&widths);
                Answer::Bytes(dataset.read(&start, &count, packing)?)
            }
            Ask::Longest { dataset, start, count } => {
                let (dataset, packing) = self.dataset(dataset)?;
                Answer::Widths(dataset.longest(&start, &count, packing)?)
            }
            // a list may be of any length, so that no cache is worth it
            Ask::Json { dataset, start, count } => Answer::Json(self.file.dataset(dataset, 0)?.json(&start, &count)?),
            Ask::Chunks(dataset) => {
                let (dataset, packing) = self.dataset(dataset)?;
                Answer::Chunks(dataset.chunks(packing)?)
            }
        })
    }

    fn dataset(&mut self, dataset: Token) -> Result<(&H5Dataset, &mut Packing)> {
        if let Some(at) = self.datasets.iter().position(|(token, ..)| *token == dataset) {
            let known = self.datasets.remove(at);
            self.datasets.extend(known);
        } else {
            if self.datasets.len() >= DATASETS {
                self.datasets.pop_front();
            }
            let mut open = self.file.dataset(dataset, CHUNKS)?;
            let chunk = open.chunk_bytes();
            if (CHUNKS as u64 + 1..=LARGE_CHUNK).contains(&chunk) {
                // It is asked for piece by piece, and decoded for each if it is not kept.
                self.datasets.clear();
                open = self.file.dataset(dataset, chunk as usize)?;
            }
            let packing = open.packing()?;
            self.datasets.push_back((dataset, open, packing));
        }
        match self.datasets.back_mut() {
            Some((_, dataset, packing)) => Ok((dataset, packing)),
            None => unreachable!("one was just put there"),
        }
    }

    fn survey(&self, group: Option<Token>) -> Result<Survey> {
        let root = self.file.root()?.token;
        let mut survey = Survey::of(group.unwrap_or(root));
        let mut groups = VecDeque::from([survey.group]);
        let mut seen = HashSet::from([survey.group]);
        survey.objects.push((survey.group, self.info(survey.group, false)));
        while let Some(group) = groups.pop_front() {
            let links = self.file.links(group);
            for link in links.iter().flatten() {
                let Target::Hard(object) = &link.target else { continue };
                if survey.objects.len() > SURVEYED || !seen.insert(object.token) {
                    continue;
                }
                match object.kind {
                    ObjectKind::Group => groups.push_back(object.token),
                    ObjectKind::Dataset | ObjectKind::Datatype => {}
                    ObjectKind::Unknown => continue,
                }
                survey.objects.push((object.token, self.info(object.token, object.kind == ObjectKind::Dataset)));
            }
            survey.links.push((group, links.map_err(|e| e.to_string())));
            if survey.objects.len() > SURVEYED {
                return Ok(survey);
            }
        }
        survey.is_whole = survey.group == root;
        Ok(survey)
    }

    fn info(&self, object: Token, is_dataset: bool) -> ObjectInfo {
        let attrs = || self.file.attrs(object);
        let told = |attrs: Result<AttributeMap>| attrs.map_err(|e| e.to_string());
        if !is_dataset {
            return ObjectInfo { attrs: told(attrs()), dataset: None, text: None };
        }
        let open = self.file.dataset(object, 0);
        let attrs = told(open.as_ref().map_or_else(|_| attrs(), H5Dataset::attrs));
        let dataset = open.as_ref().map(H5Dataset::describe).map_err(|e| e.to_string());
        let text = open.as_ref().ok().zip(dataset.as_ref().ok()).and_then(|(open, described)| text_of(open, described));
        ObjectInfo { attrs, dataset: Some(dataset), text }
    }
}

/// The whole of a dataset that is one string of any length, if that is short.
fn text_of(dataset: &H5Dataset, described: &Description) -> Option<Vec<u8>> {
    let is_string = matches!(described.dtype, DType::VarString { .. }) && described.shape.as_deref() == Some(&[]);
    if !is_string || described.refusal.is_some() {
        return None;
    }
    let mut packing = described.packing.clone().ok()?;
    let widths = dataset.longest(&[], &[], &packing).ok()?;
    if widths.iter().sum::<usize>() > TEXT {
        return None;
    }
    packing.set_widths(&widths.iter().map(|width| (*width).max(1)).collect::<Vec<_>>());
    dataset.read(&[], &[], &packing).ok()
}
