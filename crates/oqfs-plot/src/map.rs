//! Maps: sites with values, sites and sources by themselves.

use std::collections::HashMap;
use std::sync::Arc;

use kuva::plot::LegendEntry;
use kuva::plot::MarkerShape;
use kuva::plot::legend::LegendShape;
use kuva::render::layout::TickFormat;
use kuva::render::render::TextAnchor;

use crate::Heading;
use crate::classes::ValueClasses;
use crate::marks::{Canvas, TextStyle, push, push_line};
use crate::style::{AxisRange, COLORS, PLOT, entry, layout, range};
use crate::text::{degrees, fitted, width};
use crate::world::world;

/// A value at each site.
#[derive(Clone, Debug)]
pub struct MapPicture {
    pub heading: Heading,
    /// The measure and the unit of the values.
    pub unit: String,
    /// Degrees.
    pub lons: Vec<f64>,
    pub lats: Vec<f64>,
    /// What is not finite is left out.
    pub values: Vec<f64>,
    /// The cells of the sites if they are a grid: west, south, east and north, degrees; none if they are not.
    pub cells: Vec<[f64; 4]>,
}

/// What a part of a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutlineKind {
    Points,
    Line,
    Polygon,
}

/// A part of the geometry of a source.
#[derive(Clone, Debug)]
pub struct DrawnOutline {
    pub kind: OutlineKind,
    /// What its colour stands for, a place in [`PlacesPicture::groups`].
    pub group: usize,
    /// Degrees.
    pub lons: Vec<f64>,
    pub lats: Vec<f64>,
}

/// Sites and sources.
#[derive(Clone, Debug, Default)]
pub struct PlacesPicture {
    pub heading: Heading,
    /// The tectonic region types.
    pub groups: Vec<String>,
    pub outlines: Vec<DrawnOutline>,
    /// The sites, degrees.
    pub lons: Vec<f64>,
    pub lats: Vec<f64>,
    /// Their names, shown where there is room; none if they have none.
    pub names: Vec<String>,
}

/// The part of the world that a map shows; longitudes are counted from its middle, so that no map is cut at the date line.
#[derive(Clone, Copy, Debug)]
struct Window {
    middle: f64,
    lon: (f64, f64),
    lat: (f64, f64),
}

/// The least that a map shows, degrees.
const LEAST: f64 = 0.6;
/// More sites than this are drawn as squares, px apart.
const CIRCLES: usize = 2000;
/// At most so many sites are named.
const NAMED: usize = 40;

impl Window {
    /// Around places, those that are on earth; `None` if there are none.
    fn around(places: &[(f64, f64)]) -> Option<Self> {
        let is_on_earth = |(lon, lat): &&(f64, f64)| lon.abs() <= 540.0 && lat.abs() <= 90.0;
        let places: Vec<_> = places.iter().filter(is_on_earth).collect();
        let first = places.first()?.0;
        // the middle of the directions, so that 179 and -179 are neighbours
        let (x, y) =
            places.iter().fold((0.0, 0.0), |(x, y), (lon, _)| (x + lon.to_radians().cos(), y + lon.to_radians().sin()));
        let middle = if x.hypot(y) > 1e-9 * places.len() as f64 { y.atan2(x).to_degrees() } else { first };
        let lon = range(places.iter().map(|(lon, _)| unwrapped(*lon, middle)));
        let lat = range(places.iter().map(|(_, lat)| *lat));
        let pad = |(low, high): (f64, f64)| {
            let pad = ((high - low) * 0.08).max((LEAST - (high - low)) / 2.0);
            (low - pad, high + pad)
        };
        let (lon, lat) = (pad(lon), pad(lat));
        let (lon, lat) = ((lon.0.max(middle - 180.0), lon.1.min(middle + 180.0)), (lat.0.max(-90.0), lat.1.min(90.0)));
        Some(Self { middle, lon, lat })
    }

    /// The window and the size of its plot, with one scale along parallels and meridians, px.
    fn fitted(mut self) -> (Self, [f64; 2]) {
        let squeeze = ((self.lat.0 + self.lat.1) / 2.0).to_radians().cos().max(0.2);
        let (wide, high) = ((self.lon.1 - self.lon.0) * squeeze, self.lat.1 - self.lat.0);
        let scale = (PLOT[0] / wide).min(520.0 / high);
        // a strip is made broader rather than shown as a line
        let (width, height) = ((wide * scale).max(260.0), (high * scale).max(220.0));
        let widen = |range: (f64, f64), by: f64| {
            let (middle, half) = ((range.0 + range.1) / 2.0, (range.1 - range.0) / 2.0 * by);
            (middle - half, middle + half)
        };
        self.lon = widen(self.lon, width / (wide * scale));
        self.lat = widen(self.lat, height / (high * scale));
        (self, [width, height])
    }

    fn axes(&self) -> [AxisRange; 2] {
        [AxisRange::linear("Longitude", self.lon.0, self.lon.1), AxisRange::linear("Latitude", self.lat.0, self.lat.1)]
    }

    fn canvas(&self, heading: &Heading, plot: [f64; 2], legend: Vec<LegendEntry>, right: f64) -> Canvas {
        let axes = self.axes();
        let mut layout = layout(heading, [&axes[0], &axes[1]], plot, legend, right);
        layout.x_tick_format = TickFormat::Custom(Arc::new(|x| degrees(unwrapped(x, 0.0), ['W', 'E'])));
        layout.y_tick_format = TickFormat::Custom(Arc::new(|y| degrees(y, ['S', 'N'])));
        layout.ticks = (plot[0] / 110.0).clamp(2.0, 6.0) as usize;
        let mut canvas = Canvas::new(heading, vec![], layout);
        // so that a page can tell which place is clicked on
        let [left, top, right, bottom] = canvas.frame();
        let edges = [self.lon.0, self.lon.1, self.lat.0, self.lat.1, left, top, right, bottom];
        canvas.attributes = format!(r#"data-map="{}" "#, edges.map(|x| format!("{x:.5}")).join(" "));
        canvas
    }

    /// The place of a site, px.
    fn at(&self, canvas: &Canvas, lon: f64, lat: f64) -> (f64, f64) {
        canvas.at(unwrapped(lon, self.middle), lat)
    }

    /// Draws coasts and borders.
    fn draw_world(&self, canvas: &mut Canvas) {
        let (mut coasts, mut borders) = (String::new(), String::new());
        let lons = [self.lon.0 as f32, self.lon.1 as f32];
        for line in world() {
            let is_near = |shift: f32| line.lon.0 + shift <= lons[1] && line.lon.1 + shift >= lons[0];
            let is_in = line.lat.0 <= self.lat.1 as f32 && line.lat.1 >= self.lat.0 as f32;
            if !is_in || ![-360.0, 0.0, 360.0].into_iter().any(is_near) {
                continue;
            }
            let d = if line.is_border { &mut borders } else { &mut coasts };
            for run in self.runs(canvas, &line.points) {
                push_line(d, run, false);
            }
        }
        canvas.path(coasts, None, Some(("#555555", 0.9)));
        canvas.path(borders, None, Some(("#999999", 0.7)));
    }

    /// The parts of a line that are near the plot, px, thinned to what shows.
    fn runs(&self, canvas: &Canvas, points: &[(f32, f32)]) -> Vec<Vec<(f64, f64)>> {
        let [left, top, right, bottom] = canvas.frame();
        let is_near = |(x, y): (f64, f64)| x > left - 40.0 && x < right + 40.0 && y > top - 40.0 && y < bottom + 40.0;
        let half_a_turn = (right - left) / (self.lon.1 - self.lon.0) * 180.0;
        let mut runs: Vec<Vec<(f64, f64)>> = vec![];
        let mut last: Option<(f64, f64)> = None;
        let mut is_open = false;
        for (lon, lat) in points {
            let at = self.at(canvas, f64::from(*lon), f64::from(*lat));
            let jumps = last.is_some_and(|last| (last.0 - at.0).abs() > half_a_turn);
            if is_near(at) || last.is_some_and(is_near) {
                if !is_open || jumps {
                    runs.push(last.filter(|_| !jumps).into_iter().collect());
                    is_open = true;
                }
                let run = runs
                    .last_mut()
                    .filter(|run| run.last().is_none_or(|p| (p.0 - at.0).abs() + (p.1 - at.1).abs() > 0.7));
                run.into_iter().for_each(|run| run.push(at));
            } else {
                is_open = false;
            }
            last = Some(at);
        }
        runs.retain(|run| run.len() > 1);
        runs
    }
}

/// A longitude less than half a turn from `middle`.
fn unwrapped(lon: f64, middle: f64) -> f64 {
    middle + (lon - middle + 180.0).rem_euclid(360.0) - 180.0
}

/// A picture that says why it is empty.
fn empty(heading: &Heading) -> String {
    let mut canvas = Canvas::blank(heading, [480.0, 120.0]);
    let style = TextStyle { size: 16, bold: true, ..TextStyle::default() };
    canvas.text([20.0, 40.0], &heading.title, TextAnchor::Start, style);
    canvas.text([20.0, 70.0], "There is nothing to show.", TextAnchor::Start, TextStyle::default());
    canvas.svg()
}

impl MapPicture {
    /// The picture, as SVG.
    pub fn svg(&self) -> String {
        let sites = self.lons.iter().copied().zip(self.lats.iter().copied());
        let corners = self.cells.iter().flat_map(|[west, south, east, north]| [(*west, *south), (*east, *north)]);
        let sites: Vec<(f64, f64)> = sites.chain(corners).collect();
        let (Some(window), Some(classes)) = (Window::around(&sites), ValueClasses::of(&self.values)) else {
            return empty(&self.heading);
        };
        let (window, plot) = window.fitted();
        let mut canvas = window.canvas(&self.heading, plot, vec![], classes.bar_width(&self.unit));
        canvas.clip();
        let is_grid = !self.cells.is_empty() && self.cells.len() == self.values.len();
        let paths = if is_grid {
            self.cell_paths(&canvas, &window, &classes)
        } else {
            self.site_paths(&canvas, &window, &classes)
        };
        let stroke = (!is_grid && self.values.len() <= CIRCLES).then_some(("#444444", 0.5));
        canvas.group(r#"class="values""#);
        for (class, d) in paths.into_iter().enumerate() {
            canvas.path(d, Some(&classes.color(class)), stroke);
        }
        canvas.end();
        window.draw_world(&mut canvas);
        canvas.unclip();
        classes.draw_bar(&mut canvas, &self.unit);
        canvas.svg()
    }

    /// A path a class, of the cells; neighbours on a parallel are one rectangle.
    fn cell_paths(&self, canvas: &Canvas, window: &Window, classes: &ValueClasses) -> Vec<String> {
        let shown = self
            .cells
            .iter()
            .zip(&self.values)
            .filter(|(cell, value)| value.is_finite() && cell.iter().all(|x| x.is_finite()));
        let mut cells: Vec<(usize, [f64; 4])> = shown
            .map(|([west, south, east, north], value)| {
                let (left, top) = window.at(canvas, *west, *north);
                let (_, bottom) = canvas.at(*west, *south);
                let (right, _) = canvas.at(unwrapped(*west, window.middle) + (east - west), *south);
                (classes.find(*value), [left, top, right, bottom])
            })
            .collect();
        cells.sort_by(|(_, a), (_, b)| a[1].total_cmp(&b[1]).then(a[0].total_cmp(&b[0])));
        let mut paths = vec![String::new(); classes.len()];
        let mut rest = &cells[..];
        while let Some((class, [left, top, _, bottom])) = rest.first().copied() {
            let joins = |pair: &[(usize, [f64; 4])]| {
                let ((_, before), (other, next)) = (pair[0], pair[1]);
                other == class && next[1] == top && (next[0] - before[2]).abs() < 0.05
            };
            let length = 1 + rest.windows(2).take_while(|pair| joins(pair)).count();
            let right = rest[length - 1].1[2];
            push_rect(&mut paths[class], [left, top, right - left, bottom - top]);
            rest = &rest[length..];
        }
        paths
    }

    /// A path a class, of circles, or of squares where there are very many sites.
    fn site_paths(&self, canvas: &Canvas, window: &Window, classes: &ValueClasses) -> Vec<String> {
        let [left, top, right, bottom] = canvas.frame();
        let n = self.values.len();
        let mut paths = vec![String::new(); classes.len()];
        let places = self.lons.iter().zip(&self.lats).zip(&self.values);
        let shown = places.filter(|((lon, lat), value)| lon.is_finite() && lat.is_finite() && value.is_finite());
        let shown = shown.map(|((lon, lat), value)| (window.at(canvas, *lon, *lat), *value));
        if n <= CIRCLES {
            let radius = (5.5 - (n as f64).log10()).clamp(2.5, 5.5);
            shown.for_each(|(at, value)| push_circle(&mut paths[classes.find(value)], at, radius));
            return paths;
        }
        let side = ((right - left) * (bottom - top) / n as f64).sqrt().clamp(2.0, 8.0);
        // of sites in one place of the picture the highest value shows
        let mut highest: HashMap<(i64, i64), f64> = HashMap::new();
        for ((x, y), value) in shown {
            let known =
                highest.entry(((x / side).floor() as i64, (y / side).floor() as i64)).or_insert(f64::NEG_INFINITY);
            *known = known.max(value);
        }
        let mut squares: Vec<_> = highest.into_iter().collect();
        squares.sort_by_key(|((x, y), _)| (*y, *x));
        for ((x, y), value) in squares {
            push_rect(&mut paths[classes.find(value)], [x as f64 * side, y as f64 * side, side, side]);
        }
        paths
    }
}

fn push_rect(d: &mut String, [x, y, width, height]: [f64; 4]) {
    d.push('M');
    push(d, x);
    d.push(' ');
    push(d, y);
    d.push('h');
    push(d, width);
    d.push('v');
    push(d, height);
    d.push('h');
    push(d, -width);
    d.push('Z');
}

fn push_circle(d: &mut String, (x, y): (f64, f64), radius: f64) {
    d.push('M');
    push(d, x - radius);
    d.push(' ');
    push(d, y);
    for diameter in [2.0 * radius, -2.0 * radius] {
        d.push('a');
        push(d, radius);
        d.push(' ');
        push(d, radius);
        d.push_str(" 0 1 0 ");
        push(d, diameter);
        d.push_str(" 0");
    }
    d.push('Z');
}

impl PlacesPicture {
    /// The picture, as SVG.
    pub fn svg(&self) -> String {
        let sites = self.lons.iter().copied().zip(self.lats.iter().copied());
        let vertices = self.outlines.iter().flat_map(|part| part.lons.iter().copied().zip(part.lats.iter().copied()));
        let places: Vec<(f64, f64)> = sites.chain(vertices).collect();
        let Some(window) = Window::around(&places) else { return empty(&self.heading) };
        let (window, plot) = window.fitted();
        let mut canvas = window.canvas(&self.heading, plot, self.legend(), 0.0);
        canvas.clip();
        window.draw_world(&mut canvas);
        for group in 0..self.groups.len() {
            self.draw_group(&mut canvas, &window, group);
        }
        let radius =
            if self.lons.len() <= NAMED { 4.0 } else { (4.5 - (self.lons.len() as f64).log10()).clamp(1.0, 3.5) };
        let mut d = String::new();
        let sites: Vec<_> = self.sites(&canvas, &window).collect();
        sites.iter().for_each(|at| push_circle(&mut d, *at, radius));
        canvas.group(r#"class="sites""#);
        canvas.path(d, Some("#111111"), Some(("#ffffff", 0.6)));
        canvas.end();
        self.draw_names(&mut canvas, &sites);
        canvas.unclip();
        canvas.svg()
    }

    /// Where sites are, px; of those that cannot be told apart one.
    fn sites<'a>(&'a self, canvas: &'a Canvas, window: &'a Window) -> impl Iterator<Item = (f64, f64)> + 'a {
        let mut seen = std::collections::HashSet::new();
        let sites = self.lons.iter().zip(&self.lats).filter(|(lon, lat)| lon.is_finite() && lat.is_finite());
        let at = sites.map(|(lon, lat)| window.at(canvas, *lon, *lat));
        at.filter(move |(x, y)| seen.insert(((x * 2.0) as i64, (y * 2.0) as i64)))
    }

    fn legend(&self) -> Vec<LegendEntry> {
        let used = |group: &usize| self.outlines.iter().any(|part| part.group == *group);
        let groups = (0..self.groups.len()).filter(used);
        let mut entries: Vec<_> = groups
            .map(|g| entry(fitted(&self.groups[g], crate::style::TEXT, 190.0), color(g), LegendShape::Rect, None))
            .collect();
        if !entries.is_empty() && !self.lons.is_empty() {
            entries.push(entry("sites", "#111111", LegendShape::Marker(MarkerShape::Circle), None));
        }
        entries
    }

    fn draw_group(&self, canvas: &mut Canvas, window: &Window, group: usize) {
        let (mut polygons, mut lines, mut points) = (String::new(), String::new(), String::new());
        let mut seen = std::collections::HashSet::new();
        for part in self.outlines.iter().filter(|part| part.group == group) {
            let at = part.lons.iter().zip(&part.lats).filter(|(lon, lat)| lon.is_finite() && lat.is_finite());
            let at = at.map(|(lon, lat)| window.at(canvas, *lon, *lat));
            match part.kind {
                OutlineKind::Polygon => push_line(&mut polygons, at, true),
                OutlineKind::Line => push_line(&mut lines, at, false),
                OutlineKind::Points => {
                    // what cannot be told apart is drawn once
                    let fresh = at.filter(|(x, y)| seen.insert(((x * 2.0) as i64, (y * 2.0) as i64)));
                    fresh.for_each(|(x, y)| push_rect(&mut points, [x - 1.5, y - 1.5, 3.0, 3.0]));
                }
            }
        }
        let color = color(group);
        canvas.group(format!(r#"class="sources" data-group="{group}" fill-opacity="0.18""#));
        canvas.path(polygons, Some(color), Some((color, 1.2)));
        canvas.end();
        canvas.group(r#"class="sources""#);
        canvas.path(lines, None, Some((color, 2.2)));
        canvas.path(points, Some(color), None);
        canvas.end();
    }

    /// The names of sites, those that overlap no other name and no site.
    fn draw_names(&self, canvas: &mut Canvas, sites: &[(f64, f64)]) {
        if self.names.len() != sites.len() || sites.len() > NAMED {
            return;
        }
        let [left, top, right, bottom] = canvas.frame();
        let height = f64::from(crate::style::TEXT);
        let mut taken: Vec<[f64; 4]> = sites.iter().map(|(x, y)| [x - 5.0, y - 5.0, x + 5.0, y + 5.0]).collect();
        for ((x, y), name) in sites.iter().zip(&self.names) {
            let name = fitted(name, crate::style::TEXT, 160.0);
            let wide = width(&name, crate::style::TEXT);
            let starts = [
                (x + 8.0, y + 4.0),
                (x - 8.0 - wide, y + 4.0),
                (x - wide / 2.0, y - 8.0),
                (x - wide / 2.0, y + 8.0 + height),
            ];
            let place = |(x, y): (f64, f64)| [x, y - height, x + wide, y + 2.0];
            let is_free = |b: &[f64; 4]| {
                let overlaps = |a: &[f64; 4]| a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
                b[0] > left && b[2] < right && b[1] > top && b[3] < bottom && !taken.iter().any(overlaps)
            };
            if let Some(start) = starts.into_iter().find(|start| is_free(&place(*start))) {
                taken.push(place(start));
                canvas.text([start.0, start.1], name, TextAnchor::Start, TextStyle::default());
            }
        }
    }
}

/// The colour of a group.
fn color(group: usize) -> &'static str {
    COLORS[group % COLORS.len()]
}
