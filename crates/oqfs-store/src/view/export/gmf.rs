//! Ground-motion fields: `gmf-data_N.csv`, sorted by event and site, with `sitemesh_N.csv` and `sigma_epsilon_N.csv`, and
//! their averages, `avg_gmf_N.csv`.

use serde_json::{Value, json};

use super::columns::{ColumnRows, NumberStyle, Positive, Shown};
use super::{Calculation, Exports, add};
use crate::schema::SITECOL;
use crate::view::Result;
use crate::view::results::column::ArrayColumn;
use crate::view::results::{Release, names_of_columns, text_attr};
use crate::view::source::ViewSource;

const CUSTOM_ID: &str = "custom_site_id";
/// The first release whose fields are columns by the name of the intensity measure, not by its number.
const NAMED_COLUMNS: Release = Release(3, 24);
/// The first release whose averages are the means alone, of sites that shake.
const MEANS_ALONE: Release = Release(3, 26);

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
        if calculation.job.params.get("hazard_calculation_id").is_some_and(|id| !id.is_null()) {
            return Ok(None);
        }
        let complete = ArrayColumn::find(source, "complete/lon", None)?.is_some();
        Self::of(source, if complete { "complete" } else { SITECOL.key })
    }

    /// Those of a group of columns.
    fn of(source: &ViewSource, group: &str) -> Result<Option<Self>> {
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

/// How the columns of the fields are called in the file.
enum ShownNames {
    /// They are kept by the names of these intensity measures, and what shaking leads to, such as liquefaction, by its own.
    ByName(Vec<String>),
    /// They are kept by the number of the intensity measure; the flag says whether there is what shaking leads to.
    ByNumber(Vec<String>, bool),
}

impl ShownNames {
    fn of(source: &ViewSource, calculation: &Calculation) -> Result<Self> {
        if calculation.job.release >= NAMED_COLUMNS {
            return Ok(Self::ByName(calculation.job.imts().into_iter().map(String::from).collect()));
        }
        let imts = text_attr(source, "gmf_data", "imts")?.unwrap_or_default();
        let named = |value: Option<&Value>| value.is_some_and(|value| *value != json!([]) && !value.is_null());
        let inputs = calculation.job.params.get("inputs");
        let perils = named(calculation.job.params.get("secondary_perils"))
            || named(inputs.and_then(|inputs| inputs.get("multi_peril")));
        Ok(Self::ByNumber(imts.split_whitespace().map(String::from).collect(), perils))
    }

    fn of_column(&self, name: &str) -> String {
        match self {
            Self::ByName(imts) if imts.iter().any(|imt| imt == name) => format!("gmv_{name}"),
            Self::ByName(_) => name.to_string(),
            Self::ByNumber(imts, perils) => {
                match name.strip_prefix("gmv_").and_then(|m| imts.get(m.parse::<usize>().ok()?)) {
                    Some(imt) => format!("gmv_{imt}"),
                    None if *perils => format!("sep_{name}"),
                    None => name.to_string(),
                }
            }
        }
    }
}

/// The files of the fields, if there are some.
pub(super) fn export(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(names) = names_of_columns(source, "gmf_data")? else { return Ok(()) };
    let Some(mesh) = Mesh::find(source, calculation)? else { return Ok(()) };
    let shown_names = ShownNames::of(source, calculation)?;
    let mut columns = vec![];
    let mut of_sites = vec![];
    for name in &names {
        let Some(column) = ArrayColumn::find(source, &format!("gmf_data/{name}"), None)? else { return Ok(()) };
        match (name.as_str(), &mesh.custom_ids) {
            ("sid", Some(ids)) => of_sites.push(Shown::through(CUSTOM_ID, column, ids.clone())),
            ("sid", None) => columns.push(Shown::new("site_id", column)),
            ("eid", _) => columns.push(Shown::new("event_id", column)),
            _ => columns.push(Shown::new(shown_names.of_column(name), column)),
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
    // since 3.26 of the events that are felt alone, if not all are
    let felt = ArrayColumn::find(source, "relevant_events", Some("id"))?;
    let all = || ArrayColumn::find(source, "events", Some("id"));
    let Some(events) = felt.map_or_else(all, |felt| Ok(Some(felt)))? else { return Ok(()) };
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

/// The file of the averages over all events: geometric means and standard deviations, of shape (2, N, M).
pub(super) fn export_averages(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(averages) = ArrayColumn::find(source, "avg_gmf", None)? else { return Ok(()) };
    let means_alone = calculation.job.release >= MEANS_ALONE;
    let mesh = if means_alone { Mesh::of(source, SITECOL.key)? } else { Mesh::find(source, calculation)? };
    let Some(mesh) = mesh else { return Ok(()) };
    let imts = averaged(source, calculation)?;
    let (n, m) = (mesh.ids.count, imts.len() as u64);
    if averages.count != n.saturating_mul(m).saturating_mul(2) {
        return Ok(());
    }
    let mut columns = mesh.columns();
    let kinds: &[_] = if means_alone { &[("", 0)] } else { &[("gmv_", 0), ("gsd_", n * m)] };
    for (i, imt) in (0..).zip(imts) {
        for (kind, first) in kinds {
            let column = averages.strided(first + i, m, n);
            columns.extend(column.map(|column| Shown::new(format!("{kind}{imt}"), column)));
        }
    }
    let mut rows = ColumnRows::new(&calculation.comment, NumberStyle::Pandas, columns);
    if means_alone {
        let stations = ArrayColumn::find(source, "station_data/site_id", None)?.and_then(ArrayColumn::short);
        let without = stations.map_or(Ok(vec![]), |ids| ids.places(0..ids.count))?;
        let Some(numbers) = averages.strided(0, m, n) else { return Ok(()) };
        rows = rows.and_then(|rows| rows.only(Positive { numbers, ids: mesh.ids, without }));
    }
    if let Some(rows) = rows {
        add(source, files, calculation.file_name("avg_gmf"), rows);
    }
    Ok(())
}

/// What there are averages of: the intensity measures, and what shaking leads to where the fields have it by name.
fn averaged(source: &ViewSource, calculation: &Calculation) -> Result<Vec<String>> {
    let mut imts: Vec<String> = calculation.job.imts().into_iter().map(String::from).collect();
    if calculation.job.release >= NAMED_COLUMNS {
        let names = names_of_columns(source, "gmf_data")?.unwrap_or_default();
        let effects: Vec<String> =
            names.into_iter().filter(|name| !matches!(name.as_str(), "eid" | "sid") && !imts.contains(name)).collect();
        imts.extend(effects);
    }
    Ok(imts)
}
