//! What fails because the system has too little of something at the moment: it says nothing of a calculation, which can be tried again.

use std::io;

use crate::datastore::Error;

/// True if a calculation could not be run, or its end could not be recorded, because the system had too little of something.
pub fn is_shortage(error: &anyhow::Error) -> bool {
    error.chain().any(|error| {
        let of_datastore = match error.downcast_ref() {
            Some(Error::Io { error, .. }) => Some(error),
            _ => None,
        };
        of_datastore.or(error.downcast_ref()).is_some_and(is_for_want)
    })
}

/// True if the system refused something because it has too little: space on the disk, memory, processes, descriptors.
pub fn is_for_want(error: &io::Error) -> bool {
    const WANTED: [i32; 6] = [libc::ENOSPC, libc::EDQUOT, libc::ENOMEM, libc::EAGAIN, libc::EMFILE, libc::ENFILE];
    error.raw_os_error().is_some_and(|number| WANTED.contains(&number))
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_full_disk_is_a_shortage_wherever_it_is_said() {
        let full = || io::Error::from_raw_os_error(libc::ENOSPC);
        let of_datastore = Error::Io { path: "job.json".into(), error: full() };
        assert!(is_shortage(&anyhow::Error::from(of_datastore).context("the state")));
        assert!(is_shortage(&Err::<(), _>(full()).context("a process").unwrap_err()));
        let denied = Error::Io { path: "job.json".into(), error: io::Error::from_raw_os_error(libc::EACCES) };
        assert!(!is_shortage(&denied.into()) && !is_shortage(&anyhow::anyhow!("No space left on device")));
    }
}
