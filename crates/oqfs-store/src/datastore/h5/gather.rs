//! Reading virtual datasets: the elements are gathered from their sources as the library would, which does not open one by itself.

use hdf5::sync::sync;
use hdf5_sys::h5d::{H5D_FILL_VALUE_ERROR, H5D_FILL_VALUE_UNDEFINED, H5Dfill};
use hdf5_sys::h5i::H5Iget_file_id;
use hdf5_sys::h5p::{H5P_DEFAULT, H5Pfill_value_defined, H5Pget_fill_value};
use hdf5_sys::h5s::{
    H5S_SEL_ALL, H5Scopy, H5Sextent_copy, H5Sget_select_type, H5Sselect_project_intersection, H5Sselect_valid,
};
use hdf5_sys::h5t::H5Treclaim;

use super::follow::{Sought, Way};
use super::source::shape_of;
use super::virtuals::{Mapping, bounds};
use super::{H5Source, Id, call, memory_size, points, space};
use crate::datastore::dtype::DType;

/// The file an object is in.
pub(super) fn file_of(id: &Id) -> hdf5::Result<std::rc::Rc<Id>> {
    // SAFETY: the object is live.
    Id::new(|| unsafe { H5Iget_file_id(id.get()) }).map(std::rc::Rc::new)
}

impl H5Source {
    /// Reads what is selected in `from` of a virtual dataset of these mappings, as elements of `memory`, to what is selected in
    /// `into`, a space of the shape of `buffer`. Where no source has an element, and where a source's file is missing, it is
    /// the fill value.
    pub(super) fn gather(
        &self,
        (list, mappings): (&Id, &[Mapping]),
        memory: &(Id, DType),
        from: &Id,
        into: &Id,
        buffer: &mut [u8],
        way: &mut Way,
    ) -> hdf5::Result<()> {
        if points(from)? == 0 {
            return Ok(());
        }
        fill(list, memory, into, buffer)?;
        let file = file_of(&self.id)?;
        let ndims = self.shape.as_deref().unwrap_or(&[]).len();
        let (first, last) = bounds(from, ndims)?;
        let before = |a: &[u64], b: &[u64]| a.iter().zip(b).any(|(a, b)| a < b);
        for mapping in mappings {
            if before(&last, &mapping.bounds.0) || before(&mapping.bounds.1, &first) {
                continue;
            }
            let to = project(from, into, &mapping.whole)?;
            if points(&to)? == 0 {
                continue;
            }
            let (id, beside) = match way.dataset(&file, &self.beside, &mapping.file, &mapping.path)? {
                Sought::Dataset(id, beside) => (id, beside),
                Sought::NoFile => continue,
                Sought::NoDataset => return Err(Sought::no_dataset(&mapping.file, &mapping.path)),
            };
            way.further(|way| {
                let source = H5Source::on_the_way(id, &beside, way)?;
                let part = source.part(mapping)?;
                let part = project(&mapping.whole, &part, from)?;
                if points(&part)? != points(&to)? {
                    return Err("a mapping to another number of elements".into());
                }
                if memory.1.is_in_heap() {
                    // What a mapping before this one left there.
                    // SAFETY: the type and the space are those of the buffer, of which each element was filled or read.
                    call(|| unsafe { H5Treclaim(memory.0.get(), to.get(), H5P_DEFAULT, buffer.as_mut_ptr().cast()) })?;
                }
                source.read_into(memory, &part, &to, buffer, way)
            })?;
        }
        Ok(())
    }

    /// What a mapping has of this dataset, as it is now.
    fn part(&self, mapping: &Mapping) -> hdf5::Result<Id> {
        let shape = self.shape.as_deref().ok_or("a source without elements")?;
        // SAFETY: the space is live.
        let is_all = sync(|| unsafe { H5Sget_select_type(mapping.part.get()) }) == H5S_SEL_ALL;
        // All of it is selected in a space of no particular shape.
        if !is_all && shape_of(&mapping.part)?.is_none_or(|meant| meant.len() != shape.len()) {
            return Err(format!("a source of {} dimensions", shape.len()).into());
        }
        // SAFETY: the spaces are live, and what is selected by dimensions has as many of them.
        let part = Id::new(|| unsafe { H5Scopy(mapping.part.get()) })?;
        let now = space(shape)?;
        // SAFETY: as above.
        call(|| unsafe { H5Sextent_copy(part.get(), now.get()) })?;
        // SAFETY: as above.
        let is_inside = call(|| unsafe { H5Sselect_valid(part.get()) })? > 0;
        if !is_inside || points(&part)? != points(&mapping.whole)? {
            return Err(format!("a source of shape {shape:?}, which is not as large as what is mapped to it").into());
        }
        Ok(part)
    }
}

/// What is selected in `to` at the places that are, in `from`, those of what is also selected in `with`.
fn project(from: &Id, to: &Id, with: &Id) -> hdf5::Result<Id> {
    // SAFETY: the spaces are live; the library checks that they fit.
    Id::new(|| unsafe { H5Sselect_project_intersection(from.get(), to.get(), with.get()) })
}

/// Sets what is selected in `into`, the space of `buffer`, to the fill value of the dataset with the properties `list`.
fn fill(list: &Id, memory: &(Id, DType), into: &Id, buffer: &mut [u8]) -> hdf5::Result<()> {
    let mut status = H5D_FILL_VALUE_ERROR;
    // SAFETY: `list` is live.
    call(|| unsafe { H5Pfill_value_defined(list.get(), &mut status) })?;
    if status == H5D_FILL_VALUE_UNDEFINED {
        return Ok(());
    }
    let mut value = vec![0u8; memory_size(&memory.1)];
    // SAFETY: there is room for one element; the buffer holds all elements of the space, by the contract of the caller.
    call(|| unsafe { H5Pget_fill_value(list.get(), memory.0.get(), value.as_mut_ptr().cast()) })?;
    // SAFETY: as above.
    let filled = call(|| unsafe {
        let (value, buffer) = (value.as_ptr().cast(), buffer.as_mut_ptr().cast());
        H5Dfill(value, memory.0.get(), buffer, memory.0.get(), into.get())
    });
    if memory.1.is_in_heap() {
        let one = space(&[])?;
        // SAFETY: one element, which the library made.
        call(|| unsafe { H5Treclaim(memory.0.get(), one.get(), H5P_DEFAULT, value.as_mut_ptr().cast()) })?;
    }
    filled.map(drop)
}
