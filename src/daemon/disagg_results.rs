//! A disaggregation on its way to the datastore, as [`crate::schema`] names it.

use super::results::{Results, Written};
use crate::calc::{DisaggBins, DisaggLayout, DisaggregationOutput, Layout, Model, Output, SiteDisaggregation};
use crate::datastore::{ArrayData, DType, WriterHandle};
use crate::job::Marginal;
use crate::schema::{BEST_RLZS, DISAGG_ALL, DISAGG_BINS, DISAGG_LEVELS, DISAGG_RLZS, DISAGG_STATS, axes_of_marginal};

impl Results {
    /// Begin all that a model gives, for who wants to know how much it is.
    pub(super) fn begin_all(&mut self, model: &Model) -> Written {
        self.begin(&Layout::of(model))?;
        let before = model.disaggregation.as_ref().map(|of| DisaggLayout::before(model, of));
        before.map_or(Ok(()), |layout| self.disaggregation(&layout))
    }
}

impl DisaggregationOutput for Results {
    fn disaggregation(&mut self, layout: &DisaggLayout) -> Written {
        write_bins(&self.writer, &layout.bins, layout.sites)?;
        let DisaggLayout { sites, imts, poes, realizations, chosen, levels, .. } = layout;
        let chosen: Vec<i64> = chosen.iter().map(|realization| i64::from(*realization)).collect();
        write(&self.writer, BEST_RLZS, &[*sites, *realizations], chosen)?;
        write(&self.writer, DISAGG_LEVELS, &[*sites, *imts, *poes], levels.clone())?;
        self.writer.create(DISAGG_ALL, DType::F64, &[*sites, *imts, *poes, *realizations], Vec::new())?;
        for (group, columns) in groups(layout) {
            for marginal in &layout.marginals {
                let axes: Vec<&str> = marginal.axes.iter().map(|axis| axis.name()).collect();
                let (key, shape) = (key(group, marginal), shape(layout, marginal, layout.sites, columns));
                self.writer.create(&key, DType::F64, &shape, axes_of_marginal(&axes))?;
            }
        }
        self.disaggregation = Some(layout.clone());
        Ok(())
    }

    fn site(&mut self, results: &SiteDisaggregation) -> Written {
        let Some(layout) = &self.disaggregation else { return Ok(()) };
        let all = [1, layout.imts, layout.poes, layout.realizations];
        self.writer.write_rows(DISAGG_ALL, results.site, array(DISAGG_ALL, &all, results.all.clone())?)?;
        for ((group, columns), values) in groups(layout).into_iter().zip([&results.realizations, &results.mean]) {
            for (marginal, values) in layout.marginals.iter().zip(values) {
                let (key, shape) = (key(group, marginal), shape(layout, marginal, 1, columns));
                self.writer.write_rows(&key, results.site, array(&key, &shape, values.clone())?)?;
            }
        }
        Ok(())
    }
}

/// The groups of marginals, each with the length of its last axis.
fn groups(layout: &DisaggLayout) -> Vec<(&'static str, usize)> {
    let mean = layout.has_mean().then_some((DISAGG_STATS, 1));
    std::iter::once((DISAGG_RLZS, layout.realizations)).chain(mean).collect()
}

fn key(group: &str, marginal: &Marginal) -> String {
    format!("{group}/{}", marginal.name)
}

/// The shape of a marginal of so many sites.
fn shape(layout: &DisaggLayout, marginal: &Marginal, sites: usize, columns: usize) -> Vec<usize> {
    let bins = marginal.axes.iter().map(|axis| layout.bins.count(*axis));
    std::iter::once(sites).chain(bins).chain([layout.imts, layout.poes, columns]).collect()
}

fn write_bins(writer: &WriterHandle, bins: &DisaggBins, sites: usize) -> Written {
    let write =
        |axis: &str, shape: &[usize], edges: Vec<f64>| write(writer, &format!("{DISAGG_BINS}/{axis}"), shape, edges);
    for (axis, edges) in [("Mag", &bins.mag), ("Dist", &bins.dist), ("Eps", &bins.eps)] {
        write(axis, &[edges.len()], edges.clone())?;
    }
    for (axis, edges) in [("Lon", &bins.lon), ("Lat", &bins.lat)] {
        write(axis, &[sites, edges.first().map_or(0, Vec::len)], edges.concat())?;
    }
    Ok(writer.write(&format!("{DISAGG_BINS}/TRT"), ArrayData::fixed_strings(&bins.trts))?)
}

fn write<T: crate::datastore::Element>(writer: &WriterHandle, key: &str, shape: &[usize], values: Vec<T>) -> Written {
    Ok(writer.write(key, array(key, shape, values)?)?)
}

fn array<T: crate::datastore::Element>(key: &str, shape: &[usize], values: Vec<T>) -> Result<ArrayData, String> {
    let count = values.len();
    ArrayData::new(shape, values).ok_or_else(|| format!("{key}: {count} values are not those of shape {shape:?}"))
}
