//! Published tables of numbers that are part of the program: archives in `tables/`, made by `scripts/pack_gsim_tables.py`.

use std::collections::BTreeMap;
use std::io::{BufRead, Cursor, Read};
use std::path::Path;

use serde::Deserialize;

use super::motion_table::MotionTable;

/// A table: an array of natural logarithms, row-major, and what its axes are.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) header: Header,
    /// One block an intensity measure, in their order.
    pub(super) values: Vec<f64>,
}

/// What stands before the numbers.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    /// The first axis is that of intensity measures.
    shape: Vec<usize>,
    /// What the numbers are multiples of.
    step: f64,
    /// The places along the other axes, by name.
    pub(super) axes: BTreeMap<String, Vec<f64>>,
    /// The intensity measures.
    pub(super) imts: Vec<String>,
    /// The measure of distance, if it differs between tables.
    #[serde(default)]
    pub(super) metric: String,
    /// The standard deviation of each intensity measure, if there are some.
    pub(super) sigma: Option<Vec<f64>>,
}

/// The table of ground motion that the engine has in a file of this name.
///
/// # Errors
/// Says which there are.
pub(super) fn table(archive: &'static [u8], file: &str) -> Result<MotionTable, String> {
    let name = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let names = names(archive)?;
    if !names.iter().any(|known| known == name) {
        return Err(format!("one of the tables of the program: {}", names.join(", ")));
    }
    MotionTable::of_packed(read(archive, name)?)
}

/// The names of the tables in an archive, sorted.
fn names(archive: &'static [u8]) -> Result<Vec<String>, String> {
    let archive = zip::ZipArchive::new(Cursor::new(archive)).map_err(|e| e.to_string())?;
    let names = archive.file_names().map(|name| name.map(|name| name.into_owned()).map_err(|e| e.to_string()));
    let mut names = names.collect::<Result<Vec<String>, _>>()?;
    names.sort();
    Ok(names)
}

/// The table of a name.
pub(super) fn read(archive: &'static [u8], name: &str) -> Result<Packed, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).map_err(|e| e.to_string())?;
    let mut entry = std::io::BufReader::new(archive.by_name(name).map_err(|e| format!("{name}: {e}"))?);
    let (mut header, mut planes) = (String::new(), Vec::new());
    entry.read_line(&mut header).and_then(|_| entry.read_to_end(&mut planes)).map_err(|e| format!("{name}: {e}"))?;
    let header: Header = serde_json::from_str(&header).map_err(|e| format!("{name}: {e}"))?;
    let values = unpack(&header, &planes).ok_or_else(|| format!("{name}: {} bytes", planes.len()))?;
    Ok(Packed { header, values })
}

/// Planes of bytes, low ones first, of differences along each axis.
fn unpack(header: &Header, planes: &[u8]) -> Option<Vec<f64>> {
    let count: usize = header.shape.iter().product();
    let planes: Vec<&[u8]> = planes.chunks_exact(count.max(1)).collect();
    let [first, second, third, fourth] = planes[..] else { return None };
    let number = |at: usize| {
        let zigzag = u32::from_le_bytes([first[at], second[at], third[at], fourth[at]]);
        i64::from(zigzag >> 1) ^ -i64::from(zigzag & 1)
    };
    let mut numbers: Vec<i64> = (0..count).map(number).collect();
    let mut stride = 1;
    for length in header.shape.iter().rev() {
        for at in stride..count {
            if at / stride % length > 0 {
                numbers[at] += numbers[at - stride];
            }
        }
        stride *= length;
    }
    Some(numbers.into_iter().map(|number| number as f64 * header.step).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_along_each_axis_are_summed_up() {
        let axes = BTreeMap::new();
        let header = Header { shape: vec![2, 3], step: 0.5, axes, imts: vec![], metric: String::new(), sigma: None };
        // 1 2 4 | 0 1 -300
        let differences = [1i64, 1, 2, -1, 0, -303];
        let zigzag = differences.map(|d| ((d << 1) ^ (d >> 63)) as u32);
        let planes: Vec<u8> = (0..4).flat_map(|byte| zigzag.map(|z| z.to_le_bytes()[byte])).collect();
        assert_eq!(unpack(&header, &planes).unwrap(), [0.5, 1.0, 2.0, 0.0, 0.5, -150.0]);
        assert!(unpack(&header, &planes[1..]).is_none());
    }
}
