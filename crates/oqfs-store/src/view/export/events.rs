//! `events_N.csv`: the events of an event-based calculation or a scenario, in the order they are kept.

use super::columns::{ColumnRows, NumberStyle, Shown};
use super::{Calculation, Exports, add};
use crate::view::Result;
use crate::view::results::column::ArrayColumn;
use crate::view::source::ViewSource;

/// The file, if there are events and all that is said of them is integers.
pub(super) fn export(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(fields) = ArrayColumn::fields(source, "events")? else { return Ok(()) };
    if !fields.iter().all(|(_, column)| column.is_integer()) {
        return Ok(());
    }
    let shown =
        |(name, column): (String, ArrayColumn)| Shown::new(if name == "id" { "event_id" } else { &name }, column);
    let columns = fields.into_iter().map(shown).collect();
    if let Some(rows) = ColumnRows::new(&calculation.comment, NumberStyle::Own(6), columns) {
        add(source, files, calculation.file_name("events"), rows);
    }
    Ok(())
}
