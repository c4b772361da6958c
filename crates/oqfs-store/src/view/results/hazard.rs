//! The hazard that a calculation keeps: its curves and maps, of the statistics and of the realizations.

use std::sync::Arc;

use super::{JobParams, SiteArray, Sites, misshapen};
use crate::schema::{ArraySchema, HCURVES_RLZS, HCURVES_STATS, HMAPS_RLZS, HMAPS_STATS};
use crate::view::Result;
use crate::view::source::ViewSource;

/// The modes of calculation whose curves and maps these are.
const MODES: [&str; 2] = ["classical", "disaggregation"];

/// The curves and maps of the sites of a job.
#[derive(Debug)]
pub(in crate::view) struct Hazard {
    pub job: JobParams,
    pub sites: Arc<Sites>,
    pub curves: SiteArrays,
    pub maps: SiteArrays,
}

impl Hazard {
    /// `None` if the calculation is no classical one or keeps neither curves nor maps.
    ///
    /// # Errors
    /// If an array cannot be read, or is not that of its sites and levels.
    pub fn read(source: &ViewSource) -> Result<Option<Self>> {
        let job = JobParams::read(source, &source.attrs(&source.root()?)?)?;
        if !MODES.contains(&job.text("calculation_mode")) {
            return Ok(None);
        }
        let Some(sites) = Sites::find(source)?.map(Arc::new) else { return Ok(None) };
        let curves = SiteArrays::read(source, &sites, [HCURVES_STATS, HCURVES_RLZS])?;
        let maps = SiteArrays::read(source, &sites, [HMAPS_STATS, HMAPS_RLZS])?;
        let has_levels = |array: &SiteArray| array.imts.iter().all(|imt| job.levels(imt).len() == array.last);
        if let Some(array) = curves.iter().find(|array| !has_levels(array)) {
            return Err(misshapen(array.key));
        }
        let found = sites.count > 0 && curves.iter().chain(maps.iter()).next().is_some();
        Ok(found.then_some(Self { job, sites, curves, maps }))
    }

    /// The investigation time, in years.
    pub fn time(&self) -> Option<f64> {
        self.job.number("investigation_time").filter(|time| *time > 0.0)
    }
}

/// An array of the statistics and that of the realizations.
#[derive(Debug)]
pub(in crate::view) struct SiteArrays {
    pub stats: Option<SiteArray>,
    pub rlzs: Option<SiteArray>,
}

impl SiteArrays {
    /// Of the statistics, and of the realizations if they are kept and not all the same.
    ///
    /// # Errors
    /// As [`SiteArray::read`].
    pub fn read(source: &ViewSource, sites: &Arc<Sites>, [stats, rlzs]: [ArraySchema; 2]) -> Result<Self> {
        let stats = SiteArray::read(source, sites, &stats)?;
        let rlzs = SiteArray::read(source, sites, &rlzs)?;
        let rlzs = rlzs.filter(|rlzs| rlzs.kinds.len() > 1 || stats.is_none());
        Ok(Self { stats, rlzs })
    }

    /// Those that there are, the statistics first.
    pub fn iter(&self) -> impl Iterator<Item = &SiteArray> {
        self.stats.iter().chain(&self.rlzs)
    }
}
