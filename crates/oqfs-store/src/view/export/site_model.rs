//! `site_model_N.csv`: the sites with all that is known of them.

use super::columns::{ColumnRows, NumberStyle, Shown};
use super::{Calculation, Exports, add};
use crate::schema::SITECOL;
use crate::view::Result;
use crate::view::results::column::ArrayColumn;
use crate::view::results::names_of_columns;
use crate::view::source::ViewSource;

/// The file, if there are sites of the engine.
pub(super) fn export(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(names) = names_of_columns(source, SITECOL.key)? else { return Ok(()) };
    let mut columns = vec![];
    for name in names {
        let Some(column) = ArrayColumn::find(source, &format!("{}/{name}", SITECOL.key), None)? else { return Ok(()) };
        columns.push(Shown::new(name, column));
    }
    if let Some(rows) = ColumnRows::new(&calculation.comment, NumberStyle::Own(5), columns) {
        add(source, files, calculation.file_name("site_model"), rows);
    }
    Ok(())
}
