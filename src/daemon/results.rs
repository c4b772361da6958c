//! The results of a calculation on their way to its datastore, under the engine's names.

use std::path::Path;

use serde_json::json;

use crate::calc::{Curves, Kept, Layout, Model, Output, Summary};
use crate::datastore::{Attr, Attrs, Block, DType, Error, WriterHandle};

type Written = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Writes results through the single writer.
pub struct Results {
    writer: WriterHandle,
    layout: Option<Layout>,
}

impl Results {
    /// Through this handle.
    pub fn new(writer: WriterHandle) -> Results {
        Results { writer, layout: None }
    }
}

impl Output for Results {
    fn begin(&mut self, layout: &Layout) -> Written {
        let (n, m) = (layout.sites, layout.imts.len());
        let statistics: Vec<String> = layout.statistics.iter().map(|s| s.name()).collect();
        let kinds = [
            ("rlzs", "rlz_id", json!(layout.realizations), layout.realizations, layout.realization_curves != Kept::No),
            ("stats", "stat", json!(statistics), statistics.len(), !statistics.is_empty()),
        ];
        for (kind, axis, names, extent, kept) in kinds {
            if !kept {
                continue;
            }
            let axes = |last: &str, value: serde_json::Value| {
                let mut axes = json!({"shape_descr": ["site_id", axis, "imt", last], "site_id": n});
                axes[axis] = names.clone();
                axes["imt"] = json!(layout.imts);
                axes[last] = value;
                vec![("json".to_string(), Attr::from(axes.to_string()))]
            };
            let levels =
                if kind == "stats" { json!((0..layout.levels).collect::<Vec<_>>()) } else { json!(layout.levels) };
            let shape = [n, extent, m, layout.levels];
            self.writer.create(&format!("hcurves-{kind}"), DType::F32, &shape, axes("lvl", levels))?;
            if !layout.poes.is_empty() {
                let shape = [n, extent, m, layout.poes.len()];
                self.writer.create(&format!("hmaps-{kind}"), DType::F32, &shape, axes("poe", json!(layout.poes)))?;
            }
            if !layout.spectrum.is_empty() {
                let imts: Vec<&String> = layout.spectrum.iter().map(|&m| &layout.imts[m]).collect();
                let shape = [n, extent, layout.poes.len(), imts.len()];
                let mut names_of_axes = json!({"shape_descr": ["site_id", axis, "poe", "imt"], "site_id": n});
                names_of_axes[axis] = names.clone();
                names_of_axes["poe"] = json!(layout.poes);
                names_of_axes["imt"] = json!(imts);
                let attrs = vec![("json".to_string(), Attr::from(names_of_axes.to_string()))];
                self.writer.create(&format!("uhs-{kind}"), DType::F32, &shape, attrs)?;
            }
        }
        let record = DType::record(
            layout.imts.iter().map(|imt| (imt.as_str(), DType::array(DType::F64, &[layout.rock_levels]))),
        );
        for (group, gsim) in &layout.pairs {
            self.writer.create(&pair_key(*group, gsim), record.clone(), &[n], Vec::new())?;
        }
        if !layout.sources.is_empty() {
            self.begin_by_source(layout)?;
        }
        self.layout = Some(layout.clone());
        Ok(())
    }

    fn tile(&mut self, first_site: usize, curves: &Curves) -> Written {
        let Some(layout) = &self.layout else { return Ok(()) };
        let (m, levels, rock) = (layout.imts.len(), layout.levels, layout.rock_levels);
        for ((group, gsim), poes) in layout.pairs.iter().zip(&curves.by_pair) {
            let sites = poes.len() / layout.all_rock_levels();
            // the fields of a record stand one after the other, as the intensity measures of a site do
            let record = DType::record(layout.imts.iter().map(|imt| (imt.as_str(), DType::array(DType::F64, &[rock]))));
            let bytes = poes.iter().flat_map(|p| p.to_ne_bytes()).collect();
            let block = Block::raw(record, &[sites], bytes).ok_or("curves of a group: wrong number of values")?;
            self.writer.write_rows(&pair_key(*group, gsim), first_site, block)?;
        }
        let poes = layout.poes.len();
        let statistics = layout.statistics.len();
        let kinds = [
            ("hcurves-rlzs", layout.realizations, levels, &curves.curves_rlzs),
            ("hcurves-stats", statistics, levels, &curves.curves_stats),
            ("hmaps-rlzs", layout.realizations, poes, &curves.maps_rlzs),
            ("hmaps-stats", statistics, poes, &curves.maps_stats),
        ];
        for (key, extent, last, values) in kinds {
            if values.is_empty() {
                continue;
            }
            let sites = values.len() / (extent * m * last);
            let block =
                Block::new(&[sites, extent, m, last], values.clone()).ok_or("curves: wrong number of values")?;
            self.writer.write_rows(key, first_site, block)?;
        }
        if !layout.sources.is_empty() {
            let width = layout.all_rock_levels() * layout.sources.len();
            let shape = [curves.by_source.len() / width, m, rock, layout.sources.len()];
            let block =
                Block::new(&shape, curves.by_source.clone()).ok_or("rates by source: wrong number of values")?;
            self.writer.write_rows(BY_SOURCE, first_site, block)?;
        }
        Ok(())
    }
}

/// The mean rates by source, (N, M, L, sources).
const BY_SOURCE: &str = "mean_rates_by_src/array";

impl Results {
    /// The mean rates by source with what names their axes, as the engine keeps such.
    fn begin_by_source(&self, layout: &Layout) -> Written {
        let shape = [layout.sites, layout.imts.len(), layout.rock_levels, layout.sources.len()];
        self.writer.create(BY_SOURCE, DType::F64, &shape, Vec::new())?;
        let axes = [
            ("shape_descr", Block::fixed_strings(["site_id", "imt", "lvl", "src_id"])),
            ("site_id", Block::scalar(layout.sites as i64)),
            ("imt", Block::fixed_strings(&layout.imts)),
            ("lvl", Block::scalar(layout.rock_levels as i64)),
            ("src_id", Block::strings(&layout.sources)),
            ("extra", Block::fixed_strings(["value"])),
        ];
        for (name, block) in axes {
            self.writer.write(&format!("mean_rates_by_src/{name}"), block)?;
        }
        let class = vec![("__pyclass__".to_string(), Attr::from("openquake.baselib.hdf5.ArrayWrapper"))];
        Ok(self.writer.set_attrs("mean_rates_by_src", class)?)
    }
}

fn pair_key(group: usize, gsim: &str) -> String {
    format!("{group}/{}", gsim.replace('/', "%2F"))
}

/// Write what is known before the calculation in `folder`: parameters, sites, logic trees, weights.
pub fn write_model(writer: &WriterHandle, model: &Model, folder: &Path) -> Result<(), Error> {
    let date = jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let version = concat!("oqfs ", env!("CARGO_PKG_VERSION"));
    writer.set_attrs("/", vec![("date".into(), date.into()), ("engine_version".into(), version.into())])?;
    let json = serde_json::to_string_pretty(&model.job.to_json(folder)).unwrap_or_default();
    writer.write_string("oqparam", &json)?;
    write_sites(writer, model)?;
    write_logic_trees(writer, model)?;
    let weights: Vec<f32> = model.tree.realizations.iter().map(|r| r.weight as f32).collect();
    writer.write("weights", weights)
}

fn write_sites(writer: &WriterHandle, model: &Model) -> Result<(), Error> {
    use crate::gsim::Param;
    let points = &model.sites.points;
    let mut columns = vec!["sids", "lon", "lat", "depth"];
    writer.write("sitecol/sids", (0..points.len() as u32).collect::<Vec<u32>>())?;
    writer.write("sitecol/lon", points.lon.clone())?;
    writer.write("sitecol/lat", points.lat.clone())?;
    writer.write("sitecol/depth", points.depth.clone())?;
    if !model.sites.custom_ids().is_empty() {
        columns.push("custom_site_id");
        writer.write("sitecol/custom_site_id", Block::fixed_strings(model.sites.custom_ids()))?;
    }
    for (param, values) in model.sites.params() {
        columns.push(param.name());
        let key = format!("sitecol/{}", param.name());
        match param {
            Param::Vs30Measured | Param::Bas => {
                writer.write(&key, values.iter().map(|&x| x != 0.0).collect::<Vec<bool>>())?
            }
            Param::Backarc => writer.write(&key, values.iter().map(|&x| x as u8).collect::<Vec<u8>>())?,
            _ => writer.write(&key, values.to_vec())?,
        }
    }
    let class = "openquake.hazardlib.site.SiteCollection";
    writer.set_attrs("sitecol", columns_of(&columns, Some(class)))
}

/// The attributes that make a group of columns a table.
fn columns_of(columns: &[&str], class: Option<&str>) -> Attrs {
    let mut attrs: Attrs = vec![("__pdcolumns__".into(), columns.join(" ").into())];
    attrs.extend(class.map(|c| ("__pyclass__".to_string(), c.into())));
    attrs
}

fn write_logic_trees(writer: &WriterHandle, model: &Model) -> Result<(), Error> {
    let tree = &model.tree;
    let sets = &tree.source_models.branch_sets;
    let branches: Vec<_> = sets.iter().flat_map(|set| set.branches.iter().map(move |branch| (set, branch))).collect();
    let table = records(vec![
        ("branchset", Block::fixed_strings(branches.iter().map(|(set, _)| &set.id))),
        ("branch", Block::fixed_strings(branches.iter().map(|(_, b)| &b.id))),
        ("utype", Block::fixed_strings(branches.iter().map(|(set, _)| &set.uncertainty_type))),
        ("uvalue", Block::fixed_strings(branches.iter().map(|(_, b)| &b.model))),
        ("weight", branches.iter().map(|(_, b)| b.weight).collect::<Vec<f64>>().into()),
    ])?;
    writer.write("full_lt/source_model_lt", table)?;
    let gsims: Vec<_> = tree.gsims.branches.iter().flat_map(|(trt, b)| b.iter().map(move |b| (trt, b))).collect();
    let table = records(vec![
        ("trt", Block::fixed_strings(gsims.iter().map(|(trt, _)| trt))),
        ("branch", Block::fixed_strings(gsims.iter().map(|(_, b)| &b.id))),
        ("uncertainty", Block::fixed_strings(gsims.iter().map(|(_, b)| format!("[{}]", b.name)))),
        ("weight", gsims.iter().map(|(_, b)| b.weight).collect::<Vec<f64>>().into()),
    ])?;
    writer.write("full_lt/gsim_lt", table)?;
    let paths = &tree.source_model_paths;
    let table = records(vec![
        ("name", Block::fixed_strings(paths.iter().map(|p| p.files.join(" ")))),
        ("weight", paths.iter().map(|p| p.weight).collect::<Vec<f64>>().into()),
        ("path", Block::fixed_strings(paths.iter().map(|p| p.branch_ids.join("~")))),
        ("samples", paths.iter().map(|p| p.samples as u32).collect::<Vec<u32>>().into()),
    ])?;
    writer.write("full_lt/sm_data", table)?;
    write_realizations(writer, model)
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
    let table = records(vec![
        ("rlz_id", (0..all.len() as u32).collect::<Vec<u32>>().into()),
        ("branch_path", Block::fixed_strings(tree.branch_paths())),
        ("branches", Block::fixed_strings(all.iter().map(branches))),
        ("weight", all.iter().map(|r| r.weight).collect::<Vec<f64>>().into()),
    ])?;
    writer.write("full_lt/rlzs", table)
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
    let table = records(vec![
        ("source_id", Block::fixed_strings(sources.iter().map(|(.., source)| &source.id))),
        ("grp_id", sources.iter().map(|(g, ..)| *g as u16).collect::<Vec<u16>>().into()),
        ("code", Block::fixed_strings(sources.iter().map(|(.., source)| source.typology.code().to_string()))),
        ("num_sites", sources.iter().map(|(g, s, ..)| summary.contexts[*g][*s]).collect::<Vec<u64>>().into()),
        (
            "num_ruptures",
            sources.iter().map(|(_, s, group, _)| group.placed[*s].ruptures() as u64).collect::<Vec<u64>>().into(),
        ),
        ("trti", sources.iter().map(|(_, _, group, _)| group.trt_index as u8).collect::<Vec<u8>>().into()),
        ("trt", Block::fixed_strings(sources.iter().map(|(_, _, group, _)| &group.trt))),
    ])?;
    writer.write("source_info", table)?;
    let table = records(vec![
        ("operation", Block::fixed_strings(times.iter().map(|(name, _)| name))),
        ("time_sec", times.iter().map(|(_, t)| *t).collect::<Vec<f64>>().into()),
        ("counts", vec![1i64; times.len()].into()),
    ])?;
    writer.write("performance_data", table)
}

/// A table; its columns are as long as each other by construction.
fn records(fields: Vec<(&str, Block)>) -> Result<Block, Error> {
    Block::records(fields).ok_or_else(|| Error::Hdf5 {
        path: Default::default(),
        key: "/".into(),
        reason: "the columns of a table differ in length".into(),
    })
}
