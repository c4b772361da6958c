//! Memory: what this process has taken, and what there is left for it.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, getrlimit};

/// What this process has taken, bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MemoryTaken {
    /// Now.
    pub now: f64,
    /// At most, up to now.
    pub most: f64,
}

/// What this process has taken.
pub fn taken() -> MemoryTaken {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let bytes = |name: &str| field(&status, name).unwrap_or_default();
    MemoryTaken { now: bytes("VmRSS"), most: bytes("VmHWM") }
}

/// How much memory there is for this process beside what it has taken, bytes: what the machine has available, and what limits of control
/// groups and of the process leave; `None` if nothing tells.
pub fn left() -> Option<f64> {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| field(&text, "MemAvailable"));
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let of_groups = folders(&groups, Path::new("/sys/fs/cgroup")).into_iter().filter_map(|folder| left_in(&folder));
    machine.into_iter().chain(of_groups).chain(left_of_address_space()).reduce(f64::min)
}

/// A field of `NAME: NUMBER kB`, in bytes.
fn field(text: &str, name: &str) -> Option<f64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(value.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? * 1024.0)
}

fn left_of_address_space() -> Option<f64> {
    let limit = getrlimit(Resource::As).current? as f64;
    let status = fs::read_to_string("/proc/self/status").ok()?;
    Some((limit - field(&status, "VmSize")?).max(0.0))
}

/// The folders of the control groups that this process is in, with those that they are in, as /proc/self/cgroup tells of them: of version 2
/// beneath `root`, of version 1 beneath its folder for memory.
fn folders(groups: &str, root: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for line in groups.lines() {
        let [_, controllers, path] = line.splitn(3, ':').collect::<Vec<_>>()[..] else { continue };
        let base = match controllers {
            "" => root.to_path_buf(),
            of if of.split(',').any(|name| name == "memory") => root.join("memory"),
            _ => continue,
        };
        let own = base.join(path.trim_start_matches('/'));
        // in a container the path may be that of the machine, and its own group the root
        all.extend(own.ancestors().take_while(|folder| folder.starts_with(&base)).map(Path::to_path_buf));
    }
    all
}

/// How much the limit of a control group leaves, bytes; `None` if it has none.
fn left_in(folder: &Path) -> Option<f64> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let number = |name: &str| read(name)?.trim().parse::<f64>().ok();
    let stat = |name: &str| {
        let all = read("memory.stat")?;
        all.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse::<f64>().ok())
    };
    let (limit, used, cached) = match number("memory.max") {
        Some(limit) => (limit, number("memory.current")?, stat("inactive_file")),
        None => {
            let unlimited = (i64::MAX / 4096 * 4096) as f64;
            let limit = number("memory.limit_in_bytes").filter(|limit| *limit < unlimited)?;
            (limit, number("memory.usage_in_bytes")?, stat("total_inactive_file"))
        }
    };
    // the system takes back what it only remembers of files
    Some((limit - used + cached.unwrap_or_default()).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_takes_some_and_some_is_left() {
        let taken = taken();
        assert!(taken.now > 1e5 && taken.most >= taken.now, "{taken:?}");
        assert!(left().is_some_and(|left| left > 1e6));
    }

    #[test]
    fn the_tightest_limit_of_the_control_groups_counts() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let least =
            |groups: &str| folders(groups, root.path()).iter().filter_map(|folder| left_in(folder)).reduce(f64::min);
        assert_eq!(least("0::/a/b\n"), None);
        write("a/b/memory.max", "max\n");
        write("a/memory.max", "1000\n");
        write("a/memory.current", "700\n");
        write("a/memory.stat", "anon 400\ninactive_file 200\n");
        assert_eq!(least("0::/a/b\n"), Some(500.0));
        write("memory/c/memory.limit_in_bytes", "300\n");
        write("memory/c/memory.usage_in_bytes", "290\n");
        write("memory/c/memory.stat", "cache 5\ntotal_inactive_file 4\n");
        write("memory/memory.limit_in_bytes", "9223372036854771712\n");
        write("memory/memory.usage_in_bytes", "5\n");
        assert_eq!(least("5:cpu,memory:/c\n0::/a/b\n"), Some(14.0));
    }
}
