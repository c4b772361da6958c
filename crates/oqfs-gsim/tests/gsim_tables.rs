//! Every registered ground-motion model against a table of what the OpenQuake engine 3.26.2 gives.
//!
//! `data/gsim/contexts.csv` has a row a context; `data/gsim/tables/NAME.csv` a row a context and intensity measure
//! (`scripts/gsim_tables.py`). With `$OQFS_GSIM` set, only models with that in their name are tested.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oqfs_gsim::arrays::open_none;
use oqfs_gsim::elementary::powi;
use oqfs_gsim::gsim::{self, Contexts, GroundMotion, Gsim, Imt, ImtKind, Param, StdDev, Validity};

/// Mean and standard deviations must be this close to the engine's, in natural logarithms.
const TOLERANCE: f64 = 1e-6;
/// How the names of models begin that the engine computes in single precision, and what that leaves of numbers about 10.
const IN_SINGLE_PRECISION: [(&str, f64); 2] = [("NGAEastAUS23", 2e-6), ("Taherian2024", 3e-6)];

/// Registered models that have no table, and why.
const WITHOUT_TABLE: &[(&str, &str)] = &[
    ("AbrahamsonBhasin2020", "conditional on another model; see data/gsim/arguments/conditional_site_term.toml"),
    ("AbrahamsonBhasin2020PGA", "conditional on another model; see data/gsim/arguments/conditional.toml"),
    ("AbrahamsonBhasin2020SA1", "conditional on another model; see data/gsim/arguments/conditional_sa1.toml"),
    ("AvgGMPE", "made of other models"),
    ("AvgPoeGMPE", "made of other models"),
    ("BA08SiteTerm", "made of another model"),
    ("BSSA14SiteTerm", "made of another model"),
    ("CB14BasinTerm", "made of another model"),
    ("CY14SiteTerm", "made of another model"),
    ("CanadaSHM6_StableCrust_AA13", "names one of the tables of the others"),
    ("CanadaSHM6_StableCrust_NGAEast", "names one of the tables of the others"),
    ("Douglas_Et_Al_2024Rjb", "its branch is an argument"),
    ("Douglas_Et_Al_2024Rjb_3branch", "its branch is an argument"),
    ("Douglas_Et_Al_2024Rjb_5branch", "its branch is an argument"),
    ("Douglas_Et_Al_2024Rrup_3branch", "its branch is an argument"),
    ("Douglas_Et_Al_2024Rrup_5branch", "its branch is an argument"),
    ("DummyGMPE", "the same motion everywhere"),
    ("Eurocode8Amplification", "made of another model"),
    ("Eurocode8AmplificationDefault", "made of another model"),
    ("GMPETable", "a table in a file; see tests/run.rs"),
    ("GenericGmpeAvgSA", "made of another model"),
    ("M9BasinTerm", "made of another model"),
    ("MacedoEtAl2019SInter", "conditional on another model; see data/gsim/arguments/conditional.toml"),
    ("MacedoEtAl2019SSlab", "conditional on another model; see data/gsim/arguments/conditional_slab.toml"),
    ("GmpeIndirectAvgSA", "made of another model"),
    ("GulerceAbrahamson2011", "made of another model"),
    ("HassaniAtkinson2018", "its stress parameter and kappa are arguments"),
    ("ModifiableGMPE", "made of another model"),
    ("MultiGMPE", "made of other models"),
    ("NBCC2015_AA13", "names one of the tables of the others"),
    ("NGAEastAUS2023GMPE", "names the table of another"),
    ("NGAEastGMPE", "names one of the tables of the others"),
    ("NGAEastGMPETotalSigma", "names one of the tables of the others"),
    ("NGAEastUSGSGMPE", "names one of the tables of the others"),
    ("NRCan15SiteTerm", "made of another model"),
    ("NRCan15SiteTermLinear", "made of another model"),
    ("NSHMP2014", "made of another model"),
    ("PitilakisEtAl2018", "made of another model"),
    ("PitilakisEtAl2020", "made of another model"),
    ("SandikkayaDinsever2018", "made of another model"),
    ("SplitSigmaGMPE", "made of another model"),
    ("TromansEtAl2019", "made of another model"),
    ("TromansEtAl2019SigmaMu", "made of another model"),
    ("SiMidorikawa1999Asc", "defined for three kinds of ground; see its tests"),
    ("SiMidorikawa1999SInter", "defined for three kinds of ground; see its tests"),
    ("SiMidorikawa1999SInterNorthEastCorrection", "defined for three kinds of ground; see its tests"),
    ("SiMidorikawa1999SInterSouthWestCorrection", "defined for three kinds of ground; see its tests"),
    ("SiMidorikawa1999SSlab", "defined for three kinds of ground; see its tests"),
    ("SiMidorikawa1999SSlabNorthEastCorrection", "defined for three kinds of ground; see its tests"),
    ("SiMidorikawa1999SSlabSouthWestCorrection", "defined for three kinds of ground; see its tests"),
];

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gsim").join(path)
}

fn records(path: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    reader.deserialize().map(|row| row.unwrap_or_else(|e| panic!("{}: {e}", path.display()))).collect()
}

fn number(row: &HashMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|e| panic!("{column} {:?}: {e}", row[column]))
}

/// Whether a model is to be tested.
fn is_wanted(name: &str) -> bool {
    std::env::var("OQFS_GSIM").ok().is_none_or(|part| name.contains(&part))
}

fn names_with_table() -> impl Iterator<Item = &'static str> {
    gsim::names().filter(|name| is_wanted(name) && WITHOUT_TABLE.iter().all(|(without, _)| without != name))
}

fn expected(name: &str) -> Expected {
    expected_in(&data(&format!("tables/{name}.csv")))
}

/// A model's table: of each intensity measure, the contexts with what the engine gives as mean, sig, tau and phi.
type Expected = BTreeMap<Imt, Vec<(usize, [f64; 4])>>;

fn expected_in(path: &Path) -> Expected {
    let mut table = Expected::new();
    for row in records(path) {
        let values = ["mean", "sig", "tau", "phi"].map(|column| number(&row, column));
        let imt: Imt = row["imt"].parse().unwrap();
        table.entry(imt).or_default().push((number(&row, "ctx") as usize, values));
    }
    table
}

/// The contexts, with the columns a model requires and no other.
fn contexts_for(model: &dyn Gsim) -> Contexts {
    let rows = records(&data("contexts.csv"));
    let mut contexts = Contexts::default();
    contexts.reset(rows.len());
    for &param in model.params() {
        let value = |row: &HashMap<String, String>| {
            let text = &row[param.name()];
            param.parse(text).unwrap_or_else(|| panic!("{} {text:?}", param.name()))
        };
        contexts.column_mut(param).extend(rows.iter().map(value));
    }
    contexts
}

/// The contexts for a model five times and the first once more.
fn repeated(few: &Contexts, model: &dyn Gsim) -> Contexts {
    let mut many = Contexts::default();
    many.reset(few.len() * 5 + 1);
    for &param in model.params() {
        let column = few.column(param).iter().cycle().take(few.len() * 5 + 1);
        many.column_mut(param).extend(column);
    }
    many
}

fn computed(model: &dyn Gsim, contexts: &Contexts, imts: &[Imt]) -> GroundMotion {
    let mut motion = GroundMotion::default();
    model.compute(contexts, imts, &mut motion);
    assert_eq!(motion.shape(), (imts.len(), contexts.len()), "{}", model.info().name);
    motion
}

/// Lines that say where a model is not the engine's.
fn differences(name: &str, model: &dyn Gsim, table: &Expected) -> Vec<String> {
    differences_at(name, model, table, &contexts_for(model))
}

fn differences_at(name: &str, model: &dyn Gsim, table: &Expected, contexts: &Contexts) -> Vec<String> {
    let refused = table.keys().filter_map(|imt| model.check(imt).err()).map(|e| format!("{name}: refuses: {e}"));
    let refused: Vec<String> = refused.collect();
    if !refused.is_empty() {
        return refused;
    }
    let imts: Vec<Imt> = table.keys().copied().collect();
    let motion = computed(model, contexts, &imts);
    let found = [&motion.mean, &motion.sig, &motion.tau, &motion.phi];
    let mut lines = Vec::new();
    let single = IN_SINGLE_PRECISION.iter().find(|(models, _)| name.starts_with(models));
    let tolerance = single.map_or(TOLERANCE, |(_, tolerance)| *tolerance);
    for (m, (imt, rows)) in table.iter().enumerate() {
        for (k, expected) in rows {
            let found = found.map(|array| array[motion.row(m)][*k]);
            if found.iter().zip(expected).any(|(f, e)| (f - e).abs().is_nan() || (f - e).abs() > tolerance) {
                lines.push(format!("{name}, context {k}, {imt}: found {found:?}, expected {expected:?}"));
            }
        }
    }
    lines
}

#[test]
fn every_model_agrees_with_the_engine() {
    assert!(gsim::names().any(is_wanted), "no model has $OQFS_GSIM in its name");
    let mut lines = Vec::new();
    for name in names_with_table() {
        if data(&format!("tables/{name}.csv")).is_file() {
            lines.extend(differences(name, &*gsim::by_name(name).unwrap(), &expected(name)));
        } else {
            lines.push(format!("{name} has no table in tests/data/gsim/tables"));
        }
    }
    assert!(lines.is_empty(), "{} differences from the engine:\n{}", lines.len(), lines.join("\n"));
}

/// `data/gsim/arguments` holds models as a logic tree gives them with their arguments, and beside each its table.
fn with_arguments() -> Vec<(String, Arc<dyn Gsim>)> {
    let files = std::fs::read_dir(data("arguments")).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let model = gsim::with_files(&text, &data("arguments"), &open_none);
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, model.unwrap_or_else(|e| panic!("{}: {e}", path.display())).gsim)
    };
    files.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).map(read).collect()
}

#[test]
fn models_with_arguments_agree_with_the_engine() {
    let models = with_arguments();
    let lines_of = |(name, model): &(String, Arc<dyn Gsim>)| {
        differences(name, &**model, &expected_in(&data(&format!("arguments/{name}.csv"))))
    };
    let lines: Vec<String> = models.iter().flat_map(lines_of).collect();
    assert!(
        !models.is_empty() && lines.is_empty(),
        "{} differences from the engine:\n{}",
        lines.len(),
        lines.join("\n")
    );
}

/// `data/gsim/no_depths` holds what the engine gives where sites have no depths of the ground.
#[test]
fn models_that_infer_depths_agree_with_the_engine() {
    let mut lines = Vec::new();
    let files: Vec<PathBuf> =
        std::fs::read_dir(data("no_depths")).unwrap().map(|entry| entry.unwrap().path()).collect();
    for path in &files {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let model = gsim::by_name(name).unwrap();
        assert!(model.infers_depths(), "{name}");
        let mut contexts = contexts_for(&*model);
        for depth in [Param::Z1pt0, Param::Z2pt5, Param::ZSed].into_iter().filter(|p| model.params().contains(p)) {
            contexts.column_mut(depth).iter_mut().for_each(|depth| *depth = -999.0);
        }
        lines.extend(differences_at(name, &*model, &expected_in(path), &contexts));
    }
    assert!(!files.is_empty() && lines.is_empty(), "{} differences:\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn every_table_has_its_model_and_every_exception_its_reason() {
    let known: Vec<&str> = gsim::names().collect();
    for entry in std::fs::read_dir(data("tables")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(known.contains(&name), "{} is the table of no registered model", path.display());
    }
    for (name, reason) in WITHOUT_TABLE {
        assert!(known.contains(name) && !reason.is_empty(), "{name} is no exception");
    }
}

#[test]
fn a_batch_gives_what_its_contexts_give_alone_whatever_was_in_the_output() {
    for name in names_with_table() {
        let model = gsim::by_name(name).unwrap();
        let imts: Vec<Imt> = expected(name).into_keys().collect();
        let few = contexts_for(&*model);
        let many = repeated(&few, &*model);
        let alone = computed(&*model, &few, &imts);
        let mut motion = GroundMotion::default();
        motion.reset(1, 3);
        motion.tau.fill(f64::NAN);
        model.compute(&many, &imts, &mut motion);
        for (m, imt) in imts.iter().enumerate() {
            for k in 0..many.len() {
                let pick = |of: &GroundMotion, k: usize| {
                    [&of.mean, &of.sig, &of.tau, &of.phi].map(|a| a[of.row(m)][k].to_bits())
                };
                let (found, expected) = (pick(&motion, k), pick(&alone, k % few.len()));
                assert_eq!(found, expected, "{name}, context {k} of a larger batch, {imt}");
            }
        }
    }
}

#[test]
fn what_other_models_ask_for_changes_nothing() {
    let rows = records(&data("contexts.csv"));
    for name in names_with_table() {
        let model = gsim::by_name(name).unwrap();
        let imts: Vec<Imt> = expected(name).into_keys().collect();
        let alone = contexts_for(&*model);
        let mut all = alone.clone();
        for &param in Param::ALL.iter().filter(|param| rows[0].contains_key(param.name())) {
            let values = rows.iter().map(|row| param.parse(&row[param.name()]).unwrap());
            if all.column(param).is_empty() {
                all.column_mut(param).extend(values);
            }
        }
        let [found, expected] = [&all, &alone].map(|contexts| computed(&*model, contexts, &imts));
        let bits =
            |motion: GroundMotion| motion.mean.iter().chain(&motion.sig).map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(found), bits(expected), "{name}");
    }
}

#[test]
fn what_a_model_declares_is_what_it_does() {
    for name in names_with_table() {
        let model = gsim::by_name(name).unwrap();
        let info = model.info();
        assert_eq!(info.name, name);
        assert!(info.std_devs.contains(&StdDev::Total), "{name} gives no total standard deviation");
        assert!(info.params.contains(&Param::Mag) && !info.reference.is_empty(), "{name}");
        let imts: Vec<Imt> = expected(name).into_keys().take(1).collect();
        let motion = computed(&*model, &contexts_for(&*model), &imts);
        let parts = motion.tau.iter().chain(&motion.phi);
        let gives_parts = info.std_devs.contains(&StdDev::BetweenEvent) && info.std_devs.contains(&StdDev::WithinEvent);
        for part in parts {
            assert_eq!(*part > 0.0, gives_parts, "{name}: tau or phi is {part}");
        }
    }
}

#[test]
fn a_range_is_of_what_a_model_takes() {
    let mut stated = 0;
    for name in gsim::names() {
        let info = gsim::info(name).unwrap();
        let Validity { magnitude, distance, vs30, depth } = info.validity;
        let of_distance = distance.map(|(kind, range)| {
            assert!(info.params.contains(&kind), "{name} does not take {}", kind.name());
            range
        });
        for range in [magnitude, of_distance, vs30, depth].into_iter().flatten() {
            assert!(range.min < range.max, "{name}: {range:?}");
            stated += 1;
        }
    }
    assert!(stated > 300, "only {stated} ranges are stated");
}

#[test]
fn ranges_are_read_as_they_are_published() {
    let lines = |name: &str| gsim::info(name).unwrap().validity.lines().map(|(_, range)| range);
    assert_eq!(lines("DerrasEtAl2014"), ["3.6 to 7.6", "rjb up to 547 km", "92 to 1598 m/s", "up to 25 km"]);
    assert_eq!(lines("Idriss2014"), ["5 and more", "rrup up to 150 km", "450 m/s and more", "not stated"]);
    assert_eq!(lines("AkkarEtAlRhyp2014"), ["4 to 8", "rhypo up to 200 km", "150 to 1200 m/s", "not stated"]);
    assert_eq!(lines("AvgGMPE"), ["not stated"; 4]);
    // ranges of moment magnitude say nothing of mbLg
    assert_eq!(lines("Campbell2003MwNSHMP2008")[0], "5 to 8.2");
    assert_eq!(lines("Campbell2003MblgJ1996NSHMP2008")[0], "not stated");
}

#[test]
fn what_a_model_does_not_define_is_refused_by_name() {
    let check = |name: &str, imt: &str| gsim::by_name(name).unwrap().check(&imt.parse().unwrap());
    let message = |name: &str, imt: &str| check(name, imt).unwrap_err().to_string();
    assert_eq!(
        message("BooreAtkinson2008", "PGD"),
        "BooreAtkinson2008 is not defined for PGD; accepted are: PGA, PGV, SA"
    );
    assert_eq!(
        message("BooreAtkinson2008", "SA(0.005)"),
        "BooreAtkinson2008 is not defined for SA(0.005); accepted are periods from 0.01 to 10 s"
    );
    assert_eq!(
        message("SadighEtAl1997", "SA(0.07)"),
        "SadighEtAl1997 is not defined for SA(0.07); accepted are periods from 0.075 to 4 s"
    );
    assert_eq!(message("SadighEtAl1997", "PGV"), "SadighEtAl1997 is not defined for PGV; accepted are: PGA, SA");
    assert!(check("SadighEtAl1997", "SA(0.075)").is_ok());
    assert!(check("SadighEtAl1997", "SA(4.0)").is_ok());
}

/// The system's allocator, counting what each thread asks for.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Parts of the names of models made of others that have a table: they take memory for each of those.
const OF_OTHERS: &[&str] = &["Can15", "CanadaSHM6", "AtkinsonMacias2009NSHMP2014", "NGAEastAUS23"];

#[test]
fn a_batch_allocates_its_coefficients_and_nothing_else() {
    for name in names_with_table() {
        let model = gsim::by_name(name).unwrap();
        let imts: Vec<Imt> = expected(name).into_keys().collect();
        let few = contexts_for(&*model);
        let allocations = |contexts: &Contexts| {
            let mut motion = computed(&*model, contexts, &imts);
            let before = ALLOCATIONS.get();
            model.compute(contexts, &imts, &mut motion);
            ALLOCATIONS.get() - before
        };
        if OF_OTHERS.iter().any(|part| name.contains(part)) {
            assert_eq!(allocations(&repeated(&few, &*model)), allocations(&few), "{name}");
        } else {
            // a ratio takes the coefficients of two models, and the arrays of one
            let allowed = if name.ends_with("VH") { 6 } else { 1 };
            assert!(allocations(&few) <= allowed, "{name}");
        }
    }
}

#[test]
fn what_a_model_accepts_it_computes() {
    let periods = (0..60).filter_map(|i| Imt::sa(0.005 * powi(1.14, i)));
    let others = ImtKind::ALL.iter().filter_map(|kind| Imt::parse(kind.name()).ok());
    let imts: Vec<Imt> = periods.chain(others).collect();
    let mut faults = Vec::new();
    let plain = gsim::names().filter(|name| is_wanted(name)).filter_map(|name| Some((name, gsim::by_name(name).ok()?)));
    let plain = plain.map(|(name, model)| (name.to_owned(), model));
    for (name, model) in plain.chain(with_arguments()) {
        let contexts = contexts_for(&*model);
        for imt in imts.iter().filter(|imt| model.check(imt).is_ok()) {
            let computed = catch_unwind(AssertUnwindSafe(|| computed(&*model, &contexts, &[*imt])));
            let Ok(motion) = computed else {
                faults.push(format!("{name}, {imt}: it panics"));
                continue;
            };
            let of = |k: usize| [motion.mean[k], motion.sig[k], motion.tau[k], motion.phi[k]];
            // no comparison holds for a NaN, so that one of these is a fault too
            let is_motion = |[mean, sigmas @ ..]: [f64; 4]| {
                mean.is_finite() && sigmas.iter().all(|sigma| (0.0..f64::INFINITY).contains(sigma))
            };
            let wrong = (0..contexts.len()).find(|&k| !is_motion(of(k)) && model.outside(&contexts, k).is_none());
            faults.extend(wrong.map(|k| format!("{name}, {imt}, context {k}: {:?}", of(k))));
        }
    }
    assert!(faults.is_empty(), "{}:\n{}", faults.len(), faults.join("\n"));
}
