//! Elements in memory, as the library hands them over, to JSON and to numpy's layout.

use std::ffi::CStr;
use std::os::raw::{c_char, c_void};

use serde_json::{Map, Value, json};

use super::integer;
use crate::datastore::dtype::{DType, Order};
use crate::datastore::numpy_tag::{NumpyType, date, parse as numpy_type};
use crate::datastore::value::float_json;

/// Bytes of one element of `dtype` in memory: a string of any length is a pointer, a list a length and a pointer.
pub(crate) fn memory_size(dtype: &DType) -> usize {
    match dtype {
        DType::VarString { .. } => size_of::<*const c_char>(),
        DType::VarArray { .. } => size_of::<ListStruct>(),
        DType::Array { base, dims } => memory_size(base) * dims.iter().product::<usize>(),
        _ => dtype.size(),
    }
}

/// The C struct of a list of any length.
#[repr(C)]
#[derive(Clone, Copy)]
struct ListStruct {
    len: usize,
    elements: *const c_void,
}

/// The string a pointer in `bytes` leads to; NULL is the empty string.
///
/// # Safety
/// `bytes` starts with a pointer the library made and did not reclaim yet.
pub(crate) unsafe fn string_at(bytes: &[u8]) -> &[u8] {
    // SAFETY: the bytes are those of a pointer, at no particular alignment.
    let text = unsafe { bytes.as_ptr().cast::<*const c_char>().read_unaligned() };
    // SAFETY: not NULL, so a NUL-terminated string of the library.
    if text.is_null() { &[] } else { unsafe { CStr::from_ptr(text) }.to_bytes() }
}

/// Elements of shape `shape` as JSON: nested lists, records as objects, bytes as hexadecimal text.
///
/// # Safety
/// `bytes` holds all elements of a memory type `dtype`, and heap data in them is not reclaimed yet.
pub(crate) unsafe fn array_json(dtype: &DType, shape: &[u64], bytes: &[u8], refs: &dyn Fn(&[u8]) -> Value) -> Value {
    let Some((n, rest)) = shape.split_first() else {
        // SAFETY: one element is left, by the contract.
        return unsafe { element_json(dtype, bytes, refs) };
    };
    let step = rest.iter().map(|d| *d as usize).product::<usize>() * memory_size(dtype);
    let part = |i: usize| bytes.get(i * step..(i + 1) * step).unwrap_or(&[]);
    // SAFETY: each part holds the elements of the remaining shape.
    (0..*n as usize).map(|i| unsafe { array_json(dtype, rest, part(i), refs) }).collect()
}

unsafe fn element_json(dtype: &DType, bytes: &[u8], refs: &dyn Fn(&[u8]) -> Value) -> Value {
    if bytes.len() < memory_size(dtype) {
        return Value::Null;
    }
    match dtype {
        DType::Int { size, signed, order } => integer_json(integer(&bytes[..*size], *signed, *order)),
        DType::Float { size, order } => number(&bytes[..*size], *order),
        DType::Complex { size, order, .. } => {
            json!([number(&bytes[..size / 2], *order), number(&bytes[size / 2..*size], *order)])
        }
        DType::Bool => json!(bytes[0] != 0),
        // SAFETY (all calls below): the part of an element is an element of the type of that part.
        // SAFETY: as above.
        DType::Enum { base, .. } => unsafe { element_json(base, bytes, refs) },
        DType::FixedString { size, .. } => text(&bytes[..*size]),
        // SAFETY: as above.
        DType::VarString { .. } => string(unsafe { string_at(bytes) }),
        DType::Compound { fields, .. } => {
            let field = |f: &crate::datastore::dtype::Field| {
                // SAFETY: as above.
                (f.name.clone(), unsafe { element_json(&f.dtype, bytes.get(f.offset..).unwrap_or(&[]), refs) })
            };
            Value::Object(fields.iter().map(field).collect::<Map<_, _>>())
        }
        DType::Array { base, dims } => {
            let dims: Vec<u64> = dims.iter().map(|d| *d as u64).collect();
            // SAFETY: as above.
            unsafe { array_json(base, &dims, bytes, refs) }
        }
        DType::VarArray { base } => {
            // SAFETY: as above.
            let list = unsafe { bytes.as_ptr().cast::<ListStruct>().read_unaligned() };
            if list.elements.is_null() || list.len == 0 {
                return json!([]);
            }
            let len = list.len * memory_size(base);
            // SAFETY: as above.
            let elements = unsafe { std::slice::from_raw_parts(list.elements.cast::<u8>(), len) };
            // SAFETY: as above.
            unsafe { array_json(base, &[list.len as u64], elements, refs) }
        }
        DType::Opaque { size, tag } => match numpy_type(tag, *size) {
            Some((_, meaning)) => numpy_json(&meaning, &bytes[..*size], refs),
            None => json!(hex(&bytes[..*size])),
        },
        DType::Bitfield { size: size @ 1..=8, order } => integer_json(integer(&bytes[..*size], false, *order)),
        DType::Bitfield { size, .. } => json!(hex(&bytes[..*size])),
        DType::Reference { size } => refs(&bytes[..*size]),
        DType::Other { what, .. } => json!(what),
    }
}

fn integer_json(value: i128) -> Value {
    i64::try_from(value).map(Value::from).unwrap_or_else(|_| json!(value as u64))
}

/// An element of an opaque type that holds one of numpy's.
fn numpy_json(meaning: &NumpyType, bytes: &[u8], refs: &dyn Fn(&[u8]) -> Value) -> Value {
    let count = |order| integer(bytes, true, order);
    match meaning {
        NumpyType::Characters(order) => {
            let character = |bytes: &[u8]| integer_bits(bytes, *order) as u32;
            let text =
                bytes.chunks_exact(4).map(|c| char::from_u32(character(c)).unwrap_or(char::REPLACEMENT_CHARACTER));
            json!(text.collect::<String>().trim_end_matches('\0'))
        }
        // SAFETY: a number or a string of fixed length, as long as `bytes` are.
        NumpyType::Like(dtype) => unsafe { element_json(dtype, bytes, refs) },
        NumpyType::Date { order, unit, times } => json!(date(count(*order) as i64, *unit, *times)),
        NumpyType::Duration(order) => match count(*order) as i64 {
            i64::MIN => json!("NaT"),
            count => json!(count),
        },
    }
}

/// Text up to the padding; a NUL in it is a part of it.
fn text(bytes: &[u8]) -> Value {
    string(unpadded(bytes))
}

/// The bytes before the padding of a string.
pub(crate) fn unpadded(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &bytes[..end]
}

/// A string as JSON. Bytes that are no UTF-8 are not JSON's, so that they are said as such.
fn string(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!(text),
        Err(_) => json!({ "bytes": hex(bytes) }),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A float of 2, 4, 8 or 16 bytes.
fn number(bytes: &[u8], order: Order) -> Value {
    let bits = integer_bits(bytes, order);
    match bytes.len() {
        2 => float_json(half(bits as u16)),
        // By its own shortest text: 0.1 in single precision is said as 0.1.
        4 => {
            let value = f32::from_bits(bits as u32);
            float_json(if value.is_finite() { value.to_string().parse().unwrap_or(f64::NAN) } else { value.into() })
        }
        8 => float_json(f64::from_bits(bits as u64)),
        _ => float_json(extended(bits)),
    }
}

fn integer_bits(bytes: &[u8], order: Order) -> u128 {
    let fold = |value: u128, byte: &u8| value << 8 | u128::from(*byte);
    match order {
        Order::Little => bytes.iter().rev().fold(0, fold),
        Order::Big => bytes.iter().fold(0, fold),
    }
}

/// IEEE 754 binary16.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let (exponent, mantissa) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    sign * match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        e => (1024.0 + mantissa) * 2f64.powi(e - 25),
    }
}

/// The x87 extended number, to the nearest double.
fn extended(bits: u128) -> f64 {
    let sign = if bits >> 79 & 1 == 0 { 1.0 } else { -1.0 };
    let (exponent, mantissa) = ((bits >> 64 & 0x7fff) as i32, bits as u64);
    match exponent {
        0x7fff if mantissa << 1 == 0 => sign * f64::INFINITY,
        0x7fff => f64::NAN,
        // In two steps: the first power alone may be too small for a double.
        e => sign * mantissa as f64 * 2f64.powi((e - 16383) / 2) * 2f64.powi(e - 16383 - (e - 16383) / 2 - 63),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_of_all_sizes() {
        let halves = [0x3c00, 0xc000, 0x0001, 0x7c00, 0x3555].map(half);
        assert_eq!(halves, [1.0, -2.0, 2f64.powi(-24), f64::INFINITY, 0.333251953125]);
        assert!(half(0x7e00).is_nan());
        assert_eq!(extended(0x3fff_8000_0000_0000_0000), 1.0);
        assert_eq!(extended(0xc000_c000_0000_0000_0000), -3.0);
        assert_eq!(number(&0.1f32.to_be_bytes(), Order::Big), json!(0.1));
        assert_eq!(number(&f64::NAN.to_le_bytes(), Order::Little), json!("NaN"));
    }
}
