//! The sources of a model as pictures show them: outlines on a map, and magnitude-frequency distributions.

use std::collections::HashMap;
use std::ops::Range;

use rayon::prelude::*;

use super::Model;
use crate::digest::{Digest, Digester};
use crate::source::Mfd;
use crate::source::outline::{Part, PartKind, outline};

/// The outlines and magnitude-frequency distributions of all sources of a model, in columns.
///
/// A row of `sources` is a source in a source group: group by group, and in a group in its order. It has a range of the rows of `parts`,
/// of which each has a range of the vertices, and a range of the bins. Sources with the same outline share its rows, and sources whose
/// distributions differ by a factor alone, to a millionth, may share theirs. Nothing here is infinite or not a number. A part that crosses the
/// date line has longitudes of both signs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceShapes {
    /// The sources.
    pub sources: SourceRows,
    /// The parts of outlines.
    pub parts: PartRows,
    /// Longitude of each vertex, degrees.
    pub lon: Vec<f32>,
    /// Latitude of each vertex, degrees.
    pub lat: Vec<f32>,
    /// Magnitude of each bin.
    pub mag: Vec<f64>,
    /// Annual rate of each bin over the factor of the source.
    pub rate: Vec<f64>,
}

/// A row a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceRows {
    /// Its tectonic region type.
    pub trt: Vec<String>,
    /// The first part of its outline.
    pub first_part: Vec<u32>,
    /// Where the parts of its outline end.
    pub end_part: Vec<u32>,
    /// The first bin of its distribution.
    pub first_bin: Vec<u32>,
    /// Where the bins of its distribution end.
    pub end_bin: Vec<u32>,
    /// What makes the rates of these bins those of the source.
    pub factor: Vec<f64>,
    /// The weight of the realizations whose source models have it: 1 where all have.
    pub weight: Vec<f64>,
}

/// A row a part of an outline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartRows {
    /// What it is.
    pub kind: Vec<PartKind>,
    /// Its first vertex.
    pub first: Vec<u32>,
    /// Where its vertices end.
    pub end: Vec<u32>,
}

/// A part of the outline of a source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShapePart<'a> {
    /// What it is.
    pub kind: PartKind,
    /// Longitudes of its vertices, degrees.
    pub lon: &'a [f32],
    /// Latitudes of its vertices, degrees.
    pub lat: &'a [f32],
}

impl SourceShapes {
    /// Those of a model.
    pub fn of(model: &Model) -> SourceShapes {
        let (mut shapes, mut known) = (SourceShapes::default(), Known::default());
        let time = model.job.params.investigation_time;
        let mut weights = vec![0.0; model.tree.source_model_paths.len()];
        model.tree.realizations.iter().for_each(|r| weights[r.source_model] += r.weight);
        for group in &model.groups {
            let weight = group.paths.iter().map(|path| weights[*path]).sum();
            for (sources, placed) in group.sources.chunks(AT_ONCE).zip(group.placed.chunks(AT_ONCE)) {
                let both = sources.par_iter().zip(placed);
                let made = both.map(|(source, placed)| {
                    let mfd = placed.mfd(source, time);
                    let digest = Digester::of(&*mfd.form().0);
                    (outline(source), mfd, digest)
                });
                for (outline, mfd, digest) in made.collect::<Vec<_>>() {
                    shapes.add((&group.trt, weight), &outline, (&mfd, digest), &mut known);
                }
            }
        }
        shapes
    }

    /// The number of sources.
    pub fn len(&self) -> usize {
        self.sources.trt.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sources.trt.is_empty()
    }

    /// Whether all ranges are of rows that are there, as in what was made of a model: columns that were read from a file may say anything.
    pub fn is_consistent(&self) -> bool {
        let SourceRows { trt, first_part, end_part, first_bin, end_bin, factor, weight } = &self.sources;
        let PartRows { kind, first, end } = &self.parts;
        let are_in = |starts: &[u32], ends: &[u32], rows: usize| {
            starts.len() == ends.len()
                && starts.iter().zip(ends).all(|(start, end)| start <= end && *end as usize <= rows)
        };
        let rows = [first_part.len(), first_bin.len(), factor.len(), weight.len()];
        are_in(first_part, end_part, kind.len())
            && are_in(first_bin, end_bin, self.mag.len())
            && are_in(first, end, self.lon.len())
            && (first.len(), self.lon.len(), self.mag.len()) == (kind.len(), self.lat.len(), self.rate.len())
            && rows.iter().all(|n| *n == trt.len())
    }

    /// The outline of a source.
    pub fn outline(&self, source: usize) -> impl Iterator<Item = ShapePart<'_>> {
        let PartRows { kind, first, end } = &self.parts;
        let parts = self.sources.first_part[source] as usize..self.sources.end_part[source] as usize;
        parts.map(move |part| {
            let vertices = first[part] as usize..end[part] as usize;
            ShapePart { kind: kind[part], lon: &self.lon[vertices.clone()], lat: &self.lat[vertices] }
        })
    }

    /// Magnitudes, each once and the smallest first, with the annual rates of a source.
    pub fn mfd(&self, source: usize) -> impl Iterator<Item = (f64, f64)> {
        let SourceRows { first_bin, end_bin, factor, .. } = &self.sources;
        let (bins, factor) = (first_bin[source] as usize..end_bin[source] as usize, factor[source]);
        self.mag[bins.clone()].iter().zip(&self.rate[bins]).map(move |(&mag, &rate)| (mag, rate * factor))
    }

    fn add(&mut self, (trt, weight): (&str, f64), outline: &[Part], mfd: (&Mfd, Digest), known: &mut Known) {
        let parts = self.add_outline(outline, known);
        let (bins, factor) = self.add_mfd(mfd, known);
        let rows = &mut self.sources;
        rows.trt.push(trt.to_string());
        rows.first_part.push(parts.start);
        rows.end_part.push(parts.end);
        rows.first_bin.push(bins.start);
        rows.end_bin.push(bins.end);
        rows.factor.push(factor);
        rows.weight.push(weight);
    }

    /// Add an outline, unless there is the same already; its parts.
    fn add_outline(&mut self, outline: &[Part], known: &mut Known) -> Range<u32> {
        // a point is no longer than what would find it again
        let is_point = matches!(outline, [Part { vertices, .. }] if vertices.len() == 1);
        if is_point {
            return self.add_parts(outline);
        }
        known.outlines.entry(digest(outline)).or_insert_with(|| self.add_parts(outline)).clone()
    }

    fn add_parts(&mut self, outline: &[Part]) -> Range<u32> {
        let start = self.parts.kind.len() as u32;
        for Part { kind, vertices } in outline {
            self.parts.kind.push(*kind);
            self.parts.first.push(self.lon.len() as u32);
            self.lon.extend(vertices.iter().map(|vertex| vertex.0 as f32));
            self.lat.extend(vertices.iter().map(|vertex| vertex.1 as f32));
            self.parts.end.push(self.lon.len() as u32);
        }
        start..self.parts.kind.len() as u32
    }

    /// Add a distribution, with the digest of its form, unless there is one that differs by a factor alone; its bins and the factor.
    fn add_mfd(&mut self, (mfd, digest): (&Mfd, Digest), known: &mut Known) -> (Range<u32>, f64) {
        let (form, factor) = mfd.form();
        let Known { forms, by_magnitudes, .. } = known;
        let add = || self.add_bins(&form.bins(), by_magnitudes);
        let (bins, of_form) = forms.entry(digest).or_insert_with(add);
        (bins.clone(), *of_form * factor)
    }

    /// Add bins, unless some of the last with these magnitudes differ by a factor alone; their place and the factor.
    fn add_bins(&mut self, bins: &[(f64, f64)], known: &mut ByMagnitudes) -> (Range<u32>, f64) {
        let start = self.mag.len() as u32;
        if bins.is_empty() {
            return (start..start, 1.0);
        }
        let total: f64 = bins.iter().map(|(_, rate)| rate).sum();
        let alike = known.entry(bins.iter().map(|(mag, _)| mag.to_bits()).collect()).or_default();
        for form in alike.iter().rev().take(LOOKED_AT) {
            let rates = &self.rate[form.start as usize..form.end as usize];
            let factor = total / rates.iter().sum::<f64>();
            let is_alike = |(&form, &(_, rate)): (&f64, &(f64, f64))| (form * factor - rate).abs() <= ALIKE * rate;
            if rates.iter().zip(bins).all(is_alike) {
                return (form.clone(), factor);
            }
        }
        self.mag.extend(bins.iter().map(|(mag, _)| mag));
        self.rate.extend(bins.iter().map(|(_, rate)| rate));
        let form = start..self.mag.len() as u32;
        alike.push(form.clone());
        (form, 1.0)
    }
}

/// So many sources are looked at together.
const AT_ONCE: usize = 256;

/// So many distributions with the same magnitudes are compared with the next one.
const LOOKED_AT: usize = 16;

/// Rates that differ by less than this share are the same: source models give rates with so many digits.
const ALIKE: f64 = 1e-6;

/// What other sources may share.
#[derive(Default)]
struct Known {
    /// The parts of outlines.
    outlines: HashMap<Digest, Range<u32>>,
    /// The bins of distributions, and the factor of each to them.
    forms: HashMap<Digest, (Range<u32>, f64)>,
    by_magnitudes: ByMagnitudes,
}

/// Bins by the bits of their magnitudes.
type ByMagnitudes = HashMap<Vec<u64>, Vec<Range<u32>>>;

/// What outlines that are the same have in common.
fn digest(outline: &[Part]) -> Digest {
    let mut digester = Digester::default();
    for Part { kind, vertices } in outline {
        digester.variant(*kind as u8);
        digester.add(vertices);
    }
    digester.finish()
}
