//! Mounts for tests, taken away however the test ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use oqfs::datastore::{DataDir, DataStore, MountInfo, Writer, mounted_by};
use oqfs::fuse;

/// Why nothing can be mounted here, if so.
pub fn no_fuse() -> Option<String> {
    fs::File::options().read(true).write(true).open("/dev/fuse").err().map(|e| format!("/dev/fuse: {e}"))
}

/// Leaves the test, loudly, if nothing can be mounted.
#[macro_export]
macro_rules! need_fuse {
    ($test:expr) => {
        if let Some(why) = $crate::common::mount::no_fuse() {
            return $crate::common::skip($test, &why);
        }
    };
}

/// The program: what [`as_plain_user`] copied, for tests that it runs.
fn program() -> PathBuf {
    std::env::var_os("OQFS").map_or_else(|| env!("CARGO_BIN_EXE_oqfs").into(), PathBuf::from)
}

pub fn oqfs(args: &[&str]) -> Output {
    Command::new(program()).args(args).output().unwrap()
}

/// A mount by `oqfs mount`, taken away however the test ends.
pub struct Daemon {
    pub point: PathBuf,
    pub tmp: tempfile::TempDir,
}

impl Daemon {
    pub fn start() -> Self {
        Self::over(tempfile::tempdir().unwrap(), &[])
    }

    pub fn over(tmp: tempfile::TempDir, options: &[&str]) -> Self {
        let point = tmp.path().join("oqdata");
        fs::create_dir_all(&point).unwrap();
        let daemon = Self { point, tmp };
        daemon.mount(options);
        daemon
    }

    pub fn mount(&self, options: &[&str]) {
        let output = oqfs(&[&["mount", self.point.to_str().unwrap()], options].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub fn umount(&self) -> Output {
        oqfs(&["umount", self.point.to_str().unwrap()])
    }

    pub fn pid(&self) -> u32 {
        mounted_by(&self.point).expect("mounted")
    }

    /// The process that answers the kernel, a child of the one in charge.
    pub fn server(&self) -> u32 {
        self.server_now().expect("a server")
    }

    /// None while one takes another's place.
    pub fn server_now(&self) -> Option<u32> {
        let pid = mounted_by(&self.point)?;
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.point.join(name)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let pid = mounted_by(&self.point);
        if !self.umount().status.success() {
            let _ = fuse::unmount(&self.point);
        }
        if let Some(pid) = pid {
            // SAFETY: the process this test started.
            unsafe { libc::kill(pid as i32, libc::SIGKILL) };
        }
    }
}

/// True if the process is gone, or is nothing but what its parent has not asked for.
pub fn has_ended(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_none_or(|(_, rest)| rest.starts_with(" Z"))
}

/// A file system of 8 MiB, taken away when the test ends.
pub struct Small(tempfile::TempDir);

impl Small {
    pub fn new() -> Result<Self, String> {
        let tmp = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        let output = mount.args(["-t", "tmpfs", "-o", "size=8m", "none"]).arg(tmp.path()).output().unwrap();
        if output.status.success() { Ok(Self(tmp)) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Bytes that are free.
    pub fn free(&self) -> usize {
        let df = Command::new("df").args(["--output=avail", "-B1"]).arg(self.path()).output().unwrap();
        let text = String::from_utf8(df.stdout).unwrap();
        text.lines().last().unwrap().trim().parse().unwrap()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

pub fn is_mounted(point: &Path) -> bool {
    MountInfo::at(&fs::canonicalize(point).unwrap_or_else(|_| point.to_path_buf())).is_some()
}

/// Waits for something that takes a moment, and some seconds where a cluster does it.
#[track_caller]
pub fn wait_until(what: &str, done: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(120);
    while !done() {
        assert!(Instant::now() < until, "waited for: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Runs a bash script in a directory.
pub fn bash(dir: &Path, script: &str) -> Output {
    Command::new("bash").args(["-c", script]).current_dir(dir).output().unwrap()
}

pub fn names(dir: &Path) -> Vec<String> {
    names_if_there(dir).unwrap()
}

/// The names in a directory that may be gone just now.
pub fn names_if_there(dir: &Path) -> Option<Vec<String>> {
    let mut names: Vec<_> = fs::read_dir(dir).ok()?.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    Some(names)
}

/// A new HDF5 file without a lock, which processes that other tests start would take along.
pub fn hdf5_file(path: &Path) -> hdf5::File {
    let mut builder = hdf5::FileBuilder::new();
    builder.with_fapl(|f| f.file_locking(false));
    builder.create(path).unwrap()
}

/// A calculation with a contiguous array of 64-bit numbers, written beneath the mount.
pub fn calc(dir: &DataDir, n: usize) -> u32 {
    let writer = Writer::start(DataStore::create_in(dir).unwrap()).unwrap();
    let handle = writer.handle();
    handle.write("x", (0..n as i64).collect::<Vec<_>>()).unwrap();
    handle.write_with("g/y", vec![1.5], vec![("unit".into(), "g".into())]).unwrap();
    writer.finish().unwrap().id()
}

/// Runs a bash script as a user who is not root and may mount, in an empty directory of theirs; `$OQFS` is the program, `$TESTS`
/// the running file of tests.
/// `Err` says why that cannot be here.
pub fn as_plain_user(script: &str) -> Result<Output, String> {
    let tmp = tempfile::tempdir().unwrap();
    let (oqfs, tests) = (tmp.path().join("oqfs"), tmp.path().join("tests"));
    fs::copy(program(), &oqfs).unwrap();
    fs::copy(std::env::current_exe().unwrap(), &tests).unwrap();
    let mut command = Command::new("bash");
    // SAFETY: a plain system call.
    if unsafe { libc::geteuid() } == 0 {
        command = Command::new("unshare");
        command.args(["-m", "--propagation", "private", "bash", "-c", PLAIN_USER, "bash"]).arg(tmp.path()).arg(script);
    } else {
        command.args(["-c", script]).current_dir(tmp.path());
    }
    let output =
        command.env("OQFS", &oqfs).env("TESTS", &tests).env("HOME", tmp.path()).output().map_err(|e| e.to_string())?;
    match output.status.code() {
        Some(77) => Err(String::from_utf8_lossy(&output.stderr).trim().to_string()),
        _ => Ok(output),
    }
}

/// Runs the other tests of this file again as a plain user, for whom the kernel does not use real files by itself: so many pass.
pub fn the_same_as_plain_user(test: &str, passed: usize) {
    // SAFETY: a plain system call.
    if unsafe { libc::geteuid() } != 0 {
        // All of them were by one.
        return;
    }
    match as_plain_user(&format!("TMPDIR=$PWD exec \"$TESTS\" --skip {test}")) {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success() && said.contains(&format!(" {passed} passed")), "{said}");
        }
        Err(why) => super::skip(test, &why),
    }
}

/// In a mount namespace of its own: a `/dev/fuse` that all may open, as distributions have it; 77 if there can be none.
const PLAIN_USER: &str = r#"
cannot() { echo "nobody here is a plain user who may mount: $1" >&2; exit 77; }
plain() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
chmod 755 "$1" && mkdir "$1/home" && chown 65534:65534 "$1/home" && cd "$1/home" || exit 1
# One directory by two paths, for what works beneath a mount.
mkdir -p twice/oqdata twice/beneath && chown -R 65534:65534 twice && mount --bind twice/oqdata twice/beneath && export OQFS_TWICE=$PWD/twice
if ! plain bash -c 'exec 3<>/dev/fuse' 2>/dev/null; then
    mknod "$1/fuse" c 10 229 && chmod 666 "$1/fuse" && mount --bind "$1/fuse" /dev/fuse || cannot "no device can be made"
    plain bash -c 'exec 3<>/dev/fuse' 2>/dev/null || cannot "/dev/fuse cannot be opened"
fi
command -v fusermount3 >/dev/null || cannot "there is no fusermount3"
plain bash -c "$2"
"#;
