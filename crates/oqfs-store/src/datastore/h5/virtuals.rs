//! What virtual datasets are made of.

use std::collections::BTreeSet;
use std::os::raw::c_char;
use std::ptr;
use std::rc::Rc;

use hdf5_sys::h5p::{
    H5Pget_virtual_count, H5Pget_virtual_dsetname, H5Pget_virtual_filename, H5Pget_virtual_srcspace,
    H5Pget_virtual_vspace,
};
use hdf5_sys::h5s::{H5Sextent_copy, H5Sget_select_bounds};

use super::follow::{Sought, Way};
use super::slab::Slab;
use super::source::shape_of;
use super::{H5Source, Id, Storage, call, points, space};
use crate::datastore::beside::{Beside, Search};

/// A part of a virtual dataset, and what of another dataset it is.
#[derive(Debug)]
pub(super) struct Mapping {
    /// What is selected in the virtual dataset, and the least block it is in: first and last element.
    pub whole: Id,
    pub bounds: (Vec<u64>, Vec<u64>),
    /// What is selected in the source, in a space that may have another shape than that has now.
    pub part: Id,
    /// Where the source is: the name of a file, and a path in it.
    pub file: Vec<u8>,
    pub path: Vec<u8>,
}

/// The shape of a virtual dataset as it is now, and all its mappings.
pub(super) struct MadeVirtual {
    pub space: Id,
    pub mappings: Vec<Mapping>,
    /// The files that are not there.
    pub missing: BTreeSet<String>,
}

/// A mapping as the file has it.
struct Raw {
    whole: Id,
    part: Id,
    file: Name,
    path: Name,
}

/// A name that may have the number of a block in it, at each place between its parts.
struct Name(Vec<Vec<u8>>);

impl Name {
    /// The library replaces `%b` by the number, and `%%` by one of them.
    fn new(name: &[u8]) -> Self {
        let mut parts = vec![vec![]];
        let mut rest = name.iter();
        while let Some(byte) = rest.next() {
            let next = if *byte == b'%' { rest.next() } else { None };
            match (next, parts.last_mut()) {
                (Some(b'b'), _) => parts.push(vec![]),
                (_, Some(part)) => part.push(*byte),
                (_, None) => {}
            }
        }
        Self(parts)
    }

    fn is_numbered(&self) -> bool {
        self.0.len() > 1
    }

    /// The name for block `n`.
    fn of(&self, n: u64) -> Vec<u8> {
        self.0.join(n.to_string().as_bytes())
    }
}

impl MadeVirtual {
    /// Of the virtual dataset with these properties. Sources are opened only if its shape depends on them.
    ///
    /// # Errors
    /// If the sources are nothing that can be read: the reason inside, as far as it is their fault.
    pub fn of_list(
        list: &Id,
        file: &Rc<Id>,
        beside: &Beside,
        way: &mut Way,
    ) -> hdf5::Result<Result<Option<Self>, String>> {
        let mut n = 0usize;
        // SAFETY: `list` is live.
        call(|| unsafe { H5Pget_virtual_count(list.get(), &mut n) })?;
        let raw = (0..n).map(|i| Raw::new(list, i)).collect::<hdf5::Result<Vec<_>>>()?;
        let mut missing = BTreeSet::new();
        for mapping in raw.iter().filter(|mapping| !mapping.file.is_numbered()) {
            let name = mapping.file.of(0);
            if name == b"." {
                continue;
            }
            let opened = beside.open(&name, Search::Moved).map(|found| found.is_some());
            let name = String::from_utf8_lossy(&name);
            match opened {
                Ok(true) => {}
                Ok(false) => drop(missing.insert(name.into_owned())),
                Err(why) => {
                    return Ok(Err(format!("a virtual dataset, its elements are in another file, {name}: {why}")));
                }
            }
        }
        // Each has the extents that the dataset had when it was written last.
        let Some(first) = raw.first() else { return Ok(Ok(None)) };
        let Some(mut dims) = shape_of(&first.whole)? else {
            return Ok(Err("a virtual dataset without a shape".into()));
        };
        let mut ends = vec![None; dims.len()];
        let mut least = vec![0; dims.len()];
        let mut found = vec![];
        for mapping in raw {
            if shape_of(&mapping.whole)?.is_none_or(|shape| shape.len() != dims.len()) {
                return Ok(Err("mappings of different numbers of dimensions".into()));
            }
            match Slab::of_space(&mapping.whole, dims.len())? {
                None if points(&mapping.whole)? == 0 => {}
                None => {
                    mapping.look_inside(file, beside, way)?;
                    let (_, last) = bounds(&mapping.whole, dims.len())?;
                    least.iter_mut().zip(&last).for_each(|(least, last)| *least = last.saturating_add(1).max(*least));
                    found.push((mapping, None));
                }
                Some(slab) => {
                    let extent = mapping.extent(&slab, file, beside, way)?;
                    let end = &mut ends[slab.dim];
                    *end = Some(extent.end.max(end.unwrap_or(0)));
                    found.push((mapping, Some((slab, extent))));
                }
            }
        }
        for ((dim, end), least) in dims.iter_mut().zip(ends).zip(least) {
            *dim = end.map_or(*dim, |end| end.max(least));
        }
        let mut mappings = vec![];
        for (mapping, endless) in found {
            mapping.add(endless, &dims, &mut mappings)?;
        }
        Ok(Ok(Some(Self { space: space(&dims)?, mappings, missing })))
    }
}

/// How far a mapping without an end goes.
struct Extent {
    /// In the virtual dataset.
    end: u64,
    of: Of,
}

enum Of {
    /// One source of this shape, and what is selected of it.
    One(Slab, Vec<u64>),
    /// So many sources.
    Many(u64),
}

impl Raw {
    fn new(list: &Id, i: usize) -> hdf5::Result<Self> {
        // SAFETY: `list` is live, and `i` below the number of mappings.
        let whole = Id::new(|| unsafe { H5Pget_virtual_vspace(list.get(), i) })?;
        // SAFETY: as above.
        let part = Id::new(|| unsafe { H5Pget_virtual_srcspace(list.get(), i) })?;
        // SAFETY: as above; each writes as much as there is room for, and tells its length without a buffer.
        let file = text(|to, room| unsafe { H5Pget_virtual_filename(list.get(), i, to, room) })?;
        // SAFETY: as above.
        let path = text(|to, room| unsafe { H5Pget_virtual_dsetname(list.get(), i, to, room) })?;
        Ok(Self { whole, part, file: Name::new(&file), path: Name::new(&path) })
    }

    /// A source in the same file may be in others itself: they are looked at, so that what is in them is known not to be kept.
    fn look_inside(&self, file: &Rc<Id>, beside: &Beside, way: &mut Way) -> hdf5::Result<()> {
        if self.file.of(0) != b"." {
            return Ok(());
        }
        let Sought::Dataset(id, beside) = way.dataset(file, beside, b".", &self.path.of(0))? else { return Ok(()) };
        let source = way.further(|way| H5Source::on_the_way(id, &beside, way))?;
        if let Storage::External(external) = &source.storage {
            // Whoever reads is told why it cannot be.
            let _ = external.check(&beside);
        }
        Ok(())
    }

    /// How far it goes, as far as its sources do.
    fn extent(&self, slab: &Slab, file: &Rc<Id>, beside: &Beside, way: &mut Way) -> hdf5::Result<Extent> {
        let is_numbered = self.file.is_numbered() || self.path.is_numbered();
        let mut source = |n| match way.dataset(file, beside, &self.file.of(n), &self.path.of(n))? {
            Sought::Dataset(id, beside) => way.further(|way| H5Source::on_the_way(id, &beside, way)).map(Some),
            Sought::NoDataset if !is_numbered => Err(Sought::no_dataset(&self.file.of(n), &self.path.of(n))),
            Sought::NoFile | Sought::NoDataset => Ok(None),
        };
        if is_numbered {
            if !slab.has_blocks() {
                return Err("sources with numbers in their names for no blocks".into());
            }
            // The first that is not there is the end.
            let mut n = 0;
            while source(n)?.is_some() {
                n += 1;
            }
            let end = n.checked_sub(1).map_or(0, |last| slab.end_of_block(last));
            return Ok(Extent { end, of: Of::Many(n) });
        }
        let Some(source) = source(0)? else { return Ok(Extent { end: 0, of: Of::Many(0) }) };
        let dims = source.shape.clone().unwrap_or_default();
        let part = if shape_of(&self.part)?.is_some_and(|shape| shape.len() == dims.len()) {
            Slab::of_space(&self.part, dims.len())?
        } else {
            None
        };
        let part = part.ok_or("a mapping without an end to one with an end")?;
        let end = slab.end_of(part.places(dims[part.dim]));
        Ok(Extent { end, of: Of::One(part, dims) })
    }

    /// Adds it to `mappings`, as far as it goes in a virtual dataset of shape `dims`.
    fn add(self, endless: Option<(Slab, Extent)>, dims: &[u64], mappings: &mut Vec<Mapping>) -> hdf5::Result<()> {
        let (file, path) = (self.file.of(0), self.path.of(0));
        match endless {
            None => {
                let shape = space(dims)?;
                // SAFETY: both are live, and of the same number of dimensions.
                call(|| unsafe { H5Sextent_copy(self.whole.get(), shape.get()) })?;
                mappings.push(Mapping::new(self.whole, self.part, file, path, dims.len())?);
            }
            Some((slab, Extent { end, of: Of::One(part, source) })) => {
                let both = (slab.before(end, dims)?, part.before(source[part.dim], &source)?);
                if let (Some(whole), Some(part)) = both {
                    mappings.push(Mapping::new(whole, part, file, path, dims.len())?);
                }
            }
            Some((slab, Extent { of: Of::Many(many), .. })) => {
                for n in 0..many {
                    // SAFETY: the space is live.
                    let part = Id::new(|| unsafe { hdf5_sys::h5s::H5Scopy(self.part.get()) })?;
                    let whole = slab.block(n, dims)?;
                    mappings.push(Mapping::new(whole, part, self.file.of(n), self.path.of(n), dims.len())?);
                }
            }
        }
        Ok(())
    }
}

impl Mapping {
    fn new(whole: Id, part: Id, file: Vec<u8>, path: Vec<u8>, ndims: usize) -> hdf5::Result<Self> {
        Ok(Self { bounds: bounds(&whole, ndims)?, whole, part, file, path })
    }
}

/// The first and the last element of the least block that what is selected in `space`, of `ndims` dimensions, is in.
pub(super) fn bounds(space: &Id, ndims: usize) -> hdf5::Result<(Vec<u64>, Vec<u64>)> {
    let (mut first, mut last) = (vec![0; ndims], vec![0; ndims]);
    // SAFETY: there are as many places as the space has dimensions, by the contract of the caller.
    call(|| unsafe { H5Sget_select_bounds(space.get(), first.as_mut_ptr(), last.as_mut_ptr()) })?;
    Ok((first, last))
}

/// A string that `get` writes to a buffer of some length, NUL included; without a buffer it gives the length.
fn text(get: impl Fn(*mut c_char, usize) -> isize) -> hdf5::Result<Vec<u8>> {
    let len = call(|| get(ptr::null_mut(), 0))? as usize;
    let mut bytes = vec![0u8; len + 1];
    call(|| get(bytes.as_mut_ptr().cast(), len + 1))?;
    bytes.truncate(len);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_have_numbers() {
        for (name, expected, numbered) in
            [("a.h5", "a.h5", false), ("a%b.h5", "a12.h5", true), ("%b%%%b", "12%12", true), ("50%%", "50%", false)]
        {
            let name = Name::new(name.as_bytes());
            assert_eq!((name.of(12), name.is_numbered()), (expected.into(), numbered));
        }
    }
}
