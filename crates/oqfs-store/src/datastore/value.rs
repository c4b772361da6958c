//! Arrays and attribute values on their way to the writer: a type, a shape and the bytes.

use std::fmt;
use std::mem::size_of_val;

use ndarray::{Array, Dimension};
use serde_json::{Value, json};

use super::dtype::DType;

/// A number or a truth value whose bytes in memory are those of an HDF5 element.
///
/// # Safety
/// The type has no padding and no pointers, and [`Element::DTYPE`] describes its bytes.
pub unsafe trait Element: Copy + Send + 'static {
    /// The HDF5 type of the same bytes.
    const DTYPE: DType;
}

macro_rules! elements {
    ($($type:ty => $dtype:expr),* $(,)?) => {
        // SAFETY: primitive types, without padding or pointers, described as they are.
        $(unsafe impl Element for $type { const DTYPE: DType = $dtype; })*
    };
}

elements! {
    i8 => DType::int(1, true), i16 => DType::int(2, true), i32 => DType::int(4, true), i64 => DType::int(8, true),
    u8 => DType::int(1, false), u16 => DType::int(2, false), u32 => DType::int(4, false), u64 => DType::int(8, false),
    f32 => DType::F32, f64 => DType::F64, bool => DType::Bool,
}

/// An array on its way to the writer, of any type. Shape `[]` is a scalar.
pub struct ArrayData {
    dtype: DType,
    shape: Vec<usize>,
    data: Data,
}

pub(crate) enum Data {
    Bytes(Box<dyn AsRef<[u8]> + Send>),
    Strings(Vec<String>),
}

/// Elements seen as bytes.
struct ElementBytes<T>(Vec<T>);

impl<T: Element> AsRef<[u8]> for ElementBytes<T> {
    fn as_ref(&self) -> &[u8] {
        let elements = self.0.as_slice();
        // SAFETY: an Element has no padding, so all these bytes are initialised; they live as long as the vector.
        unsafe { std::slice::from_raw_parts(elements.as_ptr().cast(), size_of_val(elements)) }
    }
}

/// What a string of any length takes beside its bytes: its place in the heap.
const IN_HEAP: usize = 16;

impl ArrayData {
    /// `elements` in row-major order; `None` if the shape has another number of elements.
    pub fn new<T: Element>(shape: &[usize], elements: Vec<T>) -> Option<Self> {
        let data = Data::Bytes(Box::new(ElementBytes(elements)));
        Self { dtype: T::DTYPE, shape: shape.to_vec(), data }.checked()
    }

    /// A scalar.
    pub fn scalar<T: Element>(value: T) -> Self {
        Self { dtype: T::DTYPE, shape: vec![], data: Data::Bytes(Box::new(ElementBytes(vec![value]))) }
    }

    /// Elements of any type that is not held in the heap, given as their bytes in row-major order; `None` if their number is
    /// not the shape's.
    pub fn raw(dtype: DType, shape: &[usize], bytes: Vec<u8>) -> Option<Self> {
        if dtype.is_in_heap() {
            return None;
        }
        Self { dtype, shape: shape.to_vec(), data: Data::Bytes(Box::new(bytes)) }.checked()
    }

    /// How many bytes its elements take.
    pub fn size(&self) -> usize {
        match &self.data {
            Data::Bytes(bytes) => (**bytes).as_ref().len(),
            Data::Strings(strings) => strings.iter().map(|string| IN_HEAP + string.len()).sum(),
        }
    }

    fn checked(self) -> Option<Self> {
        let n = self.shape.iter().try_fold(self.dtype.size(), |n, d| n.checked_mul(*d))?;
        matches!(&self.data, Data::Bytes(b) if (**b).as_ref().len() == n).then_some(self)
    }

    /// A UTF-8 string, as h5py writes a `str`.
    pub fn string(value: impl Into<String>) -> Self {
        Self { dtype: DType::STRING, shape: vec![], data: Data::Strings(vec![value.into()]) }
    }

    /// One-dimensional, of UTF-8 strings of any length.
    pub fn strings<S: Into<String>>(values: impl IntoIterator<Item = S>) -> Self {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        Self { dtype: DType::STRING, shape: vec![values.len()], data: Data::Strings(values) }
    }

    /// One-dimensional, of strings as long as the longest: numpy's `S`.
    pub fn fixed_strings<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Self {
        let values: Vec<S> = values.into_iter().collect();
        let size = values.iter().map(|s| s.as_ref().len()).max().unwrap_or(0).max(1);
        let mut bytes = vec![0u8; values.len() * size];
        for (place, value) in bytes.chunks_exact_mut(size).zip(&values) {
            place[..value.as_ref().len()].copy_from_slice(value.as_ref().as_bytes());
        }
        Self { dtype: DType::fixed_string(size), shape: vec![values.len()], data: Data::Bytes(Box::new(bytes)) }
    }

    /// One-dimensional, of records: field after field, each given as an array whose first extent is the number of records
    /// and whose other extents are those of the field. `None` if the first extents differ or strings are of any length.
    ///
    /// The PoEs of N sites for two IMTs of L levels each: two fields, each from an array (N, L).
    pub fn records<S: Into<String>>(fields: Vec<(S, ArrayData)>) -> Option<Self> {
        let n = *fields.first()?.1.shape.first()?;
        let mut types = Vec::new();
        let mut parts = Vec::new();
        for (name, block) in fields {
            let (first, rest) = block.shape.split_first()?;
            let Data::Bytes(bytes) = block.data else { return None };
            if *first != n {
                return None;
            }
            let dtype = if rest.is_empty() { block.dtype } else { DType::array(block.dtype, rest) };
            parts.push((bytes, dtype.size()));
            types.push((name, dtype));
        }
        let dtype = DType::record(types);
        let mut bytes = Vec::with_capacity(n * dtype.size());
        for i in 0..n {
            for (part, size) in &parts {
                bytes.extend_from_slice((**part).as_ref().get(i * size..(i + 1) * size)?);
            }
        }
        Self::raw(dtype, &[n], bytes)
    }

    pub fn dtype(&self) -> &DType {
        &self.dtype
    }

    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    pub(crate) fn data(&self) -> &Data {
        &self.data
    }

    pub(crate) fn into_strings(self) -> Option<Vec<String>> {
        match self.data {
            Data::Strings(strings) => Some(strings),
            Data::Bytes(_) => None,
        }
    }
}

impl fmt::Debug for ArrayData {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} of shape {:?}", self.dtype, self.shape)
    }
}

impl<T: Element, D: Dimension> From<Array<T, D>> for ArrayData {
    fn from(array: Array<T, D>) -> Self {
        let shape = array.shape().to_vec();
        let elements = if array.is_standard_layout() {
            let (mut elements, offset) = array.into_raw_vec_and_offset();
            let n = shape.iter().product();
            elements.drain(..offset.unwrap_or(0));
            elements.truncate(n);
            elements
        } else {
            array.iter().copied().collect()
        };
        Self { dtype: T::DTYPE, shape, data: Data::Bytes(Box::new(ElementBytes(elements))) }
    }
}

impl<T: Element> From<Vec<T>> for ArrayData {
    fn from(elements: Vec<T>) -> Self {
        Self { dtype: T::DTYPE, shape: vec![elements.len()], data: Data::Bytes(Box::new(ElementBytes(elements))) }
    }
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Attr {
    Str(String),
    Strs(Vec<String>),
    Int(i64),
    Ints(Vec<i64>),
    Float(f64),
    Floats(Vec<f64>),
    Bool(bool),
}

macro_rules! attr_from {
    ($($type:ty => $variant:ident),*) => {
        $(impl From<$type> for Attr { fn from(value: $type) -> Self { Self::$variant(value.into()) } })*
    };
}

attr_from!(String => Str, &str => Str, Vec<String> => Strs, i64 => Int, i32 => Int, u32 => Int, Vec<i64> => Ints,
           f64 => Float, f32 => Float, Vec<f64> => Floats, bool => Bool);

impl From<Vec<&str>> for Attr {
    fn from(values: Vec<&str>) -> Self {
        Self::Strs(values.into_iter().map(Into::into).collect())
    }
}

impl Attr {
    /// The value as an array: strings of any length, else 8-byte numbers or truth values.
    pub(crate) fn to_block(&self) -> ArrayData {
        match self.clone() {
            Self::Str(value) => ArrayData::string(value),
            Self::Strs(values) => ArrayData::strings(values),
            Self::Int(value) => ArrayData::scalar(value),
            Self::Ints(values) => values.into(),
            Self::Float(value) => ArrayData::scalar(value),
            Self::Floats(values) => values.into(),
            Self::Bool(value) => ArrayData::scalar(value),
        }
    }

    /// The value as JSON; numbers JSON has not (NaN, the infinities) as strings.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Str(value) => json!(value),
            Self::Strs(values) => json!(values),
            Self::Int(value) => json!(value),
            Self::Ints(values) => json!(values),
            Self::Float(value) => float_json(*value),
            Self::Floats(values) => values.iter().map(|v| float_json(*v)).collect(),
            Self::Bool(value) => json!(value),
        }
    }
}

/// A number as JSON; NaN and the infinities, which JSON has not, as strings.
pub fn float_json(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or_else(|| json!(value.to_string()), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn bytes(block: &ArrayData) -> &[u8] {
        match &block.data {
            Data::Bytes(bytes) => (**bytes).as_ref(),
            Data::Strings(_) => panic!("strings"),
        }
    }

    #[test]
    fn an_array_in_any_memory_order_becomes_row_major() {
        let a = array![[1u8, 2, 3], [4, 5, 6]];
        assert_eq!(bytes(&a.clone().into()), [1, 2, 3, 4, 5, 6]);
        assert_eq!(bytes(&a.clone().reversed_axes().into()), [1, 4, 2, 5, 3, 6]);
        assert_eq!(bytes(&a.slice_move(ndarray::s![1.., ..2]).into()), [4, 5]);
    }

    #[test]
    fn records_are_interleaved() {
        let pga: Array2<u16> = array![[1, 2], [3, 4]];
        let block = ArrayData::records(vec![("PGA", pga.into()), ("n", vec![7u8, 8].into())]).unwrap();
        assert_eq!(block.shape(), [2]);
        assert_eq!(block.dtype().to_string(), "record (PGA: array [2] of uint16, n: uint8)");
        assert_eq!(bytes(&block), [1, 0, 2, 0, 7, 3, 0, 4, 0, 8]);
        assert!(ArrayData::records(vec![("a", vec![1u8].into()), ("b", vec![1u8, 2].into())]).is_none());
        assert!(ArrayData::records(vec![("a", ArrayData::strings(["x"]))]).is_none());
    }

    #[test]
    fn a_wrong_number_of_elements_is_refused() {
        assert!(ArrayData::new(&[2, 2], vec![1.0, 2.0, 3.0]).is_none());
        assert!(ArrayData::raw(DType::F64, &[1], vec![0; 7]).is_none());
        assert!(ArrayData::raw(DType::STRING, &[1], vec![0; 16]).is_none());
        assert_eq!(bytes(&ArrayData::fixed_strings(["a", "bcd"])), *b"a\0\0bcd");
    }
}
