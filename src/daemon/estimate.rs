//! What a job takes, before it computes: time, memory and disk.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, anyhow};

use super::results::{Results, write_model, write_summary};
use super::space::peak_memory;
use crate::calc::{Effort, Estimate, Model, Monitor, Summary, Threads};
use crate::datastore::{JobEstimate, WriterHandle};

/// What starting, copying the inputs and bringing all to the disk take beside what is estimated, seconds, about.
const BESIDE: f64 = 0.06;

/// Datasets are written with such a speed at least, bytes per second.
const WRITING: f64 = 3e8;

/// What a job takes, with what it is made of.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// The numbers that are kept.
    pub job: JobEstimate,
    /// What the calculation itself takes.
    pub calculation: Estimate,
}

impl Forecast {
    /// That of a model whose reading took so long, by this process, and of which `written` bytes have been written in `writing` seconds.
    fn new(model: &Model, calculation: Estimate, reading: f64, (written, writing): (f64, f64)) -> Result<Forecast> {
        let nobody = WriterHandle::to_nobody();
        Results::new(nobody.clone()).begin_all(model).map_err(|error| anyhow!(error))?;
        write_summary(&nobody, model, &Summary::none(model), &[])?;
        let disk = written + nobody.bytes() as f64;
        let seconds = reading + writing + calculation.seconds + disk / WRITING + BESIDE;
        let job = JobEstimate {
            seconds,
            error: calculation.error * calculation.seconds / seconds,
            memory: peak_memory(model, written),
            disk,
            contexts: calculation.contexts,
        };
        Ok(Forecast { job, calculation })
    }

    /// For somebody who asks, of a job in a folder.
    ///
    /// # Errors
    /// If what a datastore has cannot be made of the model.
    pub fn thorough(model: &Model, folder: &Path, reading: f64) -> Result<Forecast> {
        let (nobody, start) = (WriterHandle::to_nobody(), Instant::now());
        write_model(&nobody, model, folder)?;
        let written = (nobody.bytes() as f64, start.elapsed().as_secs_f64());
        let calculation = Estimate::of(model, Effort::THOROUGH, Threads.count(), &Threads, &())?;
        Forecast::new(model, calculation, reading, written)
    }

    /// For a calculation that is about to begin: what was written of the model, in bytes and seconds, is known.
    ///
    /// # Errors
    /// If somebody stops it.
    pub fn quick(model: &Model, reading: f64, written: (f64, f64), monitor: &dyn Monitor) -> Result<Forecast> {
        let calculation = Estimate::of(model, Effort::QUICK, Threads.count(), &Threads, monitor)?;
        Forecast::new(model, calculation, reading, written)
    }
}
