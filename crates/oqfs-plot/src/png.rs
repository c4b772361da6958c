//! A picture as PNG.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};

/// The pixels of one px of the SVG: a picture is sharp on a screen of today and in print.
const SCALE: f32 = 1.5;

/// The size of every PNG that [`png_of_size`] makes, bytes.
pub const PNG_SIZE: usize = 1 << 18;
/// The chunk that fills a PNG up: ancillary, private, safe to copy. Programs skip it.
const FILLER: [u8; 4] = *b"oqPd";
/// What a chunk takes beside its data, and the last chunk of a PNG.
const CHUNK: usize = 12;

/// Why there is no PNG.
#[derive(Debug)]
pub struct PngError(String);

impl std::fmt::Display for PngError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "no PNG can be made of the picture: {}", self.0)
    }
}

impl std::error::Error for PngError {}

/// The text of pictures, in DejaVu Sans; no font of the machine is used, so that a PNG is the same everywhere.
fn fonts() -> Arc<Database> {
    static FONTS: OnceLock<Arc<Database>> = OnceLock::new();
    let load = || {
        let mut fonts = Database::new();
        fonts.load_font_data(include_bytes!("../assets/DejaVuSans.ttf").to_vec());
        fonts.load_font_data(include_bytes!("../assets/DejaVuSans-Bold.ttf").to_vec());
        fonts.set_sans_serif_family("DejaVu Sans");
        Arc::new(fonts)
    };
    FONTS.get_or_init(load).clone()
}

/// The PNG of a picture of this crate, one and a half times as large in pixels.
///
/// # Errors
/// If `svg` is none, or too large for memory.
pub fn png(svg: &str) -> Result<Vec<u8>, PngError> {
    scaled(&tree(svg)?, SCALE)
}

/// As [`png()`], filled up to [`PNG_SIZE`] bytes, so that its size is known before it is made. A picture that would take more has fewer
/// pixels.
///
/// # Errors
/// As [`png()`].
pub fn png_of_size(svg: &str) -> Result<Vec<u8>, PngError> {
    let tree = tree(svg)?;
    let mut scale = SCALE;
    loop {
        let bytes = scaled(&tree, scale)?;
        if bytes.len() + CHUNK <= PNG_SIZE {
            return Ok(filled(bytes));
        }
        scale *= 0.7;
    }
}

/// With a chunk of zeros before the last one.
fn filled(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.split_off(bytes.len() - CHUNK);
    let zeros = PNG_SIZE - bytes.len() - 2 * CHUNK;
    let mut sum = flate2::Crc::new();
    bytes.extend((zeros as u32).to_be_bytes());
    let from = bytes.len();
    bytes.extend(FILLER);
    bytes.resize(bytes.len() + zeros, 0);
    sum.update(&bytes[from..]);
    bytes.extend(sum.sum().to_be_bytes());
    bytes.extend(end);
    bytes
}

fn tree(svg: &str) -> Result<Tree, PngError> {
    let options = Options { fontdb: fonts(), font_family: "DejaVu Sans".into(), ..Options::default() };
    Tree::from_str(svg, &options).map_err(|e| PngError(e.to_string()))
}

fn scaled(tree: &Tree, scale: f32) -> Result<Vec<u8>, PngError> {
    let size = tree.size().to_int_size().scale_by(scale).ok_or_else(|| PngError("it has no size".into()))?;
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or_else(|| PngError("it is too large".into()))?;
    resvg::render(tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    encoded(&pixels).map_err(|e| PngError(e.to_string()))
}

/// Opaque pixels as PNG. Flat colours are packed best without a filter, and the fastest level is close to the best one.
fn encoded(pixels: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = vec![];
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_deflate_compression(png::DeflateCompression::Level(1));
    let mut writer = encoder.write_header()?;
    let rgb: Vec<u8> = pixels.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();
    writer.write_image_data(&rgb)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Squares of colours at random: no picture is packed worse.
    fn noise(side: usize) -> String {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 8
        };
        let squares: String = (0..side * side)
            .map(|i| {
                format!(
                    r##"<rect x="{}" y="{}" width="2" height="2" fill="#{:06x}"/>"##,
                    2 * (i % side),
                    2 * (i / side),
                    next()
                )
            })
            .collect();
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{0}">{squares}</svg>"#, 2 * side)
    }

    #[test]
    fn every_png_of_a_mount_has_the_same_size_and_can_be_read() {
        for side in [1, 40, 300] {
            let bytes = png_of_size(&noise(side)).unwrap();
            assert_eq!(bytes.len(), PNG_SIZE);
            let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut pixels).unwrap();
            reader.finish().unwrap();
            assert!(pixels.iter().any(|p| *p != 0));
        }
    }
}
