//! A process that does its part of a calculation whose work several share.

use std::collections::{BTreeSet, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use rustix::time::{ClockId, Timespec, clock_gettime};

use super::control::Control;
use super::reporter::WorkLog;
use super::reuse::KeptRates;
use super::runner::RunOptions;
use super::share_store::SharedRates;
use super::space;
use crate::calc::{BUILD, CalcError, Executor, Model, Monitor, RateStore, SharedWork, Threads};
use crate::datastore::{CalcFolder, JobState, Lease, LeaseStanding, Share, ShareAbout, State, open_arrays};
use crate::job::Job;

/// Of the heaviest pieces that nobody does, one of so many is taken: processes that look at the same time take different ones.
const CHOICE: usize = 16;

/// So many leases are looked at, whether they are stale, before a process takes it that there is nothing left for it.
const LOOKED_AT: usize = 64;

/// How often the state is written, whoever writes it, and how often is looked whether the work is to stop.
const OFTEN: Duration = Duration::from_secs(1);

/// What a process did of shared work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// How many pieces.
    pub pieces: usize,
    /// How many there are in all.
    pub of: usize,
}

/// The share of a calculation.
///
/// # Errors
/// If its work is not shared, or by another program than this one.
pub fn open_share(folder: &CalcFolder) -> Result<Share> {
    let id = folder.id();
    let share = Share::open(folder)?;
    let share = share.with_context(|| format!("calculation {id} is not shared; oqfs submit shares one"))?;
    let about = share.about();
    if about.program != BUILD {
        bail!(
            "calculation {id} is computed by another build of oqfs, whose numbers may differ: found {} ({}), expected {} ({}); run the \
             same program on all machines",
            env!("CARGO_PKG_VERSION"),
            short(BUILD),
            about.version,
            short(&about.program)
        );
    }
    Ok(share)
}

fn short(build: &str) -> &str {
    build.get(..12).unwrap_or(build)
}

/// Share the work of a calculation from now on, which is `queued` then. Its model has been read from the folder; a lease that was not touched
/// for `stale` seconds is taken over.
///
/// # Errors
/// If its work cannot be shared, or that cannot be written.
pub fn share(folder: &CalcFolder, model: &Model, stale: f64) -> Result<Share> {
    let job_file = model.job.path.strip_prefix(folder.path()).context("the job file is not with its inputs")?;
    let pieces = Pieces::number(&SharedWork::of(model));
    let about = ShareAbout::new(BUILD, env!("CARGO_PKG_VERSION"), job_file, pieces, stale);
    let share = Share::begin(folder, &about)?;
    let description = model.job.params.given.description.clone();
    folder.set_state(&JobState { state: State::Queued, description, ..JobState::default() })?;
    folder.sync()?;
    Ok(share)
}

/// The state of a calculation whose work is shared again after it was stopped or failed.
pub fn share_again(state: JobState) -> JobState {
    JobState { state: State::Queued, error: None, left: None, ..state }
}

/// Do pieces of the shared work of a calculation, on the threads that the caller has, until there is none left that nobody does.
///
/// # Errors
/// If the job cannot be read, a piece cannot be computed or kept, or somebody stops it.
pub fn share_work(share: &Share, control: &dyn Control, options: RunOptions) -> Result<Done> {
    let (folder, of) = (share.folder(), share.about().pieces);
    let state = folder.state()?.unwrap_or_default().state;
    ensure!(!state.is_final(), "calculation {} is {state}", folder.id());
    let log = WorkLog::of(share);
    let model = Model::read(Job::read(&folder.path().join(&share.about().job_file))?, &open_arrays)?;
    space::check(&model, &folder.path(), options.limits).map_err(anyhow::Error::msg)?;
    let work = SharedWork::of(&model);
    let kept = options.reuse.then(|| KeptRates::new(folder, &log));
    let pieces = Pieces::of(share, &work, &log)?;
    log.say(log::Level::Info, &format!("begins: {} of {of} pieces are kept", pieces.kept()?.len()));
    let result = pieces.compute(control, kept.as_ref().map(|kept| kept as &dyn RateStore));
    let done = Done { pieces: pieces.count.load(Ordering::Relaxed), of };
    match &result {
        Ok(()) => {
            log.say(log::Level::Info, &format!("ends after {} pieces: none is left that nobody does", done.pieces))
        }
        Err(error) => log.say(log::Level::Warn, &format!("ends after {} pieces: {error:#}", done.pieces)),
    }
    result.map(|()| done)
}

/// The pieces of shared work, as a process takes them.
pub(super) struct Pieces<'a> {
    share: &'a Share,
    work: &'a SharedWork<'a>,
    log: &'a WorkLog,
    names: Vec<String>,
    weights: Vec<f64>,
    /// Their places, the heaviest first; of pieces of one name one is there.
    order: Vec<usize>,
    /// How many this process has done.
    count: AtomicUsize,
    /// One thread at a time looks for a piece.
    looking: Mutex<()>,
    told: Mutex<Option<Instant>>,
}

/// What is not kept yet.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Left {
    /// How many pieces nobody does.
    pub free: usize,
    /// Their part of all the work.
    pub part: f64,
    /// How many pieces somebody does.
    pub held: usize,
}

impl<'a> Pieces<'a> {
    /// Those of work that is shared.
    ///
    /// # Errors
    /// If it is not the work that was shared.
    pub(super) fn of(share: &'a Share, work: &'a SharedWork<'a>, log: &'a WorkLog) -> Result<Pieces<'a>> {
        let names: Vec<String> = work.names().iter().map(|name| name.to_hex().to_string()).collect();
        let weights = work.weights();
        let mut known = BTreeSet::new();
        let mut order: Vec<usize> = (0..names.len()).filter(|i| known.insert(&names[*i])).collect();
        order.sort_by(|a, b| weights[*b].total_cmp(&weights[*a]));
        let (found, expected) = (order.len(), share.about().pieces);
        ensure!(found == expected, "the inputs have changed: found {found} pieces of work, expected {expected}");
        let (count, looking, told) = (AtomicUsize::new(0), Mutex::default(), Mutex::default());
        Ok(Pieces { share, work, log, names, weights, order, count, looking, told })
    }

    /// How many there are.
    pub(super) fn number(work: &SharedWork) -> usize {
        work.names().iter().collect::<HashSet<_>>().len()
    }

    fn kept(&self) -> Result<BTreeSet<String>> {
        Ok(self.share.kept()?)
    }

    /// What is left to do.
    pub(super) fn left(&self) -> Result<Left> {
        let (kept, there) = (self.kept()?, self.share.there()?);
        let mut left = Left::default();
        for &i in self.order.iter().filter(|i| !kept.contains(&self.names[**i])) {
            if matches!(self.share.leases().standing(&self.names[i], &there)?, LeaseStanding::Held(_)) {
                left.held += 1;
            } else {
                left.free += 1;
                left.part += self.weights[i];
            }
        }
        let all: f64 = self.order.iter().map(|i| self.weights[*i]).sum();
        left.part /= all.max(f64::MIN_POSITIVE);
        Ok(left)
    }

    /// Compute and keep those that nobody does.
    ///
    /// # Errors
    /// As [`share_work`].
    pub(super) fn compute(&self, control: &dyn Control, earlier: Option<&dyn RateStore>) -> Result<()> {
        let store = SharedRates::new(self.share, earlier);
        let watch = Watch { share: self.share, store: &store, control, looked: Mutex::new((None, false)) };
        self.tell();
        let takes = Taking { pieces: self, watch: &watch, failure: Mutex::default() };
        let result = self.work.keep(&takes, &watch, &store);
        let (is_cancelled, not_taken) = (watch.is_cancelled(), takes.failure.into_inner().unwrap_or_default());
        if let Some(error) = store.into_failure() {
            return Err(error).context("a piece cannot be kept");
        }
        if let Some(error) = not_taken {
            return Err(error).context("a piece cannot be taken");
        }
        result?;
        ensure!(!is_cancelled, CalcError::Cancelled);
        Ok(())
    }

    /// A piece that nobody does, with its lease; `None` if there is none.
    fn next(&self) -> Result<Option<(usize, Lease)>> {
        let _one = self.looking.lock();
        loop {
            let (kept, there) = (self.kept()?, self.share.there()?);
            let (mut free, mut taken) = (Vec::new(), Vec::new());
            for &i in self.order.iter().filter(|i| !kept.contains(&self.names[**i])) {
                if there.contains_key(&self.names[i]) { taken.push(i) } else { free.push(i) }
            }
            let is_free = !free.is_empty();
            let few = free.len().min(CHOICE);
            let by_chance = chance();
            free[..few].rotate_left(by_chance % few.max(1));
            if !taken.is_empty() {
                let start = by_chance % taken.len();
                taken.rotate_left(start);
                taken.truncate(LOOKED_AT);
            }
            for &i in if is_free { &free } else { &taken } {
                let Some(lease) = self.share.leases().take(&self.names[i], &there)? else { continue };
                self.share.leases().clear_before(&lease);
                // whoever did it may have been ready in between
                if !self.share.is_kept(&self.names[i]) {
                    return Ok(Some((i, lease)));
                }
            }
            if !is_free {
                return Ok(None);
            }
        }
    }

    /// A piece is kept, whose work began at this time of the thread.
    fn done(&self, i: usize, began: Timespec) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let now = clock_gettime(ClockId::ThreadCPUTime);
        let seconds = (now.tv_sec - began.tv_sec) as f64 + (now.tv_nsec - began.tv_nsec) as f64 / 1e9;
        let (name, pairs) = (&self.names[i][..12], self.weights[i]);
        self.log.say(log::Level::Info, &format!("piece {name}: {seconds:.3} s of a processor, {pairs:.3e} pairs"));
        self.tell();
    }

    /// Write how far all are into the state, if nobody has lately.
    fn tell(&self) {
        let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let lately =
            |state: &CalcFolder| state.state_changed().is_some_and(|at| at.elapsed().is_ok_and(|age| age < OFTEN));
        if told.is_some_and(|at| at.elapsed() < OFTEN) || (told.is_some() && lately(self.share.folder())) {
            return;
        }
        *told = Some(Instant::now());
        if let Err(error) = self.try_to_tell() {
            log::warn!("the state could not be written: {error:#}");
        }
    }

    fn try_to_tell(&self) -> Result<()> {
        let kept = self.kept()?;
        let sum = |of: &mut dyn Iterator<Item = &usize>| of.map(|i| self.weights[*i]).sum::<f64>();
        let done = sum(&mut self.order.iter().filter(|i| kept.contains(&self.names[**i])));
        // nothing sums up to -0
        let progress = 0.0 + done / sum(&mut self.order.iter()).max(f64::MIN_POSITIVE);
        let elapsed = self.share.since_begun()?.as_secs_f64();
        let left = (progress > 0.0).then(|| elapsed * (1.0 - progress) / progress);
        let folder = self.share.folder();
        self.share.change_state(Duration::ZERO, |state| {
            let goes_on = matches!(state.state, State::Queued | State::Executing) && !folder.is_asked_to_cancel();
            let stage = "classical".to_string();
            let now = JobState { state: State::Executing, progress, stage, elapsed, left, error: None, ..state };
            goes_on.then_some(now)
        })?;
        Ok(())
    }
}

/// A number that differs from process to process and from time to time.
fn chance() -> usize {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    (u64::from(now.subsec_micros()).wrapping_mul(2_654_435_761) ^ u64::from(std::process::id())) as usize
}

/// Has threads take pieces one after the other.
struct Taking<'a> {
    pieces: &'a Pieces<'a>,
    watch: &'a Watch<'a>,
    failure: Mutex<Option<anyhow::Error>>,
}

impl Executor for Taking<'_> {
    fn each(&self, _: usize, work: &(dyn Fn(usize) + Sync)) {
        Threads.on_each(&|| {
            while !self.watch.is_cancelled() {
                match self.pieces.next() {
                    Ok(Some((i, _lease))) => {
                        let start = clock_gettime(ClockId::ThreadCPUTime);
                        work(i);
                        if self.pieces.share.is_kept(&self.pieces.names[i]) {
                            self.pieces.done(i, start);
                        } else {
                            // it failed, which the work knows: nothing more is to be done
                            return;
                        }
                    }
                    Ok(None) => return,
                    Err(error) => {
                        let mut failure = self.failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                        failure.get_or_insert(error);
                        return;
                    }
                }
            }
        });
    }
}

/// Whether shared work is to stop.
struct Watch<'a> {
    share: &'a Share,
    store: &'a SharedRates<'a>,
    control: &'a dyn Control,
    /// When the folder was looked at, and what it said.
    looked: Mutex<(Option<Instant>, bool)>,
}

impl Monitor for Watch<'_> {
    fn progress(&self, _: &str, _: f64) {}

    fn is_cancelled(&self) -> bool {
        if self.control.is_cancelled() || self.control.is_interrupted() || self.store.failure().is_some() {
            return true;
        }
        // who finds another looking goes on
        let Ok(mut looked) = self.looked.try_lock() else { return false };
        if looked.0.is_none_or(|at| at.elapsed() >= OFTEN) {
            let folder = self.share.folder();
            let is_over = || folder.state().is_ok_and(|state| state.is_none_or(|state| state.state.is_final()));
            *looked = (Some(Instant::now()), folder.is_asked_to_cancel() || is_over());
        }
        looked.1
    }
}
