//! The pieces of shared work, as a process takes them.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, ensure};
use rustix::time::{ClockId, clock_gettime};

use super::control::Control;
use super::measured::Measured;
use super::reporter::WorkLog;
use super::share_store::SharedRates;
use super::sharing::{OFTEN, Watch};
use crate::calc::{CalcError, Executor, Monitor, RateStore, SharedWork, Threads};
use crate::datastore::{CalcFolder, Generations, JobEstimate, JobState, Lease, LeaseStanding, Share, State};

/// Of the heaviest pieces that nobody does, one of so many is taken: processes that look at the same time take different ones.
const CHOICE: usize = 16;

/// So many leases are looked at, whether they are stale, before a process takes it that there is nothing left for it.
const LOOKED_AT: usize = 64;

/// To list the files takes a process no more than this part of its time.
const LISTING: u32 = 20;

/// How long the last word of a process on what it has measured may wait for that of another.
const PATIENCE: Duration = Duration::from_secs(2);

/// The pieces of shared work.
pub(super) struct Pieces<'a> {
    share: &'a Share,
    work: &'a SharedWork<'a>,
    log: &'a WorkLog,
    names: Vec<String>,
    /// What each is expected to take, by its place among the names.
    costs: Vec<f64>,
    /// Their places, the heaviest first; of pieces of one name one is there.
    order: Vec<usize>,
    /// How many this process has done.
    count: AtomicUsize,
    /// One thread at a time looks for a piece.
    known: Mutex<Known>,
    told: Mutex<Told>,
}

/// What this process knows of the pieces: what it has found out itself, and how they stood when they were listed last. Places are those in the
/// order.
struct Known {
    /// Those that nobody does.
    free: BTreeSet<usize>,
    /// Those that somebody does, or did and died.
    taken: BTreeSet<usize>,
    /// The leases that there were.
    there: Generations,
    /// When they were listed, and how long that took.
    listed: Option<(Instant, Duration)>,
    /// How often that was done.
    listings: usize,
    /// How many pieces could not be had since.
    misses: usize,
}

impl Known {
    /// Whether to list again costs little.
    fn is_cheap(&self) -> bool {
        self.listed.is_none_or(|(at, took)| at.elapsed() > OFTEN.max(took * LISTING))
    }
}

/// What this process has said.
#[derive(Default)]
struct Told {
    at: Option<Instant>,
    /// What it has measured since.
    since: Measured,
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
    pub fn of(share: &'a Share, work: &'a SharedWork<'a>, log: &'a WorkLog) -> Result<Pieces<'a>> {
        let names: Vec<String> = work.names().iter().map(|name| name.to_hex().to_string()).collect();
        let costs: Vec<f64> = share.costs()?.into_iter().map(f64::from).collect();
        let mut known = BTreeSet::new();
        let mut order: Vec<usize> = (0..names.len()).filter(|i| known.insert(&names[*i])).collect();
        let (found, expected) = (order.len(), share.about().pieces);
        ensure!(
            found == expected && costs.len() == names.len(),
            "the inputs have changed: found {found} pieces of work, expected {expected}"
        );
        order.sort_by(|a, b| costs[*b].total_cmp(&costs[*a]));
        let (free, taken, there) = ((0..found).collect(), BTreeSet::new(), Generations::new());
        let known = Known { free, taken, there, listed: None, listings: 0, misses: 0 };
        let (count, known, told) = (AtomicUsize::new(0), Mutex::new(known), Mutex::default());
        Ok(Pieces { share, work, log, names, costs, order, count, known, told })
    }

    /// How many there are.
    pub fn number(work: &SharedWork) -> usize {
        work.names().iter().collect::<HashSet<_>>().len()
    }

    /// How many this process has done.
    pub fn done_here(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// How many are kept, as far as is known.
    pub fn kept(&self) -> Result<usize> {
        let mut known = self.lock();
        self.list(&mut known)?;
        Ok(self.order.len() - known.free.len() - known.taken.len())
    }

    /// What is left to do.
    pub fn left(&self) -> Result<Left> {
        let mut known = self.lock();
        self.list(&mut known)?;
        let (mut left, mut cost) = (Left { free: known.free.len(), ..Left::default() }, self.cost_of(&known.free));
        for &at in &known.taken {
            let name = &self.names[self.order[at]];
            if matches!(self.share.leases().standing(name, &known.there)?, LeaseStanding::Held(_)) {
                left.held += 1;
            } else {
                left.free += 1;
                cost += self.costs[self.order[at]];
            }
        }
        left.part = cost / self.all();
        Ok(left)
    }

    /// Compute and keep those that nobody does.
    ///
    /// # Errors
    /// As [`super::share_work`].
    pub fn compute(&self, control: &dyn Control, earlier: Option<&dyn RateStore>) -> Result<()> {
        let store = SharedRates::new(self.share, earlier);
        let watch = Watch::new(self.share, &store, control);
        self.tell(Duration::ZERO);
        let takes = Taking { pieces: self, watch: &watch, failure: Mutex::default() };
        let result = self.work.keep(&takes, &watch, &store);
        let (is_cancelled, not_taken) = (watch.is_cancelled(), takes.failure.into_inner().unwrap_or_default());
        self.tell(PATIENCE);
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

    /// What is known; a panic of another thread that looked leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What pieces are expected to take together.
    fn cost_of(&self, places: &BTreeSet<usize>) -> f64 {
        // nothing sums up to -0
        0.0 + places.iter().map(|at| self.costs[self.order[*at]]).sum::<f64>()
    }

    /// What all of them are.
    fn all(&self) -> f64 {
        self.order.iter().map(|i| self.costs[*i]).sum::<f64>().max(f64::MIN_POSITIVE)
    }

    /// Looks how all of them stand.
    fn list(&self, known: &mut Known) -> Result<()> {
        let start = Instant::now();
        let (kept, there) = (self.share.kept()?, self.share.there()?);
        let mut left = std::mem::take(&mut known.taken);
        left.append(&mut known.free);
        left.retain(|at| !kept.contains(&self.names[self.order[*at]]));
        (known.taken, known.free) = left.into_iter().partition(|at| there.contains_key(&self.names[self.order[*at]]));
        (known.there, known.listed) = (there, Some((start, start.elapsed())));
        (known.listings, known.misses) = (known.listings + 1, 0);
        Ok(())
    }

    /// A piece that nobody does, by its place in the order, with its lease; `None` if there is none. They are listed again only if what is known
    /// of them is of no use any more: each piece costs the same, however many there are.
    fn next(&self) -> Result<Option<(usize, Lease)>> {
        let known = &mut *self.lock();
        // a lease that is stale by now may have been taken over
        let old = Duration::from_secs_f64(self.share.about().stale / 2.0);
        loop {
            let is_old = known.listed.is_none_or(|(at, _)| at.elapsed() > old);
            let is_listed = is_old || known.free.is_empty() || (known.misses >= CHOICE && known.is_cheap());
            if is_listed {
                self.list(known)?;
            }
            for _ in 0..CHOICE {
                let choice = chance() % CHOICE.min(known.free.len()).max(1);
                let Some(at) = known.free.iter().nth(choice).copied() else { break };
                if let Some(lease) = self.take(known, at)? {
                    return Ok(Some((at, lease)));
                }
            }
            if !known.free.is_empty() || !is_listed {
                continue;
            }
            let mut taken: Vec<usize> = known.taken.iter().copied().collect();
            let start = chance() % taken.len().max(1);
            taken.rotate_left(start);
            for at in taken.into_iter().take(LOOKED_AT) {
                if let Some(lease) = self.take(known, at)? {
                    return Ok(Some((at, lease)));
                }
            }
            return Ok(None);
        }
    }

    /// Takes a piece, if it can be had and is not kept; whatever it is, it is not free any more.
    fn take(&self, known: &mut Known, at: usize) -> Result<Option<Lease>> {
        let name = &self.names[self.order[at]];
        known.free.remove(&at);
        known.taken.insert(at);
        let Some(lease) = self.share.leases().take(name, &known.there)? else {
            known.misses += 1;
            return Ok(None);
        };
        self.share.leases().clear_before(&lease);
        // whoever did it may have been ready in between
        if self.share.is_kept(name) {
            known.taken.remove(&at);
            known.misses += 1;
            return Ok(None);
        }
        Ok(Some(lease))
    }

    /// A piece is kept, which took so long, seconds of a processor.
    fn done(&self, at: usize, took: f64) {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.lock().taken.remove(&at);
        let i = self.order[at];
        let (name, cost) = (&self.names[i][..12], self.costs[i]);
        self.log.say(log::Level::Info, &format!("piece {name}: {took:.3} s of a processor, {cost:.3e} expected"));
        {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            told.since = told.since.and(Measured::one(took, cost));
        }
        self.tell(Duration::ZERO);
    }

    /// Write how far all are into the state, if nobody has lately; in any case if somebody waits so long for it.
    fn tell(&self, patience: Duration) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let lately =
            |state: &CalcFolder| state.state_changed().is_some_and(|at| at.elapsed().is_ok_and(|age| age < OFTEN));
        let is_soon = told.at.is_some_and(|at| at.elapsed() < OFTEN);
        if patience.is_zero() && (is_soon || (told.at.is_some() && lately(self.share.folder()))) {
            return;
        }
        told.at = Some(Instant::now());
        match self.try_to_tell(told.since, patience) {
            Ok(true) => told.since = Measured::default(),
            Ok(false) => {}
            Err(error) => log::warn!("the state could not be written: {error:#}"),
        }
    }

    /// True if it was said what this process has measured.
    fn try_to_tell(&self, since: Measured, patience: Duration) -> Result<bool> {
        let (left, threads) = {
            let mut known = self.lock();
            if known.is_cheap() || !patience.is_zero() {
                self.list(&mut known)?;
            }
            // this thread is between two pieces
            (self.cost_of(&known.free) + self.cost_of(&known.taken), known.taken.len() + 1)
        };
        let elapsed = self.share.since_begun()?.as_secs_f64();
        let (folder, finishing) = (self.share.folder(), self.share.about().finishing);
        let is_told = self.share.change_state(patience, |state| {
            let measured = self.share.measured::<Measured>()?.and(since);
            self.share.set_measured(&measured)?;
            if !matches!(state.state, State::Queued | State::Executing) || folder.is_asked_to_cancel() {
                return Ok(None);
            }
            let computing = measured.ratio().map(|ratio| ratio * left / threads as f64);
            let estimate = state.estimate.map(|before| estimated(before, &measured, computing, (elapsed, finishing)));
            let (progress, stage) = (1.0 - left / self.all(), "classical".to_string());
            let (left, error) = (computing.map(|computing| computing + finishing), None);
            Ok(Some(JobState { state: State::Executing, progress, stage, elapsed, left, error, estimate, ..state }))
        })?;
        Ok(is_told)
    }
}

/// What a calculation takes, by what was measured of its pieces: it has gone on for `elapsed` seconds, those that are left take as long as
/// `computing` says, if that is known, and the results take `finishing`.
fn estimated(
    before: JobEstimate,
    measured: &Measured,
    computing: Option<f64>,
    (elapsed, finishing): (f64, f64),
) -> JobEstimate {
    let Some(computing) = computing else { return before };
    let seconds = elapsed + computing + finishing;
    JobEstimate { seconds, error: measured.error() * computing / seconds, ..before }
}

/// A number that differs from process to process and from time to time.
fn chance() -> usize {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    (u64::from(now.subsec_nanos()).wrapping_mul(2_654_435_761) ^ u64::from(std::process::id())) as usize >> 8
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
                    Ok(Some((at, lease))) => {
                        let (i, start) = (self.pieces.order[at], on_processor());
                        work(i);
                        if !self.pieces.share.is_kept(&self.pieces.names[i]) {
                            // it failed, which the work knows: nothing more is to be done
                            return;
                        }
                        drop(lease);
                        self.pieces.done(at, on_processor() - start);
                    }
                    Ok(None) => return,
                    Err(error) => {
                        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                        failure.get_or_insert(error);
                        return;
                    }
                }
            }
        });
    }
}

/// How long this thread has been on a processor, seconds.
fn on_processor() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;
    use std::path::Path;

    use super::super::sharing::share;
    use super::*;
    use crate::calc::Model;
    use crate::datastore::{DataDir, open_arrays};
    use crate::job::Job;

    /// Shares the job of Irpinia with many sites.
    fn shared(tmp: &Path) -> (Model, Share) {
        let folder = DataDir::open(tmp).unwrap().new_calc().unwrap();
        std::fs::create_dir(folder.inputs()).unwrap();
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/jobs/irpinia")).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), folder.inputs().join(entry.file_name())).unwrap();
        }
        let job = folder.inputs().join("job_grid.ini");
        let text = std::fs::read_to_string(&job).unwrap();
        std::fs::write(&job, text.replace("region_grid_spacing = 10", "region_grid_spacing = 0.5")).unwrap();
        let model = Model::read(Job::read(&job).unwrap(), &open_arrays).unwrap();
        let share = share(&folder, &model, 60.0, NonZero::new(2).unwrap()).unwrap();
        (model, share)
    }

    #[test]
    fn workers_take_each_piece_once_and_list_them_a_few_times() {
        let tmp = tempfile::tempdir().unwrap();
        let (model, share) = shared(tmp.path());
        let (work, log) = (SharedWork::of(&model), WorkLog::of(&share));
        let all: Vec<Pieces> = (0..2).map(|_| Pieces::of(&share, &work, &log).unwrap()).collect();
        let count = share.about().pieces;
        assert!(count > 50, "{count}");
        let mut taken = Vec::new();
        loop {
            let mut is_over = true;
            for pieces in &all {
                if let Some((at, _lease)) = pieces.next().unwrap() {
                    is_over = false;
                    taken.push(at);
                    share.keep(&pieces.names[pieces.order[at]], b"rates").unwrap();
                    pieces.lock().taken.remove(&at);
                }
            }
            if is_over {
                break;
            }
        }
        assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), count);
        assert_eq!(taken.len(), count);
        for pieces in &all {
            let listings = pieces.lock().listings;
            assert!(listings < 10, "{listings} for {count} pieces");
            assert_eq!(pieces.left().unwrap(), Left::default());
        }
    }

    #[test]
    fn what_a_process_holds_is_left_to_it_and_what_it_gives_back_is_taken() {
        let tmp = tempfile::tempdir().unwrap();
        let (model, share) = shared(tmp.path());
        let (work, log) = (SharedWork::of(&model), WorkLog::of(&share));
        let [a, b] = [(); 2].map(|()| Pieces::of(&share, &work, &log).unwrap());
        let held = a.next().unwrap().unwrap();
        let mut leases = Vec::new();
        while let Some((at, lease)) = b.next().unwrap() {
            assert_ne!(at, held.0);
            leases.push(lease);
        }
        assert_eq!(leases.len() + 1, share.about().pieces);
        assert_eq!(b.left().unwrap().held, share.about().pieces);
        drop(held.1);
        assert_eq!(b.next().unwrap().unwrap().0, held.0);
    }
}
