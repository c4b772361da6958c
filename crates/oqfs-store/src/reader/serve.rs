//! The process that reads HDF5 files, from inside.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::ask::{Reply, Request, receive, send};
use super::open_files::OpenFiles;
use crate::datastore::DataDir;

/// Answers what comes by a socket until its other end is closed. Files that are named by their path from a data directory are in `dir`.
///
/// # Errors
/// If the socket fails.
pub fn serve(mut socket: UnixStream, dir: Option<DataDir>) -> io::Result<()> {
    let told = Mutex::new(socket.try_clone()?);
    let tell = move |file| {
        let mut socket = told.lock().unwrap_or_else(PoisonError::into_inner);
        // who does not hear it is gone, which the answer will find
        let _ = send(&mut *socket, &Reply::Inside(file));
    };
    let mut files = OpenFiles::new(dir, Box::new(tell));
    while let Some(request) = receive::<Request>(&mut socket)? {
        if let Some((answer, found)) = files.answer(request) {
            send(&mut socket, &Reply::Answered(Box::new(answer), found))?;
        }
    }
    Ok(())
}
