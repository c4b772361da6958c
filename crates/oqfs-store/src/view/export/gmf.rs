//! Ground-motion fields: `gmf-data_N.csv`, sorted by event and site, with `sitemesh_N.csv` and `sigma_epsilon_N.csv`, and
//! their averages, `avg_gmf_N.csv`.

use serde_json::{Value, json};

use super::column::ArrayColumn;
use super::columns::{ColumnRows, NumberStyle, Shown};
use super::{Calculation, Exports, add, names_of_columns, text_attr};
use crate::schema::SITECOL;
use crate::view::Result;
use crate::view::source::ViewSource;

const CUSTOM_ID: &str = "custom_site_id";

/// The sites that fields are for: all of the calculation, also those too far from any source.
struct Mesh {
    custom_ids: Option<ArrayColumn>,
    ids: ArrayColumn,
    lon: ArrayColumn,
    lat: ArrayColumn,
}

impl Mesh {
    /// `None` if the sites are not here: the engine takes them from the calculation that this one starts from.
    fn find(source: &ViewSource, calculation: &Calculation) -> Result<Option<Self>> {
        if calculation.params.get("hazard_calculation_id").is_some_and(|id| !id.is_null()) {
            return Ok(None);
        }
        let complete = ArrayColumn::find(source, "complete/lon", None)?.is_some();
        let group = if complete { "complete" } else { SITECOL.key };
        let column = |name: &str| ArrayColumn::find(source, &format!("{group}/{name}"), None);
        let (Some(ids), Some(lon), Some(lat)) = (column("sids")?, column("lon")?, column("lat")?) else {
            return Ok(None);
        };
        Ok(Some(Self { custom_ids: column(CUSTOM_ID)?, ids, lon, lat }))
    }

    /// Who and where the sites are.
    fn columns(&self) -> Vec<Shown> {
        let id = match &self.custom_ids {
            Some(ids) => Shown::new(CUSTOM_ID, ids.clone()),
            None => Shown::new("site_id", self.ids.clone()),
        };
        vec![id, Shown::new("lon", self.lon.clone()), Shown::new("lat", self.lat.clone())]
    }
}

/// The files of the fields, if there are some.
pub(super) fn export(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(names) = names_of_columns(source, "gmf_data")? else { return Ok(()) };
    let Some(mesh) = Mesh::find(source, calculation)? else { return Ok(()) };
    let imts = text_attr(source, "gmf_data", "imts")?.unwrap_or_default();
    let imts: Vec<&str> = imts.split_whitespace().collect();
    let named = |value: Option<&Value>| value.is_some_and(|value| *value != json!([]) && !value.is_null());
    let inputs = calculation.params.get("inputs");
    let perils =
        named(calculation.params.get("secondary_perils")) || named(inputs.and_then(|inputs| inputs.get("multi_peril")));
    let mut columns = vec![];
    let mut of_sites = vec![];
    for name in &names {
        let Some(column) = ArrayColumn::find(source, &format!("gmf_data/{name}"), None)? else { return Ok(()) };
        let imt = name.strip_prefix("gmv_").and_then(|m| imts.get(m.parse::<usize>().ok()?));
        match (name.as_str(), imt, &mesh.custom_ids) {
            ("sid", _, Some(ids)) => of_sites.push(Shown::through(CUSTOM_ID, column, ids.clone())),
            ("sid", _, None) => columns.push(Shown::new("site_id", column)),
            ("eid", ..) => columns.push(Shown::new("event_id", column)),
            (_, Some(imt), _) => columns.push(Shown::new(format!("gmv_{imt}"), column)),
            // What shaking leads to, such as liquefaction.
            (effect, None, _) if perils => columns.push(Shown::new(format!("sep_{effect}"), column)),
            _ => columns.push(Shown::new(name, column)),
        }
    }
    columns.extend(of_sites);
    let (eid, sid) =
        (ArrayColumn::find(source, "gmf_data/eid", None)?, ArrayColumn::find(source, "gmf_data/sid", None)?);
    let (Some(eid), Some(sid)) = (eid, sid) else { return Ok(()) };
    let fields = ColumnRows::new(&calculation.comment, NumberStyle::Pandas, columns);
    let Some(fields) = fields.and_then(|rows| rows.sorted_by(vec![Shown::new("", eid), Shown::new("", sid)])) else {
        return Ok(());
    };
    add(source, files, calculation.file_name("gmf-data"), fields);
    if let Some(rows) = ColumnRows::new(&calculation.comment, NumberStyle::Own(6), mesh.columns()) {
        add(source, files, calculation.file_name("sitemesh"), rows);
    }
    sigma_epsilon(source, calculation, files)
}

/// What is random between events: their standard deviations, and how many of them each event is from the mean.
fn sigma_epsilon(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(fields) = ArrayColumn::fields(source, "gmf_data/sigma_epsilon")? else { return Ok(()) };
    let Some(events) = ArrayColumn::find(source, "events", Some("id"))? else { return Ok(()) };
    let Some((first, event)) = fields.first().cloned() else { return Ok(()) };
    if first != "eid" {
        return Ok(());
    }
    let with_id = |name: &str| Shown::through(name, event.clone(), events.clone());
    let others = fields.into_iter().skip(1).map(|(name, column)| Shown::new(name, column));
    let columns = std::iter::once(with_id("event_id")).chain(others).collect();
    let rows = ColumnRows::new(&calculation.comment, NumberStyle::Own(6), columns);
    if let Some(rows) = rows.and_then(|rows| rows.sorted_by(vec![with_id("")])) {
        add(source, files, calculation.file_name("sigma_epsilon"), rows);
    }
    Ok(())
}

/// The file of the averages: geometric means and standard deviations over all events, of shape (2, N, M).
pub(super) fn export_averages(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(averages) = ArrayColumn::find(source, "avg_gmf", None)? else { return Ok(()) };
    let Some(mesh) = Mesh::find(source, calculation)? else { return Ok(()) };
    let imts = calculation.imts();
    let (n, m) = (mesh.ids.count, imts.len() as u64);
    if averages.count != n.saturating_mul(m).saturating_mul(2) {
        return Ok(());
    }
    let mut columns = mesh.columns();
    for (i, imt) in (0..).zip(imts) {
        for (kind, first) in [("gmv", i), ("gsd", n * m + i)] {
            columns.extend(averages.strided(first, m, n).map(|column| Shown::new(format!("{kind}_{imt}"), column)));
        }
    }
    if let Some(rows) = ColumnRows::new(&calculation.comment, NumberStyle::Pandas, columns) {
        add(source, files, calculation.file_name("avg_gmf"), rows);
    }
    Ok(())
}
