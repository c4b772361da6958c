//! Whether a job fits into the memory and onto the disk.

use std::fs::File;
use std::path::Path;

use super::limits::Limits;
use super::memory;
use super::results::Results;
use crate::calc::{KeptCurves, Layout, Model, Threads, working_memory};
use crate::datastore::{QUEUE, WriterHandle};
use crate::fs::statvfs;

/// What the HDF5 library and the threads take, bytes, about.
const BESIDE: f64 = 8e6;

/// What is wrong if the results of a job are larger than the free space of the disk that `place` is on, or take more memory than there is or
/// than it may have. The model has been read by this process.
pub fn check(model: &Model, place: &Path, limits: Limits) -> Result<(), String> {
    check_disk(model, place)?;
    let layout = Layout::of(model);
    let (taken, needed) = (memory::taken(), peak_memory(model, 0.0));
    let allowed = limits.with_those_of(&model.job.params).memory.map(|size| size.0 as f64);
    if let Some(allowed) = allowed.filter(|allowed| needed > *allowed) {
        return Err(too_much(&layout, model, needed, allowed, "oqfs_memory or --memory allows"));
    }
    match memory::left() {
        Some(left) if needed - taken.now > left => {
            Err(too_much(&layout, model, needed, taken.now + left, "the machine or its control group has"))
        }
        _ => Ok(()),
    }
}

/// The same of the disk alone, for a job that other machines compute.
pub fn check_disk(model: &Model, place: &Path) -> Result<(), String> {
    let layout = Layout::of(model);
    let results = results(model);
    match free(place).filter(|free| results > *free) {
        Some(free) => Err(too_large(&layout, model, results, free)),
        None => Ok(()),
    }
}

/// The most memory that this process will have taken when it has computed a model that it has read, bytes. `written` is the size of what it
/// writes of the model itself.
pub fn peak_memory(model: &Model, written: f64) -> f64 {
    let taken = memory::taken();
    // what is written of the model is made before the calculation, and gone then
    taken.most.max(taken.now + BESIDE + working_memory(model, Threads.count(), QUEUE).max(2.0 * written))
}

/// How many bytes the results take in the datastore.
fn results(model: &Model) -> f64 {
    let nobody = WriterHandle::to_nobody();
    // a handle to nobody takes everything
    let _ = Results::new(nobody.clone()).begin_all(model);
    nobody.bytes() as f64
}

/// A size for people.
pub fn shown(bytes: f64) -> String {
    let (unit, scale) = match bytes {
        ..1e6 => ("kB", 1e3),
        ..1e9 => ("MB", 1e6),
        _ => ("GB", 1e9),
    };
    format!("{:.1} {unit}", bytes / scale)
}

/// What the size of results comes from.
fn dimensions(Layout { sites, realizations, imts, levels, .. }: &Layout) -> String {
    format!("{sites} sites, {realizations} realizations, {} intensity measures of {levels} levels", imts.len())
}

/// What makes the results of a job smaller.
fn remedy(layout: &Layout, model: &Model) -> &'static str {
    match layout.realization_curves {
        _ if model.disaggregation.is_some() => {
            "take wider bins (mag_bin_width, distance_bin_width, coordinate_bin_width), fewer realizations (num_rlzs_disagg) or \
             fewer disagg_outputs"
        }
        KeptCurves::No => {
            "take fewer sites (sites, region_grid_spacing) or levels (intensity_measure_types_and_levels)"
        }
        _ => {
            "take fewer sites (sites, region_grid_spacing) or levels (intensity_measure_types_and_levels), or \
             individual_rlzs = false"
        }
    }
}

fn too_large(layout: &Layout, model: &Model, results: f64, free: f64) -> String {
    format!(
        "the results would take {}, and the disk has {} free: {}; {}",
        shown(results),
        shown(free),
        dimensions(layout),
        remedy(layout, model)
    )
}

fn too_much(layout: &Layout, model: &Model, needed: f64, most: f64, who: &str) -> String {
    /// Above so many realizations it is they that take the memory.
    const MANY: usize = 10_000;
    let sampled = model.job.params.number_of_logic_tree_samples;
    let fewer = match (layout.realizations > MANY, sampled) {
        (false, _) => String::new(),
        (true, 0) => "sample the logic trees with number_of_logic_tree_samples, or ".into(),
        (true, _) => format!("lower number_of_logic_tree_samples from {sampled}, or "),
    };
    format!(
        "the calculation would take {} of memory, and {who} {}: {}; {fewer}{}",
        shown(needed),
        shown(most),
        dimensions(layout),
        remedy(layout, model)
    )
}

/// The free space of the disk that `place` is on, in bytes, for this user.
pub fn free(place: &Path) -> Option<f64> {
    let st = statvfs(File::open(place).ok()?).ok()?;
    Some(st.f_bavail as f64 * st.f_frsize as f64)
}
