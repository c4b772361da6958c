//! From rates to what is kept: probabilities by group and model, curves of realizations, statistics and maps.

use std::ops::Range;

use rayon::prelude::*;

use super::amplification::Amplifier;
use super::maps::hazard_map;
use super::model::{KeptCurves, Model};
use super::stats::Statistic;
use crate::elementary::scalar::{exp_m1, ln, ln_1p};
use crate::gsim::Imt;
use crate::job::{Amplification, Params};

/// The shapes of the results of a calculation.
#[derive(Clone, Debug)]
pub struct Layout {
    /// N: the number of sites.
    pub sites: usize,
    /// R: the number of realizations.
    pub realizations: usize,
    /// What is made of the curves of each realization.
    pub realization_curves: KeptCurves,
    /// S: the statistics.
    pub statistics: Vec<Statistic>,
    /// M: the names of the intensity measures.
    pub imts: Vec<String>,
    /// L: the number of levels of each.
    pub levels: usize,
    /// The number of levels of each before curves are amplified: otherwise L.
    pub rock_levels: usize,
    /// P: the probabilities of the maps.
    pub poes: Vec<f64>,
    /// The intensity measures of uniform hazard spectra, as indices of `imts`: PGA and spectral accelerations, where the
    /// job asks for spectra.
    pub spectrum: Vec<usize>,
    /// G: the name of the source group and of the model of each column of rates.
    pub pairs: Vec<(usize, String)>,
    /// The names of the sources whose mean rates are kept; none if they are not.
    pub sources: Vec<String>,
}

impl Layout {
    /// The shapes for a model.
    pub fn of(model: &Model) -> Layout {
        let params = &model.job.params;
        let name = |(group, gsim): (usize, usize)| {
            let branch = &model.tree.gsims.models(model.groups[group].trt_index)[gsim];
            (group, branch.name.clone())
        };
        Layout {
            sites: model.sites.len(),
            realizations: model.tree.realizations.len(),
            realization_curves: model.realizations(),
            statistics: Statistic::of(params),
            imts: params.imtls().iter().map(|(imt, _)| imt.to_string()).collect(),
            levels: soil_intensities(params).map_or(params.levels(), <[f64]>::len),
            rock_levels: params.levels(),
            poes: params.poes.clone(),
            spectrum: if params.uniform_hazard_spectra { spectrum(&model.imts()) } else { Vec::new() },
            pairs: model.pairs().into_iter().map(name).collect(),
            sources: model.by_source.as_ref().map_or(Vec::new(), |by_source| by_source.names.clone()),
        }
    }

    /// M × L.
    pub fn all_levels(&self) -> usize {
        self.imts.len() * self.levels
    }

    /// M × the levels before curves are amplified.
    pub fn all_rock_levels(&self) -> usize {
        self.imts.len() * self.rock_levels
    }

    /// M × P.
    pub fn all_poes(&self) -> usize {
        self.imts.len() * self.poes.len()
    }
}

impl Layout {
    /// How many bytes the results of a site take.
    pub fn bytes_of_site(&self) -> f64 {
        let kept = if self.realization_curves == KeptCurves::No { 0 } else { self.realizations };
        let values = self.all_levels() + self.all_poes() + self.spectrum.len() * self.poes.len();
        let bytes = size_of::<f32>() * values * (kept + self.statistics.len())
            + size_of::<f64>() * self.all_rock_levels() * (self.pairs.len() + self.sources.len());
        bytes as f64
    }
}

/// The levels of curves that are amplified.
fn soil_intensities(params: &Params) -> Option<&[f64]> {
    params.amplification.as_ref().and_then(Amplification::soil_intensities)
}

/// Which intensity measures make a spectrum.
fn spectrum(imts: &[Imt]) -> Vec<usize> {
    imts.iter().enumerate().filter(|(_, imt)| imt.is_spectral()).map(|(m, _)| m).collect()
}

/// The results of T sites. Arrays are row-major; those that are not kept are empty.
#[derive(Clone, Debug, Default)]
pub struct Curves {
    /// Probabilities of exceedance by group and model, (G) of (T, M, L), not amplified.
    pub by_pair: Vec<Vec<f64>>,
    /// Curves of realizations, (T, R, M, L).
    pub curves_rlzs: Vec<f32>,
    /// Statistics of curves, (T, S, M, L).
    pub curves_stats: Vec<f32>,
    /// Maps of realizations, (T, R, M, P).
    pub maps_rlzs: Vec<f32>,
    /// Maps of statistics, (T, S, M, P).
    pub maps_stats: Vec<f32>,
    /// Uniform hazard spectra of realizations, (T, R, P, periods).
    pub spectra_rlzs: Vec<f32>,
    /// Uniform hazard spectra of statistics, (T, S, P, periods).
    pub spectra_stats: Vec<f32>,
    /// Mean annual rates of exceedance by source, not amplified, (T, M, L, sources).
    pub by_source: Vec<f64>,
}

impl Curves {
    /// Uniform hazard spectra from maps (T, X, M, P), as (T, X, P, periods).
    fn spectra(maps: &[f32], layout: &Layout) -> Vec<f32> {
        let poes = layout.poes.len();
        let of_map = |map: &[f32]| -> Vec<f32> {
            let at = |p: usize| layout.spectrum.iter().map(move |&m| map[m * poes + p]);
            (0..poes).flat_map(at).collect()
        };
        maps.chunks(layout.all_poes().max(1)).flat_map(of_map).collect()
    }
}

/// The weights of realizations.
struct Weights {
    all: Vec<f64>,
    /// Those for each intensity measure, where they differ.
    by_imt: Option<Vec<Vec<f64>>>,
}

impl Weights {
    /// Those at the sites of a label.
    fn of(model: &Model, label: usize) -> Weights {
        let by_imt = model.tree.weights_by_imt(label, &model.imts(), &model.job.params);
        Weights { all: model.tree.weights_for(label), by_imt }
    }
}

/// What turns rates into curves.
pub struct CurveMaker<'a> {
    layout: &'a Layout,
    /// The weights of the realizations, by the label of sites.
    weights: Vec<Weights>,
    /// The label of each site; none where no site has one.
    labels: &'a [u8],
    /// The realizations of each pair.
    realizations: Vec<Vec<u32>>,
    log_levels: Vec<Vec<f64>>,
    log_poes: Vec<f64>,
    investigation_time: f64,
    use_rates: bool,
    amplifier: Option<&'a Amplifier>,
}

impl<'a> CurveMaker<'a> {
    /// For a model.
    pub fn new(model: &'a Model, layout: &'a Layout) -> CurveMaker<'a> {
        let params = &model.job.params;
        let logarithms = |levels: &[f64]| levels.iter().map(|x| ln(*x)).collect::<Vec<f64>>();
        let soil = soil_intensities(params);
        let of_pair = |(group, gsim): (usize, usize)| {
            let group = &model.groups[group];
            model.tree.realizations_of(&group.paths, group.trt_index, gsim)
        };
        CurveMaker {
            layout,
            weights: (0..=model.tree.labelled.len()).map(|label| Weights::of(model, label)).collect(),
            labels: model.sites.labels(),
            realizations: model.pairs().into_iter().map(of_pair).collect(),
            log_levels: params.imtls().iter().map(|(_, levels)| logarithms(soil.unwrap_or(levels))).collect(),
            log_poes: params.poes.iter().map(|p| ln(*p)).collect(),
            investigation_time: params.investigation_time,
            use_rates: params.use_rates,
            amplifier: model.amplifier.as_ref(),
        }
    }

    /// The results of a tile from annual rates, (G) of (T, M, L).
    pub fn make(&self, rates: &[Vec<f64>], tile: &Range<usize>) -> Curves {
        let width = self.layout.all_rock_levels();
        let of_site = |t: usize| self.of_site(rates, t * width..(t + 1) * width, tile.start + t);
        let by_site: Vec<Curves> = (0..tile.len()).into_par_iter().map(of_site).collect();
        let by_pair = vec![Vec::with_capacity(tile.len() * width); rates.len()];
        let mut all = Curves { by_pair, ..Curves::default() };
        for site in by_site {
            all.curves_rlzs.extend(site.curves_rlzs);
            all.curves_stats.extend(site.curves_stats);
            all.maps_rlzs.extend(site.maps_rlzs);
            all.maps_stats.extend(site.maps_stats);
        }
        all.spectra_rlzs = Curves::spectra(&all.maps_rlzs, self.layout);
        all.spectra_stats = Curves::spectra(&all.maps_stats, self.layout);
        for (poes, rates) in all.by_pair.iter_mut().zip(rates) {
            poes.extend(rates.iter().map(|r| probability(r * self.investigation_time)));
        }
        all
    }

    /// The results of a site, whose rates stand in `range` of each pair.
    fn of_site(&self, rates: &[Vec<f64>], range: Range<usize>, site: usize) -> Curves {
        let (width, r) = (self.layout.all_rock_levels(), self.layout.realizations);
        let mut values = vec![0.0; r * width];
        for (pair, realizations) in rates.iter().zip(&self.realizations) {
            for &realization in realizations {
                let row = &mut values[realization as usize * width..][..width];
                row.iter_mut().zip(&pair[range.clone()]).for_each(|(sum, x)| *sum += x * self.investigation_time);
            }
        }
        if let Some(amplifier) = self.amplifier {
            values = self.amplified(amplifier, site, values);
        }
        let width = self.layout.all_levels();
        let mut curves = Curves::default();
        if self.layout.realization_curves != KeptCurves::No {
            let is_zero = self.layout.realization_curves == KeptCurves::Zero;
            curves.curves_rlzs = values.iter().map(|&x| if is_zero { 0.0 } else { probability(x) as f32 }).collect();
            curves.maps_rlzs = self.maps(&curves.curves_rlzs);
        }
        if !self.layout.statistics.is_empty() {
            if !self.use_rates {
                values.iter_mut().for_each(|x| *x = probability(*x));
            }
            let mut out = vec![0.0; width];
            for statistic in &self.layout.statistics {
                self.compute(*statistic, site, &values, &mut out);
                let kept = out.iter().map(|&x| if self.use_rates { probability(x) } else { x } as f32);
                curves.curves_stats.extend(kept);
            }
            curves.maps_stats = self.maps(&curves.curves_stats);
        }
        curves
    }

    /// The expected numbers (R, M, L) of exceedances on soil, of those on rock.
    fn amplified(&self, amplifier: &Amplifier, site: usize, mut values: Vec<f64>) -> Vec<f64> {
        let mut soil = vec![0.0; self.layout.realizations * self.layout.all_levels()];
        values.iter_mut().for_each(|x| *x = probability(*x));
        let rows = values.chunks(self.layout.all_rock_levels()).zip(soil.chunks_mut(self.layout.all_levels()));
        rows.for_each(|(rock, soil)| amplifier.amplify(site, rock, soil));
        soil.iter_mut().for_each(|poe| *poe = -ln_1p(-*poe));
        soil
    }

    /// A statistic of the values (R, M, L) of realizations at a site.
    fn compute(&self, statistic: Statistic, site: usize, values: &[f64], out: &mut [f64]) {
        let of_site = &self.weights[self.labels.get(site).map_or(0, |label| usize::from(*label))];
        let Some(weights) = &of_site.by_imt else { return statistic.compute(values, &of_site.all, out) };
        let levels = self.layout.levels;
        for (m, (weights, out)) in weights.iter().zip(out.chunks_mut(levels)).enumerate() {
            let of_imt = values.chunks(self.layout.all_levels()).flat_map(|row| &row[m * levels..(m + 1) * levels]);
            if weights.iter().sum::<f64>() > 0.0 {
                statistic.compute(&of_imt.copied().collect::<Vec<f64>>(), weights, out);
            } else {
                out.fill(0.0);
            }
        }
    }

    /// The maps of curves (…, M, L), as (…, M, P).
    fn maps(&self, curves: &[f32]) -> Vec<f32> {
        let poes = self.log_poes.len();
        let mut maps = vec![0.0; if poes == 0 { 0 } else { curves.len() / self.layout.levels * poes }];
        for (i, (curve, map)) in curves.chunks(self.layout.levels).zip(maps.chunks_mut(poes.max(1))).enumerate() {
            hazard_map(curve, &self.log_levels[i % self.layout.imts.len()], &self.log_poes, map);
        }
        maps
    }
}

/// The probability of an event of a Poisson process with this expected number.
fn probability(expected: f64) -> f64 {
    -exp_m1(-expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spectrum_is_a_map_turned_over_without_velocity() {
        let imts = ["PGA", "PGV", "SA(1.0)"].map(|i| Imt::parse(i).unwrap());
        let layout = Layout {
            sites: 1,
            realizations: 1,
            realization_curves: KeptCurves::No,
            statistics: vec![Statistic::Mean],
            imts: imts.iter().map(|i| i.to_string()).collect(),
            levels: 2,
            rock_levels: 2,
            poes: vec![0.1, 0.02],
            spectrum: spectrum(&imts),
            pairs: Vec::new(),
            sources: Vec::new(),
        };
        // (M, P)
        let maps = [0.1, 0.2, 10.0, 20.0, 0.3, 0.4];
        assert_eq!(Curves::spectra(&maps, &layout), [0.1, 0.3, 0.2, 0.4]);
    }
}
