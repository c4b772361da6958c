//! What the commands print: one writer for all of it.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

/// Set when the reader of standard output has gone.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Prints to standard output. When the reader has gone, as in `oqfs status | head`, this and all that follows is dropped without a word.
///
/// # Errors
/// If it cannot be written for another reason, such as a full disk.
pub fn print(text: impl Display) -> Result<()> {
    write_with(|out| write!(out, "{text}"))
}

/// Prints a line.
///
/// # Errors
/// As [`print()`].
pub fn line(text: impl Display) -> Result<()> {
    write_with(|out| writeln!(out, "{text}"))
}

/// The same for what writes by itself.
///
/// # Errors
/// As [`print()`].
pub fn write_with(write: impl FnOnce(&mut io::StdoutLock) -> io::Result<()>) -> Result<()> {
    if is_closed() {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    match write(&mut out).and_then(|()| out.flush()) {
        Err(e) if e.kind() == ErrorKind::BrokenPipe => {
            CLOSED.store(true, Ordering::Relaxed);
            Ok(())
        }
        written => written.context("standard output"),
    }
}

/// Whether nobody reads what is printed any more.
pub fn is_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

/// What went wrong with some of several things: the last is the error of all, those before are told.
#[derive(Debug, Default)]
pub struct Failures(Option<anyhow::Error>);

impl Failures {
    /// Goes on after `done`, whatever that is.
    pub fn note(&mut self, done: Result<()>) {
        if let Err(error) = done
            && let Some(earlier) = self.0.replace(error)
        {
            tell(format_args!("{earlier:#}"));
        }
    }

    /// The last that went wrong.
    pub fn end(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// Tells the user something on standard error. Where that cannot be written there is nobody to tell.
pub fn tell(text: impl Display) {
    let _ = writeln!(io::stderr(), "oqfs: {text}");
}
