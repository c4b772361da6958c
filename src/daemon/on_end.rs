//! What is done when a calculation of the queue has ended.

use std::io;
use std::os::fd::AsFd;
use std::process::{Command, Stdio};

use crate::datastore::CalcFolder;

/// A command of whoever mounted the directory, for when a calculation has ended.
#[derive(Clone, Debug)]
pub struct OnEnd(String);

impl OnEnd {
    /// A command of the shell. It is called with the folder of the calculation and its state as two more arguments; `OQFS_CALC`, `OQFS_FOLDER`,
    /// `OQFS_STATE` and `OQFS_DESCRIPTION` say the same, and what the job calls itself. What it prints goes to the log.
    pub fn new(command: String) -> OnEnd {
        OnEnd(command)
    }

    /// Calls it, if the calculation has ended. Nobody waits for it.
    pub fn tell(&self, folder: &CalcFolder) {
        let Some(state) = folder.state().ok().flatten().filter(|state| state.state.is_final()) else { return };
        let id = folder.id();
        let (shown, name) = (folder.shown(), state.state.to_string());
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(format!("{} \"$@\"", self.0)).arg("oqfs").arg(&shown).arg(&name);
        command.env("OQFS_CALC", id.to_string()).env("OQFS_FOLDER", &shown).env("OQFS_STATE", &name);
        command.env("OQFS_DESCRIPTION", &state.description).current_dir("/").stdin(Stdio::null());
        let log = io::stderr().as_fd().try_clone_to_owned();
        command.stdout(log.map_or_else(|_| Stdio::null(), Stdio::from));
        let called = command.spawn().and_then(|mut child| {
            let wait = move || match child.wait() {
                Ok(status) if status.success() => {}
                Ok(status) => log::warn!("calc_{id}: the command for its end: {status}"),
                Err(error) => log::warn!("calc_{id}: the command for its end: {error}"),
            };
            std::thread::Builder::new().name("on-end".into()).spawn(wait)
        });
        if let Err(error) = called {
            log::warn!("calc_{id}: the command for its end cannot be called: {error}");
        }
    }
}
