//! What a job takes, before it computes: time, memory and disk.

use std::num::NonZero;
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

    /// For a calculation whose work is shared by workers that have so many threads together, all as fast as this machine, and whose results are
    /// made by a process with as many threads as this one has; of a job in a folder. Beside it, how long making the results takes, seconds:
    /// of a disaggregation with the second pass.
    ///
    /// # Errors
    /// If what a datastore has cannot be made of the model.
    pub fn shared(model: &Model, folder: &Path, threads: NonZero<usize>) -> Result<(Forecast, f64)> {
        let nobody = WriterHandle::to_nobody();
        write_model(&nobody, model, folder)?;
        let mut calculation = Estimate::of(model, Effort::SHARED, Threads.count(), &Threads, &())?;
        let curves = calculation.curves / Threads.count().min(model.sites.len()).max(1) as f64;
        let again = model.disaggregation.as_ref().map_or(0, |of| of.passes(model.sites.len())) as f64;
        let pass = (calculation.seconds - curves) / (again + 1.0);
        let finishing = again * pass + curves;
        calculation.seconds = calculation.seconds_shared(threads) + finishing;
        let forecast = Forecast::new(model, calculation, 0.0, (nobody.bytes() as f64, 0.0))?;
        let writing = forecast.job.disk / WRITING;
        Ok((forecast, finishing + writing + BESIDE))
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
