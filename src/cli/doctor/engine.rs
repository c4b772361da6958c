//! The engine's environment.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Finding;
use super::machine::Machine;
use crate::schema::RELEASE;

/// How long a Python may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);
const BETWEEN: Duration = Duration::from_millis(10);

/// Prints the release of the engine, without loading it.
const ASK: &str = "from importlib.metadata import version; print(version('openquake.engine'))";

pub fn engine(machine: &Machine) -> Finding {
    let set: Vec<_> = ["OQ_DATADIR", "OQ_DATABASE"]
        .into_iter()
        .filter_map(|name| Some(format!("{name}={}", machine.var(name)?.display())))
        .collect();
    let set = if set.is_empty() { String::new() } else { format!("; {}", set.join(", ")) };
    match machine.program("oq") {
        Some(oq) => Finding::ok(format!("{}{set}", oq.display())),
        None => Finding::note(format!("no oq in PATH, which oqfs does not need{set}"))
            .by(format!("pip install openquake.engine=={RELEASE}")),
    }
}

pub fn python(machine: &Machine) -> Finding {
    let Some(python) = active(machine) else { return Finding::note("no Python in PATH, which oqfs does not need") };
    let shown = python.display();
    match release(machine, &python) {
        Ok(Some(release)) if release == RELEASE => Finding::ok(format!("{shown} has the engine {release}")),
        Ok(Some(release)) => Finding::note(format!(
            "{shown} has the engine {release}; the numbers of oqfs are those of {RELEASE}, which differ in places"
        ))
        .by(format!("{shown} -m pip install openquake.engine=={RELEASE}")),
        Ok(None) => Finding::note(format!("{shown} has no engine, which oqfs does not need")),
        Err(e) => Finding::note(format!("{shown} does not answer: {e}")),
    }
}

/// The Python beside `oq`, else that of the active environment, else the first in `$PATH`.
fn active(machine: &Machine) -> Option<PathBuf> {
    let is_there = |path: &PathBuf| fs::metadata(path).is_ok_and(|file| file.is_file());
    let beside_oq = || Some(machine.program("oq")?.parent()?.join("python")).filter(is_there);
    let of_environment = || Some(machine.path(machine.var("VIRTUAL_ENV")?.join("bin/python"))).filter(is_there);
    of_environment().or_else(beside_oq).or_else(|| machine.program("python3")).or_else(|| machine.program("python"))
}

/// The release of the engine that a Python has; `None` if it has none.
fn release(machine: &Machine, python: &Path) -> std::io::Result<Option<String>> {
    let mut command = Command::new(python);
    command.args(["-c", ASK]).env_clear().envs(&machine.env);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let until = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if Instant::now() > until => {
                child.kill()?;
                child.wait()?;
                return Err(std::io::ErrorKind::TimedOut.into());
            }
            None => std::thread::sleep(BETWEEN),
        }
    };
    let mut said = String::new();
    if let Some(mut out) = child.stdout.take() {
        out.read_to_string(&mut said)?;
    }
    Ok(status.success().then(|| said.trim().to_string()).filter(|release| !release.is_empty()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::fs::PermissionsExt;

    use super::super::Health;
    use super::*;

    /// A machine whose `oq` has a Python beside it that says `said` and ends so.
    fn with_python(said: &str) -> (tempfile::TempDir, Machine) {
        let tmp = tempfile::tempdir().unwrap();
        let bin = tmp.path().join("opt/oq/bin");
        fs::create_dir_all(&bin).unwrap();
        for (name, text) in [("oq", "".to_string()), ("python", format!("#!/bin/sh\n{said}\n"))] {
            fs::write(bin.join(name), text).unwrap();
            fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let env =
            BTreeMap::from([("PATH".into(), "/opt/oq/bin".into()), ("OQ_DATABASE".into(), "127.0.0.1:1908".into())]);
        let (root, dir) = (tmp.path().to_owned(), tmp.path().join("oqdata"));
        (tmp, Machine { root, env, dir, is_root: false, files: None })
    }

    #[test]
    fn the_release_of_the_engine_is_that_of_the_python_beside_it() {
        let (_tmp, machine) = with_python(&format!("echo {RELEASE}"));
        let found = engine(&machine);
        assert!(found.health == Health::Ok && found.found.contains("OQ_DATABASE=127.0.0.1:1908"), "{found:?}");
        assert_eq!(python(&machine).health, Health::Ok);
        let (_tmp, machine) = with_python("echo 3.23.5");
        let found = python(&machine);
        assert!(found.health == Health::Note && found.found.contains("has the engine 3.23.5"), "{found:?}");
        assert!(found.mend.unwrap().ends_with(&format!("-m pip install openquake.engine=={RELEASE}")));
        let (_tmp, machine) = with_python("exit 1");
        assert!(python(&machine).found.contains("has no engine"));
    }

    #[test]
    fn no_engine_is_no_problem() {
        let (_tmp, mut machine) = with_python("");
        machine.env.remove(std::ffi::OsStr::new("PATH"));
        assert_eq!((engine(&machine).health, python(&machine).health), (Health::Note, Health::Note));
    }
}
