//! Every ground-motion model gives the same bits on every processor.

use oqfs_gsim::gsim::{self, GroundMotion};

#[path = "common/environments.rs"]
mod environments;
#[path = "../benches/common/spread.rs"]
mod spread;
use environments::assert_same_in_each;
use spread::{contexts, imts};

/// Contexts of a model: full chunks of its loop, and a part of one.
const CONTEXTS: usize = 90;
/// Intensity measures of a model, spread over those that it accepts.
const IMTS: usize = 6;

#[test]
fn every_model_gives_the_same_bits_on_every_processor() {
    assert_same_in_each("every_model_gives_the_same_bits_on_every_processor", || {
        // those that need arguments are made of others
        let models = gsim::names().filter_map(|name| Some((name, gsim::by_name(name).ok()?)));
        let given = models.map(|(name, model)| {
            let mut motion = GroundMotion::default();
            model.compute(&contexts(&*model, CONTEXTS), &imts(&*model, IMTS), &mut motion);
            (name.to_owned(), [motion.mean, motion.sig, motion.tau, motion.phi].concat())
        });
        given.collect()
    });
}
