//! Streaming XML: a cursor over start and end tags, and small trees where a whole element is wanted.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use compact_str::CompactString;
use memchr::memchr_iter;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::text::is_utf16;
use super::{NrmlError, entities, text};
use crate::geo::EARTH_RADIUS;
use crate::geo::Point;
use crate::source::MIN_DEPTH;

/// Elements nested deeper than this are no NRML.
const MAX_DEPTH: usize = 64;

/// An element with everything below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct XmlNode {
    /// The tag without its namespace prefix.
    pub tag: CompactString,
    /// The attributes in their order.
    pub attributes: Vec<(CompactString, CompactString)>,
    /// The text directly inside, in one piece, trimmed.
    pub text: String,
    /// The elements inside.
    pub children: Vec<XmlNode>,
    /// The line of its start tag.
    pub line: usize,
}

impl XmlNode {
    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The first child with this tag.
    pub fn child(&self, tag: &str) -> Option<&XmlNode> {
        self.children.iter().find(|c| c.tag == tag)
    }

    /// The first descendant along these tags.
    pub fn descendant(&self, tags: &[&str]) -> Option<&XmlNode> {
        tags.iter().try_fold(self, |node, tag| node.child(tag))
    }
}

/// A reader that counts lines as they are consumed.
struct LineCounter<R> {
    inner: R,
    lines: Rc<Cell<usize>>,
    /// Whether the last byte was `\r`: it ends a line, and a `\n` behind it does not end another.
    after_return: bool,
}

impl<R> LineCounter<R> {
    fn new(inner: R, lines: Rc<Cell<usize>>) -> LineCounter<R> {
        LineCounter { inner, lines, after_return: false }
    }
}

/// How many lines end in some bytes, which may come after a `\r`.
fn line_ends(bytes: &[u8], after_return: bool) -> usize {
    let newlines = memchr_iter(b'\n', bytes).count();
    let returns = memchr_iter(b'\r', bytes).filter(|&at| bytes.get(at + 1) != Some(&b'\n')).count();
    newlines + returns - usize::from(after_return && bytes.first() == Some(&b'\n'))
}

impl<R: BufRead> Read for LineCounter<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = {
            let available = self.inner.fill_buf()?;
            let n = available.len().min(buf.len());
            buf[..n].copy_from_slice(&available[..n]);
            n
        };
        self.consume(n);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for LineCounter<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        if let Ok(available) = self.inner.fill_buf() {
            let consumed = &available[..n.min(available.len())];
            self.lines.set(self.lines.get() + line_ends(consumed, self.after_return));
            self.after_return = consumed.last().map_or(self.after_return, |last| *last == b'\r');
        }
        self.inner.consume(n);
    }
}

/// What the cursor stands on.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// The start of an element: its tag and attributes are in the node, nothing else yet.
    Open(XmlNode),
    /// The end of the element opened last.
    Close,
    /// The end of the file.
    End,
}

/// A cursor over an XML file.
pub struct Cursor {
    reader: Reader<LineCounter<Box<dyn BufRead>>>,
    lines: Rc<Cell<usize>>,
    path: PathBuf,
    buffer: Vec<u8>,
    /// Text that nobody asked for.
    unread: String,
    /// Set where an empty element was opened: its end comes next.
    close_next: bool,
    depth: usize,
    /// Whether the root element was met.
    has_root: bool,
}

impl Cursor {
    /// Open a file.
    pub fn open(path: &Path) -> Result<Cursor, NrmlError> {
        let in_file = |e: io::Error| NrmlError::new(path, 0, text::unreadable(path, &e));
        let mut file = BufReader::with_capacity(1 << 16, text::open(path).map_err(in_file)?);
        let reader: Box<dyn BufRead> = match is_utf16(file.fill_buf().map_err(in_file)?) {
            true => Box::new(io::Cursor::new(text::read(path)?)),
            false => Box::new(file),
        };
        let lines = Rc::new(Cell::new(1));
        Ok(Cursor {
            reader: Reader::from_reader(LineCounter::new(reader, lines.clone())),
            lines,
            path: path.to_path_buf(),
            buffer: Vec::new(),
            unread: String::new(),
            close_next: false,
            depth: 0,
            has_root: false,
        })
    }

    /// Begin anew with the entities written out that the document declares in this `<!DOCTYPE>`, if it declares some.
    fn write_out_entities(&mut self, doctype: &str) -> Result<(), NrmlError> {
        // as the reader gives it
        let doctype = doctype.replace("\r\n", "\n").replace('\r', "\n");
        let whole = entities::expanded(&text::read(&self.path)?, &doctype);
        let Some(whole) = whole.map_err(|(line, message)| NrmlError::new(&self.path, line, message))? else {
            return Ok(());
        };
        self.lines.set(1);
        self.reader = Reader::from_reader(LineCounter::new(Box::new(io::Cursor::new(whole)), self.lines.clone()));
        Ok(())
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// An error at the line where the cursor is.
    pub fn error(&self, message: impl Into<String>) -> NrmlError {
        NrmlError::new(&self.path, self.lines.get(), message)
    }

    /// Go to the next start or end of an element.
    pub fn step(&mut self) -> Result<Step, NrmlError> {
        let mut unread = std::mem::take(&mut self.unread);
        unread.clear();
        let step = self.advance(&mut unread);
        self.unread = unread;
        step
    }

    /// The same; the text on the way is added to `text`.
    pub fn step_with_text(&mut self, text: &mut String) -> Result<Step, NrmlError> {
        self.advance(text)
    }

    /// The element whose start was just met, with everything inside.
    pub fn subtree(&mut self, mut node: XmlNode) -> Result<XmlNode, NrmlError> {
        loop {
            match self.advance(&mut node.text)? {
                Step::Open(child) => {
                    let child = self.subtree(child)?;
                    node.children.push(child);
                }
                Step::Close => {
                    node.text.truncate(node.text.trim_ascii_end().len());
                    return Ok(node);
                }
                Step::End => return Err(self.error(format!("the file ends inside <{}>", node.tag))),
            }
        }
    }

    /// Pass over the element whose start was just met.
    pub fn skip(&mut self) -> Result<(), NrmlError> {
        let mut depth = 1;
        while depth > 0 {
            match self.step()? {
                Step::Open(_) => depth += 1,
                Step::Close => depth -= 1,
                Step::End => return Err(self.error("the file ends inside an element")),
            }
        }
        Ok(())
    }

    /// Go to the element with this tag, the first inside the root `<nrml>`.
    pub fn enter(&mut self, tag: &str) -> Result<XmlNode, NrmlError> {
        self.enter_any(&[tag])
    }

    /// Go to the element with one of these tags, the first inside the root `<nrml>`.
    pub fn enter_any(&mut self, tags: &[&str]) -> Result<XmlNode, NrmlError> {
        match self.step()? {
            Step::Open(root) if root.tag == "nrml" => {}
            Step::Open(root) => return Err(self.error(format!("the root element is <{}>; expected <nrml>", root.tag))),
            _ => return Err(self.error("no element found; expected <nrml>")),
        }
        let expected = tags.join("> or <");
        match self.step()? {
            Step::Open(node) if tags.contains(&node.tag.as_str()) => Ok(node),
            Step::Open(node) => Err(self.error(format!("found <{}> inside <nrml>; expected <{expected}>", node.tag))),
            _ => Err(self.error(format!("<nrml> is empty; expected <{expected}>"))),
        }
    }

    /// Go to the end of the file, the element that `<nrml>` holds being over: nothing but comments may come.
    pub fn finish(&mut self) -> Result<(), NrmlError> {
        match self.step()? {
            Step::Close if matches!(self.step()?, Step::End) => Ok(()),
            Step::Open(node) => {
                Err(self.error(format!("found <{}>; expected </nrml>: a file holds one element", node.tag)))
            }
            _ => Err(self.error("the file ends before </nrml>")),
        }
    }

    fn advance(&mut self, text: &mut String) -> Result<Step, NrmlError> {
        if std::mem::take(&mut self.close_next) {
            self.depth -= 1;
            return Ok(Step::Close);
        }
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            let line = self.lines.get();
            let fail = |message: String| NrmlError::new(&self.path, line, message);
            match event.map_err(|e| fail(format!("malformed XML: {e}")))? {
                Event::Start(_) | Event::Empty(_) if self.depth == 0 && self.has_root => {
                    return Err(fail("the document goes on after its end with another element".to_string()));
                }
                Event::Start(start) => {
                    let node = open(&start, line).map_err(fail)?;
                    self.has_root = true;
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(self.error(format!("elements are nested over {MAX_DEPTH} deep")));
                    }
                    return Ok(Step::Open(node));
                }
                Event::Empty(start) => {
                    let node = open(&start, line).map_err(fail)?;
                    self.has_root = true;
                    self.depth += 1;
                    self.close_next = true;
                    return Ok(Step::Open(node));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Step::Close);
                }
                Event::Eof if self.depth > 0 => {
                    return Err(fail("the file ends before its elements are closed".to_string()));
                }
                Event::Eof => return Ok(Step::End),
                Event::Text(piece) if piece.contains('\0') => {
                    return Err(fail("malformed XML: found a NUL character".to_string()));
                }
                Event::Text(piece)
                    if self.depth == 0 && piece.trim_ascii().trim_matches(text::BYTE_ORDER_MARK).is_empty() => {}
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if self.depth == 0 => {
                    let place = if self.has_root { "goes on after its end" } else { "does not begin with an element" };
                    return Err(fail(format!("the document {place}: found text")));
                }
                Event::DocType(_) if self.has_root => {
                    return Err(fail("the document goes on after its end with a DOCTYPE".to_string()));
                }
                Event::DocType(doctype) => {
                    let doctype = doctype.to_string();
                    self.write_out_entities(&doctype)?;
                }
                Event::Text(piece) if text.is_empty() => text.push_str(piece.xml10_content().trim_ascii_start()),
                Event::Text(piece) => text.push_str(&piece.xml10_content()),
                Event::CData(piece) => text.push_str(&piece.xml10_content()),
                Event::GeneralRef(reference) => text.push(resolve(&reference).map_err(fail)?),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
        }
    }
}

fn open(start: &BytesStart, line: usize) -> Result<XmlNode, String> {
    let tag = CompactString::from(start.local_name().as_ref());
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| format!("malformed attribute of <{tag}>: {e}"))?;
        let name = CompactString::from(attribute.key.local_name().as_ref());
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Explicit1_0)
            .map_err(|e| format!("attribute {name} of <{tag}>: {e}"))?;
        attributes.push((name, value.into()));
    }
    Ok(XmlNode { tag, attributes, line, ..XmlNode::default() })
}

/// A character reference or one of XML's five entities.
fn resolve(reference: &BytesRef) -> Result<char, String> {
    let name: &str = reference;
    let known = match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => reference.resolve_char_ref().ok().flatten(),
    };
    known.ok_or_else(|| {
        format!(
            "the entity &{name}; is neither one of XML's own nor declared in the document; external ones are not read"
        )
    })
}

/// Reading values out of nodes with errors that say where.
pub struct Values<'a> {
    path: &'a Path,
}

impl<'a> Values<'a> {
    /// For nodes of this file.
    pub fn new(path: &'a Path) -> Values<'a> {
        Values { path }
    }

    /// An error at a node.
    pub fn error(&self, node: &XmlNode, message: impl Into<String>) -> NrmlError {
        NrmlError::new(self.path, node.line, message)
    }

    /// An attribute that must be there.
    pub fn attribute<'n>(&self, node: &'n XmlNode, name: &str) -> Result<&'n str, NrmlError> {
        node.attribute(name).ok_or_else(|| self.error(node, format!("<{}> lacks the attribute {name}", node.tag)))
    }

    /// A finite number in an attribute that must be there.
    pub fn number(&self, node: &XmlNode, name: &str) -> Result<f64, NrmlError> {
        let text = self.attribute(node, name)?;
        parse_number(text)
            .ok_or_else(|| self.error(node, format!("{name}={text:?} of <{}> is not a finite number", node.tag)))
    }

    /// A descendant that must be there.
    pub fn descendant<'n>(&self, node: &'n XmlNode, tags: &[&str]) -> Result<&'n XmlNode, NrmlError> {
        node.descendant(tags).ok_or_else(|| self.error(node, format!("<{}> lacks <{}>", node.tag, tags.join(">/<"))))
    }

    /// The finite number that is the text of a child.
    pub fn child_number(&self, node: &XmlNode, tag: &str) -> Result<f64, NrmlError> {
        let child = self.descendant(node, &[tag])?;
        parse_number(&child.text)
            .ok_or_else(|| self.error(child, format!("<{tag}> is {:?}; expected a finite number", child.text)))
    }

    /// The finite numbers that are the text of a node.
    pub fn numbers(&self, node: &XmlNode) -> Result<Vec<f64>, NrmlError> {
        let parse = |word: &str| {
            parse_number(word)
                .ok_or_else(|| self.error(node, format!("found {word:?} in <{}>; expected finite numbers", node.tag)))
        };
        node.text.split_ascii_whitespace().map(parse).collect()
    }

    /// Longitudes and latitudes that are the text of a node, `D` numbers a point, as [`five_digits`].
    pub fn coordinates<const D: usize>(&self, node: &XmlNode) -> Result<Vec<[f64; D]>, NrmlError> {
        let mut numbers = self.numbers(node)?;
        let (points, rest) = numbers.as_chunks_mut::<D>();
        if points.is_empty() || !rest.is_empty() {
            let message = format!("<{}> holds {} numbers; expected some, {D} for each point", node.tag, numbers.len());
            return Err(self.error(node, message));
        }
        for point in &mut *points {
            (point[0], point[1]) = (five_digits(point[0]), five_digits(point[1]));
            self.check_place(node, point)?;
        }
        Ok(points.to_vec())
    }

    /// The place that the attributes of a node give: longitude and latitude as [`five_digits`], and depth.
    pub fn place(&self, node: &XmlNode) -> Result<Point, NrmlError> {
        let [lon, lat] = [five_digits(self.number(node, "lon")?), five_digits(self.number(node, "lat")?)];
        let depth = self.number(node, "depth")?;
        self.check_place(node, &[lon, lat, depth])?;
        Ok(Point::new(lon, lat, depth))
    }

    fn check_place(&self, node: &XmlNode, point: &[f64]) -> Result<(), NrmlError> {
        let numbers = || point.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
        if !matches!(point, [lon, lat, ..] if (-180.0..=180.0).contains(lon) && (-90.0..=90.0).contains(lat)) {
            let message = format!(
                "the point {} is not on the globe; expected longitude in [-180, 180], latitude in [-90, 90]",
                numbers()
            );
            return Err(self.error(node, message));
        }
        match point.get(2) {
            Some(depth) if !(*depth > MIN_DEPTH && *depth < EARTH_RADIUS) => {
                let message =
                    format!("the point {} is not in the ground; expected a depth over {MIN_DEPTH} km", numbers());
                Err(self.error(node, message))
            }
            _ => Ok(()),
        }
    }
}

/// A longitude or latitude of a source model, degrees, as the engine reads it: rounded to five digits, about a metre (engine
/// behaviour, `valid.longitude`). Whether an edge has room for one more point of a mesh may hang on that metre.
pub fn five_digits(degrees: f64) -> f64 {
    const SCALE: f64 = 1e5;
    // nearer to a tie than this the exact value decides, which the product does not tell
    const DOUBTFUL: f64 = 1e-6;
    let scaled = degrees * SCALE;
    let rounded = scaled.round_ties_even();
    if ((scaled - rounded).abs() - 0.5).abs() > DOUBTFUL {
        return rounded / SCALE;
    }
    // what is written with five digits is a number
    format!("{degrees:.5}").parse().unwrap_or(rounded / SCALE)
}

/// A finite number.
pub fn parse_number(text: &str) -> Option<f64> {
    text.trim_ascii().parse().ok().filter(|x: &f64| x.is_finite())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn cursor(text: &str) -> (tempfile::NamedTempFile, Cursor) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let cursor = Cursor::open(file.path()).unwrap();
        (file, cursor)
    }

    #[test]
    fn a_tree_with_lines_and_text() {
        let (_file, mut c) = cursor("<nrml>\n <a x='1&lt;2'>\n  <g:b>t &amp; u</g:b>\n  <c/>\n </a>\n</nrml>\n");
        let a = c.enter("a").unwrap();
        let a = c.subtree(a).unwrap();
        assert_eq!((a.attribute("x"), a.line), (Some("1<2"), 2));
        assert_eq!(a.child("b").unwrap().text, "t & u");
        assert_eq!(a.child("c").unwrap().line, 4);
        assert_eq!(c.step().unwrap(), Step::Close);
        assert_eq!(c.step().unwrap(), Step::End);
    }

    #[test]
    fn malformed_files_are_refused_with_their_line() {
        for (text, line) in [("<nrml>\n<a>\n</b></nrml>", 3), ("<nrml>\n<a>", 2), ("<nrml>\n<a>&evil;</a></nrml>", 2)] {
            let (_file, mut c) = cursor(text);
            let error = c.enter("a").and_then(|a| c.subtree(a)).unwrap_err();
            assert_eq!(error.line, line, "{error}");
        }
    }

    #[test]
    fn a_document_that_goes_on_is_refused_with_its_line() {
        let whole = |rest: &str| {
            let (_file, mut c) = cursor(&format!("<?xml version='1.0'?>\n<nrml>\n<a>t</a>{rest}"));
            let a = c.enter("a")?;
            c.subtree(a)?;
            c.finish()
        };
        for rest in ["</nrml>", "\n</nrml>\n \t\n", "</nrml><!-- so -->\n<?so?>\n"] {
            whole(rest).unwrap();
        }
        for (rest, line, expected) in [
            ("</nrml>\n<nrml/>", 4, "with another element"),
            ("</nrml><nrml><a/></nrml>", 3, "with another element"),
            ("</nrml>\n\nx", 5, "goes on after its end: found text"),
            ("</nrml>&amp;", 3, "found text"),
            ("</nrml><![CDATA[ ]]>", 3, "found text"),
            ("</nrml>\0\0", 3, "NUL"),
            ("\0</nrml>", 3, "NUL"),
            ("</nrml><!DOCTYPE nrml>", 3, "DOCTYPE"),
            ("<b/></nrml>", 3, "found <b>; expected </nrml>"),
            ("", 3, "ends before"),
        ] {
            let error = whole(rest).unwrap_err();
            assert!(error.line == line && error.message.contains(expected), "{rest:?}: {error}");
        }
        let (_file, mut c) = cursor("nonsense<nrml><a/></nrml>");
        assert!(c.enter("a").unwrap_err().message.contains("does not begin with an element"));
    }

    #[test]
    fn entities_of_the_document_and_all_line_ends() {
        let text = "<!DOCTYPE nrml [\n<!ENTITY foo 'bar'>\n]>\n<nrml>\n<a x='&foo;'>&foo;\n&foo;</a>\n<b/></nrml>";
        for end in ["\n", "\r", "\r\n"] {
            let (_file, mut c) = cursor(&text.replace('\n', end));
            let a = c.enter("a").unwrap();
            let a = c.subtree(a).unwrap();
            assert_eq!((a.attribute("x"), a.text.as_str(), a.line), (Some("bar"), "bar\nbar", 5));
            let Step::Open(b) = c.step().unwrap() else { panic!() };
            assert_eq!(b.line, 7);
        }
        let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&utf16).unwrap();
        assert_eq!(Cursor::open(file.path()).unwrap().enter("a").unwrap().attribute("x"), Some("bar"));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let (_file, mut c) = cursor(&format!("<nrml><a>{}", "<x>".repeat(100_000)));
        let error = c.enter("a").and_then(|a| c.subtree(a)).unwrap_err();
        assert!(error.to_string().contains("nested"), "{error}");
    }

    #[test]
    fn coordinates_have_five_digits_as_pythons_round_gives_them() {
        for (degrees, expected) in [
            (0.123456, 0.12346),
            (-0.249670185138, -0.24967),
            // ties that are above or below one by what a double is off
            (123.300795, 123.30079),
            (0.000015, 0.00002),
            (2.5e-6, 0.0),
            (179.999999, 180.0),
            (-179.999999, -180.0),
            (13.4, 13.4),
        ] {
            assert_eq!(five_digits(degrees), expected, "{degrees}");
        }
        let node =
            XmlNode { tag: "posList".into(), text: "10.1234567 45.7654321 9.87654321".into(), ..XmlNode::default() };
        let points = Values::new(Path::new("m.xml")).coordinates::<3>(&node).unwrap();
        assert_eq!(points, [[10.12346, 45.76543, 9.87654321]]);
    }

    #[test]
    fn coordinates_off_the_globe_are_refused() {
        let node = XmlNode { tag: "posList".into(), text: "10 95".into(), line: 7, ..XmlNode::default() };
        let error = Values::new(Path::new("m.xml")).coordinates::<2>(&node).unwrap_err();
        assert!(error.to_string().starts_with("m.xml, line 7: the point 10 95"), "{error}");
        let high = XmlNode { text: "10 45 -9".into(), ..node };
        let error = Values::new(Path::new("m.xml")).coordinates::<3>(&high).unwrap_err();
        assert!(error.to_string().contains("the point 10 45 -9 is not in the ground"), "{error}");
    }
}
