//! The arguments of a model in a logic tree, `[Name]` and TOML below it, as its family asks for them.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::registry::{self, Made};
use super::{GsimError, Imt};
use crate::arrays::{ArrayFile, Open};
use crate::nearest::nearest;

/// Where the files are that arguments name.
#[derive(Clone, Copy)]
pub(super) struct Files<'a>(Option<Folder<'a>>);

/// A folder that names are of, and how its files of arrays are opened.
#[derive(Clone, Copy)]
struct Folder<'a> {
    path: &'a Path,
    open: Open<'a>,
    /// The files that were read.
    read: &'a RefCell<Vec<PathBuf>>,
}

/// Where no file can be named.
pub(super) const NO_FILES: Files<'static> = Files(None);

impl<'a> Files<'a> {
    /// Names are of files in the folder; those that are read are added to `read`.
    pub(super) fn new(path: &'a Path, open: Open<'a>, read: &'a RefCell<Vec<PathBuf>>) -> Files<'a> {
        Files(Some(Folder { path, open, read }))
    }

    fn read<T>(&self, name: &str, read: impl Fn(&Path, Open) -> Result<T, String>) -> Result<T, String> {
        let folder = self.0.ok_or("no file can be read here")?;
        let path = folder.path.join(name);
        let found = read(&path, folder.open)?;
        folder.read.borrow_mut().push(path);
        Ok(found)
    }
}

/// Arguments not read yet. Those that nobody has asked for when the model is made are an error.
pub(super) struct Arguments<'a> {
    model: &'static str,
    values: toml::Table,
    asked: Vec<&'static str>,
    files: Files<'a>,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(model: &'static str, values: toml::Table, files: Files<'a>) -> Arguments<'a> {
        Arguments { model, values, asked: Vec::new(), files }
    }

    /// The file of arrays that an argument names, and the name.
    pub(super) fn file(&mut self, name: &'static str) -> Result<(Box<dyn ArrayFile>, String), GsimError> {
        let path = self.needed_text(name)?;
        match self.files.read(&path, |at, open| open(at)) {
            Ok(file) => Ok((file, path)),
            Err(message) => Err(self.wrong(name, &path, format!("a file of arrays; {message}"))),
        }
    }

    /// The text of the file that an argument names, and the name, if the argument is there.
    pub(super) fn text_file(&mut self, name: &'static str) -> Result<Option<(String, String)>, GsimError> {
        let Some(path) = self.text(name)? else { return Ok(None) };
        let read = |at: &Path, _: Open| std::fs::read_to_string(at).map_err(|e| format!("{}: {e}", at.display()));
        match self.files.read(&path, read) {
            Ok(text) => Ok(Some((text, path))),
            Err(message) => Err(self.wrong(name, &path, format!("a file; {message}"))),
        }
    }

    /// Another model.
    pub(super) fn make(&self, name: &str, values: toml::Table) -> Made {
        registry::make(name, values, self.files)
    }

    /// Another model, with the arguments that are left.
    pub(super) fn wrapped(&mut self, name: &str) -> Made {
        let values = self.rest();
        self.make(name, values)
    }

    fn take(&mut self, name: &'static str) -> Option<toml::Value> {
        self.asked.push(name);
        self.values.remove(name)
    }

    fn read<T>(
        &mut self,
        name: &'static str,
        expected: &'static str,
        convert: impl Fn(&toml::Value) -> Option<T>,
    ) -> Result<Option<T>, GsimError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        convert(&value).map(Some).ok_or_else(|| self.wrong(name, &value, expected))
    }

    /// An error about the value of an argument.
    pub(super) fn wrong(&self, name: &str, found: &impl ToString, expected: impl Into<String>) -> GsimError {
        GsimError::WrongArgument {
            model: self.model,
            argument: name.to_owned(),
            found: found.to_string(),
            expected: expected.into(),
        }
    }

    /// A finite number, if the argument is there.
    pub(super) fn number(&mut self, name: &'static str) -> Result<Option<f64>, GsimError> {
        self.read(name, "a number", number)
    }

    /// A finite number, or the default.
    pub(super) fn number_or(&mut self, name: &'static str, default: f64) -> Result<f64, GsimError> {
        Ok(self.number(name)?.unwrap_or(default))
    }

    /// A finite number that has to be there.
    pub(super) fn needed_number(&mut self, name: &'static str) -> Result<f64, GsimError> {
        self.number(name)?.ok_or_else(|| self.missing(name))
    }

    /// A whole number greater than 1, or the default.
    pub(super) fn count_or(&mut self, name: &'static str, default: usize) -> Result<usize, GsimError> {
        let count = |value: &toml::Value| value.as_integer().and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 1);
        Ok(self.read(name, "a whole number greater than 1", count)?.unwrap_or(default))
    }

    /// `true` or `false`, as text too, or the default.
    pub(super) fn flag_or(&mut self, name: &'static str, default: bool) -> Result<bool, GsimError> {
        // the engine takes any text for true, "false" as well
        let flag = |value: &toml::Value| match value {
            toml::Value::Boolean(flag) => Some(*flag),
            toml::Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        };
        Ok(self.read(name, "true or false", flag)?.unwrap_or(default))
    }

    /// A text, if the argument is there.
    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, GsimError> {
        self.read(name, "a text in quotes", |value| value.as_str().map(str::to_owned))
    }

    /// One of several texts, given with what each means; the first by default.
    pub(super) fn choice<T: Copy, const N: usize>(
        &mut self,
        name: &'static str,
        choices: [(&'static str, T); N],
    ) -> Result<T, GsimError> {
        Ok(self.one_of(name, &choices)?.unwrap_or(choices[0].1))
    }

    /// One of several texts, given with what each means, if the argument is there.
    pub(super) fn one_of<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Result<Option<T>, GsimError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match choices.iter().find(|(choice, _)| *choice == text) {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => {
                let accepted: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
                Err(self.wrong(name, &text, format!("one of {}", accepted.join(", "))))
            }
        }
    }

    /// A list of finite numbers that has to be there and not be empty.
    pub(super) fn numbers(&mut self, name: &'static str) -> Result<Vec<f64>, GsimError> {
        let list = |value: &toml::Value| {
            let list: Option<Vec<f64>> = value.as_array()?.iter().map(number).collect();
            list.filter(|list| !list.is_empty())
        };
        self.read(name, "a list of numbers", list)?.ok_or_else(|| self.missing(name))
    }

    /// A number for each of several intensity measures, if the argument is there.
    pub(super) fn by_imt(&mut self, name: &'static str) -> Result<Option<Vec<(Imt, f64)>>, GsimError> {
        self.read(name, "a number for each of some intensity measures", |value| {
            let table = value.as_table().filter(|table| !table.is_empty())?;
            table.iter().map(|(imt, value)| Some((Imt::parse(imt).ok()?, number(value)?))).collect()
        })
    }

    /// The arguments of an argument, as of a modification or of a model within this one.
    pub(super) fn table(&mut self, name: &'static str) -> Result<Option<toml::Table>, GsimError> {
        self.read(name, "a table of arguments", |value| value.as_table().cloned())
    }

    /// An argument that the engine takes and that changes nothing here.
    pub(super) fn ignore(&mut self, name: &'static str) {
        self.take(name);
    }

    /// A text that has to be there, or a whole number as its digits.
    pub(super) fn needed_name(&mut self, name: &'static str) -> Result<String, GsimError> {
        let text = |value: &toml::Value| match value {
            toml::Value::String(text) => Some(text.clone()),
            toml::Value::Integer(digits) => Some(digits.to_string()),
            _ => None,
        };
        self.read(name, "a text in quotes or a whole number", text)?.ok_or_else(|| self.missing(name))
    }

    /// A text that has to be there.
    pub(super) fn needed_text(&mut self, name: &'static str) -> Result<String, GsimError> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    /// What is left, in the order of the tree, for a model whose arguments have names of the user's.
    pub(super) fn rest(&mut self) -> toml::Table {
        std::mem::take(&mut self.values)
    }

    pub(super) fn missing(&self, name: &'static str) -> GsimError {
        GsimError::MissingArgument { model: self.model, argument: name }
    }

    /// An error if an argument is left that nobody asked for.
    pub(super) fn finish(self) -> Result<(), GsimError> {
        match self.values.keys().next() {
            None => Ok(()),
            Some(argument) => Err(unexpected(self.model, argument, &self.asked)),
        }
    }
}

/// The error of an argument that is none of the accepted ones.
pub(super) fn unexpected(model: &'static str, argument: &str, accepted: &[&str]) -> GsimError {
    let hint = match nearest(argument, accepted.iter().copied()) {
        close if close.is_empty() => String::new(),
        close => format!("did you mean {}? ", close.join(" or ")),
    };
    let accepted = if accepted.is_empty() { "none".to_owned() } else { accepted.join(", ") };
    GsimError::UnexpectedArgument { model, argument: argument.to_owned(), hint, accepted }
}

fn number(value: &toml::Value) -> Option<f64> {
    let number = value.as_float().or_else(|| value.as_integer().map(|integer| integer as f64))?;
    number.is_finite().then_some(number)
}

/// Read `Name`, or `[Name]` and TOML below it, into the name and its arguments.
///
/// # Errors
/// [`GsimError::Syntax`] with the reason.
pub(super) fn parse(text: &str) -> Result<(String, toml::Table), GsimError> {
    let text = text.trim();
    let syntax = |reason: &str| {
        let found = text.lines().next().unwrap_or_default().to_owned();
        GsimError::Syntax { found, reason: reason.trim().replace('\n', " ") }
    };
    if !text.starts_with(['[', '#']) {
        return if text.is_empty() || text.contains('\n') {
            Err(syntax(if text.is_empty() { "no name" } else { "no [ before the name" }))
        } else {
            Ok((text.to_owned(), toml::Table::new()))
        };
    }
    let table: toml::Table = without_empty(text).parse().map_err(|error: toml::de::Error| syntax(error.message()))?;
    let mut entries = table.into_iter();
    match (entries.next(), entries.next()) {
        (Some((name, toml::Value::Table(arguments))), None) if !name.is_empty() => Ok((name, arguments)),
        (None, _) => Err(syntax("no name")),
        (_, Some((second, _))) => Err(syntax(&format!("a second name, {second:?}"))),
        _ => Err(syntax("no name in brackets")),
    }
}

/// The text without lines `key = {}` where other lines `key.more = ...` say what is in the table: the engine's reader
/// lets them add to it, TOML does not.
fn without_empty(text: &str) -> String {
    let is_extended = |line: &&str| {
        let key = line.split_once('=').filter(|(_, value)| value.trim() == "{}").map(|(key, _)| key.trim());
        key.is_some_and(|key| {
            text.lines().any(|other| other.trim_start().strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
        })
    };
    text.lines().filter(|line| !is_extended(line)).collect::<Vec<_>>().join("\n")
}
