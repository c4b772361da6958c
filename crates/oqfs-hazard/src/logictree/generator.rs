//! The random numbers of numpy, which the engine draws with: the streams of both its generators, old and new.

use rand_mt::Mt;

/// Which of numpy's generators a release of the engine draws with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generator {
    /// `numpy.random.seed`: the Mersenne Twister (Matsumoto and Nishimura, 1998, ACM TOMACS 8, 3-30,
    /// doi:10.1145/272991.272995); the engine before 3.26.
    Mt19937,
    /// `numpy.random.default_rng`: PCG64 (O'Neill, 2014, HMC-CS-2014-0905), seeded by a `SeedSequence`; the engine since 3.26.
    Pcg64,
}

impl Generator {
    /// Numbers in [0, 1) with 53 random bits, as numpy gives them for this seed.
    ///
    /// The Mersenne Twister takes seeds of 32 bits; of a longer one the lower bits count.
    pub fn numbers(self, seed: u64) -> Box<dyn FnMut() -> f64> {
        match self {
            Self::Mt19937 => {
                let mut twister = Mt::new(seed as u32);
                Box::new(move || {
                    let (a, b) = (twister.next_u32() >> 5, twister.next_u32() >> 6);
                    (f64::from(a) * 67_108_864.0 + f64::from(b)) / TWO_53
                })
            }
            Self::Pcg64 => {
                let mut pcg = Pcg64::new(seed);
                Box::new(move || (pcg.next() >> 11) as f64 / TWO_53)
            }
        }
    }
}

const TWO_53: f64 = 9_007_199_254_740_992.0;

/// PCG XSL-RR 128/64: a linear congruential generator of 128 bits, of which a rotation makes 64.
struct Pcg64 {
    state: u128,
    increment: u128,
}

impl Pcg64 {
    const MULTIPLIER: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;

    fn new(seed: u64) -> Self {
        let [a, b, c, d] = seed_words(seed).map(u128::from);
        let increment = ((c << 64 | d) << 1) | 1;
        let mut pcg = Self { state: increment.wrapping_add(a << 64 | b), increment };
        pcg.step();
        pcg
    }

    fn step(&mut self) {
        self.state = self.state.wrapping_mul(Self::MULTIPLIER).wrapping_add(self.increment);
    }

    fn next(&mut self) -> u64 {
        self.step();
        let folded = (self.state >> 64) as u64 ^ self.state as u64;
        folded.rotate_right((self.state >> 122) as u32)
    }
}

/// The state of a generator by its seed: numpy's `SeedSequence(seed).generate_state(4, uint64)`, which follows O'Neill's
/// `seed_seq_fe` (2015, <https://www.pcg-random.org/posts/developing-a-seed_seq-alternative.html>).
fn seed_words(seed: u64) -> [u64; 4] {
    let mut hash = Hash { constant: 0x43b0_d7e5, multiplier: 0x931e_8875 };
    // a seed of 32 bits is one word; the places without one are hashed as 0 all the same
    let mut pool = [seed as u32, (seed >> 32) as u32, 0, 0].map(|word| hash.of(word));
    for from in 0..pool.len() {
        for to in (0..pool.len()).filter(|&to| to != from) {
            let mixed = pool[to].wrapping_mul(0xca01_f9dd).wrapping_sub(hash.of(pool[from]).wrapping_mul(0x4973_f715));
            pool[to] = mixed ^ (mixed >> 16);
        }
    }
    let mut hash = Hash { constant: 0x8b51_f9dd, multiplier: 0x58f3_8ded };
    let halves: [u32; 8] = std::array::from_fn(|i| hash.of(pool[i % pool.len()]));
    std::array::from_fn(|i| u64::from(halves[2 * i]) | u64::from(halves[2 * i + 1]) << 32)
}

/// A hash of words that is another one for each word.
struct Hash {
    constant: u32,
    multiplier: u32,
}

impl Hash {
    fn of(&mut self, word: u32) -> u32 {
        let mixed = word ^ self.constant;
        self.constant = self.constant.wrapping_mul(self.multiplier);
        let mixed = mixed.wrapping_mul(self.constant);
        mixed ^ (mixed >> 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three(generator: Generator, seed: u64) -> [f64; 3] {
        let mut next = generator.numbers(seed);
        [next(), next(), next()]
    }

    #[test]
    fn numpys_old_numbers() {
        // numpy.random.seed(42); numpy.random.uniform(size=3)
        let expected = [0.3745401188473625, 0.9507143064099162, 0.7319939418114051];
        assert_eq!(three(Generator::Mt19937, 42), expected);
    }

    #[test]
    fn numpys_new_numbers() {
        // numpy.random.default_rng(seed).uniform(size=3) of numpy 2.2, bit for bit; the last seed has 33 bits
        let expected = [
            (0, [0.6369616873214543, 0.2697867137638703, 0.04097352393619469]),
            (42, [0.7739560485559633, 0.4388784397520523, 0.8585979199113825]),
            (43, [0.6522992627009107, 0.04377532363899661, 0.020029586874216854]),
            (4_294_967_295, [0.2519435680449965, 0.21906579628685663, 0.28728472043517017]),
            (4_294_967_296, [0.8897387912781343, 0.5571380502062263, 0.8009080868919721]),
        ];
        for (seed, numbers) in expected {
            assert_eq!(three(Generator::Pcg64, seed), numbers, "{seed}");
        }
    }

    #[test]
    fn numpys_words_of_a_seed() {
        // numpy.random.SeedSequence(42).generate_state(4, numpy.uint64)
        let expected = [11465652750463011511, 15382171918060459190, 9018504550953525431, 3703499796004394495];
        assert_eq!(seed_words(42), expected);
    }
}
