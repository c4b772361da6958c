//! Locks on mirrored files, `flock`'s and `fcntl`'s, between processes at the mount and beside it.

mod common;

use std::fs;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use common::mount::{Daemon, the_same_as_plain_user};
use oqfs::datastore::DataDir;

/// Runs a script with the Python of the system; gives its output. `None`, loudly, if there is none.
fn python3(test: &str, script: &str, args: &[&Path]) -> Option<String> {
    let Ok(output) = Command::new("python3").arg("-c").arg(script).args(args).output() else {
        common::skip(test, "no python3");
        return None;
    };
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    Some(said.into_owned())
}

/// A mount, and another path of the directory beneath it: SQLite resolves such as the program itself uses.
struct Twice {
    daemon: Daemon,
    beneath: PathBuf,
}

impl Twice {
    /// `None`, loudly, if there can be no two paths.
    fn new(test: &str) -> Option<Self> {
        let tmp = tempfile::tempdir().unwrap();
        if let Some(bound) = std::env::var_os("OQFS_TWICE").map(PathBuf::from) {
            let daemon = Daemon { point: bound.join("oqdata"), tmp };
            daemon.mount(&[]);
            return Some(Self { daemon, beneath: bound.join("beneath") });
        }
        let (point, beneath) = (tmp.path().join("oqdata"), tmp.path().join("beneath"));
        fs::create_dir(&point).unwrap();
        fs::create_dir(&beneath).unwrap();
        let output = Command::new("mount").arg("--bind").arg(&point).arg(&beneath).output().unwrap();
        if !output.status.success() {
            common::skip(test, &String::from_utf8_lossy(&output.stderr));
            return None;
        }
        Some(Self { daemon: Daemon::over(tmp, &[]), beneath })
    }
}

impl Drop for Twice {
    fn drop(&mut self) {
        if self.beneath.starts_with(self.daemon.tmp.path()) {
            let _ = Command::new("umount").arg(&self.beneath).status();
        }
    }
}

#[test]
fn a_lock_is_seen_on_both_sides_and_waited_for() {
    need_fuse!("a_lock_is_seen_on_both_sides_and_waited_for");
    let daemon = Daemon::start();
    let dir = DataDir::open(&daemon.point).unwrap();
    fs::write(daemon.path("f"), "").unwrap();
    let (above, beneath) = (fs::File::open(daemon.path("f")).unwrap(), fs::File::open(dir.path().join("f")).unwrap());
    // SAFETY: the descriptors are open.
    let lock = |file: &fs::File, operation: i32| unsafe { libc::flock(file.as_raw_fd(), operation) };
    assert_eq!(lock(&above, libc::LOCK_EX), 0);
    assert_eq!(lock(&beneath, libc::LOCK_EX | libc::LOCK_NB), -1);
    assert_eq!(lock(&above, libc::LOCK_UN), 0);
    assert_eq!(lock(&beneath, libc::LOCK_EX), 0);
    assert_eq!(lock(&above, libc::LOCK_EX | libc::LOCK_NB), -1);
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let path = daemon.path("f");
            std::thread::spawn(move || {
                let file = fs::File::open(path).unwrap();
                // SAFETY: the descriptor is open.
                unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX) }
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(200));
    assert!(waiting.iter().all(|thread| !thread.is_finished()));
    assert!(fs::metadata(daemon.path("f")).is_ok(), "those who wait hold up nobody");
    drop(beneath);
    waiting.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), 0));
}

/// Two processes do what is said and tell what came of it.
const TWO: &str = r#"
import subprocess, sys
ACTOR = '''
import errno, fcntl, os, struct, sys
path = sys.argv[1]
file = open(path, 'r+b')
KINDS = {'sh': fcntl.F_RDLCK, 'ex': fcntl.F_WRLCK, 'un': fcntl.F_UNLCK}
NAMES = {number: name for name, number in KINDS.items()}
for line in sys.stdin:
    what, *words = line.split()
    try:
        if what == 'flock':
            fcntl.flock(file, {'sh': fcntl.LOCK_SH, 'ex': fcntl.LOCK_EX, 'un': fcntl.LOCK_UN}[words[0]] | fcntl.LOCK_NB)
            said = 'done'
        elif what == 'close':  # another descriptor: all locks of the process go
            open(path, 'rb').close()
            said = 'closed'
        elif what == 'other':  # through another descriptor, which stays open
            other = open(path, 'r+b')
            fcntl.fcntl(other, fcntl.F_SETLK, struct.pack('hhqqi', KINDS[words[0]], 0, *map(int, words[1:]), 0))
            said = 'done'
        elif what == 'get':
            asked = struct.pack('hhqqi', KINDS[words[0]], 0, *map(int, words[1:]), 0)
            kind, _, start, length, pid = struct.unpack('hhqqi', fcntl.fcntl(file, fcntl.F_GETLK, asked))
            said = 'free' if NAMES[kind] == 'un' else f'{NAMES[kind]} {start} {length}'
        else:
            fcntl.fcntl(file, fcntl.F_SETLK, struct.pack('hhqqi', KINDS[what], 0, *map(int, words), 0))
            said = 'done'
    except OSError as e:
        said = errno.errorcode[e.errno]
    print(said, flush=True)
'''
STEPS = [
    'a ex 0 10', 'b sh 5 1', 'b sh 10 5', 'b get sh 0 0', 'a get ex 0 0', 'a sh 0 10', 'b sh 0 1', 'b ex 0 0', 'a close',
    'b ex 0 0', 'a sh 3 1', 'a get sh 0 0', 'b un 0 0', 'a get sh 0 0', 'a ex 0 0', 'b sh 0 0', 'b get sh 7 1', 'a un 3 4',
    'b ex 3 4', 'b ex 2 1', 'b ex 0 0', 'a sh 0 3', 'b sh 0 2', 'a ex 0 1', 'a other sh 0 1', 'a other ex 50 1',
    'b un 0 0', 'a close', 'b get ex 0 0', 'b flock ex', 'a flock sh', 'b flock un', 'a flock sh', 'b flock sh', 'a flock un',
    'b flock un', 'b ex 100 100', 'a ex 150 0', 'b un 150 50', 'a ex 150 0', 'b get ex 0 0', 'a ex 9223372036854775807 1',
    'b sh 9223372036854775807 1', 'a end', 'b ex 0 0', 'b get ex 0 0',
]
def play(a, b):
    start = lambda path: subprocess.Popen([sys.executable, '-c', ACTOR, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    actors = {'a': start(a), 'b': start(b)}
    said = []
    for step in STEPS:
        who, what = step.split(' ', 1)
        if what == 'end':
            actors[who].kill()
            actors[who].wait()
            continue
        actors[who].stdin.write(what + '\n')
        actors[who].stdin.flush()
        said.append(f'{step}: {actors[who].stdout.readline().strip()}')
    for actor in actors.values():
        actor.kill()
        actor.wait()
    return said
above, beneath = sys.argv[1:]
plain = play(beneath, beneath)
assert 'EAGAIN' in str(plain) and 'done' in str(plain), plain
for a, b in (above, beneath), (beneath, above), (above, above):
    said = play(a, b)
    for expected, found in zip(plain, said):
        assert found == expected, f'{found}, not {expected}, with a at {a} and b at {b}'
print(len(STEPS))
"#;

#[test]
fn locks_of_processes_are_those_of_a_plain_directory() {
    need_fuse!("locks_of_processes_are_those_of_a_plain_directory");
    let daemon = Daemon::start();
    let dir = DataDir::open(&daemon.point).unwrap();
    fs::write(daemon.path("f"), "x".repeat(200)).unwrap();
    let beneath = dir.path().join("f").to_str().unwrap().replace("self", &std::process::id().to_string());
    let files = [daemon.path("f"), beneath.into()];
    let said = python3("locks_of_processes_are_those_of_a_plain_directory", TWO, &[&files[0], &files[1]]);
    assert!(said.is_none_or(|said| said == "46\n"));
}

/// Waits for a lock that is never given back.
const WAITING: &str = r#"
import fcntl, os, signal, subprocess, sys, time
path = sys.argv[1]
held = open(path, 'r+b')
WAIT = '''
import fcntl, signal, sys
file = open(sys.argv[1], 'r+b')
def heard(*_):
    raise TimeoutError
# whatever the one that started the tests ignores or blocks
signal.pthread_sigmask(signal.SIG_SETMASK, [])
signal.signal(signal.SIGALRM, heard)
signal.signal(signal.SIGINT, signal.SIG_DFL)
print('waits', flush=True)
try:
    if sys.argv[2] == 'flock':
        fcntl.flock(file, fcntl.LOCK_EX)
    else:
        fcntl.lockf(file, fcntl.LOCK_EX, 1)
except TimeoutError:
    print('interrupted', flush=True)
'''
for how in 'flock', 'fcntl':
    if how == 'flock':
        fcntl.flock(held, fcntl.LOCK_EX)
    else:
        fcntl.flock(held, fcntl.LOCK_UN)
        fcntl.lockf(held, fcntl.LOCK_EX, 1)
    for number in signal.SIGALRM, signal.SIGKILL, signal.SIGINT:
        waiting = subprocess.Popen([sys.executable, '-c', WAIT, path, how], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        waiting.stdout.readline()
        time.sleep(0.3)
        assert waiting.poll() is None, 'it has the lock'
        waiting.send_signal(number)
        said = waiting.communicate(timeout=30)[0].strip()
        print(how, number.name, said or 'ended')
"#;

#[test]
fn who_waits_for_a_lock_hears_signals() {
    need_fuse!("who_waits_for_a_lock_hears_signals");
    let daemon = Daemon::start();
    fs::write(daemon.path("f"), "x").unwrap();
    let Some(said) = python3("who_waits_for_a_lock_hears_signals", WAITING, &[&daemon.path("f")]) else { return };
    let expected = "flock SIGALRM interrupted\nflock SIGKILL ended\nflock SIGINT ended\n\
        fcntl SIGALRM interrupted\nfcntl SIGKILL ended\nfcntl SIGINT ended\n";
    assert_eq!(said, expected);
}

/// Four processes, two on each side, count in one database.
const COUNTING: &str = r#"
import os, sqlite3, subprocess, sys
above, beneath, mode = sys.argv[1:]
COUNT = '''
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=120, isolation_level=None)
db.execute('pragma synchronous=off')  # the disk is not in question
print('ready', flush=True)
input()
for i in range(150):
    db.execute('begin immediate')
    (n,) = db.execute('select n from count').fetchone()
    db.execute('update count set n = ?', (n + 1,))
    db.execute('insert into log values (?, ?, ?)', (os.getpid(), i, 'x' * 500))
    db.execute('commit')
'''
db = sqlite3.connect(os.path.join(beneath, mode))
db.execute(f'pragma journal_mode={mode}')
db.execute('create table count (n integer)')
db.execute('create table log (pid integer, i integer, text text)')
db.execute('insert into count values (0)')
db.commit()
paths = [os.path.join(d, mode) for d in (above, beneath, above, beneath)]
pipe = subprocess.PIPE
counting = [subprocess.Popen([sys.executable, '-c', COUNT, path], stdin=pipe, stdout=pipe, text=True) for path in paths]
for process in counting:
    process.stdout.readline()
for process in counting:
    process.stdin.write('go\n')
    process.stdin.flush()
print([process.wait() for process in counting])
for d in above, beneath:
    db = sqlite3.connect(os.path.join(d, mode))
    print(*db.execute('select n, (select count(*) from log), (select count(distinct pid) from log) from count').fetchone(),
          *db.execute('pragma integrity_check').fetchone())
"#;

#[test]
fn a_database_is_written_from_both_sides() {
    let test = "a_database_is_written_from_both_sides";
    need_fuse!(test);
    let Some(twice) = Twice::new(test) else { return };
    let mut modes = vec!["delete", "truncate", "persist"];
    if kernel_uses_real_files() {
        modes.push("wal");
    }
    for mode in modes {
        let Some(said) = python3(test, COUNTING, &[&twice.daemon.point, &twice.beneath, Path::new(mode)]) else {
            return;
        };
        assert_eq!(said, "[0, 0, 0, 0]\n600 600 4 ok\n600 600 4 ok\n", "{mode}");
    }
}

/// True for root since Linux 6.9: the kernel reads and writes real files by itself, so that what a process at the mount maps into
/// its memory is what another beneath has mapped.
fn kernel_uses_real_files() -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map_while(|n| n.parse::<u32>().ok());
    // SAFETY: a plain system call.
    let root = unsafe { libc::geteuid() } == 0;
    root && (numbers.next(), numbers.next()) >= (Some(6), Some(9))
}

#[test]
fn the_same_holds_for_a_plain_user() {
    need_fuse!("the_same_holds_for_a_plain_user");
    the_same_as_plain_user("the_same_holds_for_a_plain_user", 4);
}
