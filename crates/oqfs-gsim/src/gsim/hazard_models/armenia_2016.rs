//! Published models adjusted to data of Armenia, for its hazard model of 2016.
//!
//! The ln-mean is moved by so many standard deviations between events as depends on magnitude, and the standard
//! deviations are multiplied. As in the engine, the adjustments are given for periods up to 4 s. Arguments are those of
//! the model that is adjusted.

use std::sync::{Arc, LazyLock};

use crate::elementary::hypot;
use crate::gsim::adapt::forward::forward;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::registry::{Make, Model};
use crate::gsim::{Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param};

/// The models, with the names and declarations of those that are adjusted.
macro_rules! models {
    ($($name:literal $wrapped:literal $base:path,)+) => {
        &[$(model($name, $base, |info, arguments| {
            static ADJUSTMENT: LazyLock<Table<Adjustment>> = table!("Armenia2016.csv", $name);
            let model = arguments.wrapped($wrapped)?;
            Ok(Arc::new(Armenia2016 { info, model, adjustment: &ADJUSTMENT }))
        }),)+]
    };
}

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "AkkarEtAlRjb2014Armenia" "AkkarEtAlRjb2014" crate::gsim::crustal::akkar_2014::RJB,
    "BindiEtAl2014RjbArmenia" "BindiEtAl2014Rjb" crate::gsim::crustal::bindi_2014::RJB,
    "BooreEtAl2014LowQArmenia" "BooreEtAl2014LowQ" crate::gsim::crustal::boore_2014::BASE,
    "CauzziEtAl2014Armenia" "CauzziEtAl2014" crate::gsim::crustal::cauzzi_2014::KNOWN,
    "KaleEtAl2015Armenia" "KaleEtAl2015Turkey" crate::gsim::crustal::kale_2015::TURKEY,
    "KothaEtAl2016Armenia" "KothaEtAl2016Turkey" crate::gsim::crustal::kotha_2016::BASE,
    "ChiouYoungs2014Armenia" "ChiouYoungs2014" crate::gsim::crustal::chiou_youngs_2014::BASE,
};

const fn model(name: &'static str, base: ModelInfo, make: Make) -> Model {
    Model { info: ModelInfo { name, imts: &[ImtKind::Pga, ImtKind::Sa], ..base }, make }
}

coefficients! {
    /// How many standard deviations are added at a magnitude, and the factors of those between and within events.
    struct Adjustment { a, b, tau_adj, sig_adj }
}

#[derive(Debug)]
struct Armenia2016 {
    info: &'static ModelInfo,
    model: Arc<dyn Gsim>,
    adjustment: &'static LazyLock<Table<Adjustment>>,
}

impl Gsim for Armenia2016 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    forward!(model: validities, params, std_devs, component, check_vs30, infers_depths, outside);

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.adjustment.check(self.info, imt)?;
        self.model.check(imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        self.model.compute(ctx, imts, out);
        let mag = ctx.column(Param::Mag);
        for (m, imt) in imts.iter().enumerate() {
            let c = self.adjustment.at(imt);
            for (k, mag) in out.row(m).zip(mag) {
                out.mean[k] += (c.a + c.b * mag) * out.tau[k];
                out.tau[k] *= c.tau_adj;
                out.phi[k] *= c.sig_adj;
                out.sig[k] = hypot(out.tau[k], out.phi[k]);
            }
        }
    }
}
