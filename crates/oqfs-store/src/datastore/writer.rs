//! The single writer: one thread owns the only writable handle, everybody else sends it arrays.
//!
//! What a worker is given is a [`WriterHandle`]. It can send and nothing else: it has no path, no file and no way to open a
//! datastore, so that a calculation has one writer is a matter of types and not of discipline.
//!
//! Sending returns at once unless the writer is far behind ([`QUEUE`] messages), which bounds memory. An error of the writer
//! comes back from whatever is sent after it, and from [`WriterHandle::flush`] and [`Writer::finish`] in any case.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use super::dtype::DType;
use super::error::io;
use super::folder::INDEX;
use super::index::Publisher;
use super::writing::Writing;
use super::{ArrayData, Attr, CalcFolder, DataStore, Error, Result};

/// How many messages wait for the writer before sending waits too.
pub const QUEUE: usize = 64;

/// Attributes of a group or dataset, by name.
pub type Attrs = Vec<(String, Attr)>;

/// What is sent to the writer thread.
pub(crate) enum Message {
    Create {
        key: String,
        dtype: DType,
        shape: Vec<usize>,
        attrs: Attrs,
    },
    Rows {
        key: String,
        first: usize,
        block: ArrayData,
    },
    Complete {
        key: String,
    },
    Whole {
        key: String,
        block: ArrayData,
        attrs: Attrs,
    },
    Attrs {
        key: String,
        attrs: Attrs,
    },
    Flush(SyncSender<()>),
    /// Stop; and make the datastore the complete one.
    Finish,
}

/// The writer thread of one datastore.
#[derive(Debug)]
pub struct Writer {
    handle: WriterHandle,
    thread: JoinHandle<Result<CalcFolder>>,
}

/// Sends to the writer of a datastore. Cheap to clone, one for each worker.
#[derive(Clone, Debug)]
pub struct WriterHandle {
    /// None where nobody writes.
    sender: Option<SyncSender<Message>>,
    failed: Arc<OnceLock<Arc<Error>>>,
    shown: PathBuf,
    /// Bytes of the datasets so far.
    bytes: Arc<AtomicU64>,
}

impl Writer {
    /// Starts the writer of a new datastore.
    ///
    /// # Errors
    /// [`Error::ReadOnly`] if the datastore is not a new one ([`DataStore::create`]).
    pub fn start(store: DataStore) -> Result<Self> {
        let shown = store.path().to_owned();
        let folder = store.folder().filter(|_| store.is_new()).cloned();
        let folder = folder.ok_or_else(|| Error::ReadOnly { path: shown.clone(), key: "/".into() })?;
        let is_empty = |store: &DataStore| Ok(store.keys("/")?.is_empty() && store.attrs("/")?.is_empty());
        let tells_all = is_empty(&store)?;
        let index = folder.path().join(INDEX);
        let publisher = Publisher::create(&index).map_err(io(&folder.shown().join(INDEX)))?;
        let (sender, receiver) = sync_channel(QUEUE);
        let failed = Arc::new(OnceLock::new());
        let handle =
            WriterHandle { sender: Some(sender), failed: failed.clone(), shown: shown.clone(), bytes: Arc::default() };
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || work(store, tells_all, folder, publisher, &receiver, &failed))
            .map_err(io(&shown))?;
        Ok(Self { handle, thread })
    }

    /// Something to give to a worker.
    pub fn handle(&self) -> WriterHandle {
        self.handle.clone()
    }

    /// Writes everything sent so far and makes the datastore complete: `output.hdf5`. Sending
    /// through a handle that is left fails from now on.
    ///
    /// # Errors
    /// The first error of the writer, or [`Error::Unwritten`] of a dataset that has rows that were not written; the datastore stays partial.
    pub fn finish(self) -> Result<CalcFolder> {
        // If the thread stopped, joining says why.
        if let Some(sender) = &self.handle.sender {
            let _ = sender.send(Message::Finish);
        }
        let shown = self.handle.shown;
        self.thread.join().unwrap_or_else(|_| {
            Err(Error::Hdf5 { path: shown, key: "/".into(), reason: "the writer thread panicked".into() })
        })
    }
}

impl WriterHandle {
    /// A handle behind which nobody writes: whoever sends to it learns how large a datastore would be ([`Self::bytes`]).
    pub fn to_nobody() -> WriterHandle {
        WriterHandle { sender: None, failed: Arc::default(), shown: PathBuf::new(), bytes: Arc::default() }
    }

    /// How large the datastore is with what was sent so far through any handle, about: the elements of all datasets, those that are created
    /// and not written yet too, and what describes each.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Creates a dataset that is written in pieces, with [`Self::write_rows`]. All its rows have to be written, or it has
    /// to be declared complete ([`Self::complete`]): else [`Writer::finish`] fails, because rows never written would read as zeros.
    pub fn create(&self, key: &str, dtype: DType, shape: &[usize], attrs: Attrs) -> Result<()> {
        self.send(Message::Create { key: key.into(), dtype, shape: shape.to_vec(), attrs })
    }

    /// Writes `block` into the dataset `key`, from row `first` of its first dimension on. The other dimensions of the block
    /// are the dataset's. A dataset whose rows are all written is complete: readers see it.
    pub fn write_rows(&self, key: &str, first: usize, block: impl Into<ArrayData>) -> Result<()> {
        self.send(Message::Rows { key: key.into(), first, block: block.into() })
    }

    /// Declares a dataset complete though rows of it were not written: they are zeros.
    pub fn complete(&self, key: &str) -> Result<()> {
        self.send(Message::Complete { key: key.into() })
    }

    /// Creates the dataset `key` and writes all of it: an array, records ([`ArrayData::records`]), strings.
    pub fn write(&self, key: &str, block: impl Into<ArrayData>) -> Result<()> {
        self.write_with(key, block, vec![])
    }

    /// As [`Self::write`], with attributes.
    pub fn write_with(&self, key: &str, block: impl Into<ArrayData>, attrs: Attrs) -> Result<()> {
        self.send(Message::Whole { key: key.into(), block: block.into(), attrs })
    }

    /// Creates the dataset `key` and writes a string into it, as h5py writes a `str`.
    pub fn write_string(&self, key: &str, value: &str) -> Result<()> {
        self.write(key, ArrayData::string(value))
    }

    /// Sets attributes of the group or dataset `key`; a group that does not exist is made. `/` is the root.
    pub fn set_attrs(&self, key: &str, attrs: Attrs) -> Result<()> {
        self.send(Message::Attrs { key: key.into(), attrs })
    }

    /// Waits until everything sent so far by this handle is written and handed to the operating system.
    pub fn flush(&self) -> Result<()> {
        let (done, wait) = sync_channel(1);
        if self.sender.is_none() {
            return Ok(());
        }
        self.send(Message::Flush(done))?;
        wait.recv().map_err(|_| self.error("flush"))
    }

    fn send(&self, message: Message) -> Result<()> {
        if let Some(error) = self.failed.get() {
            return Err(Error::Writer(error.clone()));
        }
        self.bytes.fetch_add(message.bytes() as u64, Ordering::Relaxed);
        let Some(sender) = &self.sender else { return Ok(()) };
        let key = message.key().to_string();
        sender.send(message).map_err(|_| self.error(&key))
    }

    fn error(&self, key: &str) -> Error {
        match self.failed.get() {
            Some(error) => Error::Writer(error.clone()),
            None => Error::Closed { path: self.shown.clone(), key: key.into() },
        }
    }
}

/// What the library writes about a dataset beside its elements, bytes, about.
const DESCRIPTION: usize = 512;

impl Message {
    /// By how much it makes the datastore larger, bytes, about.
    fn bytes(&self) -> usize {
        match self {
            Self::Create { dtype, shape, .. } => {
                shape.iter().fold(dtype.size(), |bytes, extent| bytes.saturating_mul(*extent)) + DESCRIPTION
            }
            Self::Whole { block, .. } => block.size() + DESCRIPTION,
            // their place was made when the dataset was created
            Self::Rows { .. } | Self::Complete { .. } => 0,
            Self::Attrs { .. } | Self::Flush(_) | Self::Finish => 0,
        }
    }

    fn key(&self) -> &str {
        match self {
            Self::Create { key, .. }
            | Self::Rows { key, .. }
            | Self::Complete { key }
            | Self::Whole { key, .. }
            | Self::Attrs { key, .. } => key,
            Self::Flush(_) | Self::Finish => "/",
        }
    }
}

/// The thread: ends with `Finish`, when every handle is gone, or with the first error. The index is kept if it `tells_all`: what was in the
/// datastore before is not in it.
fn work(
    store: DataStore,
    tells_all: bool,
    folder: CalcFolder,
    publisher: Publisher,
    receiver: &Receiver<Message>,
    failed: &OnceLock<Arc<Error>>,
) -> Result<CalcFolder> {
    let mut writing = Writing::new(store.file().clone(), store.path().to_owned(), publisher);
    match write(&store, &mut writing, receiver) {
        Ok(true) => {
            drop(writing);
            store.close_with(tells_all)?;
            Ok(folder)
        }
        Ok(false) => Err(Error::Closed { path: store.path().to_owned(), key: "/".into() }),
        Err(error) => {
            let error = Arc::new(error);
            log::error!("{error}");
            let _ = failed.set(error.clone());
            // after a write that failed the library crashes when it closes the file
            std::mem::forget((store, writing));
            Err(Error::Writer(error))
        }
    }
}

/// Writes what comes; true if the last message was `Finish`.
fn write(store: &DataStore, writing: &mut Writing, receiver: &Receiver<Message>) -> Result<bool> {
    while let Ok(message) = receiver.recv() {
        match message {
            Message::Finish => {
                writing.finish()?;
                store.flush()?;
                return Ok(true);
            }
            Message::Flush(done) => {
                store.flush()?;
                // Whoever asked may have gone.
                let _ = done.send(());
            }
            message => writing.handle(message)?,
        }
    }
    Ok(false)
}
