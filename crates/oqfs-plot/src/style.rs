//! What all pictures have in common: size, fonts, colours, axes.

use std::sync::Arc;

use kuva::plot::annotations::ReferenceLine;
use kuva::plot::legend::{LegendPosition, LegendShape};
use kuva::plot::{LegendEntry, LinePlot, LineStyle};
use kuva::render::layout::{AxisLine, Layout, TickFormat};
use kuva::render::plots::Plot;
use kuva::render::theme::Theme;

use crate::Heading;
use crate::text::width;

/// The family of the text. PNGs have the bundled DejaVu Sans; a browser takes the first that it has.
pub const FONTS: &str = "DejaVu Sans, Verdana, Arial, sans-serif";
/// The text of axes and legends, px.
pub const TEXT: u32 = 12;

/// Okabe and Ito's colours, which colour-blind people tell apart, without black and yellow, which white paper swallows; then the same much
/// darker, told apart from the first six by lightness.
pub const COLORS: [&str; 12] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#00304d", "#6b2f00", "#00432f", "#6e2f52",
    "#6f4d00", "#1d5f86",
];
/// How lines of one colour are told apart; the first is solid.
pub const DASHES: [Option<&str>; 4] = [None, Some("7 4"), Some("2 3"), Some("9 3 2 3")];

/// The colour and the dashes of the `n`th of many: all colours solid, then all colours dashed.
pub fn nth(n: usize) -> (&'static str, Option<&'static str>) {
    (COLORS[n % COLORS.len()], DASHES[(n / COLORS.len()) % DASHES.len()])
}

/// One axis: from where to where, and what it is called.
#[derive(Clone, Debug)]
pub struct AxisRange {
    pub label: String,
    pub from: f64,
    pub to: f64,
    pub is_log: bool,
}

impl AxisRange {
    pub fn linear(label: impl Into<String>, from: f64, to: f64) -> Self {
        Self { label: label.into(), from, to, is_log: false }
    }

    pub fn log(label: impl Into<String>, from: f64, to: f64) -> Self {
        Self { label: label.into(), from, to, is_log: true }
    }
}

/// The space around the plot, px.
#[derive(Clone, Copy, Debug)]
pub struct Margins {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// The room that the title, the ticks and the labels of axes take.
pub const MARGINS: Margins = Margins { left: 78.0, right: 24.0, top: 62.0, bottom: 56.0 };
/// The plot itself, px.
pub const PLOT: [f64; 2] = [600.0, 420.0];

/// An entry of a legend.
pub fn entry(label: impl Into<String>, color: &str, shape: LegendShape, dashes: Option<&str>) -> LegendEntry {
    LegendEntry { label: label.into(), color: color.into(), shape, dasharray: dashes.map(String::from) }
}

/// The axes of a picture, its plot `plot` px large, with a legend to the right if there are entries.
pub fn layout(
    heading: &Heading,
    [x, y]: [&AxisRange; 2],
    plot: [f64; 2],
    legend: Vec<LegendEntry>,
    right: f64,
) -> Layout {
    let theme = Theme {
        grid_color: "#e4e4e4".into(),
        axis_color: "#444444".into(),
        tick_color: "#444444".into(),
        legend_border: "#cccccc".into(),
        ..Theme::light()
    };
    let margins = MARGINS;
    let legend_width = legend.iter().map(|entry| width(&entry.label, TEXT)).fold(0.0, f64::max) + 40.0;
    let right = if legend.is_empty() { right.max(margins.right) } else { right.max(legend_width + 18.0) };
    let titles = width(&heading.title, 16).max(width(&heading.subtitle, TEXT)) + 24.0;
    let size = [(plot[0] + margins.left + right).max(titles), plot[1] + margins.top + margins.bottom];
    let right = size[0] - plot[0] - margins.left;
    let mut layout = Layout::new((x.from, x.to), (y.from, y.to))
        .with_width(size[0])
        .with_height(size[1])
        .with_title(&heading.title)
        .with_subtitle(&heading.subtitle)
        .with_x_label(&x.label)
        .with_y_label(&y.label)
        .with_font_family(FONTS)
        .with_title_size(16)
        .with_subtitle_size(TEXT)
        .with_label_size(13)
        .with_tick_size(TEXT)
        .with_body_size(TEXT)
        .with_axis_line(AxisLine::Box)
        .with_theme(theme)
        .with_force_margins(margins.left, right)
        .with_force_margins_y(margins.top, margins.bottom)
        .with_x_axis_min(x.from)
        .with_x_axis_max(x.to)
        .with_y_axis_min(y.from)
        .with_y_axis_max(y.to);
    if x.is_log {
        layout = layout.with_log_x().with_x_tick_format(powers());
    }
    if y.is_log {
        layout = layout.with_log_y().with_y_tick_format(powers());
    }
    if legend.is_empty() {
        layout.show_legend = false;
        return layout;
    }
    layout
        .with_legend_entries(legend)
        .with_legend_width(legend_width)
        .with_legend_position(LegendPosition::OutsideRightTop)
}

/// Ticks of a logarithmic axis.
fn powers() -> TickFormat {
    TickFormat::Custom(Arc::new(crate::text::power))
}

/// The decades around some numbers, those that a logarithmic axis can show; `None` if it can show none.
pub fn decades(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let shown = values.filter(|value| value.is_finite() && *value > 0.0);
    let (low, high) = shown.fold((f64::INFINITY, 0.0f64), |(low, high), value| (low.min(value), high.max(value)));
    (high > 0.0)
        .then(|| (10f64.powf(low.log10().floor()), 10f64.powf(high.log10().ceil().max(low.log10().floor() + 1.0))))
}

/// The least and the greatest of the numbers that are finite; the first is the greater one if there are none.
pub fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|value| value.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
}

/// A line across the plot, at a number of the vertical axis.
pub fn mark(at: f64) -> ReferenceLine {
    ReferenceLine::horizontal(at).with_color("#777777").with_dasharray("4 3").with_stroke_width(1.0)
}

/// A line through points.
pub fn line(points: Vec<(f64, f64)>, (color, dashes): (&str, Option<&str>), width: f64) -> Plot {
    let line = LinePlot::new().with_data(points).with_color(color).with_stroke_width(width);
    Plot::Line(match dashes {
        Some(dashes) => line.with_line_style(LineStyle::Custom(dashes.into())),
        None => line,
    })
}
