//! The vector instructions of the processor: hot loops are compiled for each set of them, and the widest that there is runs.
//!
//! Every set gives the same bits, as long as a loop uses nothing but IEEE operations (additions, multiplications, divisions, square
//! roots, [`f64::mul_add`]) and does not depend on how many numbers the processor takes at once. A processor of x86-64 without
//! fused operations computes those in software: slowly, and the same.

use std::sync::OnceLock;

/// A set of instructions that loops are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Instructions {
    /// Those that every processor of this kind has.
    Plain,
    /// AVX2 and FMA of x86-64: four numbers at once.
    Avx2,
    /// AVX-512 (F, VL, DQ) of x86-64: eight numbers at once.
    Avx512,
}

/// The environment variable that narrows the choice, for tests and for finding faults: `plain`, `avx2` or `avx512`.
pub const VARIABLE: &str = "OQFS_INSTRUCTIONS";

impl Instructions {
    /// All, the narrowest first.
    pub const ALL: [Instructions; 3] = [Instructions::Plain, Instructions::Avx2, Instructions::Avx512];

    /// As the environment variable and messages say it.
    pub fn name(self) -> &'static str {
        match self {
            Instructions::Plain => "plain",
            Instructions::Avx2 => "avx2",
            Instructions::Avx512 => "avx512",
        }
    }

    /// Whether the processor has them.
    pub fn are_here(self) -> bool {
        match self {
            Instructions::Plain => true,
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => {
                Instructions::Avx2.are_here()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Instructions::Avx2 | Instructions::Avx512 => false,
        }
    }

    /// The widest that the processor has, up to those that [`VARIABLE`] names; what else that says counts as nothing.
    pub fn used() -> Instructions {
        static USED: OnceLock<Instructions> = OnceLock::new();
        *USED.get_or_init(|| {
            let most = std::env::var(VARIABLE).ok();
            let most = Instructions::ALL.into_iter().find(|set| Some(set.name()) == most.as_deref());
            let is_allowed = |set: &Instructions| set.are_here() && most.is_none_or(|most| *set <= most);
            Instructions::ALL.into_iter().rfind(is_allowed).unwrap_or(Instructions::Plain)
        })
    }
}

/// A loop that is worth compiling for each set of instructions.
pub trait Vectorised: Sized {
    /// What it gives.
    type Output;

    /// The loop. It and what it calls are `#[inline(always)]`, or they are not compiled for the set.
    fn run(self) -> Self::Output;

    /// Runs it with the instructions of this processor.
    #[inline]
    fn vectorised(self) -> Self::Output {
        self.with(Instructions::used())
    }

    /// Runs it with a set of instructions.
    ///
    /// # Panics
    /// If the processor has them not.
    #[inline]
    fn with(self, set: Instructions) -> Self::Output {
        match set {
            Instructions::Plain => self.run(),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => {
                assert!(set.are_here());
                // SAFETY: the processor has AVX2 and FMA.
                unsafe { run_avx2(self) }
            }
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => {
                assert!(set.are_here());
                // SAFETY: the processor has AVX2, FMA and the three parts of AVX-512.
                unsafe { run_avx512(self) }
            }
            #[cfg(not(target_arch = "x86_64"))]
            Instructions::Avx2 | Instructions::Avx512 => panic!("{} is of x86-64", set.name()),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<V: Vectorised>(work: V) -> V::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512dq")]
fn run_avx512<V: Vectorised>(work: V) -> V::Output {
    work.run()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sum<'a>(&'a [f64], &'a mut [f64]);

    impl Vectorised for Sum<'_> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            self.1.iter_mut().zip(self.0).for_each(|(sum, x)| *sum = (x.sqrt() / 3.0).mul_add(*x, *sum));
        }
    }

    #[test]
    fn every_set_gives_the_same_bits() {
        let numbers: Vec<f64> = (0..1003).map(|i| 0.1 + 0.37 * f64::from(i)).collect();
        let mut expected = vec![0.3; numbers.len()];
        Sum(&numbers, &mut expected).run();
        for set in Instructions::ALL.into_iter().filter(|set| set.are_here()) {
            let mut sums = vec![0.3; numbers.len()];
            Sum(&numbers, &mut sums).with(set);
            assert!(sums == expected, "{set:?}");
        }
        assert!(Instructions::used().are_here());
    }
}
