//! Jobs in the ways in which people publish them: each gives what the plainest of its kind gives.

use std::fs;

use oqfs_hazard::arrays::open_none;
use oqfs_hazard::calc::{Curves, Layout, Model, Output, Threads, classical};
use oqfs_hazard::job::Job;

const JOB: &str = "[general]
calculation_mode = classical
sites = 15.3 40.9
investigation_time = 50
truncation_level = 3
maximum_distance = {'Active Shallow Crust': 200}
width_of_mfd_bin = 0.5
reference_vs30_value = 760
intensity_measure_types_and_levels = {
  'PGA': [0.01, 0.05, 0.1, 0.2, 0.4],
  'SA(0.3)': [0.01, 0.05, 0.1, 0.2, 0.4]}
source_model_logic_tree_file = ssmLT.xml
gsim_logic_tree_file = gmmLT.xml
";

const TREE: &str = "<nrml>
<logicTree>
<logicTreeBranchSet uncertaintyType='sourceModel' branchSetID='a'>
<logicTreeBranch branchID='b'><uncertaintyModel>a.xml</uncertaintyModel><uncertaintyWeight>1</uncertaintyWeight></logicTreeBranch>
</logicTreeBranchSet>
</logicTree></nrml>
";

const GSIMS: &str = "<nrml>
<logicTree>
<logicTreeBranchSet uncertaintyType='gmpeModel' branchSetID='g' applyToTectonicRegionType='Active Shallow Crust'>
<logicTreeBranch branchID='x'><uncertaintyModel>
[Atkinson2022Crust]
epistemic = \"Central\"
modified_sigma = true
</uncertaintyModel><uncertaintyWeight>1</uncertaintyWeight></logicTreeBranch>
</logicTreeBranchSet>
</logicTree></nrml>
";

const SOURCE: &str = "<pointSource id='1' name='irpinia' tectonicRegion='Active Shallow Crust'>
<pointGeometry><Point><pos>15.4 40.8</pos></Point><upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>20</lowerSeismoDepth>
</pointGeometry><magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>
<truncGutenbergRichterMFD aValue='3.1' bValue='0.9' minMag='5' maxMag='6.5'/>
<nodalPlaneDist><nodalPlane probability='1' strike='310' dip='60' rake='-90'/></nodalPlaneDist>
<hypoDepthDist><hypoDepth probability='1' depth='9'/></hypoDepthDist></pointSource>
";

/// The files of a job.
struct Files(Vec<(&'static str, Vec<u8>)>);

impl Files {
    fn plain() -> Files {
        let model = format!("<nrml>\n<sourceModel>\n{SOURCE}</sourceModel></nrml>\n");
        let text = |name, text: &str| (name, text.as_bytes().to_vec());
        Files(vec![text("job.ini", JOB), text("ssmLT.xml", TREE), text("gmmLT.xml", GSIMS), text("a.xml", &model)])
    }

    fn with(mut self, name: &'static str, text: &str) -> Files {
        self.0.push((name, text.into()));
        self
    }

    fn replaced(self, name: &str, from: &str, to: &str) -> Files {
        self.changed(|file, text| if file == name { text.replacen(from, to, 1) } else { text.to_string() }.into())
    }

    /// All but what is there already changes.
    fn changed(self, change: impl Fn(&str, &str) -> Vec<u8>) -> Files {
        let all = self.0.into_iter().map(|(name, bytes)| {
            let text = String::from_utf8(bytes).unwrap();
            (name, change(name, &text))
        });
        Files(all.collect())
    }

    /// The model of the job, or what is wrong with it.
    fn read(&self) -> Result<Model, String> {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in &self.0 {
            fs::write(dir.path().join(name), bytes).unwrap();
        }
        let job = Job::read(&dir.path().join("job.ini")).map_err(|e| e.to_string())?;
        Model::read(job, &open_none).map_err(|e| e.to_string())
    }

    /// The mean curves, and what was said.
    fn curves(&self) -> (Vec<f32>, Vec<String>) {
        let model = self.read().unwrap();
        let mut kept = Mean(Vec::new());
        classical(&model, &mut kept, &Threads, &(), &()).unwrap();
        (kept.0, model.warnings)
    }
}

struct Mean(Vec<f32>);

impl Output for Mean {
    fn begin(&mut self, _: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }

    fn tile(&mut self, _: usize, curves: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.extend(&curves.curves_stats);
        Ok(())
    }
}

/// The curves of these files are the plain ones, and nothing is said.
fn is_plain(what: &str, files: &Files) {
    let (curves, warnings) = files.curves();
    assert_eq!(curves, Files::plain().curves().0, "{what}");
    assert!(warnings.is_empty(), "{what}: {warnings:?}");
}

#[test]
fn text_of_every_editor_is_read() {
    is_plain("Windows", &Files::plain().changed(|_, text| text.replace('\n', "\r\n").into()));
    is_plain("old Macintosh", &Files::plain().changed(|_, text| text.replace('\n', "\r").into()));
    is_plain("byte order mark", &Files::plain().changed(|_, text| format!("\u{feff}{text}").into()));
    let utf16 = |text: &str| format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    is_plain("UTF-16", &Files::plain().changed(|_, text| utf16(text)));
}

#[test]
fn places_in_tables_of_every_editor_are_read() {
    let table = "lon,lat,vs30,z1pt0\n15.3,40.9,760,40\n";
    let with = |table: String| {
        let job = |text: &str| text.replace("sites = 15.3 40.9\n", "site_model_file = sites.csv\n").into();
        Files::plain()
            .changed(|name, text| if name == "job.ini" { job(text) } else { text.into() })
            .with("sites.csv", &table)
    };
    let plain = with(table.to_string()).curves();
    for other in [table.replace('\n', "\r"), table.replace('\n', "\r\n"), format!("\u{feff}{table}")] {
        assert_eq!(with(other.clone()).curves(), plain, "{other:?}");
    }
}

#[test]
fn comments_in_literals_are_none_of_their_business() {
    let files = Files::plain()
        .replaced("job.ini", "200}", "200} # km")
        .replaced("job.ini", "0.4],", "0.4], # peak, in {g}")
        .replaced("job.ini", "0.4]}", "0.4]} # [g]");
    is_plain("comments", &files);
    let said = Files::plain().replaced("job.ini", "level = 3", "level = 3 # so").read().unwrap_err();
    assert!(said.contains("truncation_level: found \"3 # so\""), "{said}");
}

#[test]
fn entities_of_a_document_are_written_out() {
    let doctype = "<!DOCTYPE nrml [<!ENTITY trt 'Active Shallow Crust'> <!ENTITY upper \"<upperSeismoDepth>0</upperSeismoDepth>\">]>\n<nrml>";
    let files = Files::plain()
        .replaced("a.xml", "<nrml>", doctype)
        .replaced("a.xml", "'Active Shallow Crust'", "'&trt;'")
        .replaced("a.xml", "<upperSeismoDepth>0</upperSeismoDepth>", "&upper;");
    is_plain(
        "entities",
        &files.replaced("gmmLT.xml", "<nrml>", "<!DOCTYPE nrml [<!ENTITY c 'Central'>]><nrml>").replaced(
            "gmmLT.xml",
            "\"Central\"",
            "\"&c;\"",
        ),
    );
}

#[test]
fn truth_values_may_be_texts() {
    for text in ["\"true\"", "'True'", "\"TRUE\""] {
        is_plain(text, &Files::plain().replaced("gmmLT.xml", "= true", &format!("= {text}")));
    }
    let off = |value: &str| Files::plain().replaced("gmmLT.xml", "= true", &format!("= {value}")).curves().0;
    assert_eq!(off("\"False\""), off("false"));
    let said = |value: &str| Files::plain().replaced("gmmLT.xml", "= true", &format!("= {value}")).curves().1.concat();
    assert!(said("\"False\"").contains("the text \"false\""), "{}", said("\"False\""));
    assert!(!said("false").contains("DIFFERENCES") && !said("\"True\"").contains("DIFFERENCES"));
    assert_ne!(off("false"), Files::plain().curves().0);
    let said = Files::plain().replaced("gmmLT.xml", "= true", "= 'yes, please'").read().unwrap_err();
    assert!(said.contains("gmmLT.xml, line 4") && said.contains("modified_sigma"), "{said}");
    let attribute = "<uncertaintyModel epistemic='Central' modified_sigma='True'>Atkinson2022Crust</uncertaintyModel>";
    let (before, rest) = GSIMS.split_once("<uncertaintyModel>").unwrap();
    let (_, after) = rest.split_once("</uncertaintyModel>").unwrap();
    is_plain("an attribute", &Files::plain().replaced("gmmLT.xml", GSIMS, &format!("{before}{attribute}{after}")));
}

#[test]
fn an_intensity_measure_in_two_spellings_is_one() {
    let with = |more: &str| Files::plain().replaced("job.ini", "0.4]}", &format!("0.4], {more}}}"));
    is_plain("alike", &with("'SA(0.30)': [0.01, 0.05, 0.1, 0.2, 0.4]"));
    let (curves, warnings) = with("'SA(0.30)': [0.02, 0.05, 0.1, 0.2, 0.4]").curves();
    assert!(warnings[0].contains("line 9") && warnings[0].contains("those of SA(0.30) count"), "{warnings:?}");
    let other = Files::plain().replaced("job.ini", "'SA(0.3)': [0.01", "'SA(0.3)': [0.02").curves().0;
    assert_eq!(curves, other, "as in the engine");
}

/// The engine (3.26.2) counts every one of them, those that are alike too: `1 - (1 - p)²` here.
#[test]
fn sources_of_one_id_count_each() {
    let twice = Files::plain().replaced("a.xml", "</sourceModel>", &format!("{SOURCE}</sourceModel>"));
    let two_files = Files::plain()
        .replaced("ssmLT.xml", "a.xml", "a.xml b.xml")
        .with("b.xml", &format!("<nrml>\n<sourceModel>\n{SOURCE}</sourceModel></nrml>\n"));
    let one = Files::plain().curves().0;
    for (files, expected) in [(twice, "a.xml, line 9"), (two_files, "b.xml, line 3")] {
        let (curves, warnings) = files.curves();
        for (p, two) in one.iter().zip(&curves) {
            assert!((two - (1.0 - (1.0 - p) * (1.0 - p))).abs() < 1e-6, "{p} {two}");
        }
        let said = &warnings[0];
        assert!(
            said.contains("several sources of a source model have the same id") && said.contains(expected),
            "{said}"
        );
        let by_source = files.replaced("job.ini", "truncation_level", "disagg_by_src = true\ntruncation_level");
        let said = by_source.read().unwrap_err();
        assert!(said.contains("line 5: disagg_by_src: several sources have the same id"), "{said}");
    }
}

#[test]
fn what_is_behind_a_document_is_refused_in_every_file() {
    for name in ["ssmLT.xml", "gmmLT.xml", "a.xml"] {
        for more in ["x", "\0\0", "<nrml/>", "<nrml><sourceModel/></nrml>"] {
            let said =
                Files::plain().changed(|n, text| if n == name { format!("{text}{more}") } else { text.into() }.into());
            let said = said.read().unwrap_err();
            assert!(said.contains(name) && said.contains("line"), "{said}");
        }
    }
}

#[test]
fn ids_of_sites_are_kept_in_their_order() {
    let table = "custom_site_id,lon,lat\nRoma,15.6,40.9\nNapoli,15.3,40.9\n";
    let files =
        Files::plain().replaced("job.ini", "sites = 15.3 40.9\n", "sites_csv = sites.csv\n").with("sites.csv", table);
    assert_eq!(files.read().unwrap().sites.custom_ids(), ["Roma", "Napoli"]);
    let tile = files.replaced("job.ini", "level = 3", "level = 3\ntile_spec = [2, 1] # second");
    assert!(tile.read().unwrap_err().contains("tile_spec"));
    let model = "custom_site_id,lon,lat,vs30\nRoma,15.6,40.9,760\nNapoli,15.3,40.9,600\n";
    let files =
        Files::plain().replaced("job.ini", "sites = 15.3 40.9\n", "site_model_file = m.csv\n").with("m.csv", model);
    assert_eq!(files.read().unwrap().sites.custom_ids(), ["Roma", "Napoli"]);
    assert!(Files::plain().read().unwrap().sites.custom_ids().is_empty());
}

#[test]
fn the_mean_of_rates_alone_is_not_bound_by_the_number_of_paths() {
    let few = Files::plain().replaced("job.ini", "level = 3", "level = 3\nmax_potential_paths = 0\nuse_rates = true");
    few.read().unwrap();
    for more in ["\nindividual_rlzs = true", "\nquantiles = 0.5", "\nstd = true"] {
        let said = Files::plain()
            .replaced("job.ini", "level = 3", &format!("level = 3\nmax_potential_paths = 0\nuse_rates = true{more}"))
            .read()
            .unwrap_err();
        assert!(said.contains("over max_potential_paths = 0"), "{more}: {said}");
    }
}

/// A branch set of models for another tectonic region type.
fn volcanic_models() -> String {
    let set = GSIMS.split_once("<logicTreeBranchSet").unwrap().1.split_once("</logicTree>").unwrap().0;
    format!("<logicTreeBranchSet{}", set.replace("Active Shallow Crust", "Volcanic").replace("'g'", "'h'"))
}

#[test]
fn some_sources_below_the_minimum_magnitude_are_told() {
    let files = Files::plain().replaced("job.ini", "level = 3", "level = 3\nminimum_magnitude = {'default': 5.5}");
    assert!(files.read().unwrap().warnings.is_empty());
    let volcanic = SOURCE.replace("id='1'", "id='2'").replace("Active Shallow Crust", "Volcanic").replace("6.5", "5.5");
    let gsims = volcanic_models();
    let files = files.replaced("job.ini", "200}", "200, 'Volcanic': 100}");
    let files = files.replaced("a.xml", "</sourceModel>", &format!("{volcanic}</sourceModel>")).replaced(
        "gmmLT.xml",
        "</logicTree>",
        &format!("{gsims}</logicTree>"),
    );
    let said = files.read().unwrap().warnings;
    assert!(
        said[0].contains("leaves no rupture of some sources: it is 5.5 for \"Volcanic\", whose largest"),
        "{said:?}"
    );
}

/// What is said of a job of a model with magnitudes in a range, `maximum_distance`, the `vs30` of the site and the depth of
/// hypocentres.
fn said_of(gsim: &str, (min, max): (f64, f64), km: f64, vs30: f64, depth: f64) -> Vec<String> {
    let files = Files::plain()
        .replaced("gmmLT.xml", MODEL, gsim)
        .replaced("a.xml", "minMag='5' maxMag='6.5'", &format!("minMag='{min}' maxMag='{max}'"))
        .replaced("job.ini", "200}", &format!("{km}}}"))
        .replaced("job.ini", "value = 760", &format!("value = {vs30}"))
        .replaced("a.xml", "depth='9'", &format!("depth='{depth}'"));
    files.read().unwrap().warnings
}

/// The model of the job.
const MODEL: &str = "[Atkinson2022Crust]\nepistemic = \"Central\"\nmodified_sigma = true\n";

#[test]
fn a_model_that_is_used_beyond_its_ranges_is_told_once_for_each() {
    for model in ["BindiEtAl2014Rjb", "DerrasEtAl2014", "ZhaoEtAl2006SSlab", "Idriss2014", MODEL] {
        let said = said_of(model, (5.0, 6.5), 100.0, 760.0, 9.0);
        assert!(said.is_empty(), "{model}: {said:?}");
    }
    assert_eq!(
        said_of("BindiEtAl2014Rjb", (5.0, 8.0), 100.0, 760.0, 9.0),
        ["BindiEtAl2014Rjb is used at magnitude 7.75: it is valid for 4 to 7.6"]
    );
    assert_eq!(
        said_of("BindiEtAl2014Rjb", (5.0, 6.5), 400.0, 760.0, 9.0),
        ["BindiEtAl2014Rjb is used up to 400 km of maximum_distance: it is valid for rjb up to 300 km"]
    );
    assert_eq!(
        said_of("DerrasEtAl2014", (3.0, 8.0), 600.0, 2000.0, 15.0),
        [
            "DerrasEtAl2014 is used at magnitude 3.25 to 7.75: it is valid for 3.6 to 7.6",
            "DerrasEtAl2014 is used up to 600 km of maximum_distance: it is valid for rjb up to 547 km",
            "DerrasEtAl2014 is used at a vs30 of 2000 m/s: it is valid for 92 to 1598 m/s",
        ]
    );
    assert_eq!(
        said_of("TusaLangerAzzaro2019_60b", (3.2, 4.5), 60.0, 760.0, 9.0),
        ["TusaLangerAzzaro2019_60b is used at a hypocentral depth of 9 km: it is valid for up to 6 km"]
    );
    // a model of others says which of them it is, and once
    let beyond = |gsim: &str| said_of(gsim, (5.0, 8.0), 100.0, 2000.0, 9.0);
    let line = "BindiEtAl2014Rjb is used at magnitude 7.75: it is valid for 4 to 7.6";
    let several = "[AvgGMPE]\nb1.BindiEtAl2014Rjb.weight = 0.5\nb2.Campbell2003.weight = 0.5";
    assert_eq!(beyond(several), [line]);
    // and on rock it does not know the ground of the site
    assert_eq!(
        beyond("BooreAtkinson2008"),
        ["BooreAtkinson2008 is used at a vs30 of 2000 m/s: it is valid for 180 to 1300 m/s"]
    );
    let on_rock = "[NRCan15SiteTerm]\ngmpe_name = \"BooreAtkinson2008\"";
    assert!(beyond(on_rock).is_empty(), "{:?}", beyond(on_rock));
}

#[test]
fn a_model_of_several_groups_is_told_once() {
    let volcanic = SOURCE.replace("id='1'", "id='2'").replace("Active Shallow Crust", "Volcanic").replace("6.5", "8.5");
    let files = Files::plain()
        .replaced("gmmLT.xml", "</logicTree>", &format!("{}</logicTree>", volcanic_models()))
        .replaced("gmmLT.xml", MODEL, "BindiEtAl2014Rjb")
        .replaced("gmmLT.xml", MODEL, "BindiEtAl2014Rjb")
        .replaced("job.ini", "200}", "200, 'Volcanic': 100}")
        .replaced("a.xml", "maxMag='6.5'", "maxMag='8'")
        .replaced("a.xml", "</sourceModel>", &format!("{volcanic}</sourceModel>"));
    let said = files.read().unwrap().warnings;
    assert_eq!(said, ["BindiEtAl2014Rjb is used at magnitude 8.25: it is valid for 4 to 7.6"]);
}

#[test]
fn a_list_of_sites_with_parameters_is_a_site_model() {
    let listed = |head: &str, row: &str| {
        let files = Files::plain().with("sites.csv", &format!("{head}\n{row}\n"));
        files.replaced("job.ini", "sites = 15.3 40.9\n", "sites_csv = sites.csv\n")
    };
    // the reference vs30 stands before that of the list
    is_plain("a list", &listed("lon,lat,vs30,xvf,relief", "15.3,40.9,300,120,1"));
    let without = |files: Files| files.replaced("job.ini", "reference_vs30_value = 760\n", "");
    is_plain("a list with vs30", &without(listed("lon,lat,vs30", "15.3,40.9,760")));
    assert!(without(listed("lon,lat", "15.3,40.9")).read().unwrap_err().contains("reference_vs30_value"));
    let of_volcanoes = |files: Files| files.replaced("gmmLT.xml", MODEL, "BCHydroESHM20SInter");
    of_volcanoes(listed("lon,lat,xvf", "15.3,40.9,120")).read().unwrap();
    assert!(of_volcanoes(listed("lon,lat", "15.3,40.9")).read().unwrap_err().contains("xvf"));
}

#[test]
fn every_tectonic_region_type_of_the_models_has_a_distance() {
    let gsims = volcanic_models();
    let files = Files::plain().replaced("gmmLT.xml", "</logicTree>", &format!("{gsims}</logicTree>"));
    let said = files.read().unwrap().warnings;
    assert_eq!(said, ["maximum_distance: there is none for \"Volcanic\"; the greatest, 200 km, is taken"]);
    let files = Files::plain().replaced("gmmLT.xml", "</logicTree>", &format!("{gsims}</logicTree>"));
    is_plain("a default", &files.replaced("job.ini", "200}", "200, 'default': 300}"));
}

/// What is logged by the calculations of this process.
struct Logged(std::sync::Mutex<Vec<String>>);

impl log::Log for Logged {
    fn enabled(&self, _: &log::Metadata) -> bool {
        true
    }

    fn log(&self, record: &log::Record) {
        self.0.lock().unwrap().push(record.args().to_string());
    }

    fn flush(&self) {}
}

static LOGGED: Logged = Logged(std::sync::Mutex::new(Vec::new()));

#[test]
fn curves_that_are_all_zero_are_told() {
    log::set_logger(&LOGGED).unwrap();
    log::set_max_level(log::LevelFilter::Warn);
    let levels = Files::plain().replaced("job.ini", "[0.01, 0.05, 0.1, 0.2, 0.4]", "[100, 200, 300, 400, 500]");
    let levels = levels.replaced("job.ini", "[0.01, 0.05, 0.1, 0.2, 0.4]", "[100, 200, 300, 400, 500]");
    assert!(levels.curves().0.iter().all(|p| *p == 0.0));
    Files::plain().replaced("job.ini", "15.3 40.9", "25.3 40.9").curves();
    let logged = LOGGED.0.lock().unwrap().join("\n");
    assert!(
        logged.contains("every hazard curve is zero: no rupture within") && logged.contains("far from all sources"),
        "{logged}"
    );
}
