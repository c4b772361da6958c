//! Logic trees: the branch sets side by side, their branches with weights.

use kuva::render::render::TextAnchor;

use crate::Heading;
use crate::marks::{Canvas, TextStyle, push};
use crate::style::{COLORS, TEXT};
use crate::text::{fitted, significant};

/// The branches among which one is chosen.
#[derive(Clone, Debug)]
pub struct DrawnSet {
    /// What the branches change, or the tectonic region type that the models are for.
    pub title: String,
    /// Names and weights.
    pub branches: Vec<(String, f64)>,
}

/// A logic tree.
#[derive(Clone, Debug)]
pub struct TreePicture {
    pub heading: Heading,
    pub sets: Vec<DrawnSet>,
}

/// The sets in one row, and the rows and branches of a set that are shown, at most.
const IN_A_ROW: usize = 5;
const SETS: usize = 40;
const BRANCHES: usize = 24;
/// px.
const COLUMN: f64 = 230.0;
const BOX: [f64; 2] = [178.0, 30.0];
const STEP: f64 = 38.0;
const HEAD: f64 = 40.0;

impl TreePicture {
    /// The picture, as SVG.
    pub fn svg(&self) -> String {
        let sets = &self.sets[..self.sets.len().min(SETS)];
        let rows: Vec<&[DrawnSet]> = sets.chunks(IN_A_ROW).collect();
        let height = |row: &[DrawnSet]| HEAD + STEP * row.iter().map(shown).max().unwrap_or(0) as f64 + 24.0;
        let columns = rows.first().map_or(1, |row| row.len());
        let left_out = self.sets.len() - sets.len();
        let total = 74.0 + rows.iter().map(|row| height(row)).sum::<f64>() + if left_out > 0 { 30.0 } else { 0.0 };
        let wide = (40.0 + COLUMN * columns as f64).max(crate::text::width(&self.heading.title, 16) + 40.0);
        let mut canvas = Canvas::blank(&self.heading, [wide.max(420.0), total.max(140.0)]);
        canvas.text(
            [24.0, 32.0],
            &self.heading.title,
            TextAnchor::Start,
            TextStyle { size: 16, bold: true, ..TextStyle::default() },
        );
        canvas.text(
            [24.0, 52.0],
            &self.heading.subtitle,
            TextAnchor::Start,
            TextStyle { color: "#666666", ..TextStyle::default() },
        );
        let mut top = 74.0;
        for row in rows {
            for (column, set) in row.iter().enumerate() {
                draw_links(&mut canvas, column, top, set, row.get(column + 1));
            }
            for (column, set) in row.iter().enumerate() {
                draw_set(&mut canvas, [24.0 + COLUMN * column as f64, top], set);
            }
            top += height(row);
        }
        if left_out > 0 {
            canvas.text(
                [24.0, top + 12.0],
                format!("and {left_out} more branch sets"),
                TextAnchor::Start,
                TextStyle::default(),
            );
        }
        canvas.svg()
    }
}

/// The lines of a set: its branches, and one for those that are left out.
fn shown(set: &DrawnSet) -> usize {
    set.branches.len().min(BRANCHES + 1)
}

/// Every branch leads to every branch of the next set.
fn draw_links(canvas: &mut Canvas, column: usize, top: f64, set: &DrawnSet, next: Option<&DrawnSet>) {
    let Some(next) = next else { return };
    let x = [24.0 + COLUMN * column as f64 + BOX[0], 24.0 + COLUMN * (column + 1) as f64];
    let y = |n: usize| top + HEAD + STEP * n as f64 + BOX[1] / 2.0;
    let middle = (x[0] + x[1]) / 2.0;
    let mut d = String::new();
    let mut curve = |from: [f64; 2], to: [f64; 2]| {
        d.push('M');
        [from[0], from[1]].iter().enumerate().for_each(|(i, v)| join(&mut d, i, *v));
        d.push('C');
        [middle, from[1], middle, to[1], to[0], to[1]].iter().enumerate().for_each(|(i, v)| join(&mut d, i, *v));
    };
    // through one point between the sets, so that many branches do not make a thicket
    let (a, b) = (shown(set), shown(next));
    let node = [middle, (y(0) + y(a.max(b).saturating_sub(1))) / 2.0];
    (0..a).for_each(|n| curve([x[0], y(n)], node));
    (0..b).for_each(|n| curve(node, [x[1], y(n)]));
    canvas.path(d, None, Some(("#bbbbbb", 1.0)));
}

fn join(d: &mut String, n: usize, value: f64) {
    if n > 0 {
        d.push(' ');
    }
    push(d, value);
}

fn draw_set(canvas: &mut Canvas, [x, top]: [f64; 2], set: &DrawnSet) {
    let style = TextStyle { bold: true, ..TextStyle::default() };
    canvas.text([x, top + 18.0], fitted(&set.title, TEXT, COLUMN - 16.0), TextAnchor::Start, style);
    let heaviest = set.branches.iter().map(|(_, weight)| *weight).fold(0.0, f64::max).max(1e-300);
    for (n, (name, weight)) in set.branches.iter().take(BRANCHES).enumerate() {
        let y = top + HEAD + STEP * n as f64;
        let [width, height] = BOX;
        canvas.rect([x, y, width, height], "#f6f6f6", Some("#bbbbbb"));
        canvas.rect([x, y + height - 4.0, width * (weight / heaviest).clamp(0.0, 1.0), 4.0], COLORS[0], None);
        let weight = significant(*weight, 4);
        let room = width - crate::text::width(&weight, TEXT) - 18.0;
        canvas.text([x + 6.0, y + 17.0], fitted(name, TEXT, room), TextAnchor::Start, TextStyle::default());
        canvas.text(
            [x + width - 6.0, y + 17.0],
            weight,
            TextAnchor::End,
            TextStyle { color: "#555555", ..TextStyle::default() },
        );
    }
    if set.branches.len() > BRANCHES {
        let rest = set.branches[BRANCHES..].iter().map(|(_, weight)| weight).sum::<f64>();
        let text = format!("and {} more, {} together", set.branches.len() - BRANCHES, significant(rest, 4));
        canvas.text(
            [x + 6.0, top + HEAD + STEP * BRANCHES as f64 + 17.0],
            text,
            TextAnchor::Start,
            TextStyle::default(),
        );
    }
}
