//! All that two passes give, kept.

use oqfs_hazard::calc::{
    Curves, DisaggLayout, Executor, Layout, Model, Output, SecondOutput, SiteDisaggregation, SourceDisaggregation,
    Spectra, in_two_passes,
};

type Written = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Keeps everything.
#[derive(Default)]
pub struct Kept {
    /// By pair of a group and a model, (N, M, L).
    pub by_pair: Vec<Vec<f64>>,
    /// The mean rates by source, (N, M, L, sources), and their names.
    pub by_source: Vec<f64>,
    pub names: Vec<String>,
    pub layout: Option<DisaggLayout>,
    pub sites: Vec<SiteDisaggregation>,
    pub sources: Vec<SourceDisaggregation>,
    pub spectra: Option<Spectra>,
}

impl Output for Kept {
    fn begin(&mut self, layout: &Layout) -> Written {
        self.by_pair = vec![Vec::new(); layout.pairs.len()];
        self.names.clone_from(&layout.sources);
        Ok(())
    }

    fn tile(&mut self, _: usize, curves: &Curves) -> Written {
        self.by_pair.iter_mut().zip(&curves.by_pair).for_each(|(all, poes)| all.extend(poes));
        self.by_source.extend(&curves.by_source);
        Ok(())
    }
}

impl SecondOutput for Kept {
    fn disaggregation(&mut self, layout: &DisaggLayout) -> Written {
        self.layout = Some(layout.clone());
        Ok(())
    }

    fn site(&mut self, results: &SiteDisaggregation) -> Written {
        self.sites.push(results.clone());
        Ok(())
    }

    fn sources(&mut self, results: &SourceDisaggregation) -> Written {
        self.sources.push(results.clone());
        Ok(())
    }

    fn spectra(&mut self, results: &Spectra) -> Written {
        self.spectra = Some(results.clone());
        Ok(())
    }
}

/// What a model gives.
pub fn run(model: &Model, executor: &dyn Executor) -> Kept {
    let mut kept = Kept::default();
    in_two_passes(model, &mut kept, executor, &(), &()).unwrap_or_else(|error| panic!("{error}"));
    kept
}
