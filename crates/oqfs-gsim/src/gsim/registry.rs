//! Which models there are, by the name that stands in a logic tree.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use super::absent;
use super::arguments::{self, Arguments, Files, NO_FILES};
use super::{Gsim, GsimError, ModelInfo};
use crate::arrays::Open;
use crate::nearest::nearest;

/// A model ready to compute, or what is wrong with its arguments.
pub(super) type Made = Result<Arc<dyn Gsim>, GsimError>;

/// How to make a model of a family from its declaration and the arguments in a logic tree.
pub(super) type Make = fn(&'static ModelInfo, &mut Arguments) -> Made;

/// One model: its declaration and how to make it. The members of a family differ in what `make` hands to the one
/// implementation. An argument that `make` does not ask for is refused.
pub(super) struct Model {
    pub(super) info: ModelInfo,
    pub(super) make: Make,
}

/// The models of a family, one a line: the name, the rest of the declaration, and the function that makes the model, which is
/// given the declaration, the arguments in a logic tree and the values in which this model differs from its relatives.
///
/// ```text
/// models! {
///     "ModelLowStress": BASE => make(Stress::Low),
///     "ModelHighStress": BASE => make(Stress::High),
/// }
/// ```
macro_rules! models {
    ($($name:literal : $info:expr => $make:ident($($value:expr),* $(,)?)),+ $(,)?) => {
        &[$($crate::gsim::registry::Model {
            info: $crate::gsim::ModelInfo { name: $name, ..$info },
            make: |info, arguments| $make(info, arguments, $($value),*),
        }),+]
    };
}
pub(super) use models;

/// Every family: a file, with the models it declares.
static FAMILIES: &[&[Model]] = &[
    super::crustal::abrahamson_2014::MODELS,
    super::subduction::abrahamson_2015::MODELS,
    super::subduction::abrahamson_2018::MODELS,
    super::crustal::abrahamson_bhasin_2020::MODELS,
    super::subduction::abrahamson_gulerce_2020::MODELS,
    super::crustal::abrahamson_silva_1997::MODELS,
    super::crustal::abrahamson_silva_2008::MODELS,
    super::crustal::afshari_stewart_2016::MODELS,
    super::crustal::akkar_2014::MODELS,
    super::crustal::akkar_bommer_2010::MODELS,
    super::crustal::akkar_cagnan_2010::MODELS,
    super::stable::allen_2012::MODELS,
    super::subduction::allen_2022::MODELS,
    super::intensity::allen_wald_2012::MODELS,
    super::crustal::ambraseys_1996::MODELS,
    super::crustal::ambraseys_2005::MODELS,
    super::crustal::ameri_2017::MODELS,
    super::crustal::aristeidou_2023::MODELS,
    super::crustal::aristeidou_2024::MODELS,
    super::hazard_models::armenia_2016::MODELS,
    super::hazard_models::aus23::MODELS,
    super::subduction::arroyo_2010::MODELS,
    super::subduction::arteta_2021::MODELS,
    super::crustal::arteta_2023::MODELS,
    super::induced::atkinson_2015::MODELS,
    super::subduction::atkinson_2022::MODELS,
    super::stable::atkinson_boore_1995::MODELS,
    super::subduction::atkinson_boore_2003::MODELS,
    super::stable::atkinson_boore_2006::MODELS,
    super::subduction::atkinson_macias_2009::MODELS,
    super::adapt::average::MODELS,
    super::adapt::average_sa::MODELS,
    super::crustal::bahrampouri_2021_arias::MODELS,
    super::crustal::bahrampouri_2021_duration::MODELS,
    super::intensity::baumont_2018::MODELS,
    super::crustal::bayless_abrahamson_2018::MODELS,
    super::stable::bayless_somerville_2024::MODELS,
    super::hazard_models::bc_hydro_2012::MODELS,
    super::crustal::berge_thierry_2003::MODELS,
    super::crustal::bindi_2011::MODELS,
    super::intensity::bindi_2011_ipe::MODELS,
    super::crustal::bindi_2014::MODELS,
    super::stable::bindi_2017::MODELS,
    super::crustal::bommer_2009::MODELS,
    super::crustal::boore_1993::MODELS,
    super::crustal::boore_1997::MODELS,
    super::crustal::boore_2014::MODELS,
    super::crustal::boore_2020::MODELS,
    super::crustal::boore_atkinson_2008::MODELS,
    super::crustal::bora_2019::MODELS,
    super::crustal::bozorgnia_campbell_2016::MODELS,
    super::crustal::bradley_2013::MODELS,
    super::crustal::campbell_1997::MODELS,
    super::stable::campbell_2003::MODELS,
    super::crustal::campbell_bozorgnia_2003::MODELS,
    super::crustal::campbell_bozorgnia_2008::MODELS,
    super::crustal::campbell_bozorgnia_2014::MODELS,
    super::hazard_models::can15::MODELS,
    super::hazard_models::canada_shm6::MODELS,
    super::hazard_models::canada_shm6::stable::MODELS,
    super::crustal::cauzzi_2014::MODELS,
    super::crustal::cauzzi_faccioli_2008::MODELS,
    super::crustal::chao_2020::MODELS,
    super::crustal::chiou_youngs_2008::MODELS,
    super::crustal::chiou_youngs_2014::MODELS,
    super::crustal::climent_1994::MODELS,
    super::induced::convertito_2012::MODELS,
    super::crustal::derras_2014::MODELS,
    super::induced::dost_2004::MODELS,
    super::induced::douglas_2013::MODELS,
    super::stable::douglas_2024::MODELS,
    super::intensity::dowrick_rhoades_2005::MODELS,
    super::adapt::dummy::MODELS,
    super::crustal::drouet_alpes_2015::MODELS,
    super::stable::drouet_brazil_2015::MODELS,
    super::intensity::ecos_2009::MODELS,
    super::crustal::edwards_fah_2013::MODELS,
    super::hazard_models::emme24::MODELS,
    super::hazard_models::eshm20::MODELS,
    super::crustal::faccioli_cauzzi_2006::MODELS,
    super::crustal::fukushima_tanaka_1990::MODELS,
    super::subduction::garcia_2005::MODELS,
    super::subduction::geomatrix_1993::MODELS,
    super::crustal::ghasemi_2009::MODELS,
    super::subduction::ghofrani_atkinson_2014::MODELS,
    super::adapt::gmpe_table::MODELS,
    super::crustal::gulerce_2017::MODELS,
    super::crustal::gulerce_abrahamson_2011::MODELS,
    super::crustal::hassani_atkinson_2018::MODELS,
    super::subduction::hassani_atkinson_2020::MODELS,
    super::crustal::holmgren_2024::MODELS,
    super::crustal::hong_goda_2007::MODELS,
    super::subduction::idini_2017::MODELS,
    super::crustal::idriss_2014::MODELS,
    super::subduction::jaimes_2020::MODELS,
    super::crustal::ji_2025::MODELS,
    super::crustal::kale_2015::MODELS,
    super::subduction::kanno_2006::MODELS,
    super::crustal::kotha_2016::MODELS,
    super::crustal::kotha_2020::MODELS,
    super::subduction::kuehn_2020::MODELS,
    super::crustal::lanzano_2016::MODELS,
    super::crustal::lanzano_2019::MODELS,
    super::crustal::lanzano_2020::MODELS,
    super::volcanic::lanzano_luzi_2019::MODELS,
    super::crustal::lateral_spread::MODELS,
    super::crustal::lin_2009::MODELS,
    super::crustal::lin_2011::MODELS,
    super::subduction::lin_lee_2008::MODELS,
    super::subduction::macedo_2019::MODELS,
    super::subduction::manea_2021::MODELS,
    super::crustal::mcverry_2006::MODELS,
    super::subduction::megawati_2003::MODELS,
    super::subduction::megawati_pan_2010::MODELS,
    super::adapt::modifiable::MODELS,
    super::subduction::morikawa_fujiwara_2013::MODELS,
    super::adapt::multi::MODELS,
    super::volcanic::munson_thurber_1997::MODELS,
    super::subduction::nath_2012::MODELS,
    super::hazard_models::nbcc_2015::MODELS,
    super::hazard_models::nga_east::MODELS,
    super::hazard_models::nga_east::craton::MODELS,
    super::hazard_models::nga_east::usgs::MODELS,
    super::crustal::nga_west2::MODELS,
    super::hazard_models::nshmp2008::MODELS,
    super::crustal::pankow_pechmann_2004::MODELS,
    super::subduction::parker_2020::MODELS,
    super::stable::pezeshk_2011::MODELS,
    super::crustal::phung_2020_crust::MODELS,
    super::subduction::phung_2020_subduction::MODELS,
    super::stable::raghukanth_iyengar_2007::MODELS,
    super::volcanic::ramadan_2023::MODELS,
    super::stable::rietbrock_2013::MODELS,
    super::crustal::sabetta_pugliese_1996::MODELS,
    super::crustal::sadigh_1997::MODELS,
    super::crustal::sandikkaya_akkar_2017::MODELS,
    super::volcanic::scala_2025::MODELS,
    super::adapt::sera_amplification::MODELS,
    super::stable::shahjouei_pezeshk_2016::MODELS,
    super::hazard_models::share::MODELS,
    super::crustal::sharma_2009::MODELS,
    super::subduction::si_2020::MODELS,
    super::crustal::si_midorikawa_1999::MODELS,
    super::stable::silva_2002::MODELS,
    super::subduction::skarlatoudis_2013::MODELS,
    super::stable::somerville_2009::MODELS,
    super::crustal::stafford_2022::MODELS,
    super::crustal::stewart_2016::MODELS,
    super::hazard_models::swiss::MODELS,
    super::stable::taherian_2024::MODELS,
    super::stable::tavakoli_pezeshk_2005::MODELS,
    super::stable::toro_2002::MODELS,
    super::crustal::travasarou_2003::MODELS,
    super::crustal::tromans_2019::MODELS,
    super::volcanic::tusa_langer_2016::MODELS,
    super::volcanic::tusa_langer_azzaro_2019::MODELS,
    super::crustal::van_houtte_2018::MODELS,
    super::crustal::wang_2025::MODELS,
    super::volcanic::wong_2022::MODELS,
    super::crustal::yenier_atkinson_2015::MODELS,
    super::subduction::youngs_1997::MODELS,
    super::crustal::yu_2013::MODELS,
    super::crustal::zafarani_2018::MODELS,
    super::induced::zalachoris_rathje_2019::MODELS,
    super::subduction::zhao_2006::MODELS,
    super::subduction::zhao_2016::MODELS,
];

static MODELS: LazyLock<BTreeMap<&'static str, &'static Model>> =
    LazyLock::new(|| FAMILIES.iter().flat_map(|family| family.iter()).map(|model| (model.info.name, model)).collect());

/// The names of all models, sorted.
pub fn names() -> impl ExactSizeIterator<Item = &'static str> {
    MODELS.keys().copied()
}

/// What is declared of a model, without making it: models of other models need arguments for that.
///
/// # Errors
/// If no model has the name.
pub fn info(name: &str) -> Result<&'static ModelInfo, GsimError> {
    Ok(&MODELS.get(name).ok_or_else(|| unknown(name))?.info)
}

/// The model that a text names which no file stands behind: as [`with_files`], where an argument that names a file is an
/// error.
///
/// # Errors
/// Those of [`with_files`].
pub fn by_name(text: &str) -> Result<Arc<dyn Gsim>, GsimError> {
    let (name, values) = arguments::parse(text)?;
    make(&name, values, NO_FILES)
}

/// The model that a logic tree names, with its identity: `BooreAtkinson2008`, or `[BooreAtkinson2008]` and lines
/// `argument = value`, as in TOML. `open` opens the files that arguments name from a folder.
///
/// # Errors
/// If no model has the name, if it is given an argument it does not take or a value that the argument does not, if it
/// lacks one, or if the text is of another form.
pub fn with_files(text: &str, folder: &Path, open: Open) -> Result<Identified, GsimError> {
    let (name, arguments) = arguments::parse(text)?;
    let read = RefCell::default();
    let gsim = make(&name, arguments.clone(), Files::new(folder, open, &read))?;
    Ok(Identified { gsim, identity: Identity { name, arguments, files: read.into_inner() } })
}

/// A model with its identity. It can be used as the model.
#[derive(Clone, Debug)]
pub struct Identified {
    /// The model.
    pub gsim: Arc<dyn Gsim>,
    /// What it follows from.
    pub identity: Identity,
}

impl Deref for Identified {
    type Target = dyn Gsim;

    fn deref(&self) -> &Self::Target {
        &*self.gsim
    }
}

/// What a model follows from, beside the program: models of the same name, arguments and contents of files are the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The arguments, in the order of the tree: modifications of a model are made in it.
    pub arguments: toml::Table,
    /// The files that the model was read from, in the order in which they were.
    pub files: Vec<PathBuf>,
}

impl Identity {
    /// The name and the arguments as bytes, which do not depend on how the tree is spaced and commented. Different names or
    /// arguments have different bytes: lengths stand first, and numbers are their bits.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        add_text(&self.name, &mut bytes);
        add_table(&self.arguments, &mut bytes);
        bytes
    }
}

fn add_text(text: &str, bytes: &mut Vec<u8>) {
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(text.as_bytes());
}

fn add_table(table: &toml::Table, bytes: &mut Vec<u8>) {
    bytes.extend((table.len() as u64).to_le_bytes());
    for (key, value) in table {
        add_text(key, bytes);
        add_value(value, bytes);
    }
}

fn add_value(value: &toml::Value, bytes: &mut Vec<u8>) {
    match value {
        toml::Value::String(text) => {
            bytes.push(0);
            add_text(text, bytes);
        }
        toml::Value::Integer(number) => {
            bytes.push(1);
            bytes.extend(number.to_le_bytes());
        }
        toml::Value::Float(number) => {
            bytes.push(2);
            bytes.extend(number.to_bits().to_le_bytes());
        }
        toml::Value::Boolean(flag) => bytes.extend([3, u8::from(*flag)]),
        toml::Value::Datetime(time) => {
            bytes.push(4);
            add_text(&time.to_string(), bytes);
        }
        toml::Value::Array(items) => {
            bytes.push(5);
            bytes.extend((items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| add_value(item, bytes));
        }
        toml::Value::Table(table) => {
            bytes.push(6);
            add_table(table, bytes);
        }
    }
}

/// The files that a model's arguments name, as they stand in a logic tree; none if the text is of no model.
pub fn files_of(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok((name, values)) = arguments::parse(text) {
        add_files(&name, &values, &mut found);
    }
    found
}

/// The arguments that name a file, with the model that takes each.
const FILES: [(&str, &str); 5] = [
    super::crustal::host_to_target::PATH_FILE,
    super::crustal::host_to_target::SOURCE_FILE,
    super::adapt::gmpe_table::FILE,
    super::crustal::hassani_atkinson_2018::FILE,
    super::subduction::zhao_2016::FILE,
];

/// The model may be within another: named by the argument `gmpe_name`, or by a key with its arguments.
fn add_files(name: &str, values: &toml::Table, found: &mut Vec<String>) {
    let wrapped = values.get("gmpe_name").and_then(toml::Value::as_str).unwrap_or(name);
    let of_model = FILES.iter().filter(|(model, _)| *model == wrapped);
    let paths = of_model.filter_map(|(_, argument)| values.get(*argument)?.as_str());
    found.extend(paths.map(str::to_owned));
    for (name, value) in values {
        if let Some(values) = value.as_table() {
            add_files(name, values, found);
        }
    }
}

/// The model with a name and arguments. Every model takes `mixture_model`.
pub(super) fn make(name: &str, values: toml::Table, files: Files) -> Made {
    let model = MODELS.get(name).ok_or_else(|| unknown(name))?;
    let mut arguments = Arguments::new(model.info.name, values, files);
    // before the model sees its arguments: one that is made of others takes all there are
    let mixture = arguments.table("mixture_model")?;
    let made = (model.make)(&model.info, &mut arguments)?;
    let made = match mixture {
        Some(values) => super::adapt::mixture::of_sigmas(made, values)?,
        None => made,
    };
    arguments.finish()?;
    Ok(made)
}

fn unknown(name: &str) -> GsimError {
    if let Some((model, reason)) = absent::reason(name) {
        return GsimError::Absent { model, reason };
    }
    let close = nearest(name, names());
    let hint = if close.is_empty() {
        format!("none of the {} known names is near; `oqfs gsims` lists them", names().len())
    } else {
        format!("did you mean {}?", close.join(" or "))
    };
    GsimError::UnknownModel { name: name.to_owned(), hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        by_name(text).unwrap_err().to_string()
    }

    #[test]
    fn names_are_unique() {
        let declared = FAMILIES.iter().map(|family| family.len()).sum::<usize>();
        assert_eq!(names().len(), declared);
    }

    /// `tests/data/gsim/engine_models.txt` has the models of the engine 3.26.2: of each its name with its arguments.
    fn of_engine() -> Vec<Vec<String>> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gsim/engine_models.txt");
        let text = std::fs::read_to_string(path).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
    }

    /// Arguments of the engine's models that are refused: how the names of the models begin, the arguments, and why.
    const NOT_TAKEN: &[(&str, &[&str], &str)] = &[
        ("AbrahamsonEtAl2015", &["faba_taper_model"], "the engine has no taper for it"),
        ("CanadaSHM6_In", &["faba_taper_model"], "the engine has no taper for it"),
        (
            "MontalvaEtAl",
            &["faba_taper_model", "ergodic"],
            "the engine has no taper, and no other standard deviation for it",
        ),
        ("AtkinsonBoore2006", &["mag_eq", "scale_fac"], "other names have them"),
        (
            "AtkinsonMacias2009NSHMP2014",
            &["ba08_site_term", "cb14_basin_term", "m9_basin_term"],
            "a name for one adjustment",
        ),
        ("BozorgniaCampbell2016", &["SJ", "sgn"], "other names have them"),
        ("CampbellBozorgnia20", &["coeffs", "SJ"], "other names have them"),
        ("CanadaSHM6_ActiveCrust_CampbellBozorgnia2014", &["coeffs", "SJ"], "of other names"),
        ("CauzziEtAl2014Armenia", &["adjustment_factor"], "of a national model"),
        ("ChiouYoungs2014PEER", &["region"], "a model for a test"),
        ("KothaEtAl2020", &["c3"], "its attenuation is that of a name, or follows from c3_epsilon"),
        ("SSlabCan15", &["cb14_basin_term", "m9_basin_term"], "of a national model"),
        ("StewartEtAl2016", &["region", "sof"], "other names have them"),
        ("ZhaoEtAl2006AscSWISS", &["cb14_basin_term", "m9_basin_term"], "of a national model"),
        ("ZhaoEtAl2016", &["volc_arc_file"], "it has no use for one"),
        (
            "EMME24BB",
            &[
                "region",
                "sigma_mu_epsilon",
                "use_hw",
                "add_delta_c1",
                "alpha_nm",
                "stress_par_host",
                "stress_par_target",
                "source_function_tab",
                "delta_gamma_tab",
                "usgs_basin_scaling",
                "cybershake_basin_adj",
            ],
            "a branch of a national model, fixed by its name",
        ),
    ];

    #[test]
    fn every_argument_of_the_engine_is_taken_but_for_those_with_a_reason() {
        let is_listed = |name: &str, argument: &str| {
            NOT_TAKEN.iter().any(|(models, arguments, _)| name.starts_with(models) && arguments.contains(&argument))
        };
        let (mut refused, mut unlisted) = (0, Vec::new());
        for words in of_engine().iter().filter(|words| MODELS.contains_key(words[0].as_str())) {
            for argument in &words[1..] {
                match by_name(&format!("[{}]\n{argument} = '?'", words[0])) {
                    Err(GsimError::UnexpectedArgument { argument: found, .. }) if found == *argument => {
                        refused += 1;
                        if !is_listed(&words[0], argument) {
                            unlisted.push(format!("{} {argument}", words[0]));
                        }
                    }
                    // taken, or not asked for before another argument that is missing
                    _ => {}
                }
            }
        }
        assert!(unlisted.is_empty(), "{}", unlisted.join("\n"));
        assert!(refused > 100, "{refused}");
        assert!(NOT_TAKEN.iter().all(|(_, _, reason)| !reason.is_empty()));
    }

    #[test]
    fn every_name_of_the_engine_is_a_model_or_told_why_not() {
        let models = of_engine();
        let of_engine: Vec<&str> = models.iter().map(|words| words[0].as_str()).collect();
        let is_there = |name: &str| MODELS.contains_key(name);
        let untold: Vec<&&str> = of_engine
            .iter()
            .filter(|name| !is_there(name) && !error(name).contains(": it is a model of the engine"))
            .collect();
        assert!(of_engine.len() > 900 && untold.is_empty(), "{untold:?}");
        for (name, reason) in absent::ABSENT {
            assert!(of_engine.contains(name) && !is_there(name) && error(name).ends_with(reason), "{name}");
        }
        let not_of_engine: Vec<&str> = names().filter(|name| !of_engine.contains(name)).collect();
        assert!(not_of_engine.is_empty(), "{not_of_engine:?}");
    }

    #[test]
    fn what_a_model_says_of_itself_has_no_address() {
        let models = names().filter_map(|name| by_name(name).ok());
        let with_address: Vec<&str> =
            models.filter(|model| format!("{model:?}").contains("0x")).map(|model| model.info().name).collect();
        assert!(with_address.is_empty(), "{with_address:?}");
    }

    #[test]
    fn models_have_one_identity_if_they_are_the_same() {
        let bytes = |text: &str| {
            let made = with_files(text, Path::new("."), &crate::arrays::open_none).unwrap();
            made.identity.bytes()
        };
        assert_eq!(bytes("BooreAtkinson2008"), bytes(" [ BooreAtkinson2008 ]\n# none\n"));
        let modified = "[ModifiableGMPE]\ngmpe.BooreAtkinson2008 = {}\nset_between_epsilon.epsilon_tau = 0.5\n\
            set_scale_median_scalar.scaling_factor = 1.2";
        let spaced = "[ModifiableGMPE] # as above\ngmpe.BooreAtkinson2008={}\nset_between_epsilon = {epsilon_tau = 0.50}\n\n\
            set_scale_median_scalar.scaling_factor = 12e-1";
        assert_eq!(bytes(modified), bytes(spaced));
        let turned = "[ModifiableGMPE]\ngmpe.BooreAtkinson2008 = {}\nset_scale_median_scalar.scaling_factor = 1.2\n\
            set_between_epsilon.epsilon_tau = 0.5";
        let others = [
            "BooreAtkinson2008",
            "ChiouYoungs2008",
            "[ModifiableGMPE]\ngmpe.BooreAtkinson2008 = {}",
            "[ModifiableGMPE]\ngmpe.ChiouYoungs2008 = {}",
            modified,
            turned,
            &modified.replace("1.2", "1.3"),
        ];
        let different: std::collections::BTreeSet<Vec<u8>> = others.iter().map(|text| bytes(text)).collect();
        assert_eq!(different.len(), others.len());
    }

    #[test]
    fn the_files_of_a_model_are_those_that_it_was_read_from() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gsim/arguments");
        let text = std::fs::read_to_string(folder.join("zhao_2016_zones.toml")).unwrap();
        let made = with_files(&text, &folder, &crate::arrays::open_none).unwrap();
        assert_eq!(made.identity.files, [folder.join("volcanic_zones.geojson")]);
    }

    #[test]
    fn a_model_is_found_as_a_logic_tree_names_it() {
        for text in [
            "BooreAtkinson2008",
            " BooreAtkinson2008\n",
            "[BooreAtkinson2008]",
            "\n [BooreAtkinson2008]\n  # none\n",
            "[ BooreAtkinson2008 ]",
        ] {
            assert_eq!(by_name(text).unwrap().info().name, "BooreAtkinson2008", "{text:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(
            error("SadihgEtAl1997"),
            "unknown ground-motion model \"SadihgEtAl1997\"; did you mean SadighEtAl1997?"
        );
        assert!(error("Nobody").contains("`oqfs gsims` lists them"));
        assert_eq!(
            error("[BooreAtkinson2008]\nvs30 = 760"),
            "BooreAtkinson2008 does not take the argument \"vs30\"; accepted are: mixture_model"
        );
        assert_eq!(
            error("[AvgGMPE]\nb1.SadighEtAl1997.wieght = 1"),
            "AvgGMPE: b1 = { SadighEtAl1997 = { wieght = 1 } }: expected a model with its weight, as in `b1.SadighEtAl1997.weight = 0.5`"
        );
        assert_eq!(
            error("[ModifiableGMPE]\ngmpe.SadighEtAl1997 = {}\nset_between_epsilon.epsilon_tau = 0.5"),
            "ModifiableGMPE cannot be made of SadighEtAl1997: it gives no standard deviation between events"
        );
        assert_eq!(
            error("[ModifiableGMPE]\ngmpe.SadighEtAl1997 = {}\nset_scale_median_scaler.scaling_factor = 0.5"),
            "ModifiableGMPE does not take the argument \"set_scale_median_scaler\"; did you mean \
             set_scale_median_scalar or set_scale_median_vector? accepted are: gmpe, "
                .to_owned()
                + &crate::gsim::adapt::modifiable::METHODS.join(", ")
        );
        assert_eq!(
            error("MacedoEtAl2019SInter"),
            "MacedoEtAl2019SInter gives the motion in one intensity measure from that in others, which another model gives; expected \
             it within ModifiableGMPE, as in `conditional_gmpe.IMT.gmpe.MacedoEtAl2019SInter = {}`"
        );
        assert_eq!(error("ModifiableGMPE"), "ModifiableGMPE needs the argument \"gmpe\"");
        assert!(error("[BooreAtkinson2008]\nvs30").contains("cannot read the ground-motion model"));
        assert!(error("[BooreAtkinson2008").contains("\"[BooreAtkinson2008\": "));
        assert!(error("[BooreAtkinson2008]\n[SadighEtAl1997]").contains("a second name, \"SadighEtAl1997\""));
        assert!(error("BooreAtkinson2008\nvs30 = 760").contains("no [ before the name"));
        assert!(error(" ").contains("no name"));
        assert!(error("[]").contains("cannot read the ground-motion model \"[]\""));
    }
}
