//! The union of the stripes of a patch, one between each two rows, each enlarged: the outline before its last simplification.
//!
//! What the simplification leaves depends on the point where it starts. The engine's union (GEOS) starts at the second point of the
//! first edge that is left of its first operand, whose ring starts in the same way; the first operand of all is the stripe that a
//! tree of boxes has first. So do we.

use std::cell::OnceCell;

use super::outline::{ARC_STEP, TOLERANCE, corner, outwards, simplified};
use crate::elementary::hypot;
use crate::elementary::scalar::{acos, cos};

/// Boxes in a node of the engine's tree of them.
const NODE: usize = 10;

/// A shorter side of a stripe could be lost when that is simplified, km.
const LEAST_SIDE: f64 = 4.0 * TOLERANCE;

type Place = [f64; 2];

/// A point of the union.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Id {
    /// On the right side, where stripes meet at a row: the end of the stripe above, where they cross, the start of that below.
    Right(usize, u8),
    /// On the left side: the start of the stripe below, where they cross, the end of that above.
    Left(usize, u8),
    /// On the bottom of a stripe.
    Bottom(usize, usize),
    /// On the top of a stripe.
    Top(usize, usize),
}

/// Both sides of a stripe, clockwise; `None` where it has none.
type Sides = Option<(Vec<Place>, Vec<Place>)>;

/// The stripes of a patch on a plane, from top to bottom.
pub(super) struct Stripes<'a> {
    /// The points of a row, from left to right.
    row: &'a dyn Fn(usize) -> Vec<Place>,
    /// The first and the last point of each row.
    ends: &'a [(Place, Place)],
    /// The sides of each stripe that were asked for.
    sides: Vec<OnceCell<Sides>>,
}

impl<'a> Stripes<'a> {
    /// Between rows of two points at least, given by their `ends` and each as a whole. `None` where the sides of a stripe have no
    /// length to speak of, as on a vertical fault, or the rows do not follow each other to the right of the strike.
    pub fn new(ends: &'a [(Place, Place)], row: &'a dyn Fn(usize) -> Vec<Place>) -> Option<Stripes<'a>> {
        let is_long = |a: Place, b: Place| hypot(a[0] - b[0], a[1] - b[1]) > LEAST_SIDE;
        let is_right =
            |a: Place, b: Place, c: Place| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) < 0.0;
        let is_good = |pair: &[(Place, Place)]| {
            let (above, below) = (pair[0], pair[1]);
            is_long(above.0, below.0) && is_long(above.1, below.1) && is_right(above.0, above.1, below.1)
        };
        let sides = vec![OnceCell::new(); ends.len().saturating_sub(1)];
        (ends.len() > 1 && ends.windows(2).all(is_good)).then_some(Stripes { row, ends, sides })
    }

    /// The ring of the union, clockwise. `None` where a corner of a stripe is none.
    pub fn union(&self) -> Option<Vec<Place>> {
        let last = self.ends.len() - 2;
        let start = self.start()?;
        let mut ring = self.ring(0, last)?;
        let at = ring.iter().position(|(id, _)| *id == start)?;
        ring.rotate_left(at);
        Some(ring.into_iter().map(|(_, place)| place).collect())
    }

    fn left(&self, row: usize) -> Place {
        self.ends[row].0
    }

    fn right(&self, row: usize) -> Place {
        self.ends[row].1
    }

    /// Where the ring of the union starts.
    fn start(&self) -> Option<Id> {
        let order = self.order();
        let range = |stripes: &[usize]| {
            let (first, last) = (stripes.iter().min()?, stripes.iter().max()?);
            (last - first + 1 == stripes.len()).then_some((*first, *last))
        };
        // the operands are halves of the list, their first operands halves of those
        let mut ends: Vec<usize> =
            std::iter::successors(Some(order.len()), |end| Some(end / 2)).take_while(|e| *e > 1).collect();
        ends.reverse();
        let mut start = Id::Right(order[0], 2);
        for end in ends {
            let ((a, b), (c, d)) = (range(&order[..end / 2])?, range(&order[..end])?);
            let (first, all) = (self.ring(a, b)?, self.ring(c, d)?);
            let place = |ring: &[(Id, Place)], wanted: Id| ring.iter().position(|(id, _)| *id == wanted);
            start = match place(&all, start) {
                Some(at) => all[(at + 1) % all.len()].0,
                None => {
                    let at = place(&first, start)?;
                    let later = first[at..].iter().chain(&first[..at]);
                    later.map(|(id, _)| *id).find(|id| place(&all, *id).is_some())?
                }
            };
        }
        Some(start)
    }

    /// The stripes in the order of the tree of their boxes: in slices from west to east, each from south to north.
    fn order(&self) -> Vec<usize> {
        let middle = |stripe: usize, axis: usize| {
            let corners = [self.left(stripe), self.right(stripe), self.left(stripe + 1), self.right(stripe + 1)];
            let values = corners.map(|c| c[axis]);
            values.iter().copied().fold(f64::INFINITY, f64::min)
                + values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        };
        let stripes = self.ends.len() - 1;
        let slices = (stripes.div_ceil(NODE) as f64).sqrt().ceil() as usize;
        let mut order: Vec<usize> = (0..stripes).collect();
        order.sort_by(|&a, &b| middle(a, 0).total_cmp(&middle(b, 0)));
        for slice in order.chunks_mut(stripes.div_ceil(slices)) {
            slice.sort_by(|&a, &b| middle(a, 1).total_cmp(&middle(b, 1)));
        }
        order
    }

    /// The ring of the union of some stripes in a row, clockwise from the top of the right side.
    fn ring(&self, first: usize, last: usize) -> Option<Vec<(Id, Place)>> {
        let (top, _) = self.sides[first].get_or_init(|| self.sides(first)).as_ref()?;
        let (_, bottom) = self.sides[last].get_or_init(|| self.sides(last)).as_ref()?;
        let mut ring = Vec::new();
        let right = |j: usize| self.right(j);
        for row in first + 1..=last {
            meet([right(row - 1), right(row), right(row + 1)], |k| Id::Right(row, k), &mut ring);
        }
        let n = bottom.len() - 1;
        let of_bottom = |k: usize| match k {
            0 => Id::Right(last + 1, 0),
            k if k == n => Id::Left(last + 1, 2),
            k => Id::Bottom(last, k),
        };
        ring.extend(bottom.iter().enumerate().map(|(k, &place)| (of_bottom(k), place)));
        let left = |j: usize| self.left(j);
        for row in (first + 1..=last).rev() {
            meet([left(row + 1), left(row), left(row - 1)], |k| Id::Left(row, k), &mut ring);
        }
        let n = top.len() - 1;
        let of_top = |k: usize| match k {
            0 => Id::Left(first, 0),
            k if k == n => Id::Right(first, 2),
            k => Id::Top(first, k),
        };
        ring.extend(top.iter().enumerate().map(|(k, &place)| (of_top(k), place)));
        Some(ring)
    }

    /// The top of a stripe that is simplified and enlarged, from left to right, and its bottom, from right to left, each with its
    /// corners.
    fn sides(&self, stripe: usize) -> Sides {
        let (above, below) = ((self.row)(stripe), (self.row)(stripe + 1));
        let n = above.len();
        // as the engine walks around it: from the top right corner along the top
        let mut line: Vec<Place> = above.iter().rev().chain(&below).copied().collect();
        line.push(line[0]);
        let kept = simplified(&line, 0, line.len() - 1);
        let upper = kept.iter().position(|&i| i == n - 1)?;
        let is_whole = kept.get(upper + 1) == Some(&n) && kept.last() == Some(&(2 * n - 1));
        if !is_whole {
            return None;
        }
        let places: Vec<Place> = std::iter::once(0).chain(kept).map(|i| line[i]).collect();
        let (top, bottom) = places.split_at(upper + 2);
        let enlarged = |before: Place, line: &mut dyn Iterator<Item = &Place>, after: Place| {
            let whole: Vec<Place> = std::iter::once(before).chain(line.copied()).chain([after]).collect();
            let mut out = Vec::new();
            whole.windows(3).for_each(|w| corner(w[0], w[1], w[2], &mut out));
            out
        };
        let (left, right) = ((above[0], below[0]), (above[n - 1], below[n - 1]));
        Some((enlarged(left.1, &mut top.iter().rev(), right.1), enlarged(right.0, &mut bottom.iter().rev(), left.0)))
    }
}

/// The points where two stripes meet at the second of three places, in the order of the ring.
fn meet([a, b, c]: [Place; 3], id: impl Fn(u8) -> Id, ring: &mut Vec<(Id, Place)>) {
    let (before, after) = (outwards(a, b), outwards(b, c));
    let cos_angle = (before[0] * after[0] + before[1] * after[1]).clamp(-1.0, 1.0);
    let is_concave = before[0] * after[1] - before[1] * after[0] > 0.0;
    // to where both sides cross, or the first chords of the arcs around both ends
    let half = (1.0 + cos_angle) / 2.0;
    let to_chords = || cos(ARC_STEP / 2.0) / cos(ARC_STEP / 2.0 - acos(cos_angle) / 2.0);
    let far = TOLERANCE * if is_concave { 1.0 / half.sqrt() } else { to_chords() };
    let length = hypot(before[0] + after[0], before[1] + after[1]);
    let moved = |n: Place, km: f64| [b[0] + km * n[0], b[1] + km * n[1]];
    let crossing = moved([(before[0] + after[0]) / length, (before[1] + after[1]) / length], far);
    if is_concave {
        ring.push((id(1), crossing));
    } else {
        ring.extend([(id(0), moved(before, TOLERANCE)), (id(1), crossing), (id(2), moved(after, TOLERANCE))]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fault of `n` stripes that strikes to the east and dips to the south, or upside down.
    fn row(j: usize, step: f64) -> Vec<Place> {
        (0..5).map(|i| [f64::from(i) + 0.1 * j as f64, -step * j as f64]).collect()
    }

    fn with<T>(n: usize, step: f64, f: impl FnOnce(Option<Stripes>) -> T) -> T {
        let row = |j: usize| row(j, step);
        let ends: Vec<(Place, Place)> = (0..=n).map(|j| (row(j)[0], row(j)[4])).collect();
        f(Stripes::new(&ends, &row))
    }

    #[test]
    fn stripes_go_from_west_to_east_and_south_to_north() {
        let order = |n: usize| with(n, 1.0, |stripes| stripes.unwrap().order());
        assert_eq!(order(3), [2, 1, 0]);
        // two slices where a node of the tree is not enough
        assert_eq!(order(12), [5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6]);
    }

    #[test]
    fn the_start_moves_on_with_each_union() {
        let start = |n: usize| with(n, 1.0, |stripes| stripes.unwrap().start().unwrap());
        assert_eq!([1, 2, 4].map(start), [Id::Right(0, 2), Id::Right(2, 0), Id::Bottom(3, 1)]);
        let ring = with(2, 1.0, |stripes| stripes.unwrap().union().unwrap());
        let off = (ring[0][0] - 4.2).hypot(ring[0][1] + 2.0);
        assert!((off - TOLERANCE).abs() < 1e-9, "{:?}", ring[0]);
    }

    #[test]
    fn stripes_without_sides_or_the_wrong_way_round_are_none() {
        assert!(with(2, -1.0, |stripes| stripes.is_none()));
        let row = |_: usize| row(0, 1.0);
        assert!(Stripes::new(&[(row(0)[0], row(0)[4]); 3], &row).is_none());
    }
}
