//! How long pieces of the work of a job take, on a thread each: those that are drawn at random, so many of all.
//!
//! `cargo run --release -p oqfs-hazard --example pieces -- JOB.ini [HOW_MANY]` prints how many pieces the job has (with 0 nothing else) and how
//! many bytes they keep, then a line for each that was drawn: seconds of a processor, and those that it was expected to take. `scripts/schedule.py` reads that.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use oqfs_hazard::arrays::open_none;
use oqfs_hazard::calc::{BlockRates, Digest, Effort, Estimate, Executor, Model, RateStore, SharedWork, Threads};
use oqfs_hazard::job::Job;
use rand_mt::Mt;
use rayon::prelude::*;
use rustix::time::{ClockId, clock_gettime};

/// Does some of the pieces, and notes how long each takes.
struct Drawn {
    places: Vec<usize>,
    seconds: Mutex<Vec<(usize, f64)>>,
}

impl Executor for Drawn {
    fn each(&self, _: usize, work: &(dyn Fn(usize) + Sync)) {
        self.places.par_iter().with_max_len(1).for_each(|&place| {
            let start = on_processor();
            work(place);
            let seconds = on_processor() - start;
            self.seconds.lock().unwrap().push((place, seconds));
        });
    }
}

/// Keeps nothing, and says how much there was.
#[derive(Default)]
struct Counted(AtomicUsize);

impl RateStore for Counted {
    fn keeps_all(&self) -> bool {
        true
    }

    fn get(&self, _: &Digest) -> Option<BlockRates> {
        None
    }

    fn put(&self, _: &Digest, rates: &BlockRates) {
        let numbers: usize = rates.by_model.iter().map(|(_, rates)| rates.len()).sum();
        self.0.fetch_add(numbers * size_of::<f64>(), Ordering::Relaxed);
    }
}

fn on_processor() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let job = arguments.next().ok_or("expected a job file, and how many pieces are drawn of all")?;
    let model = Model::read(Job::read(Path::new(&job))?, &open_none)?;
    let work = SharedWork::of(&model);
    // as it is for `oqfs submit`
    let weights = work.expected(&Estimate::of(&model, Effort::SHARED, Threads.count(), &Threads, &())?);
    let mut places: Vec<usize> = (0..weights.len()).collect();
    let drawn = arguments.next().map_or(Ok(places.len()), |text| text.parse())?;
    let mut random = Mt::new(42);
    for i in 0..drawn.min(places.len()) {
        let other = i + random.next_u32() as usize % (places.len() - i);
        places.swap(i, other);
    }
    places.truncate(drawn);
    let (drawn, store) = (Drawn { places, seconds: Mutex::default() }, Counted::default());
    work.keep(&drawn, &(), &store)?;
    let seconds = drawn.seconds.into_inner()?;
    let (some, all) = (seconds.len(), weights.len());
    println!("{all} pieces, of which {some} were drawn");
    if some > 0 {
        let mib = store.0.into_inner() as f64 / some as f64 / (1 << 20) as f64;
        let sum: f64 = seconds.iter().map(|(_, seconds)| seconds).sum();
        println!("{mib:.2} MiB each, about {:.0} s of a processor for all", sum * all as f64 / some as f64);
    }
    for (place, seconds) in seconds {
        println!("piece {place}: {seconds:.3} s of a processor, {:.3e} expected", weights[place]);
    }
    Ok(())
}
