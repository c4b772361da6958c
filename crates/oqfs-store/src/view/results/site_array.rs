//! Arrays of a row a site: hazard curves and maps, of shape (N, R|S, M, L|P).

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::{Sites, array, misshapen};
use crate::datastore::DType;
use crate::datastore::dtype::Order;
use crate::schema::{self, Axis};
use crate::view::Result;
use crate::view::csv::read_elements;
use crate::view::file::{ArrayElements, File};
use crate::view::source::ViewSource;

/// An array of curves or maps and the names along its axes.
#[derive(Clone, Debug)]
pub(in crate::view) struct SiteArray {
    pub sites: Arc<Sites>,
    npy: Arc<File>,
    elements: ArrayElements,
    /// The key of the dataset.
    pub key: &'static str,
    /// `mean`, `quantile-0.1`, `rlz-000`: what stands along the second axis.
    pub kinds: Vec<String>,
    pub imts: Vec<String>,
    /// The probabilities of exceedance along the last axis; none of curves.
    pub poes: Vec<f64>,
    /// How many levels or probabilities there are.
    pub last: usize,
}

impl SiteArray {
    /// `None` if the dataset is not there, or does not say what stands along its axes.
    ///
    /// # Errors
    /// If it cannot be read, or has another number of elements than its axes say.
    pub fn read(source: &ViewSource, sites: &Arc<Sites>, kept: &schema::ArraySchema) -> Result<Option<Self>> {
        let Some((object, npy)) = array(source, kept.key)? else { return Ok(None) };
        let Some(elements) = npy.elements()? else { return Ok(None) };
        let attrs = source.attrs(&object)?;
        let axes =
            attrs.get(schema::JSON).and_then(Value::as_str).and_then(|text| serde_json::from_str::<Value>(text).ok());
        let Some(axes) = axes.filter(|_| matches!(elements.dtype, DType::Float { size: 4 | 8, .. })) else {
            return Ok(None);
        };
        let names = |axis: &str| match &axes[axis] {
            Value::Array(names) => names.iter().filter_map(|name| name.as_str().map(String::from)).collect(),
            Value::Number(n) => (0..n.as_u64().unwrap_or(0)).map(|r| format!("rlz-{r:03}")).collect(),
            _ => vec![],
        };
        let extent = |axis: &str| match &axes[axis] {
            Value::Array(values) => values.len() as u64,
            other => other.as_u64().unwrap_or(0),
        };
        // The engine's event-based calculations name the axis by its plural.
        let poe = if axes[Axis::Poe.name()].is_null() { "poes" } else { Axis::Poe.name() };
        let poes = axes[poe].as_array().map(|poes| poes.iter().filter_map(Value::as_f64).collect()).unwrap_or_default();
        let last = if axes[poe].is_null() { extent(Axis::Level.name()) } else { extent(poe) };
        let (kinds, imts): (Vec<String>, Vec<String>) = (names(kept.axes[1].name()), names(Axis::Imt.name()));
        let expected = [kinds.len() as u64, imts.len() as u64, last, elements.dtype.size() as u64];
        let expected = expected.iter().fold(sites.count, |n, extent| n.saturating_mul(*extent));
        if npy.size()?.saturating_sub(elements.start) != expected {
            return Err(misshapen(kept.key));
        }
        let last = last as usize;
        Ok(Some(Self { sites: sites.clone(), npy, elements, key: kept.key, kinds, imts, poes, last }))
    }

    /// How many elements a site has.
    pub fn stride(&self) -> usize {
        self.kinds.len() * self.imts.len() * self.last
    }

    /// Where the elements of a kind and intensity measure are among those of a site.
    pub fn places(&self, kind: usize, imt: usize) -> Range<usize> {
        let first = (kind * self.imts.len() + imt) * self.last;
        first..first + self.last
    }

    /// The element at one place of every site.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn at_all_sites(&self, place: usize) -> Result<Vec<f64>> {
        let (stride, size) = (self.stride().max(1), self.elements.dtype.size());
        let step = (AT_ONCE / stride as u64).max(1);
        let mut values = Vec::with_capacity(self.sites.count as usize);
        for first in (0..self.sites.count).step_by(step as usize) {
            let last = (first + step).min(self.sites.count);
            let bytes = read_elements(&self.npy, &self.elements, first * stride as u64..last * stride as u64)?;
            let of_site =
                bytes.chunks_exact(stride * size).filter_map(|site| site.get(place * size..(place + 1) * size));
            values.extend(of_site.map(|bytes| single(&self.elements.dtype, bytes)));
        }
        Ok(values)
    }

    /// Elements of a site, some of the places that a site has.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn values(&self, site: u64, places: Range<usize>) -> Result<Vec<f64>> {
        let from = site * self.stride() as u64;
        let bytes = read_elements(&self.npy, &self.elements, from + places.start as u64..from + places.end as u64)?;
        Ok(bytes.chunks_exact(self.elements.dtype.size()).map(|bytes| single(&self.elements.dtype, bytes)).collect())
    }
}

/// Elements that are read at a time.
const AT_ONCE: u64 = 1 << 18;

/// A number in single precision, as the engine's exports have them.
fn single(dtype: &DType, bytes: &[u8]) -> f64 {
    let is_big = matches!(dtype, DType::Float { order: Order::Big, .. });
    if let Ok(bytes) = bytes.try_into() {
        f64::from(if is_big { f32::from_be_bytes(bytes) } else { f32::from_le_bytes(bytes) })
    } else if let Ok(bytes) = bytes.try_into() {
        f64::from(if is_big { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) } as f32)
    } else {
        f64::NAN
    }
}
