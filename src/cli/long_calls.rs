//! Calls of the HDF5 library that do not return.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::view::Noted;

/// The processor time that one call of the HDF5 library may take, in seconds, unless `$OQFS_HDF5_SECONDS` says another.
const CALL_SECONDS: f64 = 20.0;

/// The processor time that one call of the HDF5 library may take.
///
/// # Errors
/// If `$OQFS_HDF5_SECONDS` is no time.
pub fn longest_call() -> Result<Duration> {
    let set = std::env::var("OQFS_HDF5_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::try_from_secs_f64(set.unwrap_or(CALL_SECONDS)).context("$OQFS_HDF5_SECONDS")
}

/// How often is looked for a longer one.
pub fn interval(limit: Duration) -> Duration {
    (limit / 10).clamp(Duration::from_millis(20), Duration::from_secs(1))
}

/// Since when calls have been going on.
#[derive(Debug, Default)]
pub struct Calls(HashMap<i32, (Noted, Duration)>);

impl Calls {
    /// A call among `noted` that has taken `limit` of processor time, as far as this was asked before. A thread that waits, for a
    /// disk or for another thread, takes none.
    pub fn longest(&mut self, process: i32, noted: Vec<Noted>, limit: Duration) -> Option<Noted> {
        let mut now = HashMap::new();
        let mut longest = None;
        for noted in noted {
            let Some(used) = cpu_time(process, noted.thread) else { continue };
            let known = self.0.get(&noted.thread).filter(|(before, _)| *before == noted);
            let since = known.map_or(used, |(_, since)| *since);
            if used.saturating_sub(since) >= limit {
                longest = Some(noted);
            }
            now.insert(noted.thread, (noted, since));
        }
        self.0 = now;
        longest
    }
}

/// The processor time of a thread; `None` if there is no such thread.
fn cpu_time(process: i32, thread: i32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/task/{thread}/stat")).ok()?;
    // The name before it may have blanks and brackets; utime and stime are fields 14 and 15, counted from 1.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    let per_second = Some(rustix::param::clock_ticks_per_second()).filter(|n| *n > 0)?;
    Some(Duration::from_millis(ticks * 1000 / per_second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_call_that_takes_processor_time_is_long() {
        let (me, limit) = (std::process::id() as i32, Duration::from_millis(100));
        let thread = rustix::thread::gettid().as_raw_nonzero().get();
        let noted = |calls| vec![Noted { thread, calls, file: Default::default(), signal: 0 }];
        let busy = || {
            let start = cpu_time(me, thread).unwrap();
            while cpu_time(me, thread).unwrap() < start + 2 * limit {}
        };
        let mut calls = Calls::default();
        assert_eq!(calls.longest(me, noted(1), limit), None);
        std::thread::sleep(2 * limit);
        assert_eq!(calls.longest(me, noted(1), limit), None, "it slept");
        busy();
        assert_eq!(calls.longest(me, noted(2), limit), None, "another call");
        busy();
        assert_eq!(calls.longest(me, noted(2), limit), Some(noted(2)[0]));
        assert_eq!(calls.longest(me, vec![], limit), None);
    }
}
