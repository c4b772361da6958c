//! The loop that models share: chunks of contexts that stay in the first-level cache, inside them the intensity
//! measures, inside those the contexts.

use super::GroundMotion;

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

/// Contexts at once; their terms are kept on the stack.
const CHUNK: usize = 64;

/// Fill `out` for `len` contexts and one intensity measure for each of `coeffs`.
///
/// `terms(k)` gives what is the same for every intensity measure of context k; `estimate` is called with the
/// coefficients of an intensity measure and the terms of a context.
pub(super) fn compute<C, T: Copy>(
    len: usize,
    coeffs: &[C],
    out: &mut GroundMotion,
    terms: impl Fn(usize) -> T,
    estimate: impl Fn(&C, &T) -> Estimate,
) {
    out.resize(coeffs.len(), len);
    for start in (0..len).step_by(CHUNK) {
        let count = CHUNK.min(len - start);
        let mut buffer = [terms(start); CHUNK];
        for (offset, place) in buffer[..count].iter_mut().enumerate().skip(1) {
            *place = terms(start + offset);
        }
        for (m, c) in coeffs.iter().enumerate() {
            let at = m * len + start..m * len + start + count;
            let means = out.mean[at.clone()].iter_mut().zip(&mut out.sig[at.clone()]);
            let parts = out.tau[at.clone()].iter_mut().zip(&mut out.phi[at]);
            for (((mean, sig), (tau, phi)), t) in means.zip(parts).zip(&buffer[..count]) {
                let found = estimate(c, t);
                (*mean, *sig, *tau, *phi) = (found.mean, found.sig, found.tau, found.phi);
            }
        }
    }
}
