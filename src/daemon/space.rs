//! Whether the results of a job fit on the disk.

use std::fs::File;
use std::path::Path;

use crate::calc::{Layout, Model};
use crate::fs::statvfs;

/// What is wrong if the results of a job are larger than the free space of the disk that `place` is on.
pub fn check(model: &Model, place: &Path) -> Result<(), String> {
    let layout = Layout::of(model);
    match free(place) {
        Some(free) if layout.bytes() > free => Err(too_large(&layout, free)),
        _ => Ok(()),
    }
}

fn too_large(layout: &Layout, free: f64) -> String {
    let size =
        |bytes: f64| if bytes < 1e7 { format!("{:.1} kB", bytes / 1e3) } else { format!("{:.3} GB", bytes / 1e9) };
    let Layout { sites, realizations, imts, levels, .. } = layout;
    format!(
        "the results would take {}, and the disk has {} free: {sites} sites, {realizations} realizations, {} intensity measures \
         of {levels} levels; take fewer (sites, region_grid_spacing, intensity_measure_types_and_levels), or \
         individual_rlzs = false",
        size(layout.bytes()),
        size(free),
        imts.len()
    )
}

/// The free space of the disk that `place` is on, in bytes, for this user.
pub(super) fn free(place: &Path) -> Option<f64> {
    let st = statvfs(File::open(place).ok()?).ok()?;
    Some(st.f_bavail as f64 * st.f_frsize as f64)
}
