//! The correction of models of NGA-Subduction to the records of Alaska, which the hazard model of the United States for Alaska of 2023
//! adds to their ln-means at the interface.
//!
//! Powers P.M., Altekruse J.M., Llenos A.L., Michael A.J., Haynie K.L., et al., 2024. The 2023 Alaska National Seismic Hazard Model.
//! Earthquake Spectra 40(4), 2545-2597, doi:10.1177/87552930241266741.

use std::sync::{Arc, LazyLock};

use crate::gsim::adapt::forward::forward;
use crate::gsim::arguments::Arguments;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::registry::Made;
use crate::gsim::{Contexts, GroundMotion, Gsim, GsimError, Imt, ModelInfo};

coefficients! {
    struct Coeffs { bias_adj }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("NGASubAlaskaBias.csv");

/// A model with the argument `ak23_bias_adj`, which may be true of that of the interface worldwide alone.
pub(in crate::gsim) fn with_bias(
    arguments: &mut Arguments,
    info: &'static ModelInfo,
    is_global_interface: bool,
    model: impl Gsim + 'static,
) -> Made {
    match arguments.flag_or("ak23_bias_adj", false)? {
        false => Ok(Arc::new(model)),
        true if is_global_interface => Ok(Arc::new(Biased { info, model: Arc::new(model) })),
        true => {
            Err(arguments.wrong("ak23_bias_adj", &true, "false, as the model is not that of the interface worldwide"))
        }
    }
}

/// A model with the correction.
#[derive(Debug)]
struct Biased {
    info: &'static ModelInfo,
    model: Arc<dyn Gsim>,
}

impl Gsim for Biased {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    forward!(model: params, validities, std_devs, component, check_vs30, infers_depths, outside);

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.model.check(imt)?;
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        self.model.compute(ctx, imts, out);
        for (m, imt) in imts.iter().enumerate() {
            let (bias, at) = (COEFFS.at(imt).bias_adj, out.row(m));
            out.mean[at].iter_mut().for_each(|mean| *mean += bias);
        }
    }
}
