//! `plots/` and `report.html`: that the pictures are of the right numbers, and what the files promise as files. Whether a picture shows its
//! numbers where they are is tested beside the crate that draws it.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use common::irpinia::{Content, Fixture, contents};
use common::mount::{Daemon, wait_until};
use common::program::{command, drop_job, says, small_job, state, wait_for_stage};
use common::tree::{file, path, text};
use common::{run_python, skip};
use oqfs::datastore::DataDir;
use oqfs::view::{Tree, ViewNode, Views};
use oqfs_plot::{CurvesPicture, Heading, PNG_SIZE, SiteCurve, SiteSpectra, SpectraPicture};
use serde_json::Value;

/// The calculation of Irpinia with rates by source, and what the HDF5 library reads of it.
struct Calculated {
    fixture: Fixture,
    contents: BTreeMap<String, Content>,
}

/// It, run once.
fn irpinia() -> &'static Calculated {
    static CALCULATED: OnceLock<Calculated> = OnceLock::new();
    CALCULATED.get_or_init(|| {
        let fixture = Fixture::new();
        fixture.edit("job.ini", "individual_rlzs = true", "individual_rlzs = true\ndisagg_by_src = true");
        fixture.run("job.ini").success();
        // before any view opens the file, which does so without locks
        let contents = contents(&fixture.calc(1));
        Calculated { fixture, contents }
    })
}

fn tree_of(data_dir: &Path, id: u32) -> Arc<Tree> {
    Views::new(DataDir::open(data_dir).unwrap()).calc(id).unwrap().tree().unwrap().unwrap()
}

fn names(tree: &Tree, dir: &str) -> Vec<String> {
    let Some(ViewNode::Dir(dir)) = tree.at(&path(dir)).unwrap() else { panic!("no {dir}") };
    tree.entries(&dir).unwrap().iter().map(|e| e.name.clone()).collect()
}

/// The values of a dataset of (site, statistic, imt, last).
fn values(key: &str) -> (Vec<usize>, Vec<f32>) {
    let Content::Array(shape, bytes) = &irpinia().contents[&format!("/{key}")] else { panic!("{key} is no array") };
    (shape.clone(), bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect())
}

fn at((shape, values): &(Vec<usize>, Vec<f32>), place: [usize; 3]) -> Vec<f64> {
    let first = ((place[0] * shape[1] + place[1]) * shape[2] + place[2]) * shape[3];
    values[first..first + shape[3]].iter().map(|x| f64::from(*x)).collect()
}

const STATS: [&str; 4] = ["mean", "quantile-0.16", "quantile-0.5", "quantile-0.84"];
const IMTS: [&str; 3] = ["PGA", "SA(0.2)", "SA(1.0)"];
const PLACES: [&str; 3] = ["(14.79, 40.914)", "(15.177, 40.927)", "(15.805, 40.64)"];

#[test]
fn every_kind_of_picture_is_there() {
    let tree = tree_of(&irpinia().fixture.data_dir(), 1);
    let mut expected: Vec<String> = vec!["README".into()];
    let mut add = |name: String| expected.extend([format!("{name}.png"), format!("{name}.svg")]);
    for imt in IMTS {
        add(format!("hcurves-{imt}"));
        (0..3).for_each(|site| add(format!("by-source-{imt}-site-{site}")));
        for stat in STATS {
            ["0.1", "0.02"].iter().for_each(|poe| add(format!("hmap-{stat}-{imt}-{poe}")));
        }
    }
    ["uhs", "sites", "sources", "logic-tree", "mfd"].iter().for_each(|name| add(name.to_string()));
    expected.sort();
    assert_eq!(names(&tree, "plots"), expected);
    for name in names(&tree, "plots") {
        let bytes = file(&tree, &format!("plots/{name}"));
        match name.rsplit_once('.') {
            Some((_, "png")) => assert!(bytes.len() == PNG_SIZE && bytes.starts_with(b"\x89PNG"), "{name}"),
            Some((_, "svg")) => {
                let svg = String::from_utf8(bytes).unwrap();
                assert!(
                    svg.starts_with("<svg ") && !svg.contains("NaN") && !svg.contains("nothing to show"),
                    "{name}: {svg}"
                );
            }
            _ => {
                let text = String::from_utf8(bytes).unwrap();
                assert!(
                    text.contains("disagg-KIND-site-N-IMT-POE: disaggregations of the hazard of a site. Left out: "),
                    "{text}"
                );
            }
        }
    }
    let made_from = |name: &str| tree.attrs_at(&path(&format!("plots/{name}"))).unwrap()["made_from"].clone();
    assert_eq!(made_from("hcurves-PGA.svg"), "hcurves-stats");
    assert_eq!(made_from("uhs.png"), "hmaps-stats");
    assert_eq!(made_from("sources.svg"), "source_shapes source_outlines source_vertices sitecol");
}

/// The same picture made here of what the HDF5 library reads has the same bytes.
#[test]
fn curves_and_spectra_are_those_of_the_datasets() {
    let fixture = &irpinia().fixture;
    let tree = tree_of(&fixture.data_dir(), 1);
    let job: Value = serde_json::from_str(&text(&tree, "oqparam.json")).unwrap();
    let (curves, maps) = (values("hcurves-stats"), values("hmaps-stats"));
    let of = "calculation 1; Irpinia and Apulia: two source models, two tectonic region…";
    let label = |site: usize| format!("site {site} {}", PLACES[site]);
    for (m, imt) in IMTS.iter().enumerate() {
        let id: String =
            format!("calc-1-hcurves-{imt}").chars().map(|c| if "().".contains(c) { '_' } else { c }).collect();
        let subtitle = format!("{of}; mean, band quantile-0.16 to quantile-0.84");
        let levels = job["hazard_imtls"][imt].as_array().unwrap().iter().map(|level| level.as_f64().unwrap());
        let levels: Vec<f64> = levels.collect();
        let site = |site: usize| SiteCurve {
            label: label(site),
            levels: levels.clone(),
            mean: at(&curves, [site, 0, m]),
            band: Some([at(&curves, [site, 1, m]), at(&curves, [site, 3, m])]),
        };
        let picture = CurvesPicture {
            heading: Heading::new(id, format!("Hazard curves, {imt}"), subtitle),
            measure: format!("{imt} (g)"),
            years: 50.0,
            sites: (0..3).map(site).collect(),
            poes: vec![0.1, 0.02],
        };
        assert!(text(&tree, &format!("plots/hcurves-{imt}.svg")) == picture.svg(), "{imt}");
    }
    let spectrum = |site: usize, poe: usize| (0..3).map(|m| at(&maps, [site, 0, m])[poe]).collect::<Vec<_>>();
    let picture = SpectraPicture {
        heading: Heading::new("calc-1-uhs", "Uniform hazard spectra", format!("{of}; mean")),
        periods: vec![0.0, 0.2, 1.0],
        poes: vec!["10 % in 50 years (475 years)".into(), "2 % in 50 years (2475 years)".into()],
        sites: (0..3)
            .map(|site| SiteSpectra { label: label(site), values: vec![spectrum(site, 0), spectrum(site, 1)] })
            .collect(),
    };
    assert!(text(&tree, "plots/uhs.svg") == picture.svg());
}

#[test]
fn a_picture_of_a_map_has_the_sites_with_their_values() {
    let tree = tree_of(&irpinia().fixture.data_dir(), 1);
    let svg = text(&tree, "plots/hmap-quantile-0.84-SA(1.0)-0.02.svg");
    // three sites that are no grid: a circle each
    let values = svg.split("class=\"values\"").nth(1).unwrap().split("</g>").next().unwrap();
    assert_eq!(values.matches('M').count(), 3, "{values}");
    assert!(svg.contains("SA(1.0), 2 % in 50 years (2475 years)"), "{svg}");
}

#[test]
fn the_logic_tree_and_the_sources_are_those_of_the_job() {
    let tree = tree_of(&irpinia().fixture.data_dir(), 1);
    let svg = text(&tree, "plots/logic-tree.svg");
    for shown in [
        "sourceModel",
        "zones.xml",
        "epicentres.xml",
        "ToroEtAl2002",
        "Active Shallow Crust",
        "Stable Continental Crust",
    ] {
        assert!(svg.contains(&format!(">{shown}")), "{shown}: {svg}");
    }
    let sources = text(&tree, "plots/sources.svg");
    assert!(sources.contains("class=\"sources\"") && sources.contains("Stable Continental Crust"), "{sources}");
}

/// The data of the script, and the page.
fn report(data_dir: &Path, id: u32) -> (Value, String) {
    let html = says(&mut command(data_dir, &["cat", &format!("{id}/report.html")]), 0);
    let data = html.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    (serde_json::from_str(data).unwrap(), html)
}

fn floats(part: &Value) -> Vec<f32> {
    let bytes = BASE64_STANDARD.decode(part["values"].as_str().unwrap()).unwrap();
    bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect()
}

#[test]
fn the_report_has_the_numbers_and_loads_nothing() {
    let fixture = &irpinia().fixture;
    let (data, html) = report(&fixture.data_dir(), 1);
    assert_eq!(floats(&data["curves"]), values("hcurves-stats").1);
    assert_eq!(floats(&data["maps"]), values("hmaps-stats").1);
    assert_eq!(floats(&data["rlz_curves"]), values("hcurves-rlzs").1);
    assert_eq!(data["sites"]["lon"], serde_json::json!([14.79, 15.177, 15.805]));
    assert_eq!(data["curves"]["kinds"], serde_json::json!(STATS));
    assert!(html.len() < 2_000_000 && html.contains("default-src 'none'"));
    // nothing is named that a browser would load
    for loads in ["src=\"", "href=\"", "url(http", "@import", "<link", "fetch(", "XMLHttpRequest"] {
        assert!(!html.contains(loads), "{loads}");
    }
    for fact in ["Irpinia and Apulia", "OpenQuake engine 3.26.2", "<th>Realizations</th><td>", "<th>Sources</th><td>"] {
        assert!(html.contains(fact), "{fact}");
    }
}

/// A job's text can be anything: it is text on the page, in pictures and in names.
#[test]
fn text_of_a_job_does_not_become_markup() {
    let tmp = tempfile::tempdir().unwrap();
    let job = small_job(tmp.path(), "One source");
    let ini = fs::read_to_string(job.join("job.ini")).unwrap();
    let evil = "</script><script>alert(1)</script><svg onload=alert(2)> & \"quotes\" ]]>";
    fs::write(job.join("job.ini"), ini.replace("description = One source", &format!("description = {evil}"))).unwrap();
    let data_dir = tmp.path().join("oqdata");
    says(&mut command(&data_dir, &["run", job.join("job.ini").to_str().unwrap()]), 0);
    let (_, html) = report(&data_dir, 1);
    assert!(!html.contains("<script>alert") && !html.contains("<svg onload"), "{html}");
    assert!(html.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
    let tree = tree_of(&data_dir, 1);
    for name in names(&tree, "plots").iter().filter(|name| name.ends_with(".svg")) {
        let svg = text(&tree, &format!("plots/{name}"));
        assert!(!svg.contains("<script") && !svg.contains("<svg onload"), "{name}: {svg}");
    }
}

#[test]
fn a_report_of_very_many_sites_is_small_and_says_what_it_leaves_out() {
    let tmp = tempfile::tempdir().unwrap();
    let job = small_job(tmp.path(), "Very many sites");
    let ini = fs::read_to_string(job.join("job.ini")).unwrap();
    let ini = ini
        .replace("sites = 15.3 40.9", "sites_csv = sites.csv")
        .replace("'PGA': [0.1, 0.2]", "'PGA': logscale(0.01, 1, 20), 'SA(1.0)': logscale(0.01, 1, 20)");
    fs::write(job.join("job.ini"), ini + "poes = 0.1\nhazard_maps = true\n").unwrap();
    let site =
        |i: u32| format!("{:.5},{:.5}\n", 15.0 + f64::from(i % 97) * 0.004, 40.7 + f64::from(i * 31 % 101) * 0.003);
    fs::write(job.join("sites.csv"), (0..9000).map(site).collect::<String>()).unwrap();
    let data_dir = tmp.path().join("oqdata");
    says(&mut command(&data_dir, &["run", job.join("job.ini").to_str().unwrap()]), 0);
    let (data, html) = report(&data_dir, 1);
    assert!(html.len() < 2_000_000, "{}", html.len());
    let shown = data["sites"]["id"].as_array().unwrap().len();
    assert!(shown > 1000 && shown < 9000, "{shown}");
    assert!(html.contains(&format!("Curves and spectra are here for {shown} of 9000 sites")), "{shown}");
    // the picture of all sites stays small too
    assert!(file(&tree_of(&data_dir, 1), "plots/hmap-mean-PGA-0.1.svg").len() < 1_000_000);
}

#[test]
fn pictures_of_a_job_are_drawn_before_it_runs_and_files_have_the_kind_of_their_name() {
    let fixture = &irpinia().fixture;
    let job = fixture.job_dir().join("job.ini");
    let plot = |args: &[&str], code| says(&mut command(&fixture.data_dir(), &[&["plot"], args].concat()), code);
    let job = job.to_str().unwrap();
    assert_eq!(plot(&[job], 0), "logic-tree\nmfd\nsites\nsources\n");
    let tree = tree_of(&fixture.data_dir(), 1);
    // the same outlines as in the datastore: only what is said of the calculation differs
    let drawn = |svg: &str| {
        svg.split("class=\"sources\"")
            .skip(1)
            .map(|part| part.split("</g>").next().unwrap().to_string())
            .collect::<Vec<_>>()
    };
    let of_job = plot(&[job, "sources", "-o", "-"], 0);
    assert!(!drawn(&of_job).is_empty());
    assert_eq!(drawn(&of_job), drawn(&text(&tree, "plots/sources.svg")));
    let out = |name: &str| fixture.tmp.path().join(name).to_str().unwrap().to_string();
    plot(&["1", "uhs", "-o", &out("uhs.svg")], 0);
    assert_eq!(fs::read_to_string(out("uhs.svg")).unwrap(), text(&tree, "plots/uhs.svg"));
    plot(&["1", "hcurves-PGA", "-o", &out("curves.png")], 0);
    assert!(fs::read(out("curves.png")).unwrap().starts_with(b"\x89PNG"));
    let wrong = plot(&["1", "hcurve-PGA", "-o", "-"], 1);
    assert!(wrong.contains("there is no picture hcurve-PGA; did you mean hcurves-PGA"), "{wrong}");
    let many = plot(&["1", "hmap", "-o", "-"], 1);
    assert!(many.contains("24 pictures start with hmap"), "{many}");
    let ending = plot(&["1", "uhs", "-o", &out("uhs.pdf")], 1);
    assert!(ending.contains(".svg or .png"), "{ending}");
}

#[test]
fn in_a_mount_sizes_are_exact_and_the_report_of_a_running_job_tells_its_progress() {
    need_fuse!("in_a_mount_sizes_are_exact_and_the_report_of_a_running_job_tells_its_progress");
    let tmp = tempfile::tempdir().unwrap();
    fs::create_dir_all(tmp.path().join("oqdata")).unwrap();
    let job = small_job(tmp.path(), "One source");
    says(&mut command(&tmp.path().join("oqdata"), &["run", job.join("job.ini").to_str().unwrap()]), 0);
    let daemon = Daemon::over(tmp, &[]);
    let mut sizes = BTreeMap::new();
    for entry in fs::read_dir(daemon.path("calc_1/plots")).unwrap() {
        let entry = entry.unwrap();
        let size = entry.metadata().unwrap().len();
        assert_eq!(fs::read(entry.path()).unwrap().len() as u64, size, "{}", entry.path().display());
        sizes.insert(entry.file_name(), size);
    }
    assert!(sizes.len() > 8, "{sizes:?}");
    let page = daemon.path("calc_1/report.html");
    assert_eq!(fs::metadata(&page).unwrap().len() as usize, fs::read(&page).unwrap().len());
    let made_from = Command::new("getfattr")
        .args(["--only-values", "-n", "user.made_from"])
        .arg(daemon.path("calc_1/plots/sites.svg"))
        .output();
    if let Ok(output) = made_from {
        assert_eq!(String::from_utf8_lossy(&output.stdout), "sitecol");
    }
    let id = drop_job(&daemon, "long");
    let page = daemon.path(&format!("calc_{id}/report.html"));
    wait_for_stage(&daemon.path(&format!("calc_{id}")));
    let html = fs::read_to_string(&page).unwrap();
    assert!(
        html.contains("data-state=\"executing\"")
            && html.contains("<progress")
            && html.contains("http-equiv=\"refresh\""),
        "{html}"
    );
    assert!(html.contains("<th>Sites</th>"), "what is complete is not shown: {html}");
    says(&mut command(&daemon.point, &["cancel", &id.to_string()]), 0);
    let calc = daemon.path(&format!("calc_{id}"));
    wait_until("the job to be cancelled", || state(&calc) == "cancelled");
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.contains("data-state=\"cancelled\"") && !html.contains("http-equiv=\"refresh\""), "{html}");
}

/// What drives a browser: Chromium's own driver.
fn driver() -> Option<String> {
    let is_there = |name: &str| Command::new("which").arg(name).output().is_ok_and(|output| output.status.success());
    (is_there("chromium") && is_there("chromedriver")).then(|| "chromedriver".to_string())
}

#[test]
fn a_browser_shows_the_report_from_a_mount() {
    let test = "a_browser_shows_the_report_from_a_mount";
    need_fuse!(test);
    need_python!(test);
    let Some(driver) = driver() else { return skip(test, "no Chromium with its driver") };
    let tmp = tempfile::tempdir().unwrap();
    let fixture = &irpinia().fixture;
    let status = Command::new("cp").arg("-r").arg(fixture.data_dir()).arg(tmp.path()).status().unwrap();
    assert!(status.success());
    let daemon = Daemon::over(tmp, &[]);
    let page = daemon.path("calc_1/report.html");
    run_python(include_str!("python/report.py"), &[&driver, page.to_str().unwrap()]);
}

/// Datastores as the engine writes them, of every kind that is exported.
#[test]
fn pictures_of_the_engines_datastores_are_drawn() {
    need_python!("pictures_of_the_engines_datastores_are_drawn");
    let tmp = tempfile::tempdir().unwrap();
    run_python(include_str!("python/exported.py"), &[tmp.path().to_str().unwrap()]);
    run_python(include_str!("python/classical.py"), &[tmp.path().to_str().unwrap()]);
    let dir = DataDir::open(tmp.path()).unwrap();
    let (mut kinds, mut drawn) = (BTreeSet::new(), 0);
    for id in dir.ids().unwrap() {
        let tree = tree_of(tmp.path(), id);
        if !tree.is_calculation() {
            continue;
        }
        for name in names(&tree, "plots") {
            let bytes = file(&tree, &format!("plots/{name}"));
            if name.ends_with(".svg") {
                let svg = String::from_utf8(bytes).unwrap();
                assert!(svg.starts_with("<svg ") && !svg.contains("NaN"), "calc_{id} {name}: {svg}");
                kinds.insert(name.split(['-', '.']).next().unwrap().to_string());
                drawn += 1;
            }
        }
        let html = says(&mut command(tmp.path(), &["cat", &format!("{id}/report.html")]), 0);
        assert!(html.contains("id=\"data\"") && !html.contains("cannot be"), "calc_{id}: {html}");
        let job: Value = serde_json::from_str(&text(&tree, "oqparam.json")).unwrap();
        if let Some(description) = job["description"].as_str().filter(|text| !text.is_empty()) {
            assert!(html.contains(&format!("<h1>{description}</h1>")), "calc_{id}: {html}");
        }
    }
    assert!(drawn > 60, "{drawn}");
    let expected = ["by", "disagg", "hcurves", "hmap", "logic", "sites", "uhs"];
    assert!(expected.iter().all(|kind| kinds.contains(*kind)), "{kinds:?}");
}
