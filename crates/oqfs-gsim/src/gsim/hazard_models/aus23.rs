//! The weighted mean of the NGA-East models as the hazard model of Australia of 2023 takes it: a table of motion on very hard rock
//! of 3,000 m/s.
//!
//! Goulet C.A., Bozorgnia Y., Kuehn N., Al Atik L., Youngs R.R., Graves R.W., Atkinson G.M., 2021. NGA-East ground-motion
//! characterization model part I: summary of products and model development. Earthquake Spectra 37(S1), 1231-1282,
//! doi:10.1177/87552930211018723.
//!
//! `NGAEastAUS23_vs3000` has the site term of Stewart et al. (2020) in conditions of gradient. `NGAEastAUS2023GMPE` names its table,
//! the one of the program, by `table_relpath`.

use std::sync::Arc;

use crate::gsim::adapt::gmpe_table;
use crate::gsim::adapt::modifiable;
use crate::gsim::arguments::Arguments;
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::packed;
use crate::gsim::registry::{Made, Model};
use crate::gsim::stable::stewart_2020::Conditions;
use crate::gsim::{Component, Gsim, ImtKind, ModelInfo, Param, Trt, Validity};

const HARD_ROCK: ModelInfo = ModelInfo {
    name: "NGAEastAUS2023GMPE",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup],
    std_devs: TOTAL_ONLY,
    component: Component::Any,
    reference: "Goulet et al. (2021), NGA-East ground-motion characterization model part I: summary of products and model \
                development, Earthquake Spectra 37(S1), 1231-1282",
    doi: Some("10.1177/87552930211018723"),
    validity: Validity::NOT_STATED.magnitude(4.0, 8.2).distance(Param::Rrup, 0.0, 1500.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: HARD_ROCK, make: table },
    Model {
        info: ModelInfo { name: "NGAEastAUS23_vs3000", params: &[Param::Mag, Param::Rrup, Param::Vs30], ..HARD_ROCK },
        make: |info, arguments| {
            let rock = made(&HARD_ROCK, arguments, TABLE)?;
            Ok(modifiable::with_ceus2020(info, rock, Conditions { impedance: 0.0, rock: 3000.0, is_usgs: false }))
        },
    },
];

static ARCHIVE: &[u8] = include_bytes!("../tables/aus23.zip");
const TABLE: &str = "NGA-East_Backbone_Model.geometric.3000.mps.hdf5";

fn table(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let file = arguments.needed_text("table_relpath")?;
    made(info, arguments, &file)
}

fn made(info: &'static ModelInfo, arguments: &Arguments, file: &str) -> Made {
    let table = packed::table(ARCHIVE, file).map_err(|accepted| arguments.wrong("table_relpath", &file, accepted))?;
    let model: Arc<dyn Gsim> = gmpe_table::of(info, table);
    Ok(model)
}
