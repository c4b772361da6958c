//! A directory and what is done to it, by system calls, so that two directories can be compared.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use proptest::prelude::*;

/// What an operation gives: what it read, or the number of the error.
pub type Outcome = Result<Vec<u8>, i32>;

/// An operation. Paths are relative to the directory.
#[derive(Clone, Debug)]
pub enum Op {
    Open { slot: usize, path: PathBuf, flags: i32, mode: u32 },
    Close { slot: usize },
    Write { slot: usize, offset: i64, len: usize, byte: u8 },
    Read { slot: usize, offset: i64, len: usize },
    SetLen { slot: usize, len: i64 },
    Allocate { slot: usize, mode: i32, offset: i64, len: i64 },
    MapWrite { slot: usize, at: usize, byte: u8 },
    Copy { from: usize, to: usize, len: usize },
    Stat(PathBuf),
    List(PathBuf),
    ReadLink(PathBuf),
    Truncate(PathBuf, i64),
    Unlink(PathBuf),
    Mkdir(PathBuf, u32),
    Rmdir(PathBuf),
    Mkfifo(PathBuf, u32),
    Chmod(PathBuf, u32),
    Times(PathBuf, i64),
    SetXattr(PathBuf, u8),
    GetXattr(PathBuf),
    Symlink(PathBuf, PathBuf),
    Link(PathBuf, PathBuf),
    Rename(PathBuf, PathBuf, u32),
}

/// Files that are open at a time.
const SLOTS: usize = 3;

impl Op {
    /// Any operation on few names, so that they meet.
    pub fn any() -> impl Strategy<Value = Op> {
        let name =
            || prop::sample::select(vec!["a", "b", "c", "a/a", "a/b", "b/a", "a/b/c", "b/a/c"]).prop_map(PathBuf::from);
        let (slot, len) = (|| 0..SLOTS, || prop_oneof![0..100i64, 4000..5000i64, 0..300_000i64]);
        let flags = prop::sample::select(vec![
            libc::O_RDONLY,
            libc::O_RDWR,
            libc::O_RDWR | libc::O_CREAT,
            libc::O_RDWR | libc::O_CREAT | libc::O_EXCL,
            libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC,
            libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND,
            libc::O_RDONLY | libc::O_DIRECTORY,
            libc::O_RDONLY | libc::O_NOFOLLOW,
        ]);
        let mode = || prop::sample::select(vec![0o600u32, 0o644, 0o755, 0o777, 0o1777, 0o2755, 0o4755]);
        let how = prop::sample::select(vec![0, libc::RENAME_NOREPLACE, libc::RENAME_EXCHANGE]);
        let space = prop::sample::select(vec![
            0,
            libc::FALLOC_FL_KEEP_SIZE,
            libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE,
            libc::FALLOC_FL_ZERO_RANGE,
        ]);
        prop_oneof![
            6 => (slot(), name(), flags, mode()).prop_map(|(slot, path, flags, mode)| Op::Open { slot, path, flags, mode }),
            1 => slot().prop_map(|slot| Op::Close { slot }),
            4 => (slot(), len(), 0..20_000usize, any::<u8>())
                .prop_map(|(slot, offset, len, byte)| Op::Write { slot, offset, len, byte }),
            3 => (slot(), len(), 0..200_000usize).prop_map(|(slot, offset, len)| Op::Read { slot, offset, len }),
            2 => (slot(), len()).prop_map(|(slot, len)| Op::SetLen { slot, len }),
            1 => (slot(), space, len(), len()).prop_map(|(slot, mode, offset, len)| Op::Allocate { slot, mode, offset, len }),
            2 => (slot(), 0..9000usize, any::<u8>()).prop_map(|(slot, at, byte)| Op::MapWrite { slot, at, byte }),
            1 => (slot(), slot(), 0..9000usize).prop_map(|(from, to, len)| Op::Copy { from, to, len }),
            2 => name().prop_map(Op::Stat),
            1 => name().prop_map(Op::List),
            1 => name().prop_map(Op::ReadLink),
            1 => (name(), len()).prop_map(|(path, len)| Op::Truncate(path, len)),
            2 => name().prop_map(Op::Unlink),
            3 => (name(), mode()).prop_map(|(path, mode)| Op::Mkdir(path, mode)),
            1 => name().prop_map(Op::Rmdir),
            1 => (name(), mode()).prop_map(|(path, mode)| Op::Mkfifo(path, mode)),
            2 => (name(), mode()).prop_map(|(path, mode)| Op::Chmod(path, mode)),
            1 => (name(), -1000..1_000_000_000i64).prop_map(|(path, at)| Op::Times(path, at)),
            1 => (name(), any::<u8>()).prop_map(|(path, byte)| Op::SetXattr(path, byte)),
            1 => name().prop_map(Op::GetXattr),
            2 => (name(), name()).prop_map(|(target, path)| Op::Symlink(target, path)),
            2 => (name(), name()).prop_map(|(from, to)| Op::Link(from, to)),
            4 => (name(), name(), how).prop_map(|(from, to, flags)| Op::Rename(from, to, flags)),
        ]
    }

    /// Every operation on one path.
    pub fn all_of(path: &Path) -> Vec<Op> {
        let path = || path.to_owned();
        let (r, w, c) =
            (libc::O_RDONLY | libc::O_NONBLOCK, libc::O_WRONLY | libc::O_NONBLOCK, libc::O_CREAT | libc::O_RDWR);
        let flags = [
            r,
            w,
            c,
            c | libc::O_EXCL,
            c | libc::O_TRUNC,
            r | libc::O_DIRECTORY,
            r | libc::O_NOFOLLOW,
            w | libc::O_TRUNC,
        ];
        let mut ops: Vec<_> = flags.map(|flags| Op::Open { slot: 0, path: path(), flags, mode: 0o640 }).into();
        ops.extend([
            Op::Stat(path()),
            Op::List(path()),
            Op::ReadLink(path()),
            Op::Truncate(path(), 3),
            Op::Truncate(path(), -1),
            Op::Unlink(path()),
            Op::Mkdir(path(), 0o750),
            Op::Rmdir(path()),
            Op::Mkfifo(path(), 0o600),
            Op::Chmod(path(), 0o4711),
            Op::Times(path(), 5),
            Op::SetXattr(path(), 1),
            Op::GetXattr(path()),
        ]);
        ops
    }

    /// Every operation on two paths.
    pub fn all_from_to(from: &Path, to: &Path) -> Vec<Op> {
        let (from, to) = (|| from.to_owned(), || to.to_owned());
        let mut ops = vec![Op::Symlink(from(), to()), Op::Link(from(), to())];
        ops.extend([0, libc::RENAME_NOREPLACE, libc::RENAME_EXCHANGE].map(|flags| Op::Rename(from(), to(), flags)));
        ops
    }

    /// True if it may leave something changed.
    pub fn changes(&self) -> bool {
        !matches!(self, Op::Stat(_) | Op::List(_) | Op::ReadLink(_) | Op::GetXattr(_) | Op::Read { .. })
    }
}

/// A directory, and the files that operations opened in it.
pub struct Disk {
    root: PathBuf,
    open: [Option<fs::File>; SLOTS],
}

fn c(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

fn done(result: i64) -> Outcome {
    if result < 0 { Err(std::io::Error::last_os_error().raw_os_error().unwrap()) } else { Ok(vec![]) }
}

impl Disk {
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), open: Default::default() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    fn at(&self, path: &Path) -> CString {
        c(&self.root.join(path))
    }

    fn fd(&self, slot: usize) -> Result<i32, i32> {
        use std::os::fd::AsRawFd;
        self.open[slot].as_ref().map(AsRawFd::as_raw_fd).ok_or(libc::EBADF)
    }

    /// Does it.
    pub fn play(&mut self, op: &Op) -> Outcome {
        match op {
            Op::Open { slot, path, flags, mode } => self.open(*slot, path, *flags, *mode),
            Op::Close { slot } => {
                self.open[*slot] = None;
                Ok(vec![])
            }
            Op::Write { .. } | Op::Read { .. } | Op::SetLen { .. } => self.play_open(op),
            Op::Allocate { .. } | Op::MapWrite { .. } | Op::Copy { .. } => self.play_open(op),
            Op::Stat(path) => {
                said_of(&self.root.join(path)).map(String::into_bytes).map_err(|e| e.raw_os_error().unwrap())
            }
            Op::List(path) => {
                let entries = fs::read_dir(self.root.join(path)).map_err(|e| e.raw_os_error().unwrap())?;
                let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_encoded_bytes()).collect();
                names.sort();
                Ok(names.join(&b"/"[..]))
            }
            Op::ReadLink(path) => match fs::read_link(self.root.join(path)) {
                Ok(target) => Ok(target.into_os_string().into_encoded_bytes()),
                Err(e) => Err(e.raw_os_error().unwrap()),
            },
            _ => self.play_named(op),
        }
    }

    fn open(&mut self, slot: usize, path: &Path, flags: i32, mode: u32) -> Outcome {
        use std::os::fd::FromRawFd;
        // A pipe would wait for somebody at its other end.
        let flags = flags | libc::O_CLOEXEC | libc::O_NONBLOCK;
        // SAFETY: the path ends with NUL; the new descriptor has one owner.
        let fd = unsafe { libc::open(self.at(path).as_ptr(), flags, mode) };
        done(fd.into())?;
        // SAFETY: as above.
        self.open[slot] = Some(unsafe { fs::File::from_raw_fd(fd) });
        Ok(vec![])
    }

    /// What is done to a file that is open.
    fn play_open(&mut self, op: &Op) -> Outcome {
        match *op {
            Op::Write { slot, offset, len, byte } => {
                let (fd, data) = (self.fd(slot)?, vec![byte; len]);
                // SAFETY: the buffer is as long as said.
                let n = unsafe { libc::pwrite(fd, data.as_ptr().cast(), len, offset) };
                done(n as i64).map(|_| n.to_string().into_bytes())
            }
            Op::Read { slot, offset, len } => {
                let (fd, mut data) = (self.fd(slot)?, vec![0u8; len]);
                // SAFETY: the buffer is as long as said.
                let n = unsafe { libc::pread(fd, data.as_mut_ptr().cast(), len, offset) };
                done(n as i64)?;
                data.truncate(n as usize);
                Ok(data)
            }
            // SAFETY: plain system calls.
            Op::SetLen { slot, len } => done(unsafe { libc::ftruncate(self.fd(slot)?, len) }.into()),
            // SAFETY: as above.
            Op::Allocate { slot, mode, offset, len } => {
                // SAFETY: as above.
                done(unsafe { libc::fallocate(self.fd(slot)?, mode, offset, len) }.into())
            }
            Op::Copy { from, to, len } => {
                let (from, to, none) = (self.fd(from)?, self.fd(to)?, std::ptr::null_mut());
                let mut at = 0i64;
                // SAFETY: `at` outlives the call.
                let n = unsafe { libc::copy_file_range(from, &mut at, to, none, len, 0) };
                done(n as i64).map(|_| n.to_string().into_bytes())
            }
            Op::MapWrite { slot, at, byte } => {
                let (fd, len) = (self.fd(slot)?, at + 1);
                let file = self.open[slot].as_ref().ok_or(libc::EBADF)?;
                let metadata = file.metadata().map_err(|e| e.raw_os_error().unwrap())?;
                if !metadata.is_file() || (metadata.len() as usize) < len {
                    return Err(libc::ENXIO);
                }
                let access = libc::PROT_READ | libc::PROT_WRITE;
                // SAFETY: a new shared mapping of a file that has all of its bytes; written once and unmapped.
                unsafe {
                    let map = libc::mmap(std::ptr::null_mut(), len, access, libc::MAP_SHARED, fd, 0);
                    if map == libc::MAP_FAILED {
                        return done(-1);
                    }
                    map.cast::<u8>().add(at).write_volatile(byte);
                    done(libc::munmap(map, len).into())
                }
            }
            _ => unreachable!("not of an open file"),
        }
    }

    /// What is done to a name.
    fn play_named(&self, op: &Op) -> Outcome {
        let name = c"user.test";
        // SAFETY: all paths and names end with NUL, buffers are as long as said, times are two.
        let result = unsafe {
            match op {
                Op::Truncate(path, len) => libc::truncate(self.at(path).as_ptr(), *len),
                Op::Unlink(path) => libc::unlink(self.at(path).as_ptr()),
                Op::Mkdir(path, mode) => libc::mkdir(self.at(path).as_ptr(), *mode),
                Op::Rmdir(path) => libc::rmdir(self.at(path).as_ptr()),
                Op::Mkfifo(path, mode) => libc::mkfifo(self.at(path).as_ptr(), *mode),
                Op::Chmod(path, mode) => libc::chmod(self.at(path).as_ptr(), *mode),
                Op::Times(path, at) => {
                    let time = libc::timespec { tv_sec: *at, tv_nsec: 7 };
                    libc::utimensat(
                        libc::AT_FDCWD,
                        self.at(path).as_ptr(),
                        [time; 2].as_ptr(),
                        libc::AT_SYMLINK_NOFOLLOW,
                    )
                }
                Op::SetXattr(path, byte) => {
                    libc::lsetxattr(self.at(path).as_ptr(), name.as_ptr(), [*byte].as_ptr().cast(), 1, 0)
                }
                Op::GetXattr(path) => {
                    let mut value = [0u8; 1];
                    let n = libc::lgetxattr(self.at(path).as_ptr(), name.as_ptr(), value.as_mut_ptr().cast(), 1);
                    return done(n as i64).map(|_| value.to_vec());
                }
                Op::Symlink(target, path) => libc::symlink(c(target).as_ptr(), self.at(path).as_ptr()),
                Op::Link(from, to) => libc::link(self.at(from).as_ptr(), self.at(to).as_ptr()),
                Op::Rename(from, to, flags) => {
                    let (from, to) = (self.at(from), self.at(to));
                    libc::renameat2(libc::AT_FDCWD, from.as_ptr(), libc::AT_FDCWD, to.as_ptr(), *flags)
                }
                _ => unreachable!("not of a name"),
            }
        };
        done(result.into())
    }

    /// All there is, by path: kind, permissions, links, owner, and the size and bytes of files; or what forbids to look.
    pub fn tree(&self) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        let mut todo = vec![self.root.clone()];
        while let Some(dir) = todo.pop() {
            let entries = match fs::read_dir(&dir) {
                Ok(entries) => entries,
                Err(e) => {
                    found.insert(dir.strip_prefix(&self.root).unwrap().join("*"), e.to_string());
                    continue;
                }
            };
            for entry in entries {
                let path = entry.unwrap().path();
                let kind = fs::symlink_metadata(&path).map(|m| m.file_type());
                let mut said = said_of(&path).unwrap_or_else(|e| e.to_string()) + &xattrs_of(&path);
                if kind.as_ref().is_ok_and(|kind| kind.is_file()) {
                    use std::hash::{DefaultHasher, Hash, Hasher};
                    let mut hasher = DefaultHasher::new();
                    fs::read(&path).map_err(|e| e.raw_os_error()).hash(&mut hasher);
                    said += &format!(" {:x}", hasher.finish());
                }
                found.insert(path.strip_prefix(&self.root).unwrap().to_owned(), said);
                if kind.is_ok_and(|kind| kind.is_dir()) {
                    todo.push(path);
                }
            }
        }
        found
    }

    /// Removes it, whatever the permissions in it.
    pub fn remove(self) {
        let script = "chmod -R u+rwx \"$1\" && rm -r \"$1\"";
        let mut bash = std::process::Command::new("bash");
        assert!(bash.args(["-c", script, "bash"]).arg(&self.root).status().unwrap().success());
    }
}

/// The attributes of what is at a path. Times only if they were set: long ago.
fn said_of(path: &Path) -> std::io::Result<String> {
    let m = fs::symlink_metadata(path)?;
    let size = if m.is_dir() { 0 } else { m.len() };
    let set = if m.mtime() <= 1_000_000_000 { (m.mtime(), m.mtime_nsec()) } else { (0, 0) };
    let pipe = m.file_type().is_fifo();
    Ok(format!("{:o} {} {}:{} {size} {set:?} {pipe}", m.mode(), m.nlink(), m.uid(), m.gid()))
}

/// The extended attributes of users at a path, with their values.
fn xattrs_of(path: &Path) -> String {
    let list = |size: usize| {
        let mut names = vec![0u8; size];
        rustix::fs::llistxattr(path, &mut names).map(|n| String::from_utf8_lossy(&names[..n]).into_owned())
    };
    let names = rustix::fs::llistxattr_query(path).map_or(Ok(String::new()), |size| list(size.max(1)));
    let names = names.unwrap_or_default();
    let value = |name: &str| {
        let mut value = vec![0u8; 64];
        let n = rustix::fs::lgetxattr(path, name, &mut value);
        format!(" {name}={:?}", n.map(|n| value[..n].to_vec()).map_err(rustix::io::Errno::raw_os_error))
    };
    names.split('\0').filter(|name| name.starts_with("user.")).map(value).collect()
}
