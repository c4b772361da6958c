//! The sites that two calculations have in common.

use rstar::RTree;
use rstar::primitives::GeomWithData;

use super::{SAME_PLACE, SiteCounts};
use crate::geo::Vec3;
use crate::geo::geodetic::to_cartesian;
use crate::view::Result;
use crate::view::results::Sites;

/// The sites of both.
#[derive(Debug)]
pub(super) struct Matched {
    /// The numbers of each in the first and in the second calculation.
    pub pairs: Vec<[u64; 2]>,
    pub counts: SiteCounts,
    /// How many sites of the second are none of the first.
    pub only_b: u64,
}

impl Matched {
    /// Each site of `a` with the nearest one of `b`, if that is the same place.
    ///
    /// # Errors
    /// If sites cannot be read.
    pub fn find(a: &Sites, b: &Sites) -> Result<Self> {
        let (in_a, in_b) = (positions(a)?, positions(b)?);
        let same = |x: Vec3, y: Vec3| square_of_distance(x, y) <= SAME_PLACE * SAME_PLACE;
        let all_same = in_a.len() == in_b.len() && in_a.iter().zip(&in_b).all(|(x, y)| same(*x, *y));
        let pairs: Vec<[u64; 2]> = if all_same {
            (0..a.count).map(|site| [site, site]).collect()
        } else {
            // the tree has no use for places that are none
            let known = (0..).zip(in_b).filter(|(_, xyz)| xyz.iter().all(|x| x.is_finite()));
            let tree = RTree::bulk_load(known.map(|(site, xyz)| GeomWithData::new(xyz, site)).collect());
            let nearest = |(site, xyz): (u64, Vec3)| {
                let found = tree.nearest_neighbor(&xyz)?;
                same(xyz, *found.geom()).then_some([site, found.data])
            };
            (0..).zip(in_a).filter(|(_, xyz)| xyz.iter().all(|x| x.is_finite())).filter_map(nearest).collect()
        };
        let mut of_both: Vec<u64> = pairs.iter().map(|[_, site]| *site).collect();
        of_both.sort_unstable();
        of_both.dedup();
        let counts = SiteCounts { a: a.count, b: b.count, both: pairs.len() as u64 };
        Ok(Self { pairs, counts, only_b: b.count - of_both.len() as u64 })
    }
}

/// Where sites are in space, in km.
fn positions(sites: &Sites) -> Result<Vec<Vec3>> {
    let mut found = Vec::with_capacity(sites.count as usize);
    sites.each_position(|_, [lon, lat, depth]| found.push(to_cartesian(lon, lat, depth)))?;
    Ok(found)
}

fn square_of_distance(x: Vec3, y: Vec3) -> f64 {
    x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum()
}
