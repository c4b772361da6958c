//! Sources on a map, and their magnitude-frequency distributions.

use std::collections::BTreeMap;

use oqfs_plot::{DrawnOutline, Heading, MOST_LINES, OutlineKind, PlacesPicture, RateLine, RatesPicture};

use super::sites::places;
use super::{Picture, Pictures, Plotted, joined};
use crate::calc::{PartRows, SourceRows, SourceShapes};
use crate::schema::{SITECOL, SOURCE_INFO, SOURCE_MFD, SOURCE_OUTLINES, SOURCE_SHAPES, SOURCE_VERTICES, TableSchema};
use crate::source::outline::PartKind;
use crate::view::Result;
use crate::view::results::column::ArrayColumn;
use crate::view::results::misshapen;
use crate::view::source::ViewSource;

const NO_SHAPES: &str =
    "the datastore keeps no outlines and distributions of sources; those of this program do, the engine's do not";

/// One picture, with the sites.
pub(super) fn sources(plotted: &Plotted) -> Result<Pictures> {
    if !is_there(&plotted.source)? {
        return Ok(Pictures::None(NO_SHAPES.into()));
    }
    let (source, heading) = (plotted.source.clone(), plotted.heading("sources", "Sources", ""));
    let sites = plotted.sites.clone();
    let draw = move || {
        let shapes = read(&source)?;
        let (lons, lats, _) = sites.as_ref().map(|sites| places(sites)).transpose()?.unwrap_or_default();
        Ok(sources_picture(heading.clone(), &shapes, (lons, lats)).svg())
    };
    let keys = [SOURCE_SHAPES.key, SOURCE_OUTLINES.key, SOURCE_VERTICES.key, SITECOL.key];
    Ok(Pictures::Some(vec![Picture::new("sources", &keys, draw)]))
}

/// One picture: all sources together, and those with the highest rates.
pub(super) fn mfd(plotted: &Plotted) -> Result<Pictures> {
    if !is_there(&plotted.source)? {
        return Ok(Pictures::None(NO_SHAPES.into()));
    }
    let heading = plotted.heading("mfd", "Magnitude-frequency distributions", "");
    let source = plotted.source.clone();
    let draw = move || {
        let shapes = read(&source)?;
        let ids = ArrayColumn::find(&source, SOURCE_INFO.key, Some("source_id"))?
            .map(|ids| ids.texts(0..ids.count))
            .transpose()?;
        Ok(mfd_picture(heading.clone(), &shapes, &ids.unwrap_or_default()).svg())
    };
    Ok(Pictures::Some(vec![Picture::new("mfd", &[SOURCE_SHAPES.key, SOURCE_MFD.key, SOURCE_INFO.key], draw)]))
}

fn is_there(source: &ViewSource) -> Result<bool> {
    Ok(ArrayColumn::find(source, SOURCE_MFD.key, Some("rate"))?.is_some())
}

/// The shapes as the datastore keeps them.
fn read(source: &ViewSource) -> Result<SourceShapes> {
    let column = |table: &TableSchema, name: &str| {
        ArrayColumn::find(source, table.key, Some(name))?.ok_or_else(|| misshapen(table.key))
    };
    let numbers = |table: &TableSchema, name: &str| column(table, name).and_then(|found| found.numbers(0..found.count));
    let rows = |table: &TableSchema, name: &str| -> Result<Vec<u32>> {
        Ok(numbers(table, name)?.into_iter().map(|n| n as u32).collect())
    };
    let single = |name: &str| -> Result<Vec<f32>> {
        Ok(numbers(&SOURCE_VERTICES, name)?.into_iter().map(|x| x as f32).collect())
    };
    let trt = column(&SOURCE_SHAPES, "trt")?;
    let kinds = rows(&SOURCE_OUTLINES, "kind")?;
    let shapes = SourceShapes {
        sources: SourceRows {
            trt: trt.texts(0..trt.count)?,
            first_part: rows(&SOURCE_SHAPES, "first_part")?,
            end_part: rows(&SOURCE_SHAPES, "end_part")?,
            first_bin: rows(&SOURCE_SHAPES, "first_bin")?,
            end_bin: rows(&SOURCE_SHAPES, "end_bin")?,
            factor: numbers(&SOURCE_SHAPES, "factor")?,
            weight: numbers(&SOURCE_SHAPES, "weight")?,
        },
        parts: PartRows {
            kind: kinds.into_iter().map(kind).collect(),
            first: rows(&SOURCE_OUTLINES, "first")?,
            end: rows(&SOURCE_OUTLINES, "end")?,
        },
        lon: single("lon")?,
        lat: single("lat")?,
        mag: numbers(&SOURCE_MFD, "mag")?,
        rate: numbers(&SOURCE_MFD, "rate")?,
    };
    if shapes.is_consistent() { Ok(shapes) } else { Err(misshapen(SOURCE_SHAPES.key)) }
}

/// What a part is, by its number; an unknown one is points, which make no claim on an order.
fn kind(number: u32) -> PartKind {
    let kinds = [PartKind::Point, PartKind::Points, PartKind::Line, PartKind::Polygon];
    kinds.into_iter().find(|kind| *kind as u32 == number).unwrap_or(PartKind::Points)
}

/// The sources on a map by tectonic region type, with sites, degrees.
pub fn sources_picture(heading: Heading, shapes: &SourceShapes, (lons, lats): (Vec<f64>, Vec<f64>)) -> PlacesPicture {
    let mut groups: Vec<String> = vec![];
    let mut outlines = vec![];
    let mut drawn = std::collections::HashSet::new();
    for source in 0..shapes.len() {
        let trt = &shapes.sources.trt[source];
        let group = groups.iter().position(|known| known == trt).unwrap_or_else(|| {
            groups.push(trt.clone());
            groups.len() - 1
        });
        // sources of one outline are drawn once
        if !drawn.insert((group, shapes.sources.first_part[source], shapes.sources.end_part[source])) {
            continue;
        }
        outlines.extend(shapes.outline(source).map(|part| DrawnOutline {
            kind: match part.kind {
                PartKind::Point | PartKind::Points => OutlineKind::Points,
                PartKind::Line => OutlineKind::Line,
                PartKind::Polygon => OutlineKind::Polygon,
            },
            group,
            lons: part.lon.iter().copied().map(f64::from).collect(),
            lats: part.lat.iter().copied().map(f64::from).collect(),
        }));
    }
    let subtitle = joined(&[&heading.subtitle, &format!("{} sources", shapes.len())], "; ");
    let heading = Heading { subtitle, ..heading };
    PlacesPicture { heading, groups, outlines, lons, lats, names: vec![] }
}

/// The annual rate of each magnitude or more: of all sources, and of those with the highest rates. `ids` are of the rows of `shapes`; none if
/// they are not known yet. Rows of one id are one source: where the logic tree changes it, the mean over realizations.
pub fn mfd_picture(heading: Heading, shapes: &SourceShapes, ids: &[String]) -> RatesPicture {
    // magnitudes to the thousandth, so that the same bin of several sources is one
    let bin = |magnitude: f64| (magnitude * 1e3).round() as i64;
    let mut all: BTreeMap<i64, f64> = BTreeMap::new();
    let mut by_source: BTreeMap<String, BTreeMap<i64, f64>> = BTreeMap::new();
    for source in 0..shapes.len() {
        let id = ids.get(source).cloned().unwrap_or_else(|| format!("source {source}"));
        let bins = by_source.entry(id).or_default();
        let weight = shapes.sources.weight[source];
        for (magnitude, rate) in shapes.mfd(source) {
            *bins.entry(bin(magnitude)).or_default() += rate * weight;
            *all.entry(bin(magnitude)).or_default() += rate * weight;
        }
    }
    let line = |label: String, bins: &BTreeMap<i64, f64>| {
        let mut sum = 0.0;
        let mut points: Vec<(f64, f64)> = bins
            .iter()
            .rev()
            .map(|(magnitude, rate)| {
                sum += rate;
                (*magnitude as f64 / 1e3, sum)
            })
            .collect();
        points.reverse();
        let (x, rates) = points.into_iter().unzip();
        RateLine { label, x, rates }
    };
    let count = by_source.len();
    let mut ranked: Vec<_> = by_source.into_iter().map(|(id, bins)| (bins.values().sum::<f64>(), id, bins)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let lines: Vec<_> = ranked.iter().take(MOST_LINES).map(|(_, id, bins)| line(id.clone(), bins)).collect();
    let shown = if count > lines.len() {
        format!("the {} of {count} sources with the highest rates", lines.len())
    } else {
        String::new()
    };
    let subtitle = joined(&[&heading.subtitle, &shown], "; ");
    RatesPicture {
        heading: Heading { subtitle, ..heading },
        x_label: "Magnitude".into(),
        y_label: "Annual rate of this magnitude or more".into(),
        x_is_log: false,
        total: Some(line("all sources".into(), &all)),
        lines,
    }
}
