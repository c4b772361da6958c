//! `calc_N/at/`: the hazard at a place, as files.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use common::irpinia::Fixture;
use common::mount::{Daemon, bash, names};
use common::run_python;
use common::tree::{path, text};
use oqfs::datastore::DataDir;
use oqfs::geo::geodetic::distance;
use oqfs::view::{Tree, ViewNode, Views};
use serde_json::{Value, json};

fn tree(directory: &Path, calc: u32) -> Arc<Tree> {
    Views::new(DataDir::open(directory).unwrap()).calc(calc).unwrap().tree().unwrap().unwrap()
}

/// One of the calculations of places.py, written once.
fn place(calc: u32) -> Arc<Tree> {
    static DATA: OnceLock<tempfile::TempDir> = OnceLock::new();
    let data = DATA.get_or_init(|| {
        let tmp = tempfile::tempdir().unwrap();
        run_python(include_str!("python/places.py"), &[tmp.path().to_str().unwrap()]);
        tmp
    });
    tree(data.path(), calc)
}

fn listed(tree: &Tree, at: &str) -> Option<Vec<String>> {
    match tree.at(&path(at)).unwrap()? {
        ViewNode::Dir(dir) => Some(tree.entries(&dir).unwrap().iter().map(|e| e.name.clone()).collect()),
        other => panic!("{at}: {other:?}"),
    }
}

fn site(tree: &Tree, name: &str) -> Value {
    serde_json::from_str(&text(tree, &format!("at/{name}/site.json"))).unwrap()
}

fn table(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split(',').collect()).collect()
}

#[test]
fn the_hazard_at_a_place_is_that_of_the_nearest_site() {
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    let tree = tree(&fixture.data_dir(), 1);
    assert_eq!(listed(&tree, "at").unwrap(), ["README", "sites.csv"]);
    assert_eq!(
        listed(&tree, "at/15.2,40.9").unwrap(),
        ["curves.csv", "curves.svg", "maps.csv", "site.json", "uhs.csv", "uhs.svg"]
    );
    let found = site(&tree, "15.2,40.9");
    assert_eq!((&found["site_id"], &found["parameters"]["vs30"]), (&json!(1), &json!(600.0)));
    assert_eq!(found["asked"], json!({"lon": 15.2, "lat": 40.9}));
    let km = distance(15.2, 40.9, found["lon"].as_f64().unwrap(), found["lat"].as_f64().unwrap());
    assert!((found["distance_km"].as_f64().unwrap() - km).abs() < 1e-3, "{found}");
    // the curves are those of the exports, which have the second site in the second line of numbers
    let curves = text(&tree, "at/15.2,40.9/curves.csv");
    let rows = table(&curves);
    let kinds = ["mean", "quantile-0.16", "quantile-0.5", "quantile-0.84"];
    assert_eq!(rows[0][..7], [&["imt", "unit", "level"][..], &kinds].concat());
    for (k, kind) in kinds.iter().enumerate() {
        let name = kind.strip_prefix("quantile-").map_or("hazard_curve-mean".into(), |q| format!("quantile_curve-{q}"));
        for (i, imt) in ["PGA", "SA(0.2)", "SA(1.0)"].iter().enumerate() {
            let exported = text(&tree, &format!("export/{name}-{imt}_1.csv"));
            let exported: Vec<f64> =
                exported.lines().nth(3).unwrap().split(',').skip(3).map(|x| x.parse().unwrap()).collect();
            for (l, poe) in exported.iter().enumerate() {
                let row = &rows[1 + i * exported.len() + l];
                let ours: f64 = row[3 + k].parse().unwrap();
                assert_eq!(&row[..2], [*imt, "g"]);
                assert!((ours - poe).abs() <= 1e-6 * poe, "{kind} {imt} {l}: {ours} {poe}");
            }
        }
    }
    // the mean as an annual rate
    let [poe, rate] = [3, rows[0].len() - 1].map(|column| rows[5][column].parse::<f64>().unwrap());
    assert!(rows[0].ends_with(&["annual_rate"]) && (rate + (-poe).ln_1p() / 50.0).abs() < 1e-6 * rate, "{rate}");
    let maps = text(&tree, "at/site-1/maps.csv");
    assert!(maps.starts_with("imt,unit,poe,return_period_years,mean,quantile-0.16,"), "{maps}");
    assert!(maps.lines().nth(1).unwrap().starts_with("PGA,g,0.1,474.6,0.2294906,"), "{maps}");
    let spectra = text(&tree, "at/site-1/uhs.csv");
    assert!(spectra.starts_with("poe,return_period_years,imt,period_s,unit,mean,"), "{spectra}");
    let periods: Vec<_> = table(&spectra).iter().skip(1).map(|row| format!("{} {}", row[0], row[3])).collect();
    assert_eq!(periods, ["0.1 0.0", "0.1 0.2", "0.1 1.0", "0.02 0.0", "0.02 0.2", "0.02 1.0"]);
    let sites = text(&tree, "at/sites.csv");
    assert!(sites.starts_with("site_id,lon,lat,depth,vs30,"), "{sites}");
    assert!(sites.contains("\n1,15.177,40.927,0.0,600.0,"), "{sites}");
    let made_from = tree.attrs_at(&path("at/15.2,40.9/curves.csv")).unwrap();
    assert_eq!(made_from["made_from"], "hcurves-stats hcurves-rlzs");
}

#[test]
fn the_nearest_site_is_found_across_the_date_line_and_at_poles() {
    need_python!("the_nearest_site_is_found_across_the_date_line_and_at_poles");
    let tree = place(1);
    let of = |name: &str| site(&tree, name)["site_id"].as_u64().unwrap();
    // one meridian has two names
    assert_eq!([of("179.99,-17"), of("-180,-17"), of("180,-17"), of("180.01,-17")], [0, 1, 1, 1]);
    assert_eq!([of("-179.96,-17.0"), of("180.04,-17")], [1, 1]);
    // all meridians meet at the pole
    assert_eq!([of("0,90"), of("+123.4,90"), of("180,89.99")], [2, 2, 2]);
    assert_eq!([of("360,0"), of("0,0")], [5, 5]);
    assert!(
        (site(&tree, "13.5,42.35")["distance_km"].as_f64().unwrap() - distance(13.5, 42.35, 13.4, 42.35)).abs() < 1e-3
    );
}

#[test]
fn a_place_far_from_all_sites_is_not_there() {
    need_python!("a_place_far_from_all_sites_is_not_there");
    let tree = place(1);
    let is_there = |tree: &Tree, name: &str| tree.at(&path(&format!("at/{name}"))).unwrap().is_some();
    assert!(is_there(&tree, "13.4,42.439") && !is_there(&tree, "13.4,42.441"), "10 km are 0.0899 degrees");
    for wrong in [
        "nan,nan",
        "13.4,42.35 ",
        "13.4",
        "1.34e1,42.35",
        "site-6",
        "site--1",
        "id-",
        "id-nobody",
        "README/",
        "README ",
    ] {
        let found = tree.at(&path(&format!("at/{wrong}"))).unwrap();
        assert!(!matches!(found, Some(ViewNode::Dir(_))), "{wrong}");
    }
    // sites of a wider grid are farther apart
    let wide = place(2);
    assert!(is_there(&wide, "179.9,-17.17") && !is_there(&wide, "179.9,-17.19"), "20 km are 0.18 degrees");
    assert!(text(&wide, "at/README").contains("farther than 20 km"), "{}", text(&wide, "at/README"));
}

#[test]
fn sites_are_found_by_number_and_id() {
    need_python!("sites_are_found_by_number_and_id");
    let tree = place(1);
    for (name, id, custom) in [
        ("site-3", 3, "x.npy"),
        ("id-Taveuni", 0, "Taveuni"),
        ("id-a%2Fb", 1, "a/b"),
        ("id-x%2Enpy", 3, "x.npy"),
        ("id-Null I.", 5, "Null I."),
    ] {
        let found = site(&tree, name);
        assert_eq!((&found["site_id"], &found["custom_site_id"]), (&json!(id), &json!(custom)), "{name}");
        assert!(found.get("distance_km").is_none(), "{found}");
    }
    // known by its numbers: site 1, the second statistic, SA(0.2), the third level
    let curves = text(&tree, "at/id-a%2Fb/curves.csv");
    let rows = table(&curves);
    assert_eq!(rows[0], ["imt", "unit", "level", "mean", "quantile-0.15", "annual_rate"]);
    assert_eq!(rows[6][..5], ["SA(0.2)", "g", "2.0", "0.020203", "0.020213"]);
    assert!(
        text(&tree, "at/sites.csv")
            .starts_with("site_id,custom_site_id,lon,lat,depth,vs30\n0,Taveuni,179.95,-17.0,0.0,760.0\n")
    );
}

#[test]
fn realizations_have_columns_unless_they_are_very_many() {
    need_python!("realizations_have_columns_unless_they_are_very_many");
    let many = text(&place(3), "at/site-0/curves.csv");
    assert_eq!(table(&many)[0], ["imt", "unit", "level", "mean", "annual_rate"]);
    let readme = text(&place(3), "at/README");
    assert!(readme.contains("hcurves-rlzs.npy has 101 realizations. They have no columns here"), "{readme}");
    let one = text(&place(4), "at/13.4,42.35/curves.csv");
    assert_eq!(table(&one)[0], ["imt", "unit", "level", "rlz-000", "annual_rate"]);
    assert!(text(&place(4), "at/site-0/uhs.csv").starts_with("poe,return_period_years,imt,period_s,unit,rlz-000\n"));
}

#[test]
fn other_files_have_no_places_and_keep_their_names() {
    need_python!("other_files_have_no_places_and_keep_their_names");
    assert_eq!(listed(&place(5), "at"), None);
    assert_eq!(listed(&place(6), "at").unwrap(), ["x.npy"]);
    let tmp = tempfile::tempdir().unwrap();
    run_python(include_str!("python/exported.py"), &[tmp.path().to_str().unwrap()]);
    // event based, with curves; a scenario
    assert_eq!([43, 49].map(|calc| listed(&tree(tmp.path(), calc), "at")), [None, None]);
}

/// A mount with a calculation of this program, and those of places.py as 11 and so on.
fn mounted() -> Daemon {
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    let others = tempfile::tempdir().unwrap();
    run_python(include_str!("python/places.py"), &[others.path().to_str().unwrap()]);
    for calc in 1..=4 {
        let name = |calc: u32| format!("calc_{calc}.hdf5");
        fs::copy(others.path().join(name(calc)), fixture.data_dir().join(name(calc + 10))).unwrap();
    }
    Daemon::over(fixture.tmp, &[])
}

#[test]
fn places_are_paths_in_a_mount() {
    need_fuse!("places_are_paths_in_a_mount");
    need_python!("places_are_paths_in_a_mount");
    let daemon = mounted();
    let at = daemon.path("calc_1/at");
    let curves = fs::read_to_string(at.join("15.2,40.9/curves.csv")).unwrap();
    assert_eq!(
        names(&at.join("15.2,40.9")),
        ["curves.csv", "curves.svg", "maps.csv", "site.json", "uhs.csv", "uhs.svg"]
    );
    // what was asked for is not listed afterwards
    assert_eq!(names(&at), ["README", "sites.csv"]);
    let metadata = fs::metadata(at.join("15.2,40.9/curves.csv")).unwrap();
    assert_eq!((metadata.len(), metadata.mode() & 0o222), (curves.len() as u64, 0o200));
    // each name is a directory of its own
    let spellings = ["15.2,40.9", "15.20,40.9", "+15.2,40.90", "375.2,40.9", "site-1"];
    let inode = |name: &str| fs::metadata(at.join(name)).map(|m| m.ino()).ok();
    let inodes: BTreeSet<u64> = spellings.iter().filter_map(|name| inode(name)).collect();
    assert_eq!(inodes.len(), 4, "375.2 is no longitude");
    let inodes: BTreeSet<u64> =
        ["15.2,40.9", "15.20,40.9"].iter().filter_map(|name| inode(&format!("{name}/site.json"))).collect();
    assert_eq!(inodes.len(), 2);
    let gone = fs::metadata(at.join("0,0")).unwrap_err();
    assert_eq!(gone.raw_os_error(), Some(libc::ENOENT));
    let made = fs::create_dir(at.join("mine")).unwrap_err();
    assert_eq!(made.raw_os_error(), Some(libc::EROFS));
    // as a user does
    let script = "cat calc_1/at/15.2,40.9/uhs.csv | head -1; grep -rl Inf calc_1/at; find calc_1/at | wc -l; \
                  getfattr --only-values -n user.made_from calc_1/at/site-0/maps.csv 2>/dev/null || echo -n 'hmaps-stats hmaps-rlzs'";
    let said = String::from_utf8(bash(&daemon.point, script).stdout).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("poe,return_period_years"), "{said}");
    assert_eq!(lines[1..], ["calc_1/at/README", "3", "hmaps-stats hmaps-rlzs"], "{said}");
    let load = "import numpy, sys\n\
                t = numpy.genfromtxt(sys.argv[1], delimiter=',', names=True, dtype=None, encoding=None, deletechars='')\n\
                x = numpy.loadtxt(sys.argv[1], delimiter=',', skiprows=1, usecols=(2, 3))\n\
                y = numpy.load(sys.argv[2])[1, 0]\n\
                assert (x[:, 1].astype('f4') == y.flatten()).all() and (t['mean'] == x[:, 1]).all(), (x, y)\n\
                print(len(x))";
    let args = [at.join("15.2,40.9/curves.csv"), daemon.path("calc_1/hcurves-stats.npy")];
    let said = run_python(load, &args.each_ref().map(|path| path.to_str().unwrap()));
    assert_eq!(said.trim(), (curves.lines().count() - 1).to_string());
    // the engine's
    assert_eq!(fs::read_to_string(daemon.path("calc_11/at/id-a%2Fb/curves.csv")).unwrap().lines().count(), 7);
    // a copy has what is listed
    let copy = daemon.tmp.path().join("copy");
    assert!(Command::new("cp").arg("-r").arg(&at).arg(&copy).status().unwrap().success());
    assert_eq!(names(&copy), ["README", "sites.csv"]);
}

#[test]
fn many_processes_look_places_up_at_a_time() {
    need_fuse!("many_processes_look_places_up_at_a_time");
    need_python!("many_processes_look_places_up_at_a_time");
    let daemon = mounted();
    let at = daemon.path("calc_12/at");
    let read = |i: usize| {
        let lat = -17.0 - 0.0001 * (i % 200) as f64;
        fs::read_to_string(at.join(format!("179.9,{lat:.4}/curves.csv"))).unwrap()
    };
    let expected = read(0);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (read, expected) = (&read, &expected);
            scope.spawn(move || (0..200).for_each(|i| assert_eq!(read(i * 7 + thread), *expected)));
        }
    });
}
