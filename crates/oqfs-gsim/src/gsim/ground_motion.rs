//! What a model gives: (M, U) arrays of mean, sigma, tau and phi.

/// Ln-mean and standard deviations of M intensity measures for U contexts.
///
/// Each array is row-major (M, U); `mean` is the natural logarithm of the median in g (accelerations), cm/s (`PGV`) or
/// the unit of the measure; the standard deviations are of natural logarithms: total, between and within events.
#[derive(Clone, Debug, Default)]
pub struct GroundMotion {
    imts: usize,
    contexts: usize,
    /// Ln-mean.
    pub mean: Vec<f64>,
    /// Total standard deviation.
    pub sig: Vec<f64>,
    /// Between-event standard deviation (0 where the model gives the total only).
    pub tau: Vec<f64>,
    /// Within-event standard deviation (0 where the model gives the total only).
    pub phi: Vec<f64>,
}

impl GroundMotion {
    /// Make room for `imts` × `contexts` values, all zero; memory is kept between batches.
    pub fn reset(&mut self, imts: usize, contexts: usize) {
        (self.imts, self.contexts) = (imts, contexts);
        for array in [&mut self.mean, &mut self.sig, &mut self.tau, &mut self.phi] {
            array.clear();
            array.resize(imts * contexts, 0.0);
        }
    }

    /// Make room for `imts` × `contexts` values, to be overwritten: what stands there is unspecified.
    pub fn resize(&mut self, imts: usize, contexts: usize) {
        (self.imts, self.contexts) = (imts, contexts);
        for array in [&mut self.mean, &mut self.sig, &mut self.tau, &mut self.phi] {
            array.resize(imts * contexts, 0.0);
        }
    }

    /// (M, U).
    pub fn shape(&self) -> (usize, usize) {
        (self.imts, self.contexts)
    }

    /// The place of intensity measure `m` in each array.
    pub fn row(&self, m: usize) -> std::ops::Range<usize> {
        m * self.contexts..(m + 1) * self.contexts
    }
}
