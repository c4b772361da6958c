//! What a service manager is told, as sd_notify(3) says: lines to the socket that `$NOTIFY_SOCKET` names.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// The service manager that started this process, if it wants to be told.
#[derive(Debug)]
pub struct ServiceManager(Option<OsString>);

impl ServiceManager {
    pub fn of_environment() -> Self {
        Self(std::env::var_os("NOTIFY_SOCKET").filter(|socket| !socket.is_empty()))
    }

    /// The mount answers.
    pub fn is_ready(&self) {
        self.tell("READY=1");
    }

    /// The mount is about to end.
    pub fn is_stopping(&self) {
        self.tell("STOPPING=1");
    }

    fn tell(&self, line: &str) {
        if let Some(socket) = &self.0
            && let Err(error) = send(socket, line)
        {
            log::warn!("the service manager is not told {line}: {}: {error}", socket.display());
        }
    }
}

fn send(socket: &OsStr, line: &str) -> io::Result<()> {
    let address = match socket.as_bytes() {
        // a name that is no file
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(line.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(by: &UnixDatagram) -> String {
        let mut line = [0; 64];
        let length = by.recv(&mut line).unwrap();
        String::from_utf8(line[..length].to_vec()).unwrap()
    }

    #[test]
    fn it_is_told_by_a_file_and_by_a_name_that_is_none() {
        let tmp = tempfile::tempdir().unwrap();
        let path = tmp.path().join("notify");
        let by_path = UnixDatagram::bind(&path).unwrap();
        ServiceManager(Some(path.into())).is_ready();
        assert_eq!(heard(&by_path), "READY=1");
        let name = format!("oqfs-test-{}", std::process::id());
        let by_name = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        ServiceManager(Some(format!("@{name}").into())).is_stopping();
        assert_eq!(heard(&by_name), "STOPPING=1");
    }

    #[test]
    fn where_nobody_listens_it_goes_on() {
        ServiceManager(None).is_ready();
        ServiceManager(Some("/nowhere/notify".into())).is_ready();
    }
}
