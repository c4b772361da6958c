//! The loop that models share: chunks of contexts that stay in the first-level cache, inside them the intensity
//! measures, inside those the contexts.

use super::GroundMotion;
use crate::vector::Vectorised;

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
const CHUNK: usize = 16;

/// What a model knows of one intensity measure: its coefficients, and its equations for one context.
pub(super) trait Row: Copy {
    /// What the equations need of a context, the parts that are the same for every intensity measure computed.
    type Terms: Copy;

    /// The equations. They are vectorised if they have no branch and no call: this function and those it calls should
    /// be marked `#[inline(always)]` and use [`crate::elementary::fused`].
    fn estimate(&self, terms: &Self::Terms) -> Estimate;
}

/// Fill `out` for `len` contexts and the intensity measures of `rows`; `terms(k)` is called once for each context k.
pub(super) fn compute<R: Row>(len: usize, rows: &[R], out: &mut GroundMotion, terms: impl Fn(usize) -> R::Terms) {
    out.resize(rows.len(), len);
    Batch { len, rows, out, terms }.vectorised();
}

/// See [`compute`].
struct Batch<'a, R, F> {
    len: usize,
    rows: &'a [R],
    out: &'a mut GroundMotion,
    terms: F,
}

impl<R: Row, F: Fn(usize) -> R::Terms> Vectorised for Batch<'_, R, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Batch { len, rows, out, terms } = self;
        for start in (0..len).step_by(CHUNK) {
            let count = CHUNK.min(len - start);
            let chunk: [R::Terms; CHUNK] = std::array::from_fn(|offset| terms(start + offset.min(count - 1)));
            for (m, row) in rows.iter().enumerate() {
                let at = m * len + start..m * len + start + count;
                let mut places = [&mut out.mean, &mut out.sig, &mut out.tau, &mut out.phi].map(|a| &mut a[at.clone()]);
                if let [Some(mean), Some(sig), Some(tau), Some(phi)] =
                    places.each_mut().map(|place| place.first_chunk_mut())
                {
                    estimate_each(*row, &chunk, mean, sig, tau, phi);
                    continue;
                }
                let [mut mean, mut sig, mut tau, mut phi] = [[0.0; CHUNK]; 4];
                estimate_each(*row, &chunk, &mut mean, &mut sig, &mut tau, &mut phi);
                for (place, found) in places.into_iter().zip([mean, sig, tau, phi]) {
                    place.copy_from_slice(&found[..count]);
                }
            }
        }
    }
}

type Column = [f64; CHUNK];

/// One intensity measure of a chunk.
#[inline(always)]
fn estimate_each<R: Row>(
    row: R,
    chunk: &[R::Terms; CHUNK],
    mean: &mut Column,
    sig: &mut Column,
    tau: &mut Column,
    phi: &mut Column,
) {
    for (k, terms) in chunk.iter().enumerate() {
        let found = row.estimate(terms);
        (mean[k], sig[k], tau[k], phi[k]) = (found.mean, found.sig, found.tau, found.phi);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elementary::fused::{exp, ln};
    use crate::vector::Instructions;

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
                out.resize(rows.len(), len);
                Batch { len, rows: &rows, out: &mut out, terms }.with(set);
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
