//! What a calculation of this program has in its datastore: the key, the axes, the type and the attributes of each dataset, said
//! once. The writer of results, the exports, `oqfs datasets` and docs/DATASETS.md follow it.
//!
//! The keys and the names of axes and columns are those of the OpenQuake engine ([`RELEASE`]), so that its users' scripts work; the tables
//! from [`SOURCE_SHAPES`] to [`SOURCE_MFD`] are ours. What the engine has and this program has not is not here; [`LEFT_OUT`] tells of it.

mod disagg;
mod spectra;

use serde_json::{Map, Value, json};

use crate::datastore::{ArrayData, Attr, Attrs, DType, Error};

pub use disagg::{
    BEST_RLZS, DISAGG, DISAGG_ALL, DISAGG_BINS, DISAGG_BY_SRC, DISAGG_LEVELS, DISAGG_RLZS, DISAGG_STATS, KeyedSchema,
    axes_by_source, axes_of_marginal,
};

/// The release of the engine whose datastore is followed: that whose numbers are.
pub use spectra::{CONDITIONAL_SPECTRA, CS_RLZS, CS_SHARES, CS_STATS};

pub use oqfs_hazard::RELEASE;

/// The engine whose numbers this program gives, but for the rows of docs/DIFFERENCES.md.
pub fn agrees_with() -> String {
    format!("OpenQuake engine {RELEASE}")
}

/// What datastores of that release have and those of this program have not, with the reason.
pub const LEFT_OUT: &[(&str, &str)] = &[
    (
        "`task_info`, `task_sent`, `starmap_info`, `grp_keys`, `source_data`, `source_groups`",
        "how the engine cuts and sends its work",
    ),
    (
        "`source_model_read_times`, `source_mags`, `full_lt/source_data`, `est_rups_by_grp`, `toms`, `trt_smrs`, `gsims`, `_csm`, `_rates`, `rup`",
        "what its later steps take up again",
    ),
    (
        "`sigma_by_src`",
        "standard deviations of ground-motion models by source, magnitude and distance, for its post-processing",
    ),
    ("`_disagg_trt`", "a part of `disagg-rlzs/TRT` or `disagg-stats/TRT`, for its developers"),
    (
        "`calc_time`, `est_ctxs`, `weight` and `mul` of `source_info`",
        "the time and the estimates by which it cuts its work",
    ),
    ("`memory_mb` and `task_no` of `performance_data`", "by task of its work"),
    ("the attributes `checksum32` and `input_size` of the file", "made of inputs as the engine packs them"),
];

/// An axis of an array of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// N, the sites.
    Site,
    /// R, the realizations.
    Realization,
    /// S, the statistics over realizations.
    Statistic,
    /// M, the intensity measures.
    Imt,
    /// The intensity measures that make a spectrum.
    SpectralImt,
    /// L, the levels of an intensity measure.
    Level,
    /// The levels on rock, where curves are amplified afterwards; otherwise L.
    RockLevel,
    /// P, the probabilities of exceedance of hazard maps.
    Poe,
    /// The sources whose rates are kept.
    Source,
}

impl Axis {
    /// The name that the dataset says of it.
    pub const fn name(self) -> &'static str {
        match self {
            Axis::Site => "site_id",
            Axis::Realization => "rlz_id",
            Axis::Statistic => "stat",
            Axis::Imt | Axis::SpectralImt => "imt",
            Axis::Level | Axis::RockLevel => "lvl",
            Axis::Poe => "poe",
            Axis::Source => "src_id",
        }
    }

    /// What it is, for the documents.
    pub const fn meaning(self) -> &'static str {
        match self {
            Axis::Site => "sites, in the order of `sitecol`",
            Axis::Realization => "realizations, in the order of `full_lt/rlzs`",
            Axis::Statistic => "statistics over realizations: `mean`, `std`, `max`, `quantile-Q`",
            Axis::Imt => "intensity measures, by name and period",
            Axis::SpectralImt => "PGA and the spectral accelerations, by period",
            Axis::Level => "levels of the intensity measure, as `oqparam` lists them",
            Axis::RockLevel => "levels on rock: those of the job, also where curves are amplified",
            Axis::Poe => "probabilities of exceedance in the investigation time",
            Axis::Source => "ids of sources",
        }
    }
}

/// What stands along an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Along {
    /// How many elements there are.
    pub extent: usize,
    /// What the dataset says of them: their names or values, or their number alone.
    pub said: Value,
}

impl Along {
    /// So many, without names.
    pub fn count(extent: usize) -> Along {
        Along { extent, said: json!(extent) }
    }

    /// These.
    pub fn values<T: serde::Serialize>(values: &[T]) -> Along {
        Along { extent: values.len(), said: json!(values) }
    }
}

/// Where it is said what stands along the axes of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxesIn {
    /// In the attribute `json` of the dataset: `{"shape_descr": [axis, ...], axis: names or number, ...}`.
    Attribute,
    /// In datasets beside it: the array is `KEY/array`, `KEY/shape_descr` has the names of the axes, and `KEY/AXIS` what stands
    /// along each.
    Group,
    /// Nowhere; the meaning says it.
    Meaning,
}

/// An array of results.
#[derive(Clone, Copy, Debug)]
pub struct ArraySchema {
    /// Its key; where [`AxesIn::Group`] holds, that of its group.
    pub key: &'static str,
    /// Its axes, the first one first.
    pub axes: &'static [Axis],
    /// The bytes of an element, a number with a fraction: 4 or 8.
    pub size: usize,
    /// Where the axes are described.
    pub axes_in: AxesIn,
    /// What it is, with the unit.
    pub meaning: &'static str,
    /// When it is there.
    pub when: &'static str,
}

/// The attribute that describes the axes.
pub const JSON: &str = "json";
/// The key in it, and the dataset, that has the names of the axes.
const SHAPE: &str = "shape_descr";
/// The attribute that tells the engine's programs how to read a group.
const CLASS: &str = "__pyclass__";
/// The attribute that names the columns of a group: a table (the custom of the engine).
pub const COLUMNS: &str = "__pdcolumns__";

impl ArraySchema {
    /// The type of its elements.
    pub fn dtype(&self) -> DType {
        if self.size == 4 { DType::F32 } else { DType::F64 }
    }

    /// The key of the dataset itself.
    pub fn dataset(&self) -> String {
        match self.axes_in {
            AxesIn::Group => format!("{}/array", self.key),
            AxesIn::Attribute | AxesIn::Meaning => self.key.to_string(),
        }
    }

    /// Its shape, by what stands along the axes.
    pub fn shape(&self, along: impl Fn(Axis) -> Along) -> Vec<usize> {
        self.axes.iter().map(|axis| along(*axis).extent).collect()
    }

    /// Its attributes.
    pub fn attrs(&self, along: impl Fn(Axis) -> Along) -> Attrs {
        if self.axes_in != AxesIn::Attribute {
            return Vec::new();
        }
        let names: Vec<&str> = self.axes.iter().map(|axis| axis.name()).collect();
        let mut said = Map::from_iter([(SHAPE.to_string(), json!(names))]);
        said.extend(self.axes.iter().map(|axis| (axis.name().to_string(), along(*axis).said)));
        vec![(JSON.to_string(), Attr::from(Value::Object(said).to_string()))]
    }

    /// The datasets of its group that describe the axes, with the attributes of the group; none for other arrays.
    pub fn beside(&self, along: impl Fn(Axis) -> Along) -> (Vec<(String, ArrayData)>, Attrs) {
        if self.axes_in != AxesIn::Group {
            return (Vec::new(), Vec::new());
        }
        let of_axis = |axis: &Axis| {
            let Along { extent, said } = along(*axis);
            let texts = said.as_array().map(|all| all.iter().filter_map(|x| x.as_str().map(String::from)));
            let block = match texts {
                // ids of sources may be long; the engine writes them so
                Some(texts) if *axis == Axis::Source => ArrayData::strings(texts),
                Some(texts) => ArrayData::fixed_strings(texts),
                None => ArrayData::scalar(extent as i64),
            };
            (axis.name(), block)
        };
        wrapped(self.key, self.axes.iter().map(of_axis).collect(), &["value"])
    }
}

/// The datasets of a group that describe the axes of its `array`, with the attributes of the group. Each axis comes with what stands along it;
/// `extra` are the names of its values, which are one axis more if there are several.
pub fn wrapped(key: &str, axes: Vec<(&str, ArrayData)>, extra: &[&str]) -> (Vec<(String, ArrayData)>, Attrs) {
    let names = ArrayData::fixed_strings(axes.iter().map(|(name, _)| *name));
    let datasets = [(SHAPE, names), ("extra", ArrayData::fixed_strings(extra))].into_iter().chain(axes);
    let keyed = datasets.map(|(name, block)| (format!("{key}/{name}"), block)).collect();
    (keyed, vec![(CLASS.to_string(), Attr::from("openquake.baselib.hdf5.ArrayWrapper"))])
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct ColumnSchema {
    /// Its name.
    pub name: &'static str,
    /// The name of its type: numpy's, or `text`.
    pub dtype: &'static str,
    /// What it is, with the unit.
    pub meaning: &'static str,
}

const fn column(name: &'static str, dtype: &'static str, meaning: &'static str) -> ColumnSchema {
    ColumnSchema { name, dtype, meaning }
}

/// A one-dimensional dataset of records, or a group of columns that are as long as each other.
#[derive(Clone, Copy, Debug)]
pub struct TableSchema {
    /// Its key.
    pub key: &'static str,
    /// Its columns, in order.
    pub columns: &'static [ColumnSchema],
    /// A row of it.
    pub meaning: &'static str,
    /// What else there is to say of it, in sentences; empty where there is nothing.
    pub remark: &'static str,
}

impl TableSchema {
    /// The records, from a block a column in the order of the columns.
    ///
    /// # Errors
    /// [`Error::Shape`] if the blocks are not those of the columns, or differ in length.
    pub fn records(&self, blocks: Vec<ArrayData>) -> Result<ArrayData, Error> {
        let found = format!("{blocks:?}");
        let fits = blocks.len() == self.columns.len()
            && self.columns.iter().zip(&blocks).all(|(column, block)| column.dtype == type_name(block.dtype()));
        let names = self.columns.iter().map(|column| column.name);
        let records = if fits { ArrayData::records(names.zip(blocks).collect()) } else { None };
        records.ok_or_else(|| Error::Shape {
            path: Default::default(),
            key: self.key.into(),
            found,
            accepted: format!("columns of one length: {:?}", self.columns),
        })
    }

    /// The attributes that make a group of these columns a table.
    pub fn attrs_of_columns(columns: &[&str], class: &str) -> Attrs {
        vec![(COLUMNS.into(), columns.join(" ").into()), (CLASS.into(), class.into())]
    }
}

/// How [`ColumnSchema::dtype`] calls a type.
fn type_name(dtype: &DType) -> String {
    match dtype {
        DType::FixedString { .. } => "text".to_string(),
        other => other.to_string(),
    }
}

const ALWAYS: &str = "always";
const WITH_POES: &str = "with `poes`";
const WITH_SPECTRA: &str = "with `poes` and `uniform_hazard_spectra`";
const CURVES: &str = "probabilities of exceedance in the investigation time";
const MAPS: &str = "levels at probabilities of exceedance, in the units of the intensity measure (g, cm/s, ...)";
const SPECTRA: &str = "uniform hazard spectra: the maps of PGA and spectral accelerations by probability, g";

/// An array a site and realization or statistic, single precision.
const fn curves(key: &'static str, axes: &'static [Axis], meaning: &'static str, when: &'static str) -> ArraySchema {
    ArraySchema { key, axes, size: 4, axes_in: AxesIn::Attribute, meaning, when }
}

/// Hazard curves of realizations.
pub const HCURVES_RLZS: ArraySchema = curves(
    "hcurves-rlzs",
    &[Axis::Site, Axis::Realization, Axis::Imt, Axis::Level],
    CURVES,
    "with `individual_rlzs`, for one site or one realization; the engine keeps those of one site with several realizations only if the job asks",
);
/// Statistics of hazard curves.
pub const HCURVES_STATS: ArraySchema =
    curves("hcurves-stats", &[Axis::Site, Axis::Statistic, Axis::Imt, Axis::Level], CURVES, ALWAYS);
/// Hazard maps of realizations.
pub const HMAPS_RLZS: ArraySchema =
    curves("hmaps-rlzs", &[Axis::Site, Axis::Realization, Axis::Imt, Axis::Poe], MAPS, WITH_POES);
/// Hazard maps of statistics.
pub const HMAPS_STATS: ArraySchema =
    curves("hmaps-stats", &[Axis::Site, Axis::Statistic, Axis::Imt, Axis::Poe], MAPS, WITH_POES);
/// Uniform hazard spectra of realizations.
pub const UHS_RLZS: ArraySchema =
    curves("uhs-rlzs", &[Axis::Site, Axis::Realization, Axis::Poe, Axis::SpectralImt], SPECTRA, WITH_SPECTRA);
/// Uniform hazard spectra of statistics.
pub const UHS_STATS: ArraySchema =
    curves("uhs-stats", &[Axis::Site, Axis::Statistic, Axis::Poe, Axis::SpectralImt], SPECTRA, WITH_SPECTRA);

/// Mean rates by source.
pub const MEAN_RATES_BY_SRC: ArraySchema = ArraySchema {
    key: "mean_rates_by_src",
    axes: &[Axis::Site, Axis::Imt, Axis::RockLevel, Axis::Source],
    size: 8,
    axes_in: AxesIn::Group,
    meaning: "annual rates of exceedance by source, averaged over realizations; not amplified",
    when: "with `disagg_by_src`",
};

/// The weights of realizations.
pub const WEIGHTS: ArraySchema = ArraySchema {
    key: "weights",
    axes: &[Axis::Realization],
    size: 4,
    axes_in: AxesIn::Meaning,
    meaning: "the weight of each realization; they sum to 1",
    when: ALWAYS,
};

/// The arrays of results.
pub const ARRAYS: &[ArraySchema] =
    &[HCURVES_RLZS, HCURVES_STATS, HMAPS_RLZS, HMAPS_STATS, UHS_RLZS, UHS_STATS, MEAN_RATES_BY_SRC, WEIGHTS];

/// The dataset of a source group and a ground-motion model: its key. It has a record a site, a field an intensity measure, and
/// in each field the probabilities of exceedance of the levels on rock, double precision.
pub fn by_group_and_gsim(group: usize, gsim: &str) -> String {
    format!("{group}/{}", gsim.replace('/', "%2F"))
}

/// The type of a record of that dataset.
pub fn record_by_imt(imts: &[String], levels: usize) -> DType {
    DType::record(imts.iter().map(|imt| (imt.as_str(), DType::array(DType::F64, &[levels]))))
}

/// What a record of it is, for the documents.
pub const BY_GROUP_AND_GSIM: &str = "a record a site, a field an intensity measure, each an array of the levels on rock (float64): the \
     probabilities of exceedance in the investigation time by one source group and one ground-motion model";

/// The parameters of the job: JSON.
pub const OQPARAM: &str = "oqparam";

/// The sites: a group of columns. A column follows for each site parameter that the ground-motion models need, under its name.
pub const SITECOL: TableSchema = TableSchema {
    key: "sitecol",
    columns: &[
        column("sids", "uint32", "the number of the site"),
        column("lon", "float64", "longitude, decimal degrees"),
        column("lat", "float64", "latitude, decimal degrees"),
        column("depth", "float64", "depth below sea level, km"),
        column("custom_site_id", "text", "the id that the input gives the site, if it does"),
    ],
    meaning: "a site",
    remark: "It is a group; each column is a dataset. A column follows for each site parameter that the ground-motion models need, under its \
         name\n(`vs30`, `z1pt0`, ...).",
};
/// The class of the engine that reads it.
pub const SITE_COLLECTION: &str = "openquake.hazardlib.site.SiteCollection";

/// The branches of the source model logic tree.
pub const SOURCE_MODEL_LT: TableSchema = TableSchema {
    key: "full_lt/source_model_lt",
    columns: &[
        column("branchset", "text", "the id of the branch set"),
        column("branch", "text", "the id of the branch"),
        column("utype", "text", "what the branch set changes: its `uncertaintyType`"),
        column("uvalue", "text", "the value that the branch gives"),
        column("weight", "float64", "the weight of the branch in its set"),
    ],
    meaning: "a branch of the source model logic tree",
    remark: "",
};
/// The branches of the GSIM logic tree.
pub const GSIM_LT: TableSchema = TableSchema {
    key: "full_lt/gsim_lt",
    columns: &[
        column("trt", "text", "the tectonic region type"),
        column("branch", "text", "the id of the branch"),
        column("uncertainty", "text", "the ground-motion model, `[NAME]`"),
        column("weight", "float64", "the weight of the branch in its set"),
    ],
    meaning: "a branch of the GSIM logic tree",
    remark: "",
};
/// The paths through the source model logic tree.
pub const SM_DATA: TableSchema = TableSchema {
    key: "full_lt/sm_data",
    columns: &[
        column("name", "text", "the files of the source model"),
        column("weight", "float64", "the weight of the path"),
        column("path", "text", "the ids of its branches, with `~` between them"),
        column("samples", "uint32", "how many samples went through it; 1 where nothing is sampled"),
    ],
    meaning: "a path through the source model logic tree",
    remark: "",
};
/// The realizations.
pub const RLZS: TableSchema = TableSchema {
    key: "full_lt/rlzs",
    columns: &[
        column("rlz_id", "uint32", "the number of the realization"),
        column("branch_path", "text", "its branches in the engine's short form"),
        column("branches", "text", "the ids of its branches, with `~` between them"),
        column("weight", "float64", "its weight"),
    ],
    meaning: "a realization: a path through both logic trees",
    remark: "",
};
/// The sources.
pub const SOURCE_INFO: TableSchema = TableSchema {
    key: "source_info",
    columns: &[
        column("source_id", "text", "the id of the source"),
        column("grp_id", "uint16", "the number of its source group"),
        column("code", "text", "its typology: P point, A area, S simple fault, C complex fault, ..."),
        column("num_ctxs", "uint64", "the number of its contexts: pairs of a rupture and a site"),
        column("num_ruptures", "uint64", "the number of its ruptures"),
        column("trt", "text", "its tectonic region type; the engine has it in `source_groups`"),
    ],
    meaning: "a source in a source group",
    remark: "",
};
/// What pictures need of the sources.
pub const SOURCE_SHAPES: TableSchema = TableSchema {
    key: "source_shapes",
    columns: &[
        column("trt", "text", "its tectonic region type"),
        column("first_part", "uint32", "the first row of its outline in `source_outlines`"),
        column("end_part", "uint32", "the row of `source_outlines` after the last one of its outline"),
        column("first_bin", "uint32", "the first row of its magnitude-frequency distribution in `source_mfd`"),
        column("end_bin", "uint32", "the row of `source_mfd` after the last one of its distribution"),
        column("factor", "float64", "what the rates of these rows are multiplied by to be those of the source"),
        column("weight", "float64", "the weight of the realizations whose source models have it; 1 where all have"),
    ],
    meaning: "a source in a source group, in the order of `source_info`",
    remark: "This table and the three below are of this program; the engine has none like them. They are written before the calculation, so that one\n\
         that runs has them. Sources may share rows: those of one outline, and those whose rates differ by a factor alone, to a millionth. A\n\
         distribution is that of the ruptures of the source by itself: what the members of a cluster, or sources that exclude each other, mean to\n\
         each other does not count. Where the source model gives probabilities of numbers of occurrences, the rate is their mean number in a year\n\
         of the investigation time; what occurs for certain has no rate, and is left out.",
};
/// The parts of the outlines of sources.
pub const SOURCE_OUTLINES: TableSchema = TableSchema {
    key: "source_outlines",
    columns: &[
        column("kind", "uint8", "0 a point; 1 points of surfaces without edges; 2 the line of a top edge; 3 a polygon"),
        column("first", "uint32", "its first row in `source_vertices`"),
        column("end", "uint32", "the row of `source_vertices` after its last one"),
    ],
    meaning: "a part of the outline of a source on a map",
    remark: "An area has its border; a fault, and each surface that ruptures as a whole, has the line of its top edge (a simple fault its\n\
         trace), and unless it is vertical the border of its horizontal projection. The last vertex of a polygon is joined to the first. A source\n\
         has 20,000 vertices at most: lines of more are thinned evenly, and of more surfaces the borders, then some surfaces, are left out. Of\n\
         surfaces without edges there are 2,000 points at most.",
};
/// The vertices of the outlines of sources.
pub const SOURCE_VERTICES: TableSchema = TableSchema {
    key: "source_vertices",
    columns: &[
        column("lon", "float32", "longitude, decimal degrees; of both signs in a part that crosses the date line"),
        column("lat", "float32", "latitude, decimal degrees"),
    ],
    meaning: "a vertex of the outline of a source",
    remark: "",
};
/// The magnitude-frequency distributions of sources.
pub const SOURCE_MFD: TableSchema = TableSchema {
    key: "source_mfd",
    columns: &[
        column("mag", "float64", "the magnitude"),
        column("rate", "float64", "annual rate of the magnitude, over the `factor` of the source"),
    ],
    meaning: "a magnitude of a magnitude-frequency distribution",
    remark: "Each magnitude of a distribution is there once, the smallest first; over a thousand are summed by hundredths.",
};
/// Where the time went.
pub const PERFORMANCE_DATA: TableSchema = TableSchema {
    key: "performance_data",
    columns: &[
        column("operation", "text", "what was done"),
        column("time_sec", "float64", "how long it took, s"),
        column("counts", "int64", "how many times"),
    ],
    meaning: "a stage of the calculation",
    remark: "",
};

/// The tables.
pub const TABLES: &[TableSchema] = &[
    SITECOL,
    SOURCE_MODEL_LT,
    GSIM_LT,
    SM_DATA,
    RLZS,
    SOURCE_INFO,
    SOURCE_SHAPES,
    SOURCE_OUTLINES,
    SOURCE_VERTICES,
    SOURCE_MFD,
    PERFORMANCE_DATA,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_takes_its_own_columns_alone() {
        let text = || ArrayData::fixed_strings(["classical"]);
        let right = vec![text(), vec![1.5f64].into(), vec![1i64].into()];
        assert!(PERFORMANCE_DATA.records(right).is_ok());
        let wrong: [Vec<ArrayData>; 3] = [
            vec![text(), vec![1.5f64].into()],
            vec![text(), vec![1.5f32].into(), vec![1i64].into()],
            vec![text(), vec![1.5f64, 2.0].into(), vec![1i64].into()],
        ];
        for columns in wrong {
            let error = PERFORMANCE_DATA.records(columns).unwrap_err().to_string();
            assert!(error.contains("performance_data") && error.contains("time_sec"), "{error}");
        }
    }

    #[test]
    fn an_array_describes_its_axes() {
        let along = |axis| match axis {
            Axis::Statistic => Along::values(&["mean"]),
            Axis::Imt => Along::values(&["PGA", "SA(1.0)"]),
            _ => Along::count(3),
        };
        assert_eq!(HCURVES_STATS.shape(along), [3, 1, 2, 3]);
        let attrs = HCURVES_STATS.attrs(along);
        let said = r#"{"shape_descr":["site_id","stat","imt","lvl"],"site_id":3,"stat":["mean"],"imt":["PGA","SA(1.0)"],"lvl":3}"#;
        assert_eq!(attrs, [("json".to_string(), Attr::from(said))]);
        let (beside, class) = MEAN_RATES_BY_SRC.beside(along);
        let keys: Vec<&str> = beside.iter().map(|(key, _)| key.rsplit('/').next().unwrap()).collect();
        assert_eq!(keys, ["shape_descr", "extra", "site_id", "imt", "lvl", "src_id"]);
        assert!(class.len() == 1 && MEAN_RATES_BY_SRC.dataset() == "mean_rates_by_src/array");
    }
}
