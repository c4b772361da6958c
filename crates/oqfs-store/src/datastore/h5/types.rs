//! [`DType`] to an HDF5 datatype and back.

use std::ptr;

use hdf5::globals::{
    H5T_C_S1, H5T_IEEE_F32BE, H5T_IEEE_F32LE, H5T_IEEE_F64BE, H5T_IEEE_F64LE, H5T_STD_B8LE, H5T_STD_I8LE,
    H5T_STD_REF_DSETREG, H5T_STD_REF_OBJ, H5T_STD_U8LE,
};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5t::*;

use super::{Id, c_name, call, take_string};
use crate::datastore::dtype::{DType, Field, Order, Pad};

/// The datatype of the library that `dtype` describes.
pub(crate) fn type_of(dtype: &DType) -> hdf5::Result<Id> {
    match dtype {
        DType::Int { size, signed, order } => int_type(*size, *signed, *order),
        DType::Float { size, order } => float_type(*size, *order),
        DType::Complex { size, order, native } => complex_type(*size, *order, *native),
        DType::Bool => enum_type(&DType::int(1, true), &[("FALSE".into(), 0), ("TRUE".into(), 1)]),
        DType::Enum { base, members } => enum_type(base, members),
        DType::FixedString { size, pad, utf8 } => string_type(*size, *pad, *utf8),
        DType::VarString { utf8 } => string_type(H5T_VARIABLE, Pad::NullTerm, *utf8),
        DType::Compound { size, fields } => compound_type(*size, fields),
        DType::Array { base, dims } => array_type(base, dims),
        DType::Opaque { size, tag } => {
            let tag = c_name(tag)?;
            // SAFETY: the tag ends with NUL; the library copies it.
            let id = Id::new(|| unsafe { H5Tcreate(H5T_OPAQUE, *size) })?;
            // SAFETY: as above.
            call(|| unsafe { H5Tset_tag(id.get(), tag.as_ptr()) })?;
            Ok(id)
        }
        DType::VarArray { base } => {
            let base = type_of(base)?;
            // SAFETY: `base` is live.
            Id::new(|| unsafe { H5Tvlen_create(base.get()) })
        }
        DType::Reference { size: 8 } => copy(*H5T_STD_REF_OBJ),
        DType::Reference { size: 12 } => copy(*H5T_STD_REF_DSETREG),
        DType::Reference { size } => Err(format!("references of {size} bytes are not read").into()),
        DType::Bitfield { size, order } => sized(*H5T_STD_B8LE, *size, *order),
        DType::Other { .. } => Err(format!("{dtype} cannot be written").into()),
    }
}

/// The datatype to read elements of `file_type` with, and what it is: the file's own, unless its numbers have bits to
/// spare, its strings need their padding normalised, or its heap data a layout in memory.
pub(crate) fn memory_type(dtype: &DType) -> hdf5::Result<(Id, DType)> {
    let memory = in_memory(dtype);
    Ok((type_of(&memory)?, memory))
}

/// What elements of `dtype` become in memory.
pub(crate) fn in_memory(dtype: &DType) -> DType {
    match dtype {
        DType::FixedString { size, utf8, .. } => DType::FixedString { size: *size, pad: Pad::NullPad, utf8: *utf8 },
        DType::VarString { utf8 } => DType::VarString { utf8: *utf8 },
        DType::Array { base, dims } => DType::Array { base: Box::new(in_memory(base)), dims: dims.clone() },
        DType::VarArray { base } => DType::VarArray { base: Box::new(in_memory(base)) },
        DType::Other { nearest: Some(nearest), .. } => (**nearest).clone(),
        DType::Compound { size, fields } => {
            let inside: Vec<_> = fields.iter().map(|f| Field { dtype: in_memory(&f.dtype), ..f.clone() }).collect();
            if !dtype.is_in_heap() && fields.iter().zip(&inside).all(|(a, b)| a.dtype.size() == b.dtype.size()) {
                return DType::Compound { size: *size, fields: inside };
            }
            // Some field has another size in memory than in the file: laid out anew, without padding.
            DType::record(inside.into_iter().map(|f| (f.name, f.dtype)))
        }
        other => other.clone(),
    }
}

fn copy(id: hid_t) -> hdf5::Result<Id> {
    // SAFETY: `id` is a predefined type, live as long as the library.
    Id::new(|| unsafe { H5Tcopy(id) })
}

fn h5_order(order: Order) -> H5T_order_t {
    match order {
        Order::Little => H5T_ORDER_LE,
        Order::Big => H5T_ORDER_BE,
    }
}

fn int_type(size: usize, signed: bool, order: Order) -> hdf5::Result<Id> {
    sized(if signed { *H5T_STD_I8LE } else { *H5T_STD_U8LE }, size, order)
}

/// A predefined type with another size and order.
fn sized(base: hid_t, size: usize, order: Order) -> hdf5::Result<Id> {
    let id = copy(base)?;
    // SAFETY: `id` is live and ours to change.
    call(|| unsafe { H5Tset_size(id.get(), size) })?;
    // A larger size alone adds bits that are not used.
    // SAFETY: as above.
    call(|| unsafe { H5Tset_precision(id.get(), size * 8) })?;
    // SAFETY: as above.
    call(|| unsafe { H5Tset_order(id.get(), h5_order(order)) })?;
    Ok(id)
}

fn float_type(size: usize, order: Order) -> hdf5::Result<Id> {
    match (size, order) {
        (4, Order::Little) => copy(*H5T_IEEE_F32LE),
        (4, Order::Big) => copy(*H5T_IEEE_F32BE),
        (8, Order::Little) => copy(*H5T_IEEE_F64LE),
        (8, Order::Big) => copy(*H5T_IEEE_F64BE),
        (2, _) => {
            let id = copy(*H5T_IEEE_F32LE)?;
            // SAFETY: `id` is live and ours. IEEE 754 binary16: sign at bit 15, exponent of 5 bits at 10, mantissa of 10 at 0.
            call(|| unsafe { H5Tset_fields(id.get(), 15, 10, 5, 0, 10) })?;
            // SAFETY: as above.
            call(|| unsafe { H5Tset_size(id.get(), 2) })?;
            // SAFETY: as above.
            call(|| unsafe { H5Tset_ebias(id.get(), 15) })?;
            // SAFETY: as above.
            call(|| unsafe { H5Tset_order(id.get(), h5_order(order)) })?;
            Ok(id)
        }
        (16, _) => {
            let id = copy(*H5T_IEEE_F64LE)?;
            // SAFETY: as above. x87 extended: 80 bits used of 128, explicit leading one.
            call(|| unsafe { H5Tset_size(id.get(), 16) })?;
            // SAFETY: as above.
            call(|| unsafe { H5Tset_precision(id.get(), 80) })?;
            // SAFETY: as above.
            call(|| unsafe { H5Tset_fields(id.get(), 79, 64, 15, 0, 64) })?;
            // SAFETY: as above.
            call(|| unsafe { H5Tset_ebias(id.get(), 16383) })?;
            // SAFETY: as above.
            call(|| unsafe { H5Tset_norm(id.get(), H5T_NORM_NONE) })?;
            // SAFETY: as above.
            call(|| unsafe { H5Tset_order(id.get(), h5_order(order)) })?;
            Ok(id)
        }
        _ => Err(format!("no float of {size} bytes").into()),
    }
}

fn complex_type(size: usize, order: Order, native: bool) -> hdf5::Result<Id> {
    let part = DType::Float { size: size / 2, order };
    if native {
        let part = type_of(&part)?;
        // SAFETY: `part` is live.
        return Id::new(|| unsafe { H5Tcomplex_create(part.get()) });
    }
    type_of(&DType::record([("r", part.clone()), ("i", part)]))
}

fn enum_type(base: &DType, members: &[(String, i128)]) -> hdf5::Result<Id> {
    let DType::Int { size, order, .. } = base else { return Err("an enumeration of what is no integer".into()) };
    let base = type_of(base)?;
    // SAFETY: `base` is live.
    let id = Id::new(|| unsafe { H5Tenum_create(base.get()) })?;
    for (name, value) in members {
        let name = c_name(name)?;
        let (little, big) = (value.to_le_bytes(), value.to_be_bytes());
        let bytes = match order {
            Order::Little => &little[..*size],
            Order::Big => &big[big.len() - size..],
        };
        // SAFETY: `bytes` is one value of the base type; name and value are copied.
        call(|| unsafe { H5Tenum_insert(id.get(), name.as_ptr(), bytes.as_ptr().cast()) })?;
    }
    Ok(id)
}

fn string_type(size: usize, pad: Pad, utf8: bool) -> hdf5::Result<Id> {
    let id = copy(*H5T_C_S1)?;
    let pad = match pad {
        Pad::NullTerm => H5T_STR_NULLTERM,
        Pad::NullPad => H5T_STR_NULLPAD,
        Pad::Space => H5T_STR_SPACEPAD,
    };
    // SAFETY: `id` is live and ours to change.
    call(|| unsafe { H5Tset_size(id.get(), size) })?;
    // SAFETY: as above.
    call(|| unsafe { H5Tset_strpad(id.get(), pad) })?;
    // SAFETY: as above.
    call(|| unsafe { H5Tset_cset(id.get(), if utf8 { H5T_CSET_UTF8 } else { H5T_CSET_ASCII }) })?;
    Ok(id)
}

fn compound_type(size: usize, fields: &[Field]) -> hdf5::Result<Id> {
    // SAFETY: plain constructor; an impossible size is refused by the library.
    let id = Id::new(|| unsafe { H5Tcreate(H5T_COMPOUND, size) })?;
    for field in fields {
        let (name, member) = (c_name(&field.name)?, type_of(&field.dtype)?);
        // SAFETY: both ids are live; the library checks that the member fits and copies it and its name.
        call(|| unsafe { H5Tinsert(id.get(), name.as_ptr(), field.offset, member.get()) })?;
    }
    Ok(id)
}

fn array_type(base: &DType, dims: &[usize]) -> hdf5::Result<Id> {
    let base = type_of(base)?;
    let dims: Vec<u64> = dims.iter().map(|&d| d as u64).collect();
    // SAFETY: `dims` has as many extents as said.
    Id::new(|| unsafe { H5Tarray_create2(base.get(), dims.len() as u32, dims.as_ptr()) })
}

/// What the datatype `id` is. Never fails for a kind of type: what has no description here is [`DType::Other`].
pub(crate) fn dtype_of(id: hid_t) -> hdf5::Result<DType> {
    // SAFETY (all calls below): `id` is a live datatype by the contract of `Id`; each getter fails on a wrong class.
    // SAFETY: as above.
    let size = unsafe { call(|| H5Tget_size(id) as i64)? } as usize;
    // SAFETY: as above.
    Ok(match hdf5::sync::sync(|| unsafe { H5Tget_class(id) }) {
        H5T_INTEGER => int_dtype(id, size)?,
        H5T_FLOAT => float_dtype(id, size)?,
        H5T_STRING => string_dtype(id, size)?,
        H5T_BITFIELD => DType::Bitfield { size, order: order_of(id).unwrap_or(Order::Little) },
        // SAFETY: as above.
        H5T_OPAQUE => DType::Opaque { size, tag: hdf5::sync::sync(|| unsafe { take_string(H5Tget_tag(id)) }) },
        H5T_COMPOUND => compound_dtype(id, size)?,
        H5T_REFERENCE => DType::Reference { size },
        H5T_ENUM => enum_dtype(id)?,
        H5T_VLEN => DType::VarArray { base: Box::new(dtype_of(super_of(id)?.get())?) },
        H5T_ARRAY => array_dtype(id)?,
        H5T_COMPLEX => match dtype_of(super_of(id)?.get())? {
            DType::Float { order, .. } => DType::Complex { size, order, native: true },
            other => DType::Other { size, what: format!("complex number of {other}"), nearest: None },
        },
        H5T_TIME => DType::Other { size, what: "time".into(), nearest: None },
        H5T_NO_CLASS | H5T_NCLASSES => DType::Other { size, what: "unknown type".into(), nearest: None },
    })
}

fn super_of(id: hid_t) -> hdf5::Result<Id> {
    // SAFETY: `id` is live.
    Id::new(|| unsafe { H5Tget_super(id) })
}

fn order_of(id: hid_t) -> Option<Order> {
    // SAFETY: `id` is live.
    match hdf5::sync::sync(|| unsafe { H5Tget_order(id) }) {
        H5T_ORDER_LE => Some(Order::Little),
        H5T_ORDER_BE => Some(Order::Big),
        _ => None,
    }
}

fn int_dtype(id: hid_t, size: usize) -> hdf5::Result<DType> {
    // SAFETY: `id` is live and an integer.
    let (precision, offset) = unsafe { (call(|| H5Tget_precision(id) as i64)?, call(|| H5Tget_offset(id))?) };
    // SAFETY: as above.
    let signed = hdf5::sync::sync(|| unsafe { H5Tget_sign(id) }) == H5T_SGN_2;
    Ok(match order_of(id) {
        Some(order) if [1, 2, 4, 8].contains(&size) && precision as usize == size * 8 && offset == 0 => {
            DType::Int { size, signed, order }
        }
        order => {
            let order = order.unwrap_or(Order::NATIVE);
            let nearest = (size <= 8).then(|| Box::new(DType::Int { size: size.next_power_of_two(), signed, order }));
            DType::Other { size, what: format!("integer of {precision} bits"), nearest }
        }
    })
}

fn float_dtype(id: hid_t, size: usize) -> hdf5::Result<DType> {
    let mut f = [0usize; 5];
    let [sign, exponent, exponent_bits, mantissa, mantissa_bits] = &mut f;
    // SAFETY: `id` is live and a float; the five places are writable.
    call(|| unsafe { H5Tget_fields(id, sign, exponent, exponent_bits, mantissa, mantissa_bits) })?;
    // SAFETY: as above.
    let bias = hdf5::sync::sync(|| unsafe { H5Tget_ebias(id) });
    let known = matches!(
        (size, f, bias),
        (2, [15, 10, 5, 0, 10], 15)
            | (4, [31, 23, 8, 0, 23], 127)
            | (8, [63, 52, 11, 0, 52], 1023)
            | (16, [79, 64, 15, 0, 64], 16383)
    );
    Ok(match order_of(id) {
        Some(order) if known => DType::Float { size, order },
        order => {
            let order = order.unwrap_or(Order::NATIVE);
            let nearest = (size <= 8).then(|| Box::new(DType::Float { size: if size <= 4 { 4 } else { 8 }, order }));
            DType::Other { size, what: format!("float with a mantissa of {} bits", f[4]), nearest }
        }
    })
}

fn string_dtype(id: hid_t, size: usize) -> hdf5::Result<DType> {
    // SAFETY: `id` is live and a string.
    let variable = unsafe { call(|| H5Tis_variable_str(id))? } > 0;
    // SAFETY: as above.
    let utf8 = hdf5::sync::sync(|| unsafe { H5Tget_cset(id) }) == H5T_CSET_UTF8;
    if variable {
        return Ok(DType::VarString { utf8 });
    }
    // SAFETY: as above.
    let pad = match hdf5::sync::sync(|| unsafe { H5Tget_strpad(id) }) {
        H5T_STR_NULLTERM => Pad::NullTerm,
        H5T_STR_SPACEPAD => Pad::Space,
        _ => Pad::NullPad,
    };
    Ok(DType::FixedString { size, pad, utf8 })
}

fn compound_dtype(id: hid_t, size: usize) -> hdf5::Result<DType> {
    // SAFETY: `id` is live and a compound; `i` is below the number of its members; names are ours to free.
    let n = unsafe { call(|| H5Tget_nmembers(id))? };
    let mut fields = Vec::new();
    for i in 0..n as u32 {
        // SAFETY: as above.
        let name = hdf5::sync::sync(|| unsafe { take_string(H5Tget_member_name(id, i)) });
        // SAFETY: as above.
        let offset = hdf5::sync::sync(|| unsafe { H5Tget_member_offset(id, i) });
        // SAFETY: as above.
        let member = Id::new(|| unsafe { H5Tget_member_type(id, i) })?;
        fields.push(Field { name, offset, dtype: dtype_of(member.get())? });
    }
    // h5py keeps a complex number as a record of r and i, one right after the other.
    if let [Field { name: r, offset: 0, dtype }, Field { name: i, offset, dtype: other }] = &fields[..]
        && let DType::Float { size: part, order } = *dtype
        && (r.as_str(), i.as_str(), *offset, size) == ("r", "i", part, 2 * part)
        && dtype == other
    {
        return Ok(DType::Complex { size, order, native: false });
    }
    Ok(DType::Compound { size, fields })
}

fn enum_dtype(id: hid_t) -> hdf5::Result<DType> {
    let base = dtype_of(super_of(id)?.get())?;
    let DType::Int { size, signed, order } = base else {
        return Ok(DType::Other { size: base.size(), what: format!("enumeration of {base}"), nearest: None });
    };
    // SAFETY: `id` is live and an enumeration; `i` is below the number of its members; a value has at most 8 bytes.
    let n = unsafe { call(|| H5Tget_nmembers(id))? };
    let mut members = Vec::new();
    for i in 0..n as u32 {
        // SAFETY: as above.
        let name = hdf5::sync::sync(|| unsafe { take_string(H5Tget_member_name(id, i)) });
        let mut bytes = [0u8; 8];
        // SAFETY: as above.
        call(|| unsafe { H5Tget_member_value(id, i, ptr::from_mut(&mut bytes).cast()) })?;
        members.push((name, integer(&bytes[..size], signed, order)));
    }
    if size == 1 && members == [("FALSE".to_string(), 0), ("TRUE".to_string(), 1)] {
        return Ok(DType::Bool);
    }
    Ok(DType::Enum { base: Box::new(base), members })
}

fn array_dtype(id: hid_t) -> hdf5::Result<DType> {
    // SAFETY: `id` is live and an array; `dims` has as many places as the array has dimensions.
    let n = unsafe { call(|| H5Tget_array_ndims(id))? } as usize;
    let mut dims = vec![0u64; n];
    // SAFETY: as above.
    call(|| unsafe { H5Tget_array_dims2(id, dims.as_mut_ptr()) })?;
    let base = Box::new(dtype_of(super_of(id)?.get())?);
    Ok(DType::Array { base, dims: dims.into_iter().map(|d| d as usize).collect() })
}

/// The integer in up to 8 `bytes`.
pub(crate) fn integer(bytes: &[u8], signed: bool, order: Order) -> i128 {
    let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    let value = match order {
        Order::Little => bytes.iter().rev().fold(0, fold),
        Order::Big => bytes.iter().fold(0, fold),
    };
    let spare = 64 - 8 * bytes.len().clamp(1, 8) as u32;
    if signed { i128::from((value << spare) as i64 >> spare) } else { i128::from(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_comes_back_as_it_was() {
        let both = |make: &dyn Fn(Order) -> DType| [make(Order::Little), make(Order::Big)];
        let mut types = vec![DType::Bool, DType::STRING, DType::fixed_string(7)];
        for size in [1, 2, 4, 8] {
            types.extend(both(&|order| DType::Int { size, signed: true, order }));
            types.extend(both(&|order| DType::Int { size, signed: false, order }));
            types.extend(both(&|order| DType::Bitfield { size, order }));
        }
        for size in [2, 4, 8] {
            types.extend(both(&|order| DType::Float { size, order }));
            types.extend(both(&|order| DType::Complex { size: 2 * size, order, native: false }));
            types.extend(both(&|order| DType::Complex { size: 2 * size, order, native: true }));
        }
        types.push(DType::Float { size: 16, order: Order::Little });
        types.push(DType::FixedString { size: 3, pad: Pad::Space, utf8: true });
        types.push(DType::Opaque { size: 5, tag: "tag".into() });
        types.push(DType::VarArray { base: Box::new(DType::F32) });
        for base in both(&|order| DType::Int { size: 2, signed: true, order }) {
            types.push(DType::Enum { base: Box::new(base), members: vec![("a".into(), 300), ("b".into(), -2)] });
        }
        let field = |name: &str, offset, dtype| Field { name: name.into(), offset, dtype };
        let fields = vec![field("a", 0, DType::int(1, true)), field("b", 8, DType::array(DType::F64, &[2, 3]))];
        types.push(DType::Compound { size: 64, fields });
        for dtype in types {
            let id = type_of(&dtype).unwrap_or_else(|e| panic!("{dtype:?}: {e}"));
            let back = dtype_of(id.get()).unwrap();
            // One byte has no order.
            assert_eq!(format!("{back:?}").replace("Big", "Little"), format!("{dtype:?}").replace("Big", "Little"));
            assert!(dtype.size() == 1 || back == dtype, "{dtype:?}");
        }
    }
}
