//! What the second pass gives, disaggregations and conditional spectra, on its way to the datastore, as [`crate::schema`] names it.

use super::results::{Results, Written};
use crate::calc::{
    DisaggBins, DisaggLayout, Layout, Model, Output, SecondOutput, SiteDisaggregation, SourceDisaggregation, Spectra,
};
use crate::datastore::{ArrayData, DType, WriterHandle};
use crate::job::{DisaggAxis, Marginal};
use crate::schema::{
    BEST_RLZS, CS_RLZS, CS_SHARES, CS_STATS, DISAGG_ALL, DISAGG_BINS, DISAGG_BY_SRC, DISAGG_LEVELS, DISAGG_RLZS,
    DISAGG_STATS, axes_by_source, axes_of_marginal, wrapped,
};

impl Results {
    /// Begin all that a model gives, for who wants to know how much it is.
    pub(super) fn begin_all(&mut self, model: &Model) -> Written {
        self.begin(&Layout::of(model))?;
        if let Some(of) = &model.disaggregation {
            self.disaggregation(&DisaggLayout::before(model, of))?;
            if let Some(by_source) = &model.by_source {
                (0..model.sites.len())
                    .try_for_each(|site| self.sources(&SourceDisaggregation::before(of, by_source, site)))?;
            }
        }
        if model.spectra.is_some() { self.spectra(&Spectra::before(model)) } else { Ok(()) }
    }
}

impl SecondOutput for Results {
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

    fn sources(&mut self, results: &SourceDisaggregation) -> Written {
        let (Some(layout), Some(disaggregation)) = (&self.layout, &self.disaggregation) else { return Ok(()) };
        // no array has an axis of nothing
        if results.sources.is_empty() {
            return Ok(());
        }
        let bins = &disaggregation.bins;
        let axes = axes_by_source(&results.sources, [&bins.mag, &bins.dist, &bins.eps], &layout.imts, &layout.poes);
        let key = format!("{DISAGG_BY_SRC}/{}", results.site);
        let [mags, dists, eps] = [DisaggAxis::Mag, DisaggAxis::Dist, DisaggAxis::Eps].map(|axis| bins.count(axis));
        let (imts, poes) = (layout.imts.len(), disaggregation.poes);
        let of_levels = (!layout.poes.is_empty()).then_some(poes);
        let fixed = [results.sources.len(), mags, dists, eps, imts];
        let shape: Vec<usize> = fixed.into_iter().chain(of_levels).collect();
        let of_site = results.site * imts * poes..(results.site + 1) * imts * poes;
        let levels = disaggregation.levels.get(of_site).ok_or("the levels of a site: there are none")?;
        let of_imts: Vec<usize> = std::iter::once(imts).chain(of_levels).collect();
        write(&self.writer, &format!("{key}/iml"), &of_imts, levels.to_vec())?;
        write_wrapped(&self.writer, &key, axes, &["value"], (&shape, results.expected.clone()))
    }

    fn spectra(&mut self, results: &Spectra) -> Written {
        let Spectra { sites, poes, realizations, periods, .. } = results;
        let numbers = |count: usize| -> ArrayData { (0..count as i64).collect::<Vec<i64>>().into() };
        for (key, kind, along, values) in [
            (CS_RLZS, "rlz", numbers(*realizations), &results.by_realization),
            (CS_STATS, "stat", ArrayData::fixed_strings(["mean"]), &results.mean),
        ] {
            let shape = [*sites, poes.len(), along.shape().iter().product(), periods.len(), 2];
            let axes = vec![
                ("site_id", numbers(*sites)),
                ("poe", poes.clone().into()),
                (kind, along),
                ("period", periods.clone().into()),
            ];
            write_wrapped(&self.writer, key, axes, &["mea", "std"], (&shape, values.clone()))?;
        }
        write(&self.writer, CS_SHARES, &[*sites, poes.len(), *realizations], results.shares.clone())
    }
}

/// Write an array with what stands along its axes; where `extra` are several they are its last one.
fn write_wrapped(
    writer: &WriterHandle,
    key: &str,
    axes: Vec<(&str, ArrayData)>,
    extra: &[&str],
    (shape, values): (&[usize], Vec<f64>),
) -> Written {
    write(writer, &format!("{key}/array"), shape, values)?;
    let (beside, attrs) = wrapped(key, axes, extra);
    for (key, block) in beside {
        writer.write(&key, block)?;
    }
    Ok(writer.set_attrs(key, attrs)?)
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
