//! A job as JSON: what the datastore keeps as `oqparam`, with the engine's names.

use std::path::Path;

use serde_json::{Map, Number, Value, json};

use super::literal::{self, Literal};
use super::{Job, Mode};

impl Job {
    /// The parameters with typed values, the files as `inputs`, the levels as `hazard_imtls`. Paths of files in the
    /// folder `base` are relative to it.
    pub fn to_json(&self, base: &Path) -> Value {
        let shown = |path: &Path| json!(path.strip_prefix(base).unwrap_or(path).to_string_lossy());
        let mut out = Map::new();
        let mut inputs = Map::new();
        inputs.insert("job_ini".into(), shown(&self.path));
        for file in self.params.files() {
            let kind = file.parameter.trim_end_matches("_file").trim_end_matches("_csv");
            inputs.insert(kind.into(), shown(&file.path));
        }
        out.insert("inputs".into(), Value::Object(inputs));
        let is_file = |name: &str| name.ends_with("_file") || name.ends_with("_csv") || name.ends_with("_hdf5");
        for (name, text) in &self.text {
            if !is_file(name) && name != "intensity_measure_types_and_levels" {
                out.insert(name.clone(), value(text));
            }
        }
        // the engine keeps numbers here, whichever of its names a job has for them
        if self.params.calculation_mode == Mode::Disaggregation && !self.params.poes.is_empty() {
            out.insert("poes".into(), json!(self.params.poes));
            out.insert("poes_disagg".into(), json!(self.params.poes));
        }
        let levels = self.params.imtls().iter().map(|(imt, levels)| (imt.to_string(), json!(levels)));
        let levels = Value::Object(levels.collect());
        if self.params.iml_disagg.is_some() {
            out.insert("iml_disagg".into(), levels.clone());
        }
        out.insert("hazard_imtls".into(), levels);
        Value::Object(out)
    }
}

/// The value of a parameter: a truth value, a number, a list or dictionary, or else its text.
fn value(text: &str) -> Value {
    match text.to_lowercase().as_str() {
        "true" => return json!(true),
        "false" => return json!(false),
        _ => {}
    }
    if let Ok(whole) = text.parse::<i64>() {
        return json!(whole);
    }
    match literal::parse(text) {
        Ok(literal) => from_literal(literal),
        Err(_) => json!(text),
    }
}

fn from_literal(literal: Literal) -> Value {
    match literal {
        Literal::Number(x) => Number::from_f64(x).map_or(Value::Null, Value::Number),
        Literal::Text(text) => json!(text),
        Literal::List(items) => items.into_iter().map(from_literal).collect(),
        Literal::Dict(items) => Value::Object(items.into_iter().map(|(k, v)| (k, from_literal(v))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_typed() {
        assert_eq!(value("23"), json!(23));
        assert_eq!(value("2.5"), json!(2.5));
        assert_eq!(value("True"), json!(true));
        assert_eq!(value("{'a': [1.5, 'x']}"), json!({"a": [1.5, "x"]}));
        assert_eq!(value("13.4 42.35"), json!("13.4 42.35"));
        assert_eq!(value(""), json!(""));
    }
}
