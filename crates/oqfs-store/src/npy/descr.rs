//! The `descr` of a header: numpy's name for a type.

use std::fmt::Write;

use crate::datastore::dtype::{DType, Field, Order};
use crate::datastore::numpy_tag::parse as numpy_type;

/// Why a type cannot be in an `.npy` file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unsupported(pub String);

/// A type as numpy names it, in Python's syntax, and the bytes of one element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descr {
    pub text: String,
    pub size: usize,
}

/// The innermost type of nested arrays, and all extents.
pub(super) fn flatten(dtype: &DType) -> (&DType, Vec<usize>) {
    match dtype {
        DType::Array { base, dims } => {
            let (base, inner) = flatten(base);
            (base, dims.iter().copied().chain(inner).collect())
        }
        _ => (dtype, vec![]),
    }
}

impl Descr {
    /// The name of `dtype`, which is no array itself. Strings of any length must have been given a length.
    ///
    /// # Errors
    /// [`Unsupported`] for lists of any length, references, and numbers numpy has no type for.
    pub fn new(dtype: &DType) -> Result<Self, Unsupported> {
        let text = match dtype {
            DType::Compound { size, fields } => record(*size, fields)?,
            simple => format!("'{}'", code(simple)?),
        };
        Ok(Self { text, size: dtype.size() })
    }
}

/// Numpy's code of a type without parts.
fn code(dtype: &DType) -> Result<String, Unsupported> {
    let sign = |order: Order, size: usize| match (size, order) {
        (1, _) => '|',
        (_, Order::Little) => '<',
        (_, Order::Big) => '>',
    };
    Ok(match dtype {
        DType::Int { size, signed, order } => {
            format!("{}{}{size}", sign(*order, *size), if *signed { 'i' } else { 'u' })
        }
        DType::Float { size, order } => format!("{}f{size}", sign(*order, *size)),
        DType::Complex { size: size @ (8 | 16 | 32), order, .. } => format!("{}c{size}", sign(*order, *size)),
        DType::Bool => "|b1".into(),
        DType::Enum { base, .. } => code(base)?,
        DType::Bitfield { size: size @ (1 | 2 | 4 | 8), order } => format!("{}u{size}", sign(*order, *size)),
        DType::FixedString { size, .. } => format!("|S{size}"),
        DType::Opaque { size, tag } => numpy_type(tag, *size).map_or(format!("|V{size}"), |(code, _)| code.to_string()),
        other => return Err(Unsupported(format!("an .npy file cannot hold {other}"))),
    })
}

/// A list of fields; the bytes between them are nameless fields of type `V`, as numpy writes them.
fn record(size: usize, fields: &[Field]) -> Result<String, Unsupported> {
    let mut fields: Vec<&Field> = fields.iter().collect();
    fields.sort_by_key(|f| f.offset);
    let mut parts = vec![];
    let mut end = 0;
    let padding = |parts: &mut Vec<String>, len: usize| {
        if len > 0 {
            parts.push(format!("('', '|V{len}')"));
        }
    };
    for (i, field) in fields.into_iter().enumerate() {
        let gap = field.offset.checked_sub(end);
        padding(&mut parts, gap.ok_or_else(|| Unsupported("an .npy file cannot hold fields that overlap".into()))?);
        let (base, dims) = flatten(&field.dtype);
        let name = if field.name.is_empty() { format!("f{i}") } else { field.name.clone() };
        let mut part = format!("({}, {}", quote(&name), Descr::new(base)?.text);
        if !dims.is_empty() {
            let dims: Vec<u64> = dims.iter().map(|d| *d as u64).collect();
            let _ = write!(part, ", {}", super::tuple(&dims));
        }
        parts.push(part + ")");
        end = field.offset + field.dtype.size();
    }
    let rest = size.checked_sub(end);
    padding(&mut parts, rest.ok_or_else(|| Unsupported("a field that reaches beyond its record".into()))?);
    Ok(format!("[{}]", parts.join(", ")))
}

/// A string as Python's `repr` writes it.
fn quote(text: &str) -> String {
    let mark = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut quoted = String::from(mark);
    for c in text.chars() {
        match c {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c == mark => quoted.extend(['\\', c]),
            c if (c as u32) < 0x20 || (0x7f..=0xa0).contains(&(c as u32)) || c == '\u{ad}' => {
                let _ = write!(quoted, "\\x{:02x}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push(mark);
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(dtype: &DType) -> String {
        Descr::new(dtype).map_or_else(|e| e.to_string(), |d| d.text)
    }

    #[test]
    fn codes() {
        let big = DType::Int { size: 4, signed: false, order: Order::Big };
        assert_eq!(text(&big), "'>u4'");
        assert_eq!(text(&DType::Enum { base: Box::new(big), members: vec![] }), "'>u4'");
        assert_eq!(text(&DType::int(1, true)), "'|i1'");
        assert_eq!(text(&DType::Float { size: 2, order: Order::Little }), "'<f2'");
        assert_eq!(text(&DType::Opaque { size: 8, tag: "NUMPY:<M8[ns]".into() }), "'<M8[ns]'");
        assert_eq!(text(&DType::Opaque { size: 8, tag: "NUMPY:<M8['],('x".into() }), "'|V8'");
        assert_eq!(text(&DType::Reference { size: 8 }), "an .npy file cannot hold reference");
        let halves = DType::Complex { size: 4, order: Order::Little, native: true };
        assert_eq!(text(&halves), "an .npy file cannot hold complex32");
    }

    #[test]
    fn records_with_gaps_and_parts() {
        let field = |name: &str, offset, dtype| Field { name: name.into(), offset, dtype };
        let inner = DType::record([("x", DType::F32)]);
        let fields = vec![
            field("poe", 8, DType::array(DType::F64, &[2, 3])),
            field("it's", 0, DType::int(1, false)),
            field("in", 56, DType::array(inner, &[2])),
        ];
        let dtype = DType::Compound { size: 72, fields };
        let expected =
            r#"[("it's", '|u1'), ('', '|V7'), ('poe', '<f8', (2, 3)), ('in', [('x', '<f4')], (2,)), ('', '|V8')]"#;
        assert_eq!(text(&dtype), expected);
        let overlapping = vec![field("a", 0, DType::F64), field("b", 4, DType::F32)];
        assert!(text(&DType::Compound { size: 8, fields: overlapping }).contains("overlap"));
    }
}
