//! Sliding windows: the smallest value under a window at each of its positions.

/// For each window of `width` consecutive values, the one that `is_less` puts first; `out` holds one a position.
///
/// Blocks of the width of a window are scanned from both sides (van Herk 1992, Gil and Werman 1993): three comparisons
/// a value, whatever the width.
pub fn sliding(
    values: &[f64],
    width: usize,
    is_less: impl Fn(f64, f64) -> bool,
    scratch: &mut Vec<f64>,
    out: &mut Vec<f64>,
) {
    out.clear();
    if width == 0 || values.len() < width {
        return;
    }
    let least = |a: f64, b: f64| if is_less(b, a) { b } else { a };
    // scratch[i]: the least from i to the end of its block
    scratch.clear();
    scratch.resize(values.len(), 0.0);
    for (block, chunk) in values.chunks(width).enumerate() {
        let start = block * width;
        let mut best = chunk[chunk.len() - 1];
        for (k, &value) in chunk.iter().enumerate().rev() {
            best = least(value, best);
            scratch[start + k] = best;
        }
    }
    let mut prefix = values[0];
    for (end, &value) in values.iter().enumerate() {
        prefix = if end % width == 0 { value } else { least(prefix, value) };
        if end + 1 >= width {
            out.push(least(scratch[end + 1 - width], prefix));
        }
    }
}

/// Buffers of [`sliding_2d`].
#[derive(Default)]
pub struct Scratch {
    line: Vec<f64>,
    suffix: Vec<f64>,
    found: Vec<f64>,
    rows: Vec<f64>,
}

/// The smallest value under a window of `height` × `width` at each position of a `rows` × `cols` array, row-major.
pub fn sliding_2d(
    values: &[f64],
    (rows, cols): (usize, usize),
    (height, width): (usize, usize),
    scratch: &mut Scratch,
    out: &mut Vec<f64>,
) {
    let positions = (rows + 1 - height, cols + 1 - width);
    let Scratch { line, suffix, found, rows: by_row } = scratch;
    by_row.clear();
    for row in values.chunks(cols) {
        sliding(row, width, |a, b| a < b, suffix, found);
        by_row.extend_from_slice(found);
    }
    out.clear();
    out.resize(positions.0 * positions.1, 0.0);
    for col in 0..positions.1 {
        line.clear();
        line.extend((0..rows).map(|row| by_row[row * positions.1 + col]));
        sliding(line, height, |a, b| a < b, suffix, found);
        for (row, &value) in found.iter().enumerate() {
            out[row * positions.1 + col] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_definition() {
        let values: Vec<f64> = (0..7 * 11).map(|i| ((i * 37) % 101) as f64).collect();
        let mut out = Vec::new();
        for (height, width) in [(1, 1), (2, 3), (7, 11), (3, 10), (5, 1)] {
            sliding_2d(&values, (7, 11), (height, width), &mut Scratch::default(), &mut out);
            for row in 0..=7 - height {
                for col in 0..=11 - width {
                    let window = (row..row + height).flat_map(|r| (col..col + width).map(move |c| (r, c)));
                    let least = window.map(|(r, c)| values[r * 11 + c]).fold(f64::INFINITY, f64::min);
                    assert_eq!(out[row * (12 - width) + col], least);
                }
            }
        }
    }

    #[test]
    fn by_absolute_value() {
        let mut out = Vec::new();
        sliding(&[3.0, -1.0, 2.0, -5.0], 2, |a: f64, b: f64| a.abs() < b.abs(), &mut Vec::new(), &mut out);
        assert_eq!(out, [-1.0, -1.0, 2.0]);
        sliding(&[1.0], 2, |a, b| a < b, &mut Vec::new(), &mut out);
        assert!(out.is_empty());
    }
}
