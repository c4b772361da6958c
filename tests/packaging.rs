//! What packages hold beside the program: manual pages, completions, units, and the helper that mount(8) calls.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::mount::{Daemon, is_mounted};
use common::program::Running;

fn oqfs(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_oqfs")).args(args).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "oqfs {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that users are told of.
fn commands() -> Vec<String> {
    let help = oqfs(&["--help"]);
    let listed = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let names = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(String::from).collect()
}

/// The options that the help of a command names.
fn options(command: &str) -> BTreeSet<String> {
    let help = oqfs(&[command, "--help"]);
    let word = |word: &str| word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-').to_string();
    let options = help.split("Options:").nth(1).unwrap();
    options.split_whitespace().map(word).filter(|word| word.starts_with("--") && word.len() > 2).collect()
}

/// The names of the files of a folder.
fn names_in(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

#[test]
fn manual_pages_name_every_command_and_option() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("man");
    oqfs(&["generate", "man", dir.to_str().unwrap()]);
    let page = |name: &str| fs::read_to_string(dir.join(name)).unwrap().replace("\\-", "-");
    let main = page("oqfs.1");
    let mut expected = BTreeSet::from(["oqfs.1".to_string(), "oqfs.5".to_string()]);
    let mut named = 0;
    for command in commands() {
        assert!(main.contains(&format!("oqfs-{command}(1)")), "oqfs.1 does not name {command}:\n{main}");
        let text = page(&format!("oqfs-{command}.1"));
        let title = format!(".TH oqfs-{command} 1 \" \" \"oqfs {}\" \"Seismic hazard\"", env!("CARGO_PKG_VERSION"));
        assert!(text.lines().any(|line| line == title), "oqfs-{command}.1 has no {title}:\n{text}");
        for option in options(&command) {
            assert!(text.contains(&option), "oqfs-{command}.1 does not name {option}:\n{text}");
            named += 1;
        }
        expected.insert(format!("oqfs-{command}.1"));
    }
    assert!(named > 20, "only {named} options");
    // what the program alone calls has no page
    assert_eq!(names_in(&dir), expected);
    if is_there("groff") {
        for name in &expected {
            let output = Command::new("groff").args(["-man", "-ww", "-z"]).arg(dir.join(name)).output().unwrap();
            assert!(output.stderr.is_empty(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn the_page_of_a_mount_names_every_path_of_the_readme() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let page = fs::read_to_string(root.join("packaging/oqfs.5")).unwrap().replace("\\-", "-");
    let table = readme.split("\nUnder the mount:\n\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
    assert!(rows.len() > 10, "only {} paths", rows.len());
    for row in rows {
        let paths = row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2);
        for path in paths {
            assert!(page.contains(path), "packaging/oqfs.5 does not name {path}");
        }
    }
}

#[test]
fn completions_are_scripts_of_their_shells_and_name_every_command() {
    let tmp = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = oqfs(&["generate", "completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "the completions of {shell} do not name {command}");
        }
        for option in options("mount") {
            let bare = option.trim_start_matches('-');
            assert!(script.contains(bare), "the completions of {shell} do not name {option}");
        }
        for hidden in ["read-hdf5", "inspect", "mount-fuse"] {
            assert!(!script.contains(hidden), "the completions of {shell} name {hidden}, which no user calls");
        }
        let path = tmp.path().join(shell);
        fs::write(&path, script).unwrap();
        if shell == "bash" || is_there(shell) {
            let output = Command::new(shell).arg("-n").arg(&path).output().unwrap();
            assert!(output.status.success() && output.stderr.is_empty(), "{shell}: {output:?}");
        }
    }
}

#[test]
fn a_service_manager_is_told_when_the_mount_answers_and_when_it_ends() {
    const NAME: &str = "a_service_manager_is_told_when_the_mount_answers_and_when_it_ends";
    need_fuse!(NAME);
    let tmp = tempfile::tempdir().unwrap();
    let (socket, point) = (tmp.path().join("notify"), tmp.path().join("oqdata"));
    let manager = UnixDatagram::bind(&socket).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let heard = || {
        let mut line = [0; 64];
        let length = manager.recv(&mut line).unwrap();
        String::from_utf8(line[..length].to_vec()).unwrap()
    };
    let daemon = Daemon { point, tmp };
    let point = &daemon.point;
    let mut command = Command::new(env!("CARGO_BIN_EXE_oqfs"));
    command.args(["mount", "--foreground"]).arg(point).env("NOTIFY_SOCKET", &socket).stdin(Stdio::null());
    let mut mount = Running(command.spawn().unwrap());
    assert_eq!(heard(), "READY=1");
    assert!(is_mounted(point) && point.join("new/README").exists());
    // SAFETY: the process that this test started, and has not waited for.
    unsafe { libc::kill(mount.0.id() as i32, libc::SIGTERM) };
    assert_eq!(heard(), "STOPPING=1");
    assert_eq!(mount.code(), Some(0));
    assert!(!is_mounted(point));
}

#[test]
fn the_helper_of_mount_mounts_with_its_options() {
    const NAME: &str = "the_helper_of_mount_mounts_with_its_options";
    let tmp = tempfile::tempdir().unwrap();
    let (helper, point) = (tmp.path().join("mount.fuse.oqfs"), tmp.path().join("oqdata"));
    symlink(env!("CARGO_BIN_EXE_oqfs"), &helper).unwrap();
    fs::create_dir(&point).unwrap();
    fs::copy("/bin/true", point.join("program")).unwrap();
    let called = |options: &[&str]| Command::new(&helper).args([&point, &point]).args(options).output().unwrap();
    let refused = called(&["-o", "rw,colour=blue"]);
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && why.contains("option colour=blue is unknown"), "{why}");
    assert!(!is_mounted(&point));
    let shown =
        String::from_utf8(called(&["-v", "-f", "-o", "noexec,jobs=2,nosuid,x-systemd.requires=a.mount"]).stdout)
            .unwrap();
    assert_eq!(shown, format!("oqfs mount {} --no-exec --jobs 2\n", point.display()));
    need_fuse!(NAME);
    let daemon = Daemon { point: point.clone(), tmp };
    for (options, is_read_only, runs) in
        [("rw,nodev", false, true), ("ro", true, true), ("noexec,_netdev", false, false)]
    {
        let mounted = called(&["-n", "-o", options, "-t", "fuse.oqfs"]);
        assert!(mounted.status.success(), "{options}: {}", String::from_utf8_lossy(&mounted.stderr));
        assert!(is_mounted(&point), "{options}");
        assert_eq!(fs::write(point.join("a"), "").is_err(), is_read_only, "{options}");
        assert_eq!(Command::new(point.join("program")).status().is_ok(), runs, "{options}");
        assert!(daemon.umount().status.success());
    }
}
