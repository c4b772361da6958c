//! Python literals in parameter values: numbers, strings, lists and dictionaries, with `logscale` and `linscale`, and with
//! comments from `#` to the end of a line.

use crate::elementary::scalar::{exp, ln};
use std::fmt;

/// A value; displayed as it may be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
    /// A list or tuple.
    List(Vec<Literal>),
    /// A dictionary in its order; keys are strings.
    Dict(Vec<(String, Literal)>),
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let list = |f: &mut fmt::Formatter, (open, close): (&str, &str), items: Vec<String>| {
            write!(f, "{open}{}{close}", items.join(", "))
        };
        match self {
            Literal::Number(number) => write!(f, "{number}"),
            Literal::Text(text) => write!(f, "{text:?}"),
            Literal::List(items) => list(f, ("[", "]"), items.iter().map(Literal::to_string).collect()),
            Literal::Dict(items) => {
                list(f, ("{", "}"), items.iter().map(|(key, value)| format!("{key:?}: {value}")).collect())
            }
        }
    }
}

/// Lists and dictionaries nested deeper than this are no parameter.
const MAX_DEPTH: usize = 8;

/// More levels than this are a slip of `logscale`.
const MAX_SCALE: f64 = 10_000.0;

/// Parse one literal that fills the text.
pub fn parse(text: &str) -> Result<Literal, String> {
    let mut parser = Parser { rest: after_blanks(text), depth: 0 };
    let value = parser.value()?;
    if parser.rest.is_empty() { Ok(value) } else { Err(format!("found {:?} after the value", parser.snippet())) }
}

/// The text without the blanks and comments that it begins with.
fn after_blanks(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix('#') {
        rest = comment.split_once('\n').map_or("", |(_, after)| after).trim_start();
    }
    rest
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl Parser<'_> {
    fn snippet(&self) -> String {
        self.rest.chars().take(20).collect()
    }

    fn take(&mut self, token: char) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = after_blanks(rest);
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: char) -> Result<(), String> {
        if self.take(token) { Ok(()) } else { Err(format!("found {:?}; expected '{token}'", self.snippet())) }
    }

    fn value(&mut self) -> Result<Literal, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("lists are nested over {MAX_DEPTH} deep"));
        }
        let value = match self.rest.chars().next() {
            Some('{') => self.dict(),
            Some('[') => self.list('[', ']').map(Literal::List),
            Some('(') => self.list('(', ')').map(Literal::List),
            Some('"' | '\'') => self.string().map(Literal::Text),
            Some(c) if c.is_ascii_alphabetic() => self.call(),
            Some(_) => self.number().map(Literal::Number),
            None => Err("the value ends too early".to_string()),
        };
        self.depth -= 1;
        value
    }

    fn dict(&mut self) -> Result<Literal, String> {
        self.expect('{')?;
        let mut items: Vec<(String, Literal)> = Vec::new();
        while !self.take('}') {
            let key = self.string()?;
            self.expect(':')?;
            let value = self.value()?;
            if items.iter().any(|(k, _)| *k == key) {
                return Err(format!("the key {key:?} is there twice"));
            }
            items.push((key, value));
            if !self.take(',') {
                self.expect('}')?;
                break;
            }
        }
        Ok(Literal::Dict(items))
    }

    fn list(&mut self, open: char, close: char) -> Result<Vec<Literal>, String> {
        self.expect(open)?;
        let mut items = Vec::new();
        while !self.take(close) {
            items.push(self.value()?);
            if !self.take(',') {
                self.expect(close)?;
                break;
            }
        }
        Ok(items)
    }

    fn string(&mut self) -> Result<String, String> {
        let quote = match self.rest.chars().next() {
            Some(c @ ('"' | '\'')) => c,
            _ => return Err(format!("found {:?}; expected a quoted string", self.snippet())),
        };
        let Some((text, rest)) = self.rest[1..].split_once(quote) else {
            return Err(format!("the string {:?} is not closed", self.snippet()));
        };
        self.rest = after_blanks(rest);
        Ok(text.to_string())
    }

    fn number(&mut self) -> Result<f64, String> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "+-._".contains(c);
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        let parsed = word.replace('_', "").parse::<f64>().ok().filter(|x| x.is_finite());
        let value = parsed.ok_or_else(|| format!("found {:?}; expected a finite number", self.snippet()))?;
        self.rest = after_blanks(rest);
        Ok(value)
    }

    /// `logscale(min, max, n)` or `linscale(min, max, n)`.
    fn call(&mut self) -> Result<Literal, String> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        let name = name.to_string();
        if name != "logscale" && name != "linscale" {
            return Err(format!("found {name:?}; known functions are logscale(min, max, n) and linscale(min, max, n)"));
        }
        self.rest = after_blanks(rest);
        let arguments = self.list('(', ')')?;
        let numbers: Vec<f64> =
            arguments.iter().filter_map(|a| if let Literal::Number(x) = a { Some(*x) } else { None }).collect();
        let [min, max, n] = numbers[..] else {
            return Err(format!("{name} takes three numbers: min, max, n"));
        };
        if arguments.len() != 3 || n.fract() != 0.0 || !(1.0..=MAX_SCALE).contains(&n) {
            return Err(format!("{name}: n is {n}; expected a whole number from 1 to {MAX_SCALE}"));
        }
        let is_log = name == "logscale";
        if max <= min || (is_log && min <= 0.0) {
            let floor = if is_log { "0 < " } else { "" };
            return Err(format!("{name}({min}, {max}, {n}): expected {floor}min < max"));
        }
        let n = n as usize;
        let scale = |i: usize| {
            if is_log {
                // the engine's order of operations
                exp(ln(max / min) * i as f64 / (n - 1) as f64) * min
            } else {
                min + (max - min) * i as f64 / (n - 1) as f64
            }
        };
        let values = if n == 1 { vec![min] } else { (0..n).map(scale).collect() };
        Ok(Literal::List(values.into_iter().map(Literal::Number).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displayed_as_it_may_be_written() {
        for text in [r#"[1.5, [2, "x"]]"#, r#"{"PGA": [0.1]}"#] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn levels_of_a_job() {
        let text = "{\n\"PGA\": logscale(0.01, 2, 5),\n 'SA(0.10)': [0.1, .2,],}";
        let Literal::Dict(items) = parse(text).unwrap() else { panic!() };
        assert_eq!(items[1], ("SA(0.10)".into(), Literal::List(vec![Literal::Number(0.1), Literal::Number(0.2)])));
        let Literal::List(levels) = &items[0].1 else { panic!() };
        // as the engine's documentation has it
        let expected = [0.01, 0.03760603093086393, 0.14142135623730948, 0.5318295896944986, 1.9999999999999991];
        for (level, e) in levels.iter().zip(expected) {
            let Literal::Number(x) = level else { panic!() };
            assert!((x - e).abs() <= 4.0 * f64::EPSILON * e);
        }
    }

    #[test]
    fn comments_are_passed_over() {
        let plain = parse("{'PGA': [0.1, 0.2], 'a # b': 3}").unwrap();
        for text in [
            "{'PGA': [0.1, 0.2], 'a # b': 3} # g",
            "# first\n{'PGA': # peak, it's {\n[0.1, # [\n0.2], 'a # b': 3}\n# last\n# of all",
            "{'PGA':[0.1,0.2],'a # b':3#three\n}#",
        ] {
            assert_eq!(parse(text).unwrap(), plain, "{text}");
        }
        assert_eq!(parse("logscale( # from\n0.1, 1, 1)#").unwrap(), parse("[0.1]").unwrap());
        assert!(parse("# nothing else").unwrap_err().contains("ends too early"));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("{\"PGA\": [0.1, 0.2}", "expected ']'"),
            ("{\"PGA\": logspace(1, 2, 3)}", "known functions are"),
            ("{\"PGA\": logscale(2, 1, 3)}", "0 < min < max"),
            ("{\"PGA\": logscale(1, 2, 1e9)}", "n is 1000000000"),
            ("{PGA: [1]}", "expected a quoted string"),
            ("[1, 2] x", "after the value"),
            ("[nan]", "known functions"),
            ("{\"a\": 1, \"a\": 2}", "there twice"),
            ("", "ends too early"),
            ("[[[[[[[[[1]]]]]]]]]", "nested"),
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
