//! The union of the stripes of a patch, one between each two rows, each enlarged: the outline before its last simplification.
//!
//! What the simplification leaves depends on the point where it starts. The engine's union (GEOS) starts at the second point of the
//! first edge that is left of its first operand, whose ring starts in the same way; the first operand of all is the stripe that a
//! tree of boxes has first. So do we.

use super::outline::{TOLERANCE, corner, outwards, simplified};

/// Boxes in a node of the engine's tree of them.
const NODE: usize = 10;

/// The arcs around corners are drawn in steps of this, radians.
const ARC_STEP: f64 = std::f64::consts::FRAC_PI_4;

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

/// The stripes of a patch on a plane, from top to bottom.
pub(super) struct Stripes<'a> {
    /// The points of each row, from left to right.
    rows: &'a [Vec<Place>],
}

impl<'a> Stripes<'a> {
    /// Of at least two rows of two points at least. `None` where the sides of a stripe have no length to speak of, as on a vertical fault.
    pub fn new(rows: &'a [Vec<Place>]) -> Option<Stripes<'a>> {
        let stripes = Stripes { rows };
        let long = |a: Place, b: Place| (a[0] - b[0]).hypot(a[1] - b[1]) > 4.0 * TOLERANCE;
        let sides = (1..rows.len())
            .all(|j| long(stripes.left(j - 1), stripes.left(j)) && long(stripes.right(j - 1), stripes.right(j)));
        sides.then_some(stripes)
    }

    /// The ring of the union, clockwise. `None` where the rows are not like those of a fault that dips to the right of its strike.
    pub fn union(&self) -> Option<Vec<Place>> {
        let last = self.rows.len() - 2;
        let start = self.start()?;
        let mut ring = self.ring(0, last)?;
        let at = ring.iter().position(|(id, _)| *id == start)?;
        ring.rotate_left(at);
        Some(ring.into_iter().map(|(_, place)| place).collect())
    }

    fn left(&self, row: usize) -> Place {
        self.rows[row][0]
    }

    fn right(&self, row: usize) -> Place {
        self.rows[row][self.rows[row].len() - 1]
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
        let stripes = self.rows.len() - 1;
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
        let (top, _) = self.sides(first)?;
        let (_, bottom) = self.sides(last)?;
        let mut ring = Vec::new();
        let right = |j: usize| self.right(j);
        for row in first + 1..=last {
            meet([right(row - 1), right(row), right(row + 1)], |k| Id::Right(row, k), &mut ring);
        }
        let (n, b) = (bottom.len() - 1, bottom);
        let of_bottom = |k: usize| match k {
            0 => Id::Right(last + 1, 0),
            k if k == n => Id::Left(last + 1, 2),
            k => Id::Bottom(last, k),
        };
        ring.extend(b.into_iter().enumerate().map(|(k, place)| (of_bottom(k), place)));
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
        ring.extend(top.into_iter().enumerate().map(|(k, place)| (of_top(k), place)));
        Some(ring)
    }

    /// The top of a stripe that is simplified and enlarged, from left to right, and its bottom, from right to left, each with its
    /// corners.
    fn sides(&self, stripe: usize) -> Option<(Vec<Place>, Vec<Place>)> {
        let (above, below) = (&self.rows[stripe], &self.rows[stripe + 1]);
        let n = above.len();
        // as the engine walks around it: from the top right corner along the top
        let mut line: Vec<Place> = above.iter().rev().chain(below).copied().collect();
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
    let cos = (before[0] * after[0] + before[1] * after[1]).clamp(-1.0, 1.0);
    let is_concave = before[0] * after[1] - before[1] * after[0] > 0.0;
    // to where both sides cross, or the first chords of the arcs around both ends
    let half = (1.0 + cos) / 2.0;
    let to_chords = || (ARC_STEP / 2.0).cos() / (ARC_STEP / 2.0 - cos.acos() / 2.0).cos();
    let far = TOLERANCE * if is_concave { 1.0 / half.sqrt() } else { to_chords() };
    let length = (before[0] + after[0]).hypot(before[1] + after[1]);
    let moved = |n: Place, km: f64| [b[0] + km * n[0], b[1] + km * n[1]];
    let crossing = moved([(before[0] + after[0]) / length, (before[1] + after[1]) / length], far);
    if is_concave {
        ring.push((id(1), crossing));
    } else {
        ring.extend([(id(0), moved(before, TOLERANCE)), (id(1), crossing), (id(2), moved(after, TOLERANCE))]);
    }
}
