//! Signals: what a process takes over from the one that started it, and those of the processes of a mount.

use std::time::Duration;

use anyhow::{Context, Result};

/// Signals that are kept for [`Signals::wait`]; threads started after it leave them alone too.
#[derive(Debug)]
pub struct Signals(libc::sigset_t);

/// Has this process hear what it relies on, whatever the one that started it blocks or ignores. Ctrl-C and hang-ups stay ignored: that is
/// how shells start what runs in the background of a script, and how `nohup` does.
pub fn start_afresh() {
    // SAFETY: the set is initialised by the first call.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::pthread_sigmask(libc::SIG_SETMASK, &set, std::ptr::null_mut());
    }
    // where it is ignored that children end, nobody is told how; the others say that this process crashed
    for signal in [libc::SIGCHLD, libc::SIGABRT, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGSEGV] {
        if is_ignored(signal) {
            // SAFETY: the default action replaces none.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
    }
}

/// True if this process ignores a signal.
fn is_ignored(signal: i32) -> bool {
    // SAFETY: the struct is a place for what is asked; nothing is set.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut action) == 0 && action.sa_sigaction == libc::SIG_IGN
    }
}

impl Signals {
    /// Keeps those that end a daemon, and the one that says that a child ended.
    pub fn block() -> Self {
        let wanted = |signal: &i32| *signal == libc::SIGTERM || !is_ignored(*signal);
        // SAFETY: the set is initialised by the first call.
        unsafe {
            let mut set = std::mem::zeroed();
            libc::sigemptyset(&mut set);
            for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGCHLD].into_iter().filter(wanted) {
                libc::sigaddset(&mut set, signal);
            }
            libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
            Self(set)
        }
    }

    /// The next one, if one comes within `most`.
    pub fn wait(&self, most: Duration) -> Option<i32> {
        let timeout = libc::timespec { tv_sec: most.as_secs() as i64, tv_nsec: i64::from(most.subsec_nanos()) };
        // SAFETY: the set is initialised; what was sent is not asked for.
        let signal = unsafe { libc::sigtimedwait(&self.0, std::ptr::null_mut(), &timeout) };
        (signal > 0).then_some(signal)
    }
}

/// Hears on a thread Ctrl-C and hang-ups, unless they are ignored, and SIGTERM, and then does something, once. Threads that are started
/// after this leave signals alone.
///
/// # Errors
/// If the thread cannot be started.
pub fn on_stop(act: impl FnOnce(i32) + Send + 'static) -> Result<()> {
    const LONG: Duration = Duration::from_secs(3600);
    let signals = Signals::block();
    let hear = move || {
        let mut heard = std::iter::repeat_with(|| signals.wait(LONG)).flatten();
        act(heard.find(|signal| *signal != libc::SIGCHLD).unwrap_or_default());
    };
    std::thread::Builder::new().name("signals".into()).spawn(hear).context("no thread for signals")?;
    Ok(())
}

/// Has this process killed when its parent, `parent`, ends.
pub fn die_with_parent(parent: u32) {
    // SAFETY: plain system calls.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        // It may have ended before.
        if libc::getppid() != parent as i32 {
            libc::_exit(0);
        }
    }
}
