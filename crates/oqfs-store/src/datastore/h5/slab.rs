//! Selections without an end, as mappings of virtual datasets may have: they go on as far as there is data.

use std::ptr;

use hdf5_sys::h5s::{
    H5S_SEL_HYPERSLABS, H5S_SELECT_AND, H5S_SELECT_SET, H5S_UNLIMITED, H5Sget_regular_hyperslab, H5Sget_select_type,
    H5Sis_regular_hyperslab, H5Sselect_hyperslab,
};

use super::{Id, call, space};

/// Blocks at regular distances, without an end in one dimension.
#[derive(Clone, Debug)]
pub(super) struct Slab {
    start: Vec<u64>,
    stride: Vec<u64>,
    count: Vec<u64>,
    block: Vec<u64>,
    /// The dimension without an end.
    pub dim: usize,
}

impl Slab {
    /// What is selected in `space`, of `ndims` dimensions; `None` if it has an end.
    pub fn of_space(space: &Id, ndims: usize) -> hdf5::Result<Option<Self>> {
        // SAFETY: the space is live.
        let kind = hdf5::sync::sync(|| unsafe { H5Sget_select_type(space.get()) });
        // SAFETY: as above.
        if kind != H5S_SEL_HYPERSLABS || call(|| unsafe { H5Sis_regular_hyperslab(space.get()) })? == 0 {
            return Ok(None);
        }
        let [mut start, mut stride, mut count, mut block] = [(); 4].map(|()| vec![0u64; ndims]);
        let places = [&mut start, &mut stride, &mut count, &mut block].map(|place| place.as_mut_ptr());
        // SAFETY: each has as many places as the space has dimensions.
        call(|| unsafe { H5Sget_regular_hyperslab(space.get(), places[0], places[1], places[2], places[3]) })?;
        let dim = (0..ndims).find(|dim| [count[*dim], block[*dim]].contains(&H5S_UNLIMITED));
        Ok(dim.map(|dim| Self { start, stride, count, block, dim }))
    }

    /// True if it is one block in its dimension.
    fn is_one(&self) -> bool {
        self.block[self.dim] == H5S_UNLIMITED || self.block[self.dim] == self.stride[self.dim]
    }

    /// True if there is one block after the other in its dimension.
    pub fn has_blocks(&self) -> bool {
        self.count[self.dim] == H5S_UNLIMITED && self.block[self.dim] != H5S_UNLIMITED && self.stride[self.dim] > 0
    }

    /// The blocks there are before `end` in its dimension, the last one perhaps in part.
    fn blocks(&self, end: u64) -> u64 {
        end.saturating_sub(self.start[self.dim]).div_ceil(self.stride[self.dim].max(1))
    }

    /// How many places of its dimension are selected before `end`.
    pub fn places(&self, end: u64) -> u64 {
        let len = end.saturating_sub(self.start[self.dim]);
        if self.is_one() || len == 0 {
            return len;
        }
        let (stride, block, whole) = (self.stride[self.dim], self.block[self.dim], self.blocks(end) - 1);
        whole.saturating_mul(block).saturating_add(block.min(len - whole * stride))
    }

    /// The least end before which so many places of its dimension are selected.
    pub fn end_of(&self, places: u64) -> u64 {
        let (start, stride, block) = (self.start[self.dim], self.stride[self.dim], self.block[self.dim].max(1));
        match places.checked_sub(1) {
            None => 0,
            Some(_) if self.is_one() => start.saturating_add(places),
            Some(last) => start.saturating_add((last / block).saturating_mul(stride)).saturating_add(last % block + 1),
        }
    }

    /// What is selected before `end` in a space of shape `dims`; `None` if nothing is.
    pub fn before(&self, end: u64, dims: &[u64]) -> hdf5::Result<Option<Id>> {
        if self.places(end) == 0 || dims.len() != self.start.len() {
            return Ok(None);
        }
        let (mut count, mut block) = (self.count.clone(), self.block.clone());
        if self.is_one() {
            (count[self.dim], block[self.dim]) = (1, end - self.start[self.dim]);
        } else {
            count[self.dim] = self.blocks(end);
        }
        let space = self.select(&self.start, &count, &block, dims)?;
        let (zeros, ones, mut part) =
            (vec![0; dims.len()], vec![1; dims.len()], dims.iter().map(|d| (*d).max(1)).collect::<Vec<_>>());
        part[self.dim] = end;
        // SAFETY: each has as many places as the space has dimensions.
        call(|| unsafe {
            let (zeros, ones, part) = (zeros.as_ptr(), ones.as_ptr(), part.as_ptr());
            H5Sselect_hyperslab(space.get(), H5S_SELECT_AND, zeros, ptr::null(), ones, part)
        })?;
        Ok(Some(space))
    }

    /// Block number `n` in its dimension, in a space of shape `dims`.
    pub fn block(&self, n: u64, dims: &[u64]) -> hdf5::Result<Id> {
        let (mut start, mut count) = (self.start.clone(), self.count.clone());
        start[self.dim] = start[self.dim].saturating_add(n.saturating_mul(self.stride[self.dim]));
        count[self.dim] = 1;
        self.select(&start, &count, &self.block, dims)
    }

    /// Where block number `n` ends in its dimension.
    pub fn end_of_block(&self, n: u64) -> u64 {
        let start = self.start[self.dim].saturating_add(n.saturating_mul(self.stride[self.dim]));
        start.saturating_add(self.block[self.dim])
    }

    fn select(&self, start: &[u64], count: &[u64], block: &[u64], dims: &[u64]) -> hdf5::Result<Id> {
        if dims.len() != start.len() {
            return Err("a selection of another number of dimensions".into());
        }
        let space = space(dims)?;
        // SAFETY: each has as many places as the space has dimensions.
        call(|| unsafe {
            let (start, stride, count, block) = (start.as_ptr(), self.stride.as_ptr(), count.as_ptr(), block.as_ptr());
            H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start, stride, count, block)
        })?;
        Ok(space)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_and_ends_agree(start in 0u64..9, stride in 1u64..6, block in 1u64..6, end in 0u64..60, one: bool) {
            let block = if one { H5S_UNLIMITED } else { block.min(stride) };
            let count = if one { 1 } else { H5S_UNLIMITED };
            let slab = Slab { start: vec![start], stride: vec![stride], count: vec![count], block: vec![block], dim: 0 };
            let selected = |at: u64| at >= start && (one || (at - start) % stride < block);
            let places = (0..end).filter(|at| selected(*at)).count() as u64;
            prop_assert_eq!(slab.places(end), places);
            prop_assert_eq!(slab.places(slab.end_of(places)), places);
            prop_assert!(slab.end_of(places) <= end && (places == 0 || selected(slab.end_of(places) - 1)));
        }
    }
}
