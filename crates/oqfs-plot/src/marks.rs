//! Marks that stand among those of `kuva`, and the SVG of all of them.

use kuva::backend::svg::SvgBackend;
use kuva::render::color::Color;
use kuva::render::layout::{ComputedLayout, Layout};
use kuva::render::plots::Plot;
use kuva::render::render::{PathData, Primitive, Scene, TextAnchor, render_multiple};

use crate::Heading;
use crate::style::TEXT;

/// A picture that is being drawn: the axes are there, and where a place on them is.
pub struct Canvas {
    pub scene: Scene,
    pub axes: ComputedLayout,
    id: String,
    /// Attributes of the picture as a whole.
    pub attributes: String,
}

impl Canvas {
    /// Draws axes and these plots.
    pub fn new(heading: &Heading, plots: Vec<Plot>, layout: Layout) -> Self {
        let axes = ComputedLayout::from_layout(&layout);
        // without any plot there would be no axes
        let plots = if plots.is_empty() { vec![Plot::Line(kuva::plot::LinePlot::new())] } else { plots };
        Self { scene: render_multiple(plots, layout), axes, id: heading.id.clone(), attributes: String::new() }
    }

    /// A picture without axes.
    pub fn blank(heading: &Heading, size: [f64; 2]) -> Self {
        let mut scene = Scene::new(size[0], size[1]);
        scene.font_family = Some(crate::style::FONTS.into());
        let axes = ComputedLayout::from_layout(&Layout::new((0.0, 1.0), (0.0, 1.0)));
        Self { scene, axes, id: heading.id.clone(), attributes: String::new() }
    }

    /// The place of a point, px.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.axes.map_x(x), self.axes.map_y(y))
    }

    /// The corners of the plot, px: left, top, right, bottom.
    pub fn frame(&self) -> [f64; 4] {
        let axes = &self.axes;
        [axes.margin_left, axes.margin_top, axes.width - axes.margin_right, axes.height - axes.margin_bottom]
    }

    /// What is drawn until [`Self::unclip`] shows inside the plot alone.
    pub fn clip(&mut self) {
        let [left, top, right, bottom] = self.frame();
        let id = format!("{}-map", self.id);
        let (wide, high) = (right - left, bottom - top);
        let area = format!(r#"<rect x="{left}" y="{top}" width="{wide:.2}" height="{high:.2}"/>"#);
        self.scene.defs.push(format!(r#"<clipPath id="{id}">{area}</clipPath>"#));
        self.scene.add(Primitive::ClipStart { x: left, y: top, width: right - left, height: bottom - top, id });
    }

    pub fn unclip(&mut self) {
        self.scene.add(Primitive::ClipEnd);
    }

    /// What is drawn until [`Self::end`] has these attributes together.
    pub fn group(&mut self, attributes: impl Into<String>) {
        self.scene.add(Primitive::GroupStart { transform: None, title: None, extra_attrs: Some(attributes.into()) });
    }

    pub fn end(&mut self) {
        self.scene.add(Primitive::GroupEnd);
    }

    /// A path with the syntax of SVG.
    pub fn path(&mut self, d: String, fill: Option<&str>, stroke: Option<(&str, f64)>) {
        if d.is_empty() {
            return;
        }
        let (stroke, stroke_width) = stroke.map_or((Color::None, 0.0), |(color, width)| (color.into(), width));
        let fill = Some(fill.map_or(Color::None, Color::from));
        self.scene.add(Primitive::Path(Box::new(PathData {
            d,
            fill,
            stroke,
            stroke_width,
            opacity: None,
            stroke_dasharray: None,
        })));
    }

    /// A rectangle.
    pub fn rect(&mut self, [x, y, width, height]: [f64; 4], fill: &str, stroke: Option<&str>) {
        let stroke_width = stroke.map(|_| 1.0);
        let (fill, stroke) = (fill.into(), stroke.map(Color::from));
        self.scene.add(Primitive::Rect { x, y, width, height, fill, stroke, stroke_width, opacity: None });
    }

    /// A line of text.
    pub fn text(&mut self, [x, y]: [f64; 2], content: impl Into<String>, anchor: TextAnchor, style: TextStyle) {
        let TextStyle { size, bold, color } = style;
        let (content, color) = (content.into(), Some(color.into()));
        self.scene.add(Primitive::Text { x, y, content, size, anchor, rotate: None, bold, color });
    }

    /// The picture.
    pub fn svg(self) -> String {
        let svg = plain(SvgBackend::new().render_scene(&self.scene));
        named(&sized(&svg, &self.scene, &self.attributes), &format!("{}-plot", self.id))
    }
}

/// How a text looks.
#[derive(Clone, Copy)]
pub struct TextStyle {
    pub size: u32,
    pub bold: bool,
    pub color: &'static str,
}

impl Default for TextStyle {
    fn default() -> Self {
        Self { size: TEXT, bold: false, color: "#222222" }
    }
}

/// Without the characters that no XML can have, which names may.
fn plain(svg: String) -> String {
    let is_none = |c: char| (c < ' ' && !['\t', '\n', '\r'].contains(&c)) || ['\u{fffe}', '\u{ffff}'].contains(&c);
    if svg.contains(is_none) { svg.replace(is_none, " ") } else { svg }
}

/// Lets a page scale the picture.
fn sized(svg: &str, scene: &Scene, attributes: &str) -> String {
    let start = "<svg ";
    svg.replacen(start, &format!("{start}viewBox=\"0 0 {} {}\" {attributes}", scene.width, scene.height), 1)
}

/// `kuva` numbers the areas that it clips to by their order in the process; a picture is to be the same each time.
fn named(svg: &str, id: &str) -> String {
    const NUMBERED: &str = "kuva-clip-";
    let mut parts = svg.split(NUMBERED);
    let mut text = parts.next().unwrap_or_default().to_string();
    for part in parts {
        text.push_str(id);
        text.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    text
}

/// Appends a number with at most two decimals, and no zeros at its end.
pub fn push(d: &mut String, value: f64) {
    use std::fmt::Write;
    let hundredths = (value * 100.0).round() as i64;
    if hundredths < 0 {
        d.push('-');
    }
    let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    let _ = write!(d, "{whole}");
    if rest > 0 {
        let _ = if rest % 10 == 0 { write!(d, ".{}", rest / 10) } else { write!(d, ".{rest:02}") };
    }
}

/// Appends a line through points to a path.
pub fn push_line(d: &mut String, points: impl IntoIterator<Item = (f64, f64)>, is_closed: bool) {
    for (n, (x, y)) in points.into_iter().enumerate() {
        d.push(if n == 0 { 'M' } else { 'L' });
        push(d, x);
        d.push(' ');
        push(d, y);
    }
    if is_closed {
        d.push('Z');
    }
}
