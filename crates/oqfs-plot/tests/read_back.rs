//! What a picture shows is read back from its SVG: the marks of its axes tell where numbers are, and the points have to be there.

use std::collections::HashMap;

use oqfs_plot::{
    CurvesPicture, DrawnOutline, DrawnSet, Heading, MagDistPicture, MapPicture, OutlineKind, PlacesPicture, RateLine,
    RatesPicture, SiteCurve, SiteSpectra, SpectraPicture, TreePicture, png,
};
use quick_xml::Reader;
use quick_xml::events::Event;

/// An element with its attributes, and its text if it has any.
#[derive(Clone, Debug)]
struct Mark {
    tag: String,
    attributes: HashMap<String, String>,
    text: String,
    /// The classes of the groups that it is in.
    classes: Vec<String>,
}

impl Mark {
    fn number(&self, name: &str) -> f64 {
        self.attributes.get(name).and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
    }

    /// The points of a path; its curves and circles by their ends alone.
    fn points(&self) -> Vec<(f64, f64)> {
        let d = self.attributes.get("d").or_else(|| self.attributes.get("points")).cloned().unwrap_or_default();
        let spaced = d.replace(['M', 'L', 'Z', ','], " ");
        let numbers: Vec<f64> = spaced.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    }
}

/// All elements of a picture in their order. That it is XML is tested with it.
fn marks(svg: &str) -> Vec<Mark> {
    let mut reader = Reader::from_str(svg);
    let (mut marks, mut groups): (Vec<Mark>, Vec<String>) = (vec![], vec![]);
    loop {
        let event = reader.read_event().expect("a picture is XML");
        let is_open = matches!(event, Event::Start(_));
        match event {
            Event::Start(e) | Event::Empty(e) => {
                let attribute =
                    |a: quick_xml::events::attributes::Attribute| (a.key.as_ref().to_string(), a.value.to_string());
                let attributes: HashMap<_, _> =
                    e.attributes().map(|a| attribute(a.expect("attributes are XML"))).collect();
                let tag = e.name().as_ref().to_string();
                if is_open && tag == "g" {
                    groups.push(attributes.get("class").cloned().unwrap_or_default());
                }
                marks.push(Mark { tag, attributes, text: String::new(), classes: groups.clone() });
            }
            Event::Text(text) => {
                if let Some(last) = marks.last_mut() {
                    last.text.push_str(&text);
                }
            }
            Event::End(e) if e.name().as_ref() == "g" => drop(groups.pop()),
            Event::Eof => return marks,
            _ => {}
        }
    }
}

/// How the numbers of an axis become px: by two of its marks.
struct Scale {
    is_log: bool,
    at: [(f64, f64); 2],
}

impl Scale {
    fn px(&self, value: f64) -> f64 {
        let plain = |x: f64| if self.is_log { x.log10() } else { x };
        let [(a, pa), (b, pb)] = self.at.map(|(x, px)| (plain(x), px));
        pa + (plain(value) - a) / (b - a) * (pb - pa)
    }
}

/// A number as the marks of axes say it.
fn said(text: &str) -> Option<f64> {
    let plain = |text: &str| text.parse::<f64>().ok();
    let raised = |text: &str| -> Option<f64> {
        let digits: String = text
            .chars()
            .map(|c| match c {
                '⁻' => '-',
                '¹' => '1',
                '²' => '2',
                '³' => '3',
                c => char::from_digit((c as u32).wrapping_sub(0x2070), 10).unwrap_or('x'),
            })
            .collect();
        digits.parse::<i32>().ok().map(|e| 10f64.powi(e))
    };
    plain(text).or_else(|| raised(text.strip_prefix("10")?)).or_else(|| {
        let (number, letter) = text.split_once("° ")?;
        Some(plain(number)? * if ["W", "S"].contains(&letter) { -1.0 } else { 1.0 })
    })
}

/// Both axes of a picture, from the texts of their marks: those of the horizontal one are centred, those of the vertical one end before it.
fn scales(marks: &[Mark], [x_is_log, y_is_log]: [bool; 2]) -> [Scale; 2] {
    let ticks = |anchor: &str, along: &str| -> Vec<(f64, f64)> {
        let texts =
            marks.iter().filter(|m| m.tag == "text" && m.attributes.get("text-anchor").is_some_and(|a| a == anchor));
        texts.filter_map(|m| Some((said(m.text.trim())?, m.number(along)))).collect()
    };
    let ends = |ticks: &[(f64, f64)]| [ticks[0], *ticks.last().expect("an axis has marks")];
    let (x, y) = (ends(&ticks("middle", "x")), ends(&ticks("end", "y")));
    // the short line before the vertical axis
    let is_tick = |m: &Mark| {
        m.tag == "line"
            && m.number("x2") < 80.0
            && (m.number("x2") - m.number("x1")).abs() < 8.0
            && m.number("y1") == m.number("y2")
    };
    // a text stands a third of its height below the line that it names
    let lines: Vec<f64> = marks.iter().filter(|m| is_tick(m)).map(|m| m.number("y1")).collect();
    let line_of =
        |text: f64| lines.iter().copied().min_by(|a, b| (a - text).abs().total_cmp(&(b - text).abs())).unwrap_or(text);
    [Scale { is_log: x_is_log, at: x }, Scale { is_log: y_is_log, at: y.map(|(value, px)| (value, line_of(px))) }]
}

/// The lines with a stroke of this colour that are no axes.
fn lines_of<'a>(marks: &'a [Mark], color: &str) -> Vec<&'a Mark> {
    marks.iter().filter(|m| m.attributes.get("stroke").is_some_and(|s| s == color) && !m.points().is_empty()).collect()
}

fn assert_line(drawn: &[(f64, f64)], expected: impl Iterator<Item = (f64, f64)>, [x, y]: &[Scale; 2], what: &str) {
    let expected: Vec<_> = expected.map(|(a, b)| (x.px(a), y.px(b))).collect();
    assert_eq!(drawn.len(), expected.len(), "{what}");
    for (drawn, expected) in drawn.iter().zip(&expected) {
        // half a px: kuva rounds to hundredths, and the marks to whole px
        let off = (drawn.0 - expected.0).abs().max((drawn.1 - expected.1).abs());
        assert!(off < 0.5, "{what}: drawn at {drawn:?}, to be at {expected:?}");
    }
}

fn heading() -> Heading {
    Heading::new("test", "A title with <, & and \"", "with 'all' > of them")
}

const COLORS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

fn curves(sites: usize) -> CurvesPicture {
    let levels: Vec<f64> = (0..15).map(|i| 0.005 * 1.5f64.powi(i)).collect();
    let curve = |k: f64| levels.iter().map(|x| -(-k * 1e-3 / x.powf(1.9)).exp_m1()).collect::<Vec<_>>();
    let site = |n: usize| SiteCurve {
        label: format!("site {n}"),
        levels: levels.clone(),
        mean: curve(1.0 + n as f64),
        band: Some([curve(0.5 + 0.5 * n as f64), curve(2.0 + 2.0 * n as f64)]),
    };
    let sites = (0..sites).map(site).collect();
    CurvesPicture { heading: heading(), measure: "PGA (g)".into(), years: 50.0, sites, poes: vec![0.1, 0.02] }
}

#[test]
fn curves_are_where_their_numbers_are() {
    let picture = curves(3);
    let marks = marks(&picture.svg());
    let scales = scales(&marks, [true, true]);
    for (site, color) in picture.sites.iter().zip(COLORS) {
        let drawn: Vec<_> =
            lines_of(&marks, color).iter().map(|m| m.points()).filter(|p| p.len() == site.levels.len()).collect();
        assert_eq!(drawn.len(), 1, "{color}");
        assert_line(&drawn[0], site.levels.iter().copied().zip(site.mean.iter().copied()), &scales, &site.label);
    }
    // the return periods, as lines across the plot with what they are
    for (poe, label) in [(0.1, "10 % in 50 years: 475 years"), (0.02, "2 % in 50 years: 2475 years")] {
        let text = marks.iter().find(|m| m.text == label).unwrap_or_else(|| panic!("{label}"));
        let y = scales[1].px(poe);
        let dashed = |m: &&Mark| {
            m.tag == "line" && m.attributes.contains_key("stroke-dasharray") && (m.number("y1") - y).abs() < 0.5
        };
        assert!(marks.iter().any(|m| dashed(&m)), "{label}");
        assert!((text.number("y") - y).abs() < 10.0);
    }
}

#[test]
fn bands_are_between_their_quantiles() {
    let picture = curves(1);
    let marks = marks(&picture.svg());
    let scales = scales(&marks, [true, true]);
    let [low, high] = picture.sites[0].band.clone().unwrap();
    let filled = marks
        .iter()
        .filter(|m| m.attributes.get("fill").is_some_and(|f| f == COLORS[0]) && m.points().len() >= 2 * low.len());
    let band: Vec<(f64, f64)> = filled.flat_map(|m| m.points()).collect();
    for (level, (low, high)) in picture.sites[0].levels.iter().zip(low.iter().zip(&high)) {
        for value in [low, high] {
            let at = (scales[0].px(*level), scales[1].px(*value));
            assert!(band.iter().any(|p| (p.0 - at.0).abs() < 0.5 && (p.1 - at.1).abs() < 0.5), "{level} {value}");
        }
    }
}

#[test]
fn what_a_logarithmic_axis_cannot_show_is_left_out() {
    let mut picture = curves(2);
    picture.sites[0].mean[14] = 0.0;
    picture.sites[0].mean[13] = f64::NAN;
    picture.sites[1].mean = vec![0.0; 15];
    picture.sites[1].band = None;
    let svg = picture.svg();
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    let marks = marks(&svg);
    let longest = lines_of(&marks, COLORS[0]).iter().map(|m| m.points().len()).max();
    assert_eq!(longest, Some(13));
    // nothing at all is a picture too
    for sites in [vec![], picture.sites[1..].to_vec()] {
        let svg = CurvesPicture { sites, poes: vec![], ..picture.clone() }.svg();
        assert!(svg.starts_with("<svg ") && !svg.contains("NaN"));
    }
}

#[test]
fn spectra_are_where_their_numbers_are() {
    let periods = vec![0.0, 0.1, 0.2, 0.5, 1.0, 2.0];
    let values = vec![vec![0.2, 0.4, 0.5, 0.3, 0.15, 0.07], vec![0.4, 0.8, 1.0, 0.6, 0.3, 0.14]];
    let site = SiteSpectra { label: "L'Aquila".into(), values: values.clone() };
    let picture = SpectraPicture {
        heading: heading(),
        periods: periods.clone(),
        poes: vec!["a".into(), "b".into()],
        sites: vec![site],
    };
    let marks = marks(&picture.svg());
    let scales = scales(&marks, [false, false]);
    for (spectrum, color) in values.iter().zip(COLORS) {
        let drawn = lines_of(&marks, color).into_iter().map(Mark::points).find(|p| p.len() == periods.len()).unwrap();
        assert_line(&drawn, periods.iter().copied().zip(spectrum.iter().copied()), &scales, color);
    }
}

#[test]
fn rates_are_where_their_numbers_are() {
    let x: Vec<f64> = (0..10).map(|i| 5.0 + 0.25 * f64::from(i)).collect();
    let line = |label: &str, k: f64| RateLine {
        label: label.into(),
        x: x.clone(),
        rates: x.iter().map(|m| k * 10f64.powf(3.0 - m)).collect(),
    };
    let lines = vec![line("fault", 1.0), line("area", 0.3)];
    let picture = RatesPicture {
        heading: heading(),
        x_label: "Magnitude".into(),
        y_label: "Annual rate".into(),
        x_is_log: false,
        total: Some(line("all sources", 1.3)),
        lines: lines.clone(),
    };
    let marks = marks(&picture.svg());
    let scales = scales(&marks, [false, true]);
    for (line, color) in picture.total.iter().chain(&lines).zip(["#222222", COLORS[0], COLORS[1]]) {
        let drawn = lines_of(&marks, color).into_iter().map(Mark::points).find(|p| p.len() == 10).unwrap();
        assert_line(&drawn, line.x.iter().copied().zip(line.rates.iter().copied()), &scales, &line.label);
    }
}

/// The rectangles of paths `M x y h w v h h -w Z`: left, top, right, bottom.
fn rects(mark: &Mark) -> Vec<[f64; 4]> {
    let d = mark.attributes.get("d").cloned().unwrap_or_default();
    let one = |part: &str| {
        let numbers: Vec<f64> =
            part.replace(['h', 'v', 'Z'], " ").split_whitespace().filter_map(|w| w.parse().ok()).collect();
        [numbers[0], numbers[1], numbers[0] + numbers[2], numbers[1] + numbers[3]]
    };
    d.split('M').filter(|part| part.contains('h')).map(one).collect()
}

#[test]
fn the_cells_of_a_map_have_the_colours_of_their_values() {
    let step = 0.5;
    let sites: Vec<(f64, f64)> =
        (0..60).map(|i| (10.0 + step * f64::from(i % 10), 42.0 + step * f64::from(i / 10))).collect();
    let values: Vec<f64> = (0..60).map(|i| 0.05 + 0.007 * f64::from(i * 7 % 60)).collect();
    let half = step / 2.0;
    let cells = sites.iter().map(|(lon, lat)| [lon - half, lat - half, lon + half, lat + half]).collect();
    let (lons, lats) = sites.iter().copied().unzip();
    let picture = MapPicture { heading: heading(), unit: "PGA (g)".into(), lons, lats, values: values.clone(), cells };
    let svg = picture.svg();
    let marks = marks(&svg);
    let scales = scales(&marks, [false, false]);
    // the bar says which colour stands for what
    let bar: Vec<&Mark> = marks
        .iter()
        .filter(|m| m.tag == "rect" && m.number("width") == 16.0 && m.attributes["fill"] != "none")
        .collect();
    let labels: Vec<(f64, f64)> = marks
        .iter()
        .filter(|m| m.tag == "text" && m.attributes.get("text-anchor").is_none_or(|a| a == "start"))
        .filter_map(|m| Some((m.text.parse().ok()?, m.number("y"))))
        .collect();
    let bound = |y: f64| labels.iter().min_by(|a, b| (a.1 - y).abs().total_cmp(&(b.1 - y).abs())).unwrap().0;
    for ((lon, lat), value) in sites.iter().zip(&values) {
        let at = (scales[0].px(*lon), scales[1].px(*lat));
        let is_in = |r: &[f64; 4]| r[0] <= at.0 && at.0 <= r[2] && r[1] <= at.1 && at.1 <= r[3];
        let cell =
            marks.iter().filter(|m| m.classes.iter().any(|c| c == "values")).find(|m| rects(m).iter().any(is_in));
        let color = &cell.unwrap_or_else(|| panic!("no cell at {lon} {lat}")).attributes["fill"];
        let part = bar.iter().find(|m| m.attributes["fill"] == *color).unwrap_or_else(|| panic!("{color}"));
        let (top, bottom) = (part.number("y"), part.number("y") + part.number("height"));
        let range = (bound(bottom + 4.2), bound(top + 4.2));
        assert!(range.0 <= *value && *value <= range.1, "{value} is drawn as {range:?}");
    }
}

#[test]
fn maps_are_whole_from_one_site_to_very_many_and_across_the_date_line() {
    for n in [1usize, 2, 40, 2001, 100_000] {
        let place =
            |i: usize| (170.0 + 20.0 * (i as f64 * 0.618_034).fract(), -45.0 + 10.0 * (i as f64 * 0.754_878).fract());
        let turned = |(lon, lat): (f64, f64)| (if lon > 180.0 { lon - 360.0 } else { lon }, lat);
        let (lons, lats): (Vec<f64>, Vec<f64>) = (0..n).map(|i| turned(place(i))).unzip();
        let values = (0..n).map(|i| 0.1 + (i as f64 * 0.37).fract()).collect();
        let svg = MapPicture { heading: heading(), unit: "PGA (g)".into(), lons, lats, values, cells: vec![] }.svg();
        assert!(svg.len() < 2_000_000 && !svg.contains("NaN"), "{n}");
        // the map is no wider than the sites need: nothing goes round the world
        let marks = marks(&svg);
        let edges: Vec<f64> = marks[0].attributes["data-map"].split(' ').filter_map(|x| x.parse().ok()).collect();
        assert!(edges[1] - edges[0] < 40.0, "{n}: {edges:?}");
        let drawn = marks.iter().filter(|m| m.classes.iter().any(|c| c == "values") && m.tag == "path");
        assert!(
            drawn.map(|m| m.attributes["d"].matches('M').count()).sum::<usize>() >= if n <= 2000 { n } else { 500 }
        );
    }
}

#[test]
fn sources_and_sites_are_where_they_are() {
    let area = [(12.5, 42.8), (13.8, 42.0), (14.2, 42.4), (13.0, 43.2)];
    let trace = [(13.2, 42.5), (13.5, 42.2), (13.7, 42.05)];
    let outline = |kind, group, points: &[(f64, f64)]| {
        let (lons, lats) = points.iter().copied().unzip();
        DrawnOutline { kind, group, lons, lats }
    };
    let picture = PlacesPicture {
        heading: heading(),
        groups: vec!["Active Shallow Crust".into(), "Stable & <Old>".into()],
        outlines: vec![outline(OutlineKind::Polygon, 0, &area), outline(OutlineKind::Line, 1, &trace)],
        lons: vec![13.4],
        lats: vec![42.35],
        names: vec!["L'Aquila".into()],
    };
    let marks = marks(&picture.svg());
    let scales = scales(&marks, [false, false]);
    let path =
        |color: &str, n: usize| lines_of(&marks, color).into_iter().map(Mark::points).find(|p| p.len() == n).unwrap();
    assert_line(&path(COLORS[0], 4), area.into_iter(), &scales, "the area");
    assert_line(&path(COLORS[1], 3), trace.into_iter(), &scales, "the trace");
    let site = marks.iter().find(|m| m.tag == "path" && m.classes.iter().any(|c| c == "sites")).unwrap();
    let start = site.attributes["d"]
        .trim_start_matches('M')
        .split(['a', ' '])
        .take(2)
        .filter_map(|x| x.parse().ok())
        .collect::<Vec<f64>>();
    assert!(
        (start[0] + 4.0 - scales[0].px(13.4)).abs() < 0.5 && (start[1] - scales[1].px(42.35)).abs() < 0.5,
        "{start:?}"
    );
    let texts: Vec<&str> = marks.iter().map(|m| m.text.as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("Aquila")), "{texts:?}");
}

#[test]
fn names_of_sites_do_not_overlap() {
    let n = 30;
    let lons: Vec<f64> = (0..n).map(|i| 13.0 + 0.6 * (f64::from(i) * 0.618_034).fract()).collect();
    let lats: Vec<f64> = (0..n).map(|i| 42.0 + 0.4 * (f64::from(i) * 0.754_878).fract()).collect();
    let names: Vec<String> = (0..n).map(|i| format!("municipality {i}")).collect();
    let picture = PlacesPicture { heading: heading(), lons, lats, names, ..PlacesPicture::default() };
    let marks = marks(&picture.svg());
    let boxes: Vec<[f64; 4]> = marks
        .iter()
        .filter(|m| m.text.starts_with("municipality"))
        .map(|m| {
            [m.number("x"), m.number("y") - 10.0, m.number("x") + 6.0 * m.text.chars().count() as f64, m.number("y")]
        })
        .collect();
    assert!(boxes.len() > 10, "{}", boxes.len());
    for (i, a) in boxes.iter().enumerate() {
        for b in &boxes[i + 1..] {
            assert!(!(a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]), "{a:?} {b:?}");
        }
    }
}

#[test]
fn trees_show_branches_with_weights_and_say_what_is_left_out() {
    let branches = (0..40).map(|i| (format!("model {i}"), 0.025)).collect();
    let set = |title: &str, branches| DrawnSet { title: title.into(), branches };
    let sets = vec![
        set("sourceModel", vec![("faults".into(), 0.6), ("areas".into(), 0.4)]),
        set("Active Shallow Crust", branches),
    ];
    let marks = marks(&TreePicture { heading: heading(), sets }.svg());
    let texts: Vec<&str> = marks.iter().map(|m| m.text.as_str()).collect();
    for text in ["sourceModel", "faults", "0.6", "Active Shallow Crust", "model 23", "and 16 more, 0.4 together"] {
        assert!(texts.contains(&text), "{text}: {texts:?}");
    }
    assert!(!texts.contains(&"model 24"));
}

#[test]
fn bars_of_a_disaggregation_are_as_high_as_their_shares() {
    // two magnitudes, three distances, two epsilons
    let values = vec![0.1, 0.2, 0.05, 0.05, 0.0, 0.0, 0.3, 0.1, 0.1, 0.05, 0.05, 0.0];
    let picture = MagDistPicture {
        heading: heading(),
        magnitudes: vec![5.0, 6.0, 7.0],
        distances: vec![0.0, 50.0, 100.0, 150.0],
        epsilons: vec![-1.0, 1.0, 3.0],
        values: values.clone(),
    };
    let marks = marks(&picture.svg());
    let scales = scales(&marks, [false, false]);
    let bin = (scales[1].px(5.0) - scales[1].px(6.0)) * 0.94;
    let highest = 0.4;
    let bars: Vec<[f64; 4]> = marks
        .iter()
        .filter(|m| m.tag == "path")
        .flat_map(|m| {
            let points = m.points();
            points.chunks_exact(4).map(|p| [p[0].0, p[2].1, p[2].0, p[0].1]).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(bars.len(), values.iter().filter(|v| **v > 0.0).count());
    for (n, value) in values.iter().enumerate().filter(|(_, v)| **v > 0.0) {
        let (m, d) = (n / 6, n / 2 % 3);
        let middle = scales[0].px(25.0 + 50.0 * d as f64);
        let base = scales[1].px(5.0 + m as f64);
        let height = bin * value / highest;
        let is_it = |b: &&[f64; 4]| {
            b[0] < middle
                && middle < b[2]
                && b[3] <= base + 0.1
                && b[1] >= base - bin - 0.1
                && (b[3] - b[1] - height).abs() < 0.1
        };
        assert!(bars.iter().any(|b| is_it(&b)), "{n}: {value}");
    }
}

#[test]
fn a_picture_is_the_same_each_time_and_a_png_can_be_made_of_it() {
    let picture = curves(12);
    let svg = picture.svg();
    assert_eq!(svg, picture.svg());
    assert!(!svg.contains("kuva-clip"));
    let bytes = png(&svg).unwrap();
    assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
    assert!(png("<svg").is_err());
}

#[test]
fn whatever_is_in_a_datastore_a_picture_is_xml_and_ends() {
    let odd = [0.0, -1.0, f64::NAN, f64::INFINITY, 5e-324, 3.4e38, 1e-300, 180.0, -540.0, 1e10];
    let name = "a\u{1}b\0 <&> \u{ffff}\u{1f30b}".to_string();
    let heading = || Heading::new("odd", name.clone(), name.clone());
    for (i, a) in odd.iter().enumerate() {
        for b in odd.iter().skip(i) {
            let two = || vec![*a, *b];
            let map = |cells| MapPicture {
                heading: heading(),
                unit: name.clone(),
                lons: two(),
                lats: vec![*b, *a],
                values: two(),
                cells,
            };
            let curve =
                SiteCurve { label: name.clone(), levels: two(), mean: two(), band: Some([two(), vec![*b, *a]]) };
            let curves =
                CurvesPicture { heading: heading(), measure: name.clone(), years: *a, sites: vec![curve], poes: two() };
            let spectrum = SiteSpectra { label: name.clone(), values: vec![two()] };
            let spectra =
                SpectraPicture { heading: heading(), periods: two(), poes: vec![name.clone()], sites: vec![spectrum] };
            let line = RateLine { label: name.clone(), x: two(), rates: vec![*b, *a] };
            let rates = |x_is_log| RatesPicture {
                heading: heading(),
                x_label: name.clone(),
                y_label: name.clone(),
                x_is_log,
                total: None,
                lines: vec![line.clone()],
            };
            let outlines = [OutlineKind::Points, OutlineKind::Line, OutlineKind::Polygon].map(|kind| DrawnOutline {
                kind,
                group: 0,
                lons: two(),
                lats: vec![*b, *a],
            });
            let places = PlacesPicture {
                heading: heading(),
                groups: vec![name.clone()],
                outlines: outlines.to_vec(),
                lons: two(),
                lats: two(),
                names: vec![name.clone(); 2],
            };
            let bars = MagDistPicture {
                heading: heading(),
                magnitudes: two(),
                distances: two(),
                epsilons: two(),
                values: vec![*a],
            };
            let sets = vec![DrawnSet { title: name.clone(), branches: vec![(name.clone(), *a), (name.clone(), *b)] }];
            let all = [
                map(vec![]).svg(),
                map(vec![[*a, *b, *b, *a], [*b, *a, *a, *b]]).svg(),
                curves.svg(),
                spectra.svg(),
                rates(true).svg(),
                rates(false).svg(),
                places.svg(),
                bars.svg(),
                TreePicture { heading: heading(), sets }.svg(),
            ];
            for (n, svg) in all.iter().enumerate() {
                assert!(!marks(svg).is_empty() && svg.len() < 200_000, "{n} of {a} {b}: {} bytes", svg.len());
                assert!(!svg.contains('\u{1}'), "{n}");
            }
        }
    }
}
