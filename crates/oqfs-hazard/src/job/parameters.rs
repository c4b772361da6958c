//! What is declared of a parameter, and what follows from that: how it is read, what is known of it, and whether it is a part of the
//! digest of rates. The declarations are in [`super::table`].

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::ini::IniEntry;
use super::kinds::{AcceptedRange, ParameterKind};
use super::params::Mode;
use super::table::{NO_EFFECT, READ, UNSUPPORTED};

/// A line and what is wrong there.
pub type Fail = (usize, String);

/// The declaration of a parameter that is read.
pub struct Declaration {
    /// The name, the engine's.
    pub name: &'static str,
    /// Other names of it, which older jobs have.
    pub other_names: &'static [&'static str],
    /// What it means.
    pub meaning: &'static str,
    /// The type of its values.
    pub kind: &'static str,
    /// The unit, or nothing.
    pub unit: &'static str,
    /// What is accepted.
    pub accepted: &'static str,
    /// Between which numbers it is, if it is one number.
    pub range: Option<AcceptedRange>,
    /// Whether nothing behind the name is as if it were not there.
    pub may_be_empty: bool,
    /// What holds without it.
    pub default: Absent,
    /// The calculations that read it.
    pub modes: &'static [Mode],
    /// Whether rates depend on it.
    pub rates: Rates,
    /// Whether a text is accepted, or what is wrong with it.
    pub check: fn(&str) -> Result<(), String>,
}

/// What holds without a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Absent {
    /// Nothing: it has to be there.
    Required,
    /// The value that this text stands for.
    Value(&'static str),
    /// What this says.
    Other(&'static str),
}

impl std::fmt::Display for Absent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Absent::Required => "required",
            Absent::Value("") => "none",
            Absent::Value(text) | Absent::Other(text) => text,
        })
    }
}

/// Whether rates of exceedance depend on a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rates {
    /// They do: it is a part of the digest of rates.
    Direct,
    /// They do through this, which is a part of that digest.
    Through(&'static str),
    /// They do not.
    No,
}

/// What is made of a parameter.
#[derive(Clone, Copy)]
pub enum Use {
    /// It is read.
    Read(&'static Declaration),
    /// It changes no number of a classical calculation, for this reason, and is passed over with a word.
    NoEffect(&'static str),
    /// It changes numbers, or what is computed, and is not supported.
    Unsupported,
}

static ALL: LazyLock<BTreeMap<&'static str, Use>> = LazyLock::new(|| {
    let read = READ.iter().map(|declaration| (declaration.name, Use::Read(declaration)));
    let without = NO_EFFECT.iter().flat_map(|(why, names)| names.iter().map(|name| (*name, Use::NoEffect(why))));
    read.chain(without).chain(UNSUPPORTED.iter().map(|name| (*name, Use::Unsupported))).collect()
});

/// All parameters that a job of the engine may have, by name.
pub fn parameters() -> impl Iterator<Item = (&'static str, Use)> {
    ALL.iter().map(|(name, usage)| (*name, *usage))
}

/// The name of a parameter that has another name.
pub fn new_name(name: &str) -> Option<&'static str> {
    READ.iter().find(|declaration| declaration.other_names.contains(&name)).map(|declaration| declaration.name)
}

/// How names of input files end; the engine takes any of these for any other.
const FILE_SUFFIXES: [&str; 3] = ["_file", "_csv", "_hdf5"];

/// Whether it is the name of an input file.
pub fn is_file(name: &str) -> bool {
    FILE_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// What is made of a parameter, if it is known. An input file that is not read is known by any ending.
pub fn usage(name: &str) -> Option<Use> {
    let known = |name: &str| ALL.get(name).copied();
    let stem = || FILE_SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
    let other = |stem: &str| FILE_SUFFIXES.iter().find_map(|suffix| known(&format!("{stem}{suffix}")));
    known(name).or_else(|| other(stem()?).filter(|usage| !matches!(usage, Use::Read(_))))
}

/// The error of a parameter that has to be there.
pub fn missing(name: &str) -> Fail {
    (0, format!("the parameter {name} is missing"))
}

/// The value of an entry with its line, if there is one.
pub(super) fn read<T>(kind: &ParameterKind<T>, entry: &IniEntry) -> Result<Option<(T, usize)>, Fail> {
    if kind.may_be_empty && entry.value.is_empty() {
        return Ok(None);
    }
    let wrong = |message| (entry.line, format!("{}: {message}", entry.key));
    kind.parse(&entry.value).map(|value| Some((value, entry.line))).map_err(wrong)
}

/// `declare!` makes of declarations [`READ`], their table, `Given`, the values of all parameters that are read, and `Lines`, where
/// they stand. A declaration is its meaning and `name: type, KIND, default, rates[, unit "..."][, old ["..."]];`:
///
/// - `KIND` is one of [`super::kinds`];
/// - the default is `required`, `value("...")` as it would stand in a job, or `other("...")`, which says what holds: then the value is
///   an `Option`;
/// - rates depend on it directly (`direct`), through something else that the digest has (`through("...")`), or not (`no`).
macro_rules! declare {
    ($($modes:tt { $(
        $(#[doc = $meaning:literal])+
        $name:ident: $type:ty, $kind:ident, $default:ident $(($text:literal))?, $rates:ident $(($what:literal))?
        $(, unit $unit:literal)? $(, old [$($old:literal),+])?;
    )+ })+) => {
        /// The parameters of a job that are read, each with the value that the job gives or with its default.
        #[derive(Clone, Debug)]
        pub struct Given {
            $($( $(#[doc = $meaning])+ pub $name: declare!(@type $default $type), )+)+
            /// Where they stand.
            pub lines: Lines,
        }

        /// The lines of parameters in the job file; 0 for those that are not there.
        #[derive(Clone, Debug)]
        pub struct Lines {
            $($( #[doc = concat!("That of `", stringify!($name), "`.")] pub $name: usize, )+)+
        }

        impl Given {
            /// Read the entries of a job, whose names are the new ones. Those of other names are passed over.
            ///
            /// # Errors
            /// Names the first parameter whose value is not accepted, or one that has to be there.
            pub(super) fn read(entries: &[IniEntry]) -> Result<Given, Fail> {
                $($( let mut $name = None; )+)+
                for entry in entries {
                    $($( if entry.key == stringify!($name) {
                        $name = read(&kinds::$kind, entry)?;
                    } )+)+
                }
                let lines = Lines { $($( $name: $name.as_ref().map_or(0, |(_, line)| *line), )+)+ };
                Ok(Given {
                    $($( $name: declare!(@value $default $(($text))? $kind $name), )+)+
                    lines,
                })
            }

            /// Add the parameters that rates depend on to a digest.
            pub fn add_rates_to(&self, digester: &mut Digester) {
                $($( declare!(@digest $rates self digester $name); )+)+
            }
        }

        pub(super) static READ: &[Declaration] = &[ $($( Declaration {
            name: stringify!($name),
            other_names: &[$($($old),+)?],
            meaning: concat!($($meaning),+).trim_ascii(),
            kind: kinds::$kind.name,
            unit: concat!($($unit)?),
            accepted: kinds::$kind.accepted,
            range: kinds::$kind.range,
            may_be_empty: kinds::$kind.may_be_empty,
            default: declare!(@default $default $(($text))?),
            modes: declare!(@modes $modes),
            rates: declare!(@rates $rates $(($what))?),
            check: |text| kinds::$kind.parse(text).map(drop),
        }, )+)+ ];
    };
    (@modes [$($mode:ident),+]) => { &[$(Mode::$mode),+] };
    (@type other $type:ty) => { Option<$type> };
    (@type $default:ident $type:ty) => { $type };
    (@value required $kind:ident $name:ident) => {
        $name.ok_or_else(|| missing(stringify!($name)))?.0
    };
    (@value value($text:literal) $kind:ident $name:ident) => {
        match $name {
            Some((value, _)) => value,
            None => kinds::$kind.parse($text).map_err(|message| (0, format!("{}: {message}", stringify!($name))))?,
        }
    };
    (@value other($text:literal) $kind:ident $name:ident) => { $name.map(|(value, _)| value) };
    (@default required) => { Absent::Required };
    (@default value($text:literal)) => { Absent::Value($text) };
    (@default other($text:literal)) => { Absent::Other($text) };
    (@rates direct) => { Rates::Direct };
    (@rates through($what:literal)) => { Rates::Through($what) };
    (@rates no) => { Rates::No };
    (@digest direct $given:ident $digester:ident $name:ident) => {
        $digester.begin(stringify!($name));
        $digester.add(&$given.$name);
    };
    (@digest $rates:ident $given:ident $digester:ident $name:ident) => {};
}
pub(super) use declare;
