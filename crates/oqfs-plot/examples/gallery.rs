//! Draws one picture of each kind into a directory, as SVG and PNG, for whoever changes how they look:
//! `cargo run -p oqfs-plot --example gallery DIR`.

use std::path::PathBuf;
use std::time::Instant;

use oqfs_plot::{
    CurvesPicture, DrawnOutline, DrawnSet, Heading, MagDistPicture, MapPicture, OutlineKind, PlacesPicture, RateLine,
    RatesPicture, SiteCurve, SiteSpectra, SpectraPicture, TreePicture, png,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = PathBuf::from(std::env::args().nth(1).ok_or("usage: gallery DIR")?);
    std::fs::create_dir_all(&dir)?;
    for (name, draw) in pictures() {
        let start = Instant::now();
        let svg = draw();
        let drawn = start.elapsed();
        let png = png(&svg)?;
        println!(
            "{name}: SVG {} bytes in {drawn:.1?}, PNG {} bytes in {:.1?}",
            svg.len(),
            png.len(),
            start.elapsed() - drawn
        );
        std::fs::write(dir.join(format!("{name}.svg")), svg)?;
        std::fs::write(dir.join(format!("{name}.png")), png)?;
    }
    Ok(())
}

type Draw = Box<dyn Fn() -> String>;

fn pictures() -> Vec<(&'static str, Draw)> {
    vec![
        ("hcurves-PGA", Box::new(|| curves(3).svg())),
        ("hcurves-12-sites", Box::new(|| curves(12).svg())),
        ("uhs", Box::new(|| spectra(1).svg())),
        ("uhs-5-sites", Box::new(|| spectra(5).svg())),
        ("hmap-grid", Box::new(|| map(60, 0.1).svg())),
        ("hmap-100000-sites", Box::new(|| map(317, 0.02).svg())),
        ("hmap-scattered", Box::new(|| scattered(40).svg())),
        ("hmap-scattered-100000", Box::new(|| scattered(100_000).svg())),
        ("hmap-date-line", Box::new(|| date_line().svg())),
        ("sites", Box::new(|| places(false).svg())),
        ("sources", Box::new(|| places(true).svg())),
        ("logic-tree", Box::new(|| tree().svg())),
        ("mfd", Box::new(|| rates().svg())),
        ("disagg-Mag_Dist_Eps", Box::new(|| disaggregation().svg())),
    ]
}

fn heading(title: &str) -> Heading {
    Heading::new(title.replace(' ', "-"), title, "calculation 1: mean; the band is from quantile 0.15 to 0.85")
}

fn hazard(level: f64, strength: f64) -> f64 {
    -(-50.0 * 2e-5 * strength / (level + 0.02).powf(2.3)).exp_m1()
}

fn curves(sites: usize) -> CurvesPicture {
    let levels: Vec<f64> = (0..20).map(|i| 0.005 * 1.4f64.powi(i)).collect();
    let curve = |strength: f64| levels.iter().map(|level| hazard(*level, strength)).collect::<Vec<_>>();
    let site = |n: usize| SiteCurve {
        label: format!("site {n} ({:.2}, {:.2})", 13.4 + n as f64 * 0.1, 42.35),
        levels: levels.clone(),
        mean: curve(1.5f64.powi(n as i32)),
        band: Some([curve(0.6 * 1.5f64.powi(n as i32)), curve(1.6 * 1.5f64.powi(n as i32))]),
    };
    let sites = (0..sites).map(site).collect();
    CurvesPicture {
        heading: heading("Hazard curves PGA"),
        measure: "PGA (g)".into(),
        years: 50.0,
        sites,
        poes: vec![0.1, 0.02],
    }
}

fn spectra(sites: usize) -> SpectraPicture {
    let periods = vec![0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0];
    let spectrum = |scale: f64| {
        periods.iter().map(|t: &f64| scale * (0.3 + 6.0 * t * (-t / 0.2).exp() + 0.1 * (-t).exp())).collect()
    };
    let site = |n: usize| SiteSpectra {
        label: format!("site {n}"),
        values: vec![spectrum(1.0 + 0.2 * n as f64), spectrum(2.0 + 0.2 * n as f64)],
    };
    let poes = vec!["10 % in 50 years (475 years)".into(), "2 % in 50 years (2475 years)".into()];
    SpectraPicture {
        heading: heading("Uniform hazard spectra"),
        periods: periods.clone(),
        poes,
        sites: (0..sites).map(site).collect(),
    }
}

fn value(lon: f64, lat: f64) -> f64 {
    0.05 + 0.4 * (-((lon - 14.0).powi(2) + (lat - 42.0).powi(2)) / 4.0).exp()
}

fn map_of(sites: impl Iterator<Item = (f64, f64)>) -> MapPicture {
    let (lons, lats): (Vec<f64>, Vec<f64>) = sites.unzip();
    let values = lons.iter().zip(&lats).map(|(lon, lat)| value(*lon, *lat)).collect();
    MapPicture { heading: heading("Hazard map PGA"), unit: "PGA (g)".into(), lons, lats, values, cells: vec![] }
}

fn map(side: usize, step: f64) -> MapPicture {
    let sites = (0..side * side).map(move |i| (11.0 + step * (i % side) as f64, 39.5 + step * (i / side) as f64));
    let mut map = map_of(sites);
    let half = step / 2.0;
    map.cells =
        map.lons.iter().zip(&map.lats).map(|(lon, lat)| [lon - half, lat - half, lon + half, lat + half]).collect();
    map
}

fn scattered(n: usize) -> MapPicture {
    map_of((0..n).map(|i| (8.0 + 10.0 * (i as f64 * 0.618_034).fract(), 38.0 + 8.0 * (i as f64 * 0.754_878).fract())))
}

fn date_line() -> MapPicture {
    let sites = (0..400).map(|i| (175.0 + 0.5 * f64::from(i % 20), -42.0 + 0.4 * f64::from(i / 20)));
    let mut map = map_of(sites.map(|(lon, lat)| (if lon > 180.0 { lon - 360.0 } else { lon }, lat)));
    map.values = (0..400).map(|i| 0.01 * 1.01f64.powi(i)).collect();
    map
}

fn places(sources: bool) -> PlacesPicture {
    let outline = |kind, group, points: &[(f64, f64)]| DrawnOutline {
        kind,
        group,
        lons: points.iter().map(|p| p.0).collect(),
        lats: points.iter().map(|p| p.1).collect(),
    };
    let outlines = vec![
        outline(OutlineKind::Polygon, 0, &[(12.5, 42.8), (13.8, 42.0), (14.2, 42.4), (13.0, 43.2)]),
        outline(OutlineKind::Line, 1, &[(13.2, 42.5), (13.5, 42.2), (13.7, 42.05)]),
        outline(OutlineKind::Points, 2, &[(15.0, 41.0), (15.1, 41.0), (15.2, 41.0)]),
    ];
    PlacesPicture {
        heading: heading(if sources { "Sources" } else { "Sites" }),
        groups: ["Active Shallow Crust", "Stable Continental Crust", "Subduction Interface"].map(String::from).to_vec(),
        outlines: if sources { outlines } else { vec![] },
        lons: vec![13.4, 14.27, 12.48, 13.42],
        lats: vec![42.35, 40.85, 41.9, 42.36],
        names: ["L'Aquila", "Napoli", "Roma", "Paganica"].map(String::from).to_vec(),
    }
}

fn tree() -> TreePicture {
    let set = |title: &str, branches: &[(&str, f64)]| DrawnSet {
        title: title.into(),
        branches: branches.iter().map(|(name, weight)| (name.to_string(), *weight)).collect(),
    };
    let sets = vec![
        set("sourceModel", &[("fault model", 0.6), ("area model with a very long name", 0.4)]),
        set("maxMagGRRelative", &[("-0.2", 0.2), ("0.0", 0.6), ("0.2", 0.2)]),
        set("Active Shallow Crust", &[("AkkarEtAlRjb2014", 0.4), ("ChiouYoungs2014", 0.3), ("CauzziEtAl2014", 0.3)]),
    ];
    TreePicture { heading: heading("Logic tree"), sets }
}

fn rates() -> RatesPicture {
    let line = |n: u32| {
        let x: Vec<f64> = (0..20).map(|i| 5.05 + 0.1 * f64::from(i)).collect();
        let rates = x.iter().map(|m| 10f64.powf(3.0 - 0.3 * f64::from(n) - m)).collect();
        RateLine { label: format!("source {n}"), x, rates }
    };
    RatesPicture {
        heading: heading("Magnitude-frequency distributions"),
        x_label: "Magnitude".into(),
        y_label: "Annual rate of this magnitude or more".into(),
        x_is_log: false,
        total: Some(RateLine { label: "all sources".into(), ..line(0) }),
        lines: (1..8).map(line).collect(),
    }
}

fn disaggregation() -> MagDistPicture {
    let magnitudes: Vec<f64> = (0..9).map(|i| 5.0 + 0.25 * f64::from(i)).collect();
    let distances: Vec<f64> = (0..11).map(|i| 10.0 * f64::from(i)).collect();
    let epsilons: Vec<f64> = (0..7).map(|i| -3.0 + f64::from(i)).collect();
    let value = |m: usize, d: usize, e: usize| {
        (-((m as f64 - 5.0).powi(2)) / 6.0 - d as f64 / 2.5 - (e as f64 - 4.0).powi(2) / 2.0).exp()
    };
    let values = (0..8).flat_map(|m| (0..10).flat_map(move |d| (0..6).map(move |e| value(m, d, e)))).collect();
    MagDistPicture {
        heading: heading("Disaggregation by magnitude distance and epsilon"),
        magnitudes,
        distances,
        epsilons,
        values,
    }
}
