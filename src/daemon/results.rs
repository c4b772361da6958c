//! The results of a calculation on their way to its datastore, as [`schema`] names and shapes them.

use std::path::Path;

use crate::calc::{Curves, DisaggLayout, KeptCurves, Layout, Model, Output, SourceShapes, Summary};
use crate::datastore::{ArrayData, Element, Error, WriterHandle};
use crate::schema::{self, Along, ArraySchema, Axis, TableSchema};

pub(super) type Written = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Writes results through the single writer.
pub struct Results {
    pub(super) writer: WriterHandle,
    pub(super) layout: Option<Layout>,
    pub(super) disaggregation: Option<DisaggLayout>,
}

impl Results {
    /// Through this handle.
    pub fn new(writer: WriterHandle) -> Results {
        Results { writer, layout: None, disaggregation: None }
    }
}

/// What stands along an axis of the results.
fn along(layout: &Layout, axis: Axis) -> Along {
    match axis {
        Axis::Site => Along::count(layout.sites),
        Axis::Realization => Along::count(layout.realizations),
        Axis::Statistic => Along::values(&layout.statistics.iter().map(|s| s.name()).collect::<Vec<_>>()),
        Axis::Imt => Along::values(&layout.imts),
        Axis::SpectralImt => Along::values(&layout.spectrum.iter().map(|&m| &layout.imts[m]).collect::<Vec<_>>()),
        Axis::Level => Along::count(layout.levels),
        Axis::RockLevel => Along::count(layout.rock_levels),
        Axis::Poe => Along::values(&layout.poes),
        Axis::Source => Along::values(&layout.sources),
    }
}

/// The same as the attribute of an array says it: of statistics the engine numbers the levels one by one.
fn said_along(array: &ArraySchema, layout: &Layout, axis: Axis) -> Along {
    match axis {
        Axis::Level if array.axes.contains(&Axis::Statistic) => Along::values(&(0..layout.levels).collect::<Vec<_>>()),
        other => along(layout, other),
    }
}

/// The arrays of a site and realization or statistic that are kept, each with its values of some sites.
fn kept<'a>(layout: &Layout, curves: &'a Curves) -> Vec<(ArraySchema, &'a [f32])> {
    let mut arrays = Vec::new();
    let of_rlzs = [
        (schema::HCURVES_RLZS, &curves.curves_rlzs),
        (schema::HMAPS_RLZS, &curves.maps_rlzs),
        (schema::UHS_RLZS, &curves.spectra_rlzs),
    ];
    let of_stats = [
        (schema::HCURVES_STATS, &curves.curves_stats),
        (schema::HMAPS_STATS, &curves.maps_stats),
        (schema::UHS_STATS, &curves.spectra_stats),
    ];
    for (is_kept, of_kind) in
        [(layout.realization_curves != KeptCurves::No, of_rlzs), (!layout.statistics.is_empty(), of_stats)]
    {
        let wanted =
            |(array, _): &(ArraySchema, &'a Vec<f32>)| is_kept && !array.shape(|axis| along(layout, axis)).contains(&0);
        arrays.extend(of_kind.into_iter().filter(wanted).map(|(array, values)| (array, values.as_slice())));
    }
    arrays
}

impl Output for Results {
    fn begin(&mut self, layout: &Layout) -> Written {
        for (array, _) in kept(layout, &Curves::default()) {
            self.create(&array, layout)?;
        }
        let record = schema::record_by_imt(&layout.imts, layout.rock_levels);
        for (group, gsim) in &layout.pairs {
            let key = schema::by_group_and_gsim(*group, gsim);
            self.writer.create(&key, record.clone(), &[layout.sites], Vec::new())?;
        }
        if !layout.sources.is_empty() {
            self.create(&schema::MEAN_RATES_BY_SRC, layout)?;
        }
        self.layout = Some(layout.clone());
        Ok(())
    }

    fn tile(&mut self, first_site: usize, curves: &Curves) -> Written {
        let Some(layout) = &self.layout else { return Ok(()) };
        for ((group, gsim), poes) in layout.pairs.iter().zip(&curves.by_pair) {
            let sites = poes.len() / layout.all_rock_levels();
            // the fields of a record stand one after the other, as the intensity measures of a site do
            let record = schema::record_by_imt(&layout.imts, layout.rock_levels);
            let bytes = poes.iter().flat_map(|p| p.to_ne_bytes()).collect();
            let block = ArrayData::raw(record, &[sites], bytes).ok_or("curves of a group: wrong number of values")?;
            self.writer.write_rows(&schema::by_group_and_gsim(*group, gsim), first_site, block)?;
        }
        for (array, values) in kept(layout, curves) {
            self.rows(&array, layout, first_site, values)?;
        }
        if !layout.sources.is_empty() {
            self.rows(&schema::MEAN_RATES_BY_SRC, layout, first_site, &curves.by_source)?;
        }
        Ok(())
    }
}

impl Results {
    /// Creates an array with what describes its axes.
    fn create(&self, array: &ArraySchema, layout: &Layout) -> Written {
        let of = |axis| said_along(array, layout, axis);
        self.writer.create(&array.dataset(), array.dtype(), &array.shape(of), array.attrs(of))?;
        let (beside, attrs) = array.beside(of);
        for (key, block) in beside {
            self.writer.write(&key, block)?;
        }
        if attrs.is_empty() { Ok(()) } else { Ok(self.writer.set_attrs(array.key, attrs)?) }
    }

    /// Writes the values of some sites into an array.
    fn rows<T: Element>(&self, array: &ArraySchema, layout: &Layout, first_site: usize, values: &[T]) -> Written {
        let mut shape = array.shape(|axis| along(layout, axis));
        let of_site: usize = shape.iter().skip(1).product();
        if let Some(sites) = shape.first_mut() {
            *sites = values.len() / of_site.max(1);
        }
        let wrong = || format!("{}: {} values are not those of shape {shape:?}", array.key, values.len());
        let block = ArrayData::new(&shape, values.to_vec()).ok_or_else(wrong)?;
        Ok(self.writer.write_rows(&array.dataset(), first_site, block)?)
    }
}

/// Write what is known before the calculation in `folder`: parameters, sites, logic trees, sources for pictures, weights.
pub fn write_model(writer: &WriterHandle, model: &Model, folder: &Path) -> Result<(), Error> {
    let date = jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let version = concat!("oqfs ", env!("CARGO_PKG_VERSION"));
    let attrs = [("date", date), ("engine_version", version.into()), ("agrees_with", schema::agrees_with())];
    writer.set_attrs("/", attrs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())?;
    let json = serde_json::to_string_pretty(&model.job.to_json(folder)).unwrap_or_default();
    writer.write_string(schema::OQPARAM, &json)?;
    write_sites(writer, model)?;
    write_logic_trees(writer, model)?;
    write_shapes(writer, SourceShapes::of(model))?;
    let weights: Vec<f32> = model.tree.realizations.iter().map(|r| r.weight as f32).collect();
    writer.write(schema::WEIGHTS.key, weights)
}

fn write_sites(writer: &WriterHandle, model: &Model) -> Result<(), Error> {
    use crate::gsim::Param;
    let points = &model.sites.points;
    let group = schema::SITECOL.key;
    let mut columns: Vec<&str> = Vec::new();
    let ids = model.sites.custom_ids();
    let blocks: [Option<ArrayData>; 5] = [
        Some((0..points.len() as u32).collect::<Vec<u32>>().into()),
        Some(points.lon.clone().into()),
        Some(points.lat.clone().into()),
        Some(points.depth.clone().into()),
        (!ids.is_empty()).then(|| ArrayData::fixed_strings(ids)),
    ];
    for (column, block) in schema::SITECOL.columns.iter().zip(blocks) {
        let Some(block) = block else { continue };
        columns.push(column.name);
        writer.write(&format!("{group}/{}", column.name), block)?;
    }
    for (param, values) in model.sites.params() {
        columns.push(param.name());
        let block: ArrayData = match param {
            Param::Vs30Measured | Param::Bas => values.iter().map(|&x| x != 0.0).collect::<Vec<bool>>().into(),
            Param::Backarc => values.iter().map(|&x| x as u8).collect::<Vec<u8>>().into(),
            _ => values.to_vec().into(),
        };
        writer.write(&format!("{group}/{}", param.name()), block)?;
    }
    writer.set_attrs(group, TableSchema::attrs_of_columns(&columns, schema::SITE_COLLECTION))
}

fn write_logic_trees(writer: &WriterHandle, model: &Model) -> Result<(), Error> {
    let tree = &model.tree;
    let sets = &tree.source_models.branch_sets;
    let branches: Vec<_> = sets.iter().flat_map(|set| set.branches.iter().map(move |branch| (set, branch))).collect();
    let columns = vec![
        ArrayData::fixed_strings(branches.iter().map(|(set, _)| &set.id)),
        ArrayData::fixed_strings(branches.iter().map(|(_, b)| &b.id)),
        ArrayData::fixed_strings(branches.iter().map(|(set, _)| &set.uncertainty_type)),
        ArrayData::fixed_strings(branches.iter().map(|(_, b)| &b.model)),
        branches.iter().map(|(_, b)| b.weight).collect::<Vec<f64>>().into(),
    ];
    write_table(writer, &schema::SOURCE_MODEL_LT, columns)?;
    let gsims: Vec<_> = tree.gsims.branches.iter().flat_map(|(trt, b)| b.iter().map(move |b| (trt, b))).collect();
    let columns = vec![
        ArrayData::fixed_strings(gsims.iter().map(|(trt, _)| trt)),
        ArrayData::fixed_strings(gsims.iter().map(|(_, b)| &b.id)),
        ArrayData::fixed_strings(gsims.iter().map(|(_, b)| format!("[{}]", b.name))),
        gsims.iter().map(|(_, b)| b.weight).collect::<Vec<f64>>().into(),
    ];
    write_table(writer, &schema::GSIM_LT, columns)?;
    let paths = &tree.source_model_paths;
    let columns = vec![
        ArrayData::fixed_strings(paths.iter().map(|p| p.files.join(" "))),
        paths.iter().map(|p| p.weight).collect::<Vec<f64>>().into(),
        ArrayData::fixed_strings(paths.iter().map(|p| p.branch_ids.join("~"))),
        paths.iter().map(|p| p.samples as u32).collect::<Vec<u32>>().into(),
    ];
    write_table(writer, &schema::SM_DATA, columns)?;
    write_realizations(writer, model)
}

/// The sources for pictures.
fn write_shapes(writer: &WriterHandle, shapes: SourceShapes) -> Result<(), Error> {
    let SourceShapes { sources, parts, lon, lat, mag, rate } = shapes;
    let columns = vec![
        ArrayData::fixed_strings(sources.trt),
        sources.first_part.into(),
        sources.end_part.into(),
        sources.first_bin.into(),
        sources.end_bin.into(),
        sources.factor.into(),
        sources.weight.into(),
    ];
    write_table(writer, &schema::SOURCE_SHAPES, columns)?;
    let kinds: Vec<u8> = parts.kind.into_iter().map(|kind| kind as u8).collect();
    write_table(writer, &schema::SOURCE_OUTLINES, vec![kinds.into(), parts.first.into(), parts.end.into()])?;
    write_table(writer, &schema::SOURCE_VERTICES, vec![lon.into(), lat.into()])?;
    write_table(writer, &schema::SOURCE_MFD, vec![mag.into(), rate.into()])
}

/// Which branches each realization goes through.
fn write_realizations(writer: &WriterHandle, model: &Model) -> Result<(), Error> {
    let tree = &model.tree;
    let branches = |r: &crate::logictree::Realization| {
        let gsims = r.gsims.iter().enumerate().map(|(trt, &g)| tree.gsims.models(trt)[g].id.as_str());
        let source_model = tree.source_model_paths[r.source_model].branch_ids.join("~");
        std::iter::once(source_model.as_str()).chain(gsims).collect::<Vec<_>>().join("~")
    };
    let all = &tree.realizations;
    let columns = vec![
        (0..all.len() as u32).collect::<Vec<u32>>().into(),
        ArrayData::fixed_strings(tree.branch_paths()),
        ArrayData::fixed_strings(all.iter().map(branches)),
        all.iter().map(|r| r.weight).collect::<Vec<f64>>().into(),
    ];
    write_table(writer, &schema::RLZS, columns)
}

/// Write what is known after the calculation: the sources with what they had to do with the sites, and times.
pub fn write_summary(
    writer: &WriterHandle,
    model: &Model,
    summary: &Summary,
    times: &[(&str, f64)],
) -> Result<(), Error> {
    let sources: Vec<_> = model
        .groups
        .iter()
        .enumerate()
        .flat_map(|(g, group)| group.sources.iter().enumerate().map(move |(s, source)| (g, s, group, source)))
        .collect();
    let columns = vec![
        ArrayData::fixed_strings(sources.iter().map(|(.., source)| &source.id)),
        sources.iter().map(|(g, ..)| *g as u16).collect::<Vec<u16>>().into(),
        ArrayData::fixed_strings(sources.iter().map(|(.., source)| source.typology.code().to_string())),
        sources.iter().map(|(g, s, ..)| summary.contexts[*g][*s]).collect::<Vec<u64>>().into(),
        sources.iter().map(|(_, s, group, _)| group.placed[*s].ruptures() as u64).collect::<Vec<u64>>().into(),
        ArrayData::fixed_strings(sources.iter().map(|(_, _, group, _)| &group.trt)),
    ];
    write_table(writer, &schema::SOURCE_INFO, columns)?;
    let columns = vec![
        ArrayData::fixed_strings(times.iter().map(|(name, _)| name)),
        times.iter().map(|(_, t)| *t).collect::<Vec<f64>>().into(),
        vec![1i64; times.len()].into(),
    ];
    write_table(writer, &schema::PERFORMANCE_DATA, columns)
}

/// Writes a table, of a block a column.
fn write_table(writer: &WriterHandle, table: &TableSchema, columns: Vec<ArrayData>) -> Result<(), Error> {
    writer.write(table.key, table.records(columns)?)
}
