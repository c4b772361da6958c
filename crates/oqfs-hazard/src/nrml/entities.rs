//! Entities that an XML document declares itself, `<!ENTITY name "text">`: written out before the document is read.
//!
//! What they stand for is bounded by the length of the document, so that a few lines cannot become gigabytes; external ones are
//! not read, and a reference to one stays as it is, for the reader to refuse.

use std::collections::HashMap;

/// By how many bytes a document may grow when its entities are written out.
const MOST: usize = 1 << 20;

/// A document with its entities written out and without its DOCTYPE, of which `doctype` is the inside; lines stay where they are.
/// `None` if it declares no entity.
///
/// # Errors
/// The line and the reason if an entity refers to itself, or if the whole would be too long.
pub fn expanded(document: &str, doctype: &str) -> Result<Option<String>, (usize, String)> {
    let values = declared(doctype);
    let start = document.find(doctype).filter(|_| !values.is_empty());
    let Some((before, after)) = start.map(|start| (&document[..start], &document[start + doctype.len()..])) else {
        return Ok(None);
    };
    let prolog = before.rfind("<!DOCTYPE").map_or("", |at| &before[..at]);
    let lines = |text: &str| text.matches('\n').count();
    let left = document.len() + MOST;
    let mut writer = Writer { values, active: Vec::new(), left, out: String::from(prolog) };
    writer.out.extend(std::iter::repeat_n('\n', lines(before) - lines(prolog) + lines(doctype)));
    let body = after.split_once('>').map_or("", |(_, body)| body);
    match writer.content(body) {
        Ok(()) => Ok(Some(writer.out)),
        Err((rest, message)) => Err((lines(document) - lines(&body[body.len() - rest..]) + 1, message)),
    }
}

/// The entities with the texts that they stand for; of several of one name the first counts (XML).
fn declared(doctype: &str) -> HashMap<String, String> {
    const START: &str = "<!ENTITY";
    let mut values = HashMap::new();
    let mut rest = doctype;
    while let Some(at) = rest.find(['<']) {
        rest = &rest[at..];
        if rest.starts_with("<!--") {
            rest = rest.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let Some(declaration) = rest.strip_prefix(START) else {
            rest = &rest[1..];
            continue;
        };
        rest = declaration;
        let Some((name, value)) = declaration.trim_start().split_once(|c: char| c.is_ascii_whitespace()) else { break };
        let value = value.trim_start();
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
        let Some((text, after)) = value[1..].split_once(quote) else { break };
        values.entry(name.to_string()).or_insert_with(|| with_characters(text));
        rest = after;
    }
    values
}

/// The text of a declaration with its character references (`&#38;`) written out, as XML has it.
fn with_characters(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("&#") {
        out.push_str(before);
        let character = after.split_once(';').and_then(|(code, after)| {
            let number = match code.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => code.parse(),
            };
            Some((char::from_u32(number.ok()?)?, after))
        });
        match character {
            Some((character, after)) => {
                out.push(character);
                rest = after;
            }
            None => {
                out.push_str("&#");
                rest = after;
            }
        }
    }
    out + rest
}

/// How much of a document was left, and what is wrong there.
type Fail = (usize, String);

struct Writer {
    values: HashMap<String, String>,
    /// The entities that are being written out.
    active: Vec<String>,
    /// How much may still be written out.
    left: usize,
    out: String,
}

impl Writer {
    /// Write out content: text, tags, and what has no references.
    fn content(&mut self, text: &str) -> Result<(), Fail> {
        let mut rest = text;
        while let Some(at) = rest.find(['&', '<']) {
            self.out.push_str(&rest[..at]);
            rest = &rest[at..];
            let plain =
                [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")].iter().find(|(start, _)| rest.starts_with(start));
            rest = match plain {
                Some((_, end)) => {
                    let length = rest.find(end).map_or(rest.len(), |at| at + end.len());
                    self.out.push_str(&rest[..length]);
                    &rest[length..]
                }
                None if rest.starts_with('&') => self.reference(rest, None)?,
                None => self.tag(rest)?,
            };
        }
        self.out.push_str(rest);
        Ok(())
    }

    /// Write out a tag: the values of its attributes. Returns what follows it.
    fn tag<'t>(&mut self, text: &'t str) -> Result<&'t str, Fail> {
        let mut rest = text;
        let mut quote: Option<char> = None;
        while let Some(at) = rest.find(['"', '\'', '&', '>']) {
            self.out.push_str(&rest[..at]);
            rest = &rest[at..];
            let found = rest.chars().next().unwrap_or_default();
            if let ('&', Some(quote)) = (found, quote) {
                rest = self.reference(rest, Some(quote))?;
                continue;
            }
            self.out.push(found);
            rest = &rest[1..];
            match (found, quote) {
                ('>', None) => return Ok(rest),
                ('"' | '\'', None) => quote = Some(found),
                (_, Some(open)) if open == found => quote = None,
                _ => {}
            }
        }
        self.out.push_str(rest);
        Ok("")
    }

    /// Write out a reference, in an attribute one with this quote around it. Returns what follows it.
    fn reference<'t>(&mut self, text: &'t str, quote: Option<char>) -> Result<&'t str, Fail> {
        let fail = |message: String| (text.len(), message);
        let known =
            text[1..].split_once(';').and_then(|(name, after)| Some((name, self.values.get(name)?.clone(), after)));
        let Some((name, value, after)) = known else {
            self.out.push('&');
            return Ok(&text[1..]);
        };
        if self.active.iter().any(|active| active == name) {
            return Err(fail(format!("the entity &{name}; refers to itself")));
        }
        self.left = self.left.checked_sub(value.len() + 1).ok_or_else(|| {
            fail(format!("the entities of the document stand for over {MOST} bytes more than it has; write them out"))
        })?;
        self.active.push(name.to_string());
        let written = match quote {
            None => self.content(&value),
            Some(quote) => self.attribute(&value, quote),
        };
        self.active.pop();
        written.map_err(|(_, message)| fail(message))?;
        Ok(after)
    }

    /// Write out what an entity stands for inside an attribute, where quotes are characters as others.
    fn attribute(&mut self, value: &str, quote: char) -> Result<(), Fail> {
        let mut rest = value;
        while let Some(at) = rest.find(['&', '<', quote]) {
            self.out.push_str(&rest[..at]);
            rest = &rest[at..];
            if rest.starts_with('<') {
                return Err((rest.len(), "an entity in an attribute stands for text with <".to_string()));
            }
            if rest.starts_with('&') {
                rest = self.reference(rest, Some(quote))?;
            } else {
                self.out.push_str(if quote == '"' { "&quot;" } else { "&apos;" });
                rest = &rest[1..];
            }
        }
        self.out.push_str(rest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(declarations: &str, body: &str) -> Result<Option<String>, (usize, String)> {
        let doctype = format!("nrml [{declarations}]");
        expanded(&format!("<?xml version='1.0'?>\n<!DOCTYPE {doctype}>\n{body}"), &doctype)
    }

    #[test]
    fn entities_are_written_out_where_they_stand() {
        let declarations = "<!-- <!ENTITY no 'x'> -->\n<!ENTITY name \"Etna's\">\n<!ENTITY all '<b>&name; &#38;amp;</b>'>\
                            <!ENTITY name 'other'><!ENTITY % p 'x'><!ENTITY far SYSTEM 'file:///etc/passwd'>";
        let body = "<a x='&name;' y=\"&name;&lt;\"><![CDATA[&name;]]><!-- &name; -->&all;&no;&far;&p;</a>";
        let found = of(declarations, body).unwrap().unwrap();
        let expected =
            "<a x='Etna&apos;s' y=\"Etna's&lt;\"><![CDATA[&name;]]><!-- &name; --><b>Etna's &amp;</b>&no;&far;&p;</a>";
        assert_eq!(found, format!("<?xml version='1.0'?>\n\n\n\n{expected}"));
        assert_eq!(of("<!ELEMENT a ANY>", "<a/>").unwrap(), None);
    }

    #[test]
    fn what_they_stand_for_is_bounded() {
        let nested = |value: &str, times: usize| {
            let levels = (1..20).map(|i| format!("<!ENTITY e{i} '{}'>", format!("&e{};", i - 1).repeat(times)));
            format!("<!ENTITY e0 '{value}'>{}", levels.collect::<String>())
        };
        for value in ["e", ""] {
            let (line, message) = of(&nested(value, 10), "<a>\n&e19;</a>").unwrap_err();
            assert!(line == 4 && message.contains("write them out"), "{line}: {message}");
        }
        let (line, message) = of("<!ENTITY a '&b;'><!ENTITY b '&a;'>", "\n<a x='&a;'/>").unwrap_err();
        assert_eq!((line, message.as_str()), (4, "the entity &a; refers to itself"));
        let (_, message) = of("<!ENTITY a '<b/>'>", "<a x='&a;'/>").unwrap_err();
        assert!(message.contains("text with <"), "{message}");
    }
}
