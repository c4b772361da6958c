//! Jobs that cannot be right, and hostile ones: each is refused with the file, the line or the parameter, what was found and what
//! is accepted, soon and in little memory.

mod common;

use std::fs;
use std::path::Path;

use common::program::small_job;
use oqfs::daemon::{Limits, check};

/// What is said of the small job with `found` replaced in one of its files.
fn said(file: &str, found: &str, by: &str) -> String {
    let tmp = tempfile::tempdir().unwrap();
    let folder = small_job(tmp.path(), "job");
    let text = fs::read_to_string(folder.join(file)).unwrap();
    assert!(text.contains(found), "{found}");
    fs::write(folder.join(file), text.replacen(found, by, 1)).unwrap();
    checked(&folder)
}

fn checked(folder: &Path) -> String {
    checked_path(&folder.join("job.ini"))
}

fn checked_path(job_file: &Path) -> String {
    check(job_file, Limits::default()).expect_err("accepted")
}

/// Every message begins with the file that is wrong and says the rest.
fn refused(cases: &[(&str, &str, &str, &str)]) {
    for (file, found, by, expected) in cases {
        let said = said(file, found, by);
        let of_file = said.contains("/job/");
        assert!(of_file && said.contains(expected), "{by:.60}: {said}\n  lacks {expected}");
        assert!(said.len() < 2000, "{} bytes", said.len());
    }
}

#[test]
fn mistakes_of_modellers_are_named() {
    refused(&[
        (
            "job.ini",
            "= classical",
            "= clasical",
            "line 3: calculation_mode is \"clasical\"; this program runs classical",
        ),
        ("job.ini", "= classical", "= event_based", "line 3: calculation_mode is \"event_based\""),
        ("job.ini", "= ssmLT.xml", "= ssmTL.xml", "line 11: source_model_logic_tree_file"),
        ("job.ini", "BooreAtkinson2008", "BooreAtkinson2007", "did you mean BooreAtkinson2008"),
        ("job.ini", "'PGA'", "'PGX'", "line 10"),
        ("job.ini", "'PGA'", "'MMI'", "BooreAtkinson2008"),
        (
            "job.ini",
            "[0.1, 0.2]",
            "[0.2, 0.1]",
            "line 10: intensity_measure_types_and_levels: PGA: the levels must increase",
        ),
        ("job.ini", "distance = 200", "distance = -200", "line 7: maximum_distance: found -200"),
        ("job.ini", "sites = 15.3 40.9", "sites = 15.3 140.9", "line 4: sites: found \"15.3 140.9\""),
        ("job.ini", "investigation_time = 50", "", "investigation_time"),
        ("ssmLT.xml", ">1<", ">0.9<", "line 1"),
        ("ssmLT.xml", "m.xml", "n.xml", "n.xml"),
        (
            "ssmLT.xml",
            "</uncertaintyModel>",
            "</uncertaintyModel><uncertaintyModel>n.xml</uncertaintyModel>",
            "line 1: the branch has 2 of <uncertaintyModel>; expected one",
        ),
        (
            "job.ini",
            "sites = 15.3",
            "individual_curves = true\nindividual_rlzs = true\nsites = 15.3",
            "line 5: individual_rlzs and individual_curves of line 4 are two names of one parameter; keep individual_rlzs",
        ),
        ("m.xml", "depth='9'", "depth='9' fixedDipFrac='1.3'", "fixedDipFrac is 1.3; expected within [0, 1]"),
        ("m.xml", "strike='310'", "strike='360'", "source 1: strike is 360; expected within [0, 360)"),
        ("m.xml", "</pointSource>", "</pointSauce>", "line 1"),
        ("m.xml", "WC1994", "WC1995", "magScaleRel is WC1995"),
        ("m.xml", "<pointSource", "<dotSource", "dotSource"),
        ("m.xml", "probability='1' strike", "probability='0.5' strike", "line 1"),
        ("m.xml", "maxMag='6.8'", "maxMag='4.8'", "maxMag is 4.8; it must exceed minMag 5"),
    ]);
}

#[test]
fn parameters_that_could_change_numbers_are_refused_by_name() {
    for parameter in ["maximum_rupture_depth = 30", "hazard_curves_csv = h.csv"] {
        let name = parameter.split(' ').next().unwrap();
        let said = said("job.ini", "sites = 15.3", &format!("{parameter}\nsites = 15.3"));
        assert!(said.contains(&format!("job.ini, line 4: {name} is not supported")), "{said}");
    }
}

#[test]
fn levels_are_said_once() {
    let said = said("job.ini", "sites = 15.3", "iml_disagg = {'PGA': 1}\nsites = 15.3");
    assert!(said.contains("job.ini, line 4: iml_disagg: intensity_measure_types_and_levels is there too"), "{said}");
}

#[test]
fn a_minimum_magnitude_above_all_is_refused() {
    refused(&[(
        "job.ini",
        "sites = 15.3",
        "minimum_magnitude = 8\nsites = 15.3",
        "line 4: minimum_magnitude leaves no rupture: it is 8 for \"Active Shallow Crust\", whose largest magnitude is 6.70",
    )]);
}

/// A source of this model of the small job in place of its point source.
fn of_source(source: &str) -> String {
    let tmp = tempfile::tempdir().unwrap();
    let folder = small_job(tmp.path(), "job");
    let job = fs::read_to_string(folder.join("job.ini")).unwrap();
    fs::write(folder.join("job.ini"), job + "rupture_mesh_spacing = 5\n").unwrap();
    let common = "<magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>\
                  <truncGutenbergRichterMFD aValue='3.1' bValue='0.9' minMag='5' maxMag='6.8'/><rake>90</rake>";
    let source = source.replace("COMMON", common);
    fs::write(folder.join("m.xml"), format!("<nrml><sourceModel>\n{source}\n</sourceModel></nrml>")).unwrap();
    checked(&folder)
}

#[test]
fn geometry_that_cannot_be_is_refused_with_its_place() {
    let simple = |trace: &str, rake: &str| {
        format!(
            "<simpleFaultSource id='f' tectonicRegion='Active Shallow Crust'><simpleFaultGeometry><LineString><posList>{trace}\
             </posList></LineString><dip>45</dip><upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth>\
             </simpleFaultGeometry>{rake}COMMON</simpleFaultSource>"
        )
    };
    let edge = |tag: &str, points: &str| format!("<{tag}><LineString><posList>{points}</posList></LineString></{tag}>");
    let geometry = |edges: [(&str, &str); 3]| {
        let edges: String = edges.iter().map(|(tag, points)| edge(tag, points)).collect();
        format!("<complexFaultGeometry>{edges}</complexFaultGeometry>")
    };
    let complex = |bottom: &str| {
        let edges = [
            ("faultTopEdge", "15.1 40.9 5 15.5 40.6 5"),
            ("intermediateEdge", "15.15 40.95 12 15.55 40.65 12"),
            ("faultBottomEdge", bottom),
        ];
        let turned = geometry(edges).replace("15.15 40.95 12 15.55 40.65 12", "15.05 40.85 12 15.45 40.55 12");
        format!("<complexFaultSource id='c' tectonicRegion='Active Shallow Crust'>{turned}COMMON</complexFaultSource>")
    };
    let characteristic = |bottom: &str| {
        complex(bottom)
            .replace("complexFaultSource", "characteristicFaultSource")
            .replace("<complexFaultGeometry>", "<surface><complexFaultGeometry>")
            .replace("</complexFaultGeometry>", "</complexFaultGeometry></surface>")
    };
    let too_short = "m.xml, line 2: source f: rupture_mesh_spacing is 5; it is too large for the fault, whose trace is 1.11 km long";
    for (source, expected) in [
        (simple("15.3 40.8 15.3 40.81", ""), too_short),
        (
            simple("15.3 40.8 15.5 40.9", "<rake>-180</rake>"),
            "m.xml, line 2: source f: rake is -180; expected within (-180, 180]",
        ),
        (
            complex("15.0 40.8 9 15.4 40.5 9"),
            "m.xml, line 2: source c: complexFaultGeometry is edges whose outline crosses",
        ),
        (characteristic("15.0 40.8 9 15.4 40.5 9"), "complexFaultGeometry is edges whose outline crosses"),
        (complex("15.4 40.5 20 15.0 40.8 20"), "complexFaultGeometry is edges whose outline crosses"),
    ] {
        let said = of_source(&source);
        assert!(said.contains(expected), "{said}\n  lacks {expected}");
    }
}

#[test]
fn what_a_branch_does_not_fit_is_told_with_both_places() {
    let branch = |id: &str, model: &str| {
        format!(
            "<logicTreeBranch branchID='{id}'><uncertaintyModel>{model}</uncertaintyModel>\
             <uncertaintyWeight>0.5</uncertaintyWeight></logicTreeBranch>\n"
        )
    };
    let set = |of: &str, branches: [(&str, &str); 2]| {
        let branches: String = branches.iter().map(|(id, model)| branch(id, model)).collect();
        format!("<logicTreeBranchSet branchSetID='{}' {of}>{branches}</logicTreeBranchSet>\n", branches.len())
    };
    let models = set("uncertaintyType='sourceModel'", [("a", "m.xml"), ("b", "m.xml n.xml")]);
    let cases = [
        (
            "uncertaintyType='simpleFaultDipRelative' applyToSources='1' applyToBranches='a b'",
            ["5", "-5"],
            "ssmLT.xml, line 4: the branch does not fit source 1 (",
        ),
        (
            "uncertaintyType='simpleFaultDipRelative' applyToSources='1' applyToBranches='a b'",
            ["5", "-5"],
            "m.xml, line 1): the uncertainty is for simpleFaultSource, but this is pointSource",
        ),
        (
            "uncertaintyType='bGRRelative' applyToSources='1'",
            ["0.1", "-0.1"],
            "ssmLT.xml, line 4: applyToSources: the source \"1\" is in several branches, a, b; say in applyToBranches",
        ),
        (
            "uncertaintyType='bGRRelative' applyToTectonicRegionType='Volcanic'",
            ["0.1", "-0.1"],
            "ssmLT.xml, line 4: applyToTectonicRegionType: no source model has a source of \"Volcanic\"",
        ),
    ];
    for (of, [x, y], expected) in cases {
        let tmp = tempfile::tempdir().unwrap();
        let folder = small_job(tmp.path(), "job");
        let model = fs::read_to_string(folder.join("m.xml")).unwrap();
        fs::write(folder.join("n.xml"), model.replace("id='1'", "id='2'")).unwrap();
        let tree = models.clone() + &set(of, [("x", x), ("y", y)]);
        fs::write(folder.join("ssmLT.xml"), format!("<nrml><logicTree>{tree}</logicTree></nrml>")).unwrap();
        let said = checked(&folder);
        assert!(said.contains(expected), "{said}\n  lacks {expected}");
    }
}

#[test]
fn names_are_told_as_they_stand() {
    let tmp = tempfile::tempdir().unwrap();
    let folder = small_job(tmp.path(), "job");
    fs::rename(folder.join("m.xml"), folder.join("M.xml")).unwrap();
    let said = checked(&folder);
    assert!(
        said.contains("job/m.xml: cannot be read") && said.contains("job/M.xml is there: upper and lower case"),
        "{said}"
    );
    fs::rename(folder.join("ssmLT.xml"), folder.join("ssmlt.XML")).unwrap();
    let said = checked(&folder);
    assert!(
        said.contains("there is no file") && said.contains("job/ssmlt.XML is there: upper and lower case"),
        "{said}"
    );
    fs::write(folder.join("job.toml"), "[general]\n").unwrap();
    let said = check(&folder.join("job.toml"), Limits::default()).expect_err("accepted");
    assert!(said.contains("job.toml: a .toml file is a workflow of the engine"), "{said}");
}

#[test]
fn source_models_without_a_source_are_refused() {
    let tmp = tempfile::tempdir().unwrap();
    let folder = small_job(tmp.path(), "job");
    fs::write(folder.join("m.xml"), "<nrml><sourceModel/></nrml>").unwrap();
    assert!(checked(&folder).contains("hold no source"));
    for (text, expected) in [("", "no element found"), ("<nrml>", "ends before"), ("GIF89a", "line 1")] {
        fs::write(folder.join("m.xml"), text).unwrap();
        let said = checked(&folder);
        assert!(said.contains("/job/m.xml") && said.contains(expected), "{said}");
    }
}

#[test]
fn amplification_that_does_not_fit_the_job_is_refused() {
    for (functions, expected) in [
        ("#vs30_ref=600\nampcode,SA(0.1)\nA,2\n", "line 14: the amplification functions have no PGA"),
        ("#vs30_ref=760\nampcode,PGA\nA,2\n", "line 14: the functions are for rock of vs30_ref = 760; a site has 600"),
        ("#vs30_ref=600\nampcode,PGA\nA,two\n", "soil.csv, line 3: PGA is \"two\""),
    ] {
        let tmp = tempfile::tempdir().unwrap();
        let folder = small_job(tmp.path(), "job");
        let job = fs::read_to_string(folder.join("job.ini")).unwrap();
        let more = "amplification_method = convolution\namplification_csv = soil.csv\nsoil_intensities = [0.1, 0.2]\n\
                    vs30_tolerance = 10\n";
        fs::write(folder.join("job.ini"), job + more).unwrap();
        fs::write(folder.join("soil.csv"), functions).unwrap();
        let said = checked(&folder);
        assert!(said.contains("/job/") && said.contains(expected), "{said}\n  lacks {expected}");
    }
}

#[test]
fn what_is_no_finite_number_is_refused() {
    refused(&[
        ("job.ini", "distance = 200", "distance = nan", "line 7: maximum_distance"),
        ("job.ini", "distance = 200", "distance = inf", "line 7: maximum_distance"),
        ("job.ini", "time = 50", "time = inf", "line 5: investigation_time: found \"inf\""),
        ("job.ini", "level = 3", "level = NaN", "line 6: truncation_level: found \"NaN\""),
        ("job.ini", "15.3 40.9", "nan 40.9", "line 4: sites"),
        ("job.ini", "[0.1, 0.2]", "[0.1, 1e999]", "expected a finite number"),
        ("m.xml", "aValue='3.1'", "aValue='NaN'", "is not a finite number"),
        ("m.xml", "aValue='3.1'", "aValue='1e5'", "give no finite rate"),
        ("m.xml", "15.3 40.8", "inf 40.8", "line 1"),
    ]);
}

#[test]
fn what_would_take_all_memory_is_refused_by_the_parameter_to_change() {
    let grid = |spacing: &str| format!("region = 14 40, 16 40, 16 42, 14 42\nregion_grid_spacing = {spacing}");
    let many = format!("quantiles = {}\n", "(".repeat(1 << 19));
    let long = format!("description = {}\n", "x".repeat(2 << 20));
    let endless = format!("description = {}\n", "x\n ".repeat(30 << 20));
    refused(&[
        ("job.ini", "sites = 15.3 40.9", &grid("0.001"), "choose a wider spacing (region_grid_spacing"),
        ("job.ini", "sites = 15.3 40.9", &grid("1e-9"), "choose a wider spacing (region_grid_spacing"),
        ("job.ini", "[0.1, 0.2]", "logscale(0.01, 1, 1000000000)", "n is 1000000000"),
        ("job.ini", "[0.1, 0.2]", &"[".repeat(1 << 19), "nested over 8 deep"),
        ("job.ini", "width_of_mfd_bin = 0.2", "width_of_mfd_bin = 1e-9", "width_of_mfd_bin in the job"),
        ("job.ini", "[general]\n", &format!("[general]\n{many}"), "line 2: quantiles: found"),
        ("job.ini", "[general]\n", &format!("[general]\n{long}"), "no parameter is that long"),
        ("job.ini", "[general]\n", &format!("[general]\n{endless}"), "it has over 67108864 bytes"),
        ("m.xml", "<pointGeometry>", &"<a>".repeat(1 << 20), "line 1"),
    ]);
}

#[test]
fn entities_are_bounded_and_external_ones_not_read() {
    let nested = |n: usize| (1..n).map(|i| format!("<!ENTITY e{i} '{}'>", format!("&e{};", i - 1).repeat(10)));
    let bomb: String = nested(12).collect();
    let bomb = format!("<!DOCTYPE nrml [<!ENTITY e0 'e'>{bomb}]><nrml>");
    let external = "<!DOCTYPE nrml [<!ENTITY e11 SYSTEM 'file:///etc/passwd'>]><nrml>";
    let circle = "<!DOCTYPE nrml [<!ENTITY e11 '&e1;'><!ENTITY e1 '&e11;'>]><nrml>";
    for (start, expected) in [
        (bomb.as_str(), "write them out"),
        (external, "unrecognized entity `e11`"),
        (circle, "the entity &e11; refers to itself"),
    ] {
        let tmp = tempfile::tempdir().unwrap();
        let folder = small_job(tmp.path(), "job");
        let model = fs::read_to_string(folder.join("m.xml")).unwrap();
        let model = model.replace("<nrml>", start).replace("pointSource id='1'", "pointSource id='&e11;'");
        fs::write(folder.join("m.xml"), model).unwrap();
        let said = checked(&folder);
        assert!(said.contains("/job/m.xml, line 1") && said.contains(expected), "{said}");
    }
}

#[test]
fn documents_that_go_on_are_refused() {
    for (file, more, expected) in [
        ("m.xml", "</nrml>\0\0", "m.xml, line 1: malformed XML: found a NUL"),
        ("m.xml", "</nrml>\n<nrml><sourceModel/></nrml>", "m.xml, line 2: the document goes on after its end"),
        ("m.xml", "<sourceModel/></nrml>", "m.xml, line 1: found <sourceModel>; expected </nrml>"),
        ("ssmLT.xml", "</nrml>junk", "ssmLT.xml, line 1: the document goes on after its end"),
    ] {
        let said = said(file, "</nrml>", more);
        assert!(said.contains(expected), "{said}\n  lacks {expected}");
    }
}

/// Nobody says when they end.
#[test]
fn pipes_and_devices_are_no_inputs() {
    let tmp = tempfile::tempdir().unwrap();
    let folder = small_job(tmp.path(), "job");
    let said = checked_path(Path::new("/dev/zero"));
    assert!(said.contains("/dev/zero") && said.contains("expected a regular file"), "{said}");
    for name in ["m.xml", "ssmLT.xml", "job.ini"] {
        let path = folder.join(name);
        let kept = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let said = checked(&folder);
        let is_told = ["expected a regular file", "there is no file"].iter().any(|text| said.contains(text));
        assert!(said.contains(name) && is_told, "{said}");
        fs::remove_file(&path).unwrap();
        fs::write(&path, kept).unwrap();
    }
}
