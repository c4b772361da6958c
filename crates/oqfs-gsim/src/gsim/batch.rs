//! The loop that models share: chunks of contexts that stay in the first-level cache, inside them the intensity
//! measures, inside those the contexts.

use std::cell::Cell;

use super::GroundMotion;
use crate::vector::{Instructions, Vectorised};

/// Ln-mean and standard deviations of one intensity measure for one context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    pub(super) mean: f64,
    pub(super) sig: f64,
    pub(super) tau: f64,
    pub(super) phi: f64,
}

impl Estimate {
    /// Of a model that gives the total standard deviation alone.
    pub(super) fn total(mean: f64, sig: f64) -> Estimate {
        Estimate { mean, sig, tau: 0.0, phi: 0.0 }
    }
}

/// Contexts at once: enough for vector instructions, few enough that a small batch wastes little.
pub(super) const CHUNK: usize = 16;

/// What a model knows of one intensity measure: its coefficients, and its equations for one context.
pub(super) trait Row: Copy {
    /// What the equations need of a context, the parts that are the same for every intensity measure computed.
    type Terms: Copy;

    /// The equations. They are vectorised if they have no branch and no call: this function and those it calls should
    /// be marked `#[inline(always)]` and use [`crate::elementary::branchless`].
    fn estimate(&self, terms: &Self::Terms) -> Estimate;

    /// The equations for each context of a chunk. A model whose equations depend for a part on what its contexts mostly have in common
    /// ([`all_same`]) computes that part once.
    #[inline(always)]
    fn estimate_chunk(&self, chunk: &[Self::Terms; CHUNK], columns: Columns) {
        estimate_each(*self, chunk, columns);
    }
}

/// Whether something is the same of all contexts of a chunk, which are mostly of one rupture or of a few at the same place.
#[inline(always)]
pub(super) fn all_same<T>(chunk: &[T; CHUNK], value: impl Fn(&T) -> f64) -> bool {
    let first = value(&chunk[0]);
    let (mut same, mut k) = (true, 1);
    while k < CHUNK {
        same &= value(&chunk[k]) == first;
        k += 1;
    }
    same
}

/// A function that is asked for the same number many times in a row: what it gave last is kept.
pub(super) struct Last<T, F> {
    last: Cell<Option<(f64, T)>>,
    function: F,
}

impl<T: Copy, F: Fn(f64) -> T> Last<T, F> {
    /// It.
    pub(super) fn new(function: F) -> Last<T, F> {
        Last { last: Cell::new(None), function }
    }

    /// What it gives for `x`.
    #[inline]
    pub(super) fn of(&self, x: f64) -> T {
        match self.last.get() {
            Some((of, found)) if of == x => found,
            _ => {
                let found = (self.function)(x);
                self.last.set(Some((x, found)));
                found
            }
        }
    }
}

/// Fill `out` for `len` contexts and the intensity measures of `rows`; `terms(k)` is called once for each context k.
pub(super) fn compute<R: Row>(len: usize, rows: &[R], out: &mut GroundMotion, terms: impl Fn(usize) -> R::Terms) {
    compute_with(Instructions::used(), len, rows, out, terms);
}

fn compute_with<R: Row>(
    set: Instructions,
    len: usize,
    rows: &[R],
    out: &mut GroundMotion,
    terms: impl Fn(usize) -> R::Terms,
) {
    out.resize(rows.len(), len);
    for start in (0..len).step_by(CHUNK) {
        let count = CHUNK.min(len - start);
        let chunk: [R::Terms; CHUNK] = std::array::from_fn(|offset| terms(start + offset.min(count - 1)));
        Estimates { len, start, rows, chunk: &chunk, out }.with(set);
    }
}

/// All intensity measures of a chunk of contexts. The contexts after the last are as the last.
struct Estimates<'a, R: Row> {
    len: usize,
    start: usize,
    rows: &'a [R],
    chunk: &'a [R::Terms; CHUNK],
    out: &'a mut GroundMotion,
}

impl<R: Row> Vectorised for Estimates<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Estimates { len, start, rows, chunk, out } = self;
        let count = CHUNK.min(len - start);
        for (m, row) in rows.iter().enumerate() {
            let at = m * len + start;
            // one call of the equations: each is compiled for every set of instructions
            let mut short = [[0.0; CHUNK]; 4];
            let [mean, sig, tau, phi] = &mut short;
            let mut columns = [mean, sig, tau, phi];
            if count == CHUNK {
                columns = whole(out, at).unwrap_or(columns);
            }
            row.estimate_chunk(chunk, columns);
            if count < CHUNK {
                let [mean, sig, tau, phi] = &short;
                out.mean[at..at + count].copy_from_slice(&mean[..count]);
                out.sig[at..at + count].copy_from_slice(&sig[..count]);
                out.tau[at..at + count].copy_from_slice(&tau[..count]);
                out.phi[at..at + count].copy_from_slice(&phi[..count]);
            }
        }
    }
}

/// A whole chunk of the columns of `out`.
#[inline(always)]
fn whole(out: &mut GroundMotion, at: usize) -> Option<Columns<'_>> {
    Some([
        out.mean[at..].first_chunk_mut()?,
        out.sig[at..].first_chunk_mut()?,
        out.tau[at..].first_chunk_mut()?,
        out.phi[at..].first_chunk_mut()?,
    ])
}

/// Mean, total standard deviation and its parts of a chunk.
pub(super) type Columns<'a> = [&'a mut [f64; CHUNK]; 4];

/// One intensity measure of a chunk.
#[inline(always)]
pub(super) fn estimate_each<R: Row>(row: R, chunk: &[R::Terms; CHUNK], [mean, sig, tau, phi]: Columns) {
    for k in 0..CHUNK {
        let found = row.estimate(&chunk[k]);
        (mean[k], sig[k], tau[k], phi[k]) = (found.mean, found.sig, found.tau, found.phi);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elementary::branchless::{exp, ln};

    #[derive(Clone, Copy)]
    struct Attenuation {
        slope: f64,
    }

    impl Row for Attenuation {
        type Terms = [f64; 2];

        #[inline(always)]
        fn estimate(&self, &[mag, distance]: &[f64; 2]) -> Estimate {
            let mean = self.slope * ln(distance + 0.3 * exp(0.7 * mag)) + if mag > 6.0 { mag } else { 6.0 };
            Estimate { mean, sig: (mag * distance).sqrt(), tau: exp(-mag), phi: mag / distance }
        }
    }

    #[test]
    fn vector_instructions_change_no_bit() {
        let rows = [Attenuation { slope: -1.3 }, Attenuation { slope: 0.4 }];
        let terms = |k: usize| [4.0 + 0.027 * k as f64, 0.1 + ln(1.0 + 13.7 * k as f64)];
        for len in [1, CHUNK - 1, CHUNK, 3 * CHUNK + 5] {
            let motions = |set: Instructions| {
                let mut out = GroundMotion::default();
                compute_with(set, len, &rows, &mut out, terms);
                [out.mean, out.sig, out.tau, out.phi]
            };
            let plain = motions(Instructions::Plain);
            assert!(plain.iter().flatten().all(|value| value.is_finite() && *value != 0.0));
            for set in Instructions::ALL.into_iter().filter(|set| set.are_here()) {
                assert!(motions(set) == plain, "{len} {set:?}");
            }
        }
    }
}
