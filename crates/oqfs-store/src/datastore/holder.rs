//! Processes, as others on the same machine or on another one can tell of them.

use std::fs;

use serde::{Deserialize, Serialize};

/// A process, with the machine that it is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The name of the machine.
    pub host: String,
    /// Tells one run of its system from another.
    boot: String,
    pub pid: u32,
    /// When the process began, in the system's ticks: tells it from a later one of the same number.
    began: u64,
}

impl Holder {
    /// This process.
    pub fn this() -> Holder {
        let pid = std::process::id();
        Holder { host: of_kernel("hostname"), boot: of_kernel("random/boot_id"), pid, began: began(pid).unwrap_or(0) }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // a struct of texts and numbers is JSON
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// `None` if the bytes are none, as in a file whose maker has just begun.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Holder> {
        serde_json::from_slice(bytes).ok()
    }

    /// A name for files of this process alone.
    pub fn name(&self) -> String {
        let host = self.host.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "-");
        format!("{host}-{}", self.pid)
    }

    /// Whether it is over for certain. Of another machine that is known only if it was started anew.
    pub(super) fn is_dead(&self) -> bool {
        let this = Holder::this();
        if self.boot == this.boot { began(self.pid) != Some(self.began) } else { self.host == this.host }
    }

    /// Whether it is on this machine, since the machine was started last.
    pub(super) fn is_here(&self) -> bool {
        self.boot == Holder::this().boot
    }
}

fn of_kernel(name: &str) -> String {
    fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default().trim().to_string()
}

/// When a process began; `None` if there is none.
fn began(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // the name of the program, in brackets, may have spaces and brackets
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_from_others_of_its_number_and_of_other_machines() {
        let this = Holder::this();
        assert!(!this.is_dead() && this.is_here());
        assert_eq!(Holder::of_bytes(&this.to_bytes()), Some(this.clone()));
        assert_eq!(Holder::of_bytes(b""), None);
        let earlier = Holder { began: 1, ..this.clone() };
        assert!(earlier.is_dead() && earlier.is_here());
        let rebooted = Holder { boot: "before".into(), ..this.clone() };
        assert!(rebooted.is_dead() && !rebooted.is_here());
        let elsewhere = Holder { host: "another".into(), boot: "its".into(), ..this };
        assert!(!elsewhere.is_dead() && !elsewhere.is_here());
    }
}
