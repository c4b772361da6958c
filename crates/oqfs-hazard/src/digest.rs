//! Digests: names for what follows from values. What has the same digest is the same, on any machine and in any run.
//!
//! [`Digested`] says how the bytes of a value are made, for each type that rates depend on. Every value begins with what it is, and
//! whatever has a length with that: no two different values have the same bytes. [`VERSION`] stands before all.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::geo::Point;
use crate::gsim::{Imt, Param};

/// Names what follows from something: two that differ have different digests.
pub type Digest = blake3::Hash;

/// The form of the bytes. It is another one whenever a type gives other bytes than before.
pub const VERSION: u32 = 1;

/// A value that digests are made of.
pub trait Digested {
    /// Add the bytes of the value: all that makes it differ from others of its type.
    fn add_to(&self, digester: &mut Digester);
}

/// Bytes are handed on when there are so many.
const HELD: usize = 4096;

/// Takes in values, and makes a digest of them.
pub struct Digester {
    hasher: blake3::Hasher,
    held: [u8; HELD],
    len: usize,
}

impl Default for Digester {
    fn default() -> Digester {
        let mut digester = Digester { hasher: blake3::Hasher::new(), held: [0; HELD], len: 0 };
        digester.raw(&VERSION.to_le_bytes());
        digester
    }
}

impl Digester {
    /// The digest of one value.
    pub fn of(value: &(impl Digested + ?Sized)) -> Digest {
        let mut digester = Digester::default();
        digester.add(value);
        digester.finish()
    }

    /// Take in a value.
    pub fn add(&mut self, value: &(impl Digested + ?Sized)) -> &mut Digester {
        value.add_to(self);
        self
    }

    /// Begin a value of a type with this name.
    pub fn begin(&mut self, name: &str) {
        self.kind(Kind::Named);
        self.length(name.len());
        self.raw(name.as_bytes());
    }

    /// Take in bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Digester {
        self.kind(Kind::Bytes);
        self.length(bytes.len());
        self.raw(bytes);
        self
    }

    /// The number of a variant of an enum.
    pub fn variant(&mut self, number: u8) {
        self.raw(&[number]);
    }

    /// The digest of what was taken in.
    pub fn finish(mut self) -> Digest {
        self.hasher.update(&self.held[..self.len]);
        self.len = 0;
        self.hasher.finalize()
    }

    #[inline]
    fn kind(&mut self, kind: Kind) {
        self.raw(&[kind as u8]);
    }

    #[inline]
    fn length(&mut self, length: usize) {
        self.raw(&(length as u64).to_le_bytes());
    }

    #[inline]
    fn raw(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        if end <= HELD {
            self.held[self.len..end].copy_from_slice(bytes);
            self.len = end;
        } else {
            self.hand_on(bytes);
        }
    }

    #[cold]
    fn hand_on(&mut self, bytes: &[u8]) {
        self.hasher.update(&self.held[..self.len]);
        self.hasher.update(bytes);
        self.len = 0;
    }
}

/// What a value begins with.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Kind {
    Flag = 1,
    Whole = 2,
    Number = 3,
    Text = 4,
    List = 5,
    Nothing = 6,
    Something = 7,
    Together = 8,
    Digest = 9,
    Named = 10,
    Bytes = 11,
}

impl Digested for bool {
    fn add_to(&self, digester: &mut Digester) {
        digester.kind(Kind::Flag);
        digester.raw(&[u8::from(*self)]);
    }
}

impl Digested for usize {
    fn add_to(&self, digester: &mut Digester) {
        (*self as u64).add_to(digester);
    }
}

impl Digested for u32 {
    fn add_to(&self, digester: &mut Digester) {
        u64::from(*self).add_to(digester);
    }
}

impl Digested for u64 {
    fn add_to(&self, digester: &mut Digester) {
        digester.kind(Kind::Whole);
        digester.raw(&self.to_le_bytes());
    }
}

/// Its bits: 0 and -0 differ.
impl Digested for f64 {
    #[inline]
    fn add_to(&self, digester: &mut Digester) {
        let [a, b, c, d, e, f, g, h] = self.to_bits().to_le_bytes();
        digester.raw(&[Kind::Number as u8, a, b, c, d, e, f, g, h]);
    }
}

impl Digested for str {
    fn add_to(&self, digester: &mut Digester) {
        digester.kind(Kind::Text);
        digester.length(self.len());
        digester.raw(self.as_bytes());
    }
}

impl Digested for String {
    fn add_to(&self, digester: &mut Digester) {
        self.as_str().add_to(digester);
    }
}

impl<T: Digested> Digested for [T] {
    fn add_to(&self, digester: &mut Digester) {
        digester.kind(Kind::List);
        digester.length(self.len());
        self.iter().for_each(|item| item.add_to(digester));
    }
}

impl<T: Digested, const N: usize> Digested for [T; N] {
    fn add_to(&self, digester: &mut Digester) {
        self.as_slice().add_to(digester);
    }
}

impl<T: Digested> Digested for Vec<T> {
    fn add_to(&self, digester: &mut Digester) {
        self.as_slice().add_to(digester);
    }
}

/// The pairs in the order of their keys.
impl<K: Digested, V: Digested> Digested for BTreeMap<K, V> {
    fn add_to(&self, digester: &mut Digester) {
        digester.kind(Kind::List);
        digester.length(self.len());
        self.iter().for_each(|pair| pair.add_to(digester));
    }
}

impl<T: Digested> Digested for Option<T> {
    fn add_to(&self, digester: &mut Digester) {
        match self {
            None => digester.kind(Kind::Nothing),
            Some(value) => {
                digester.kind(Kind::Something);
                value.add_to(digester);
            }
        }
    }
}

/// As the value itself.
impl<T: Digested + ?Sized> Digested for &T {
    fn add_to(&self, digester: &mut Digester) {
        (**self).add_to(digester);
    }
}

/// As the value itself.
impl<T: Digested + ?Sized> Digested for Arc<T> {
    fn add_to(&self, digester: &mut Digester) {
        (**self).add_to(digester);
    }
}

macro_rules! together {
    ($($count:literal: $($item:ident)+;)+) => { $(
        impl<$($item: Digested),+> Digested for ($($item,)+) {
            #[allow(non_snake_case)]
            fn add_to(&self, digester: &mut Digester) {
                let ($($item,)+) = self;
                digester.kind(Kind::Together);
                digester.raw(&[$count]);
                $($item.add_to(digester);)+
            }
        }
    )+ };
}

together! {
    2: A B;
    3: A B C;
}

impl Digested for Range<usize> {
    fn add_to(&self, digester: &mut Digester) {
        (self.start, self.end).add_to(digester);
    }
}

impl Digested for Digest {
    fn add_to(&self, digester: &mut Digester) {
        digester.kind(Kind::Digest);
        digester.raw(self.as_bytes());
    }
}

/// `digested!` says for a struct or an enum that its bytes are those of its fields. All fields are named, so that one that is new
/// does not compile before it is decided upon; those that change no number are named after `without`, with the reason. Each variant
/// of an enum has a number of its own, which stays when others come.
macro_rules! digested {
    (struct $name:ident { $($field:ident),* $(,)? } $(without { $($skipped:ident: $reason:literal),+ $(,)? })?) => {
        impl $crate::digest::Digested for $name {
            fn add_to(&self, digester: &mut $crate::digest::Digester) {
                let $name { $($field,)* $($($skipped: _,)+)? } = self;
                $($(const _: &str = $reason;)+)?
                digester.begin(stringify!($name));
                $($crate::digest::Digested::add_to($field, digester);)*
            }
        }
    };
    (enum $name:ident {
        $($number:literal: $variant:ident $(($($item:ident),+))? $({ $($field:ident),+ $(,)? })?),+ $(,)?
    }) => {
        impl $crate::digest::Digested for $name {
            fn add_to(&self, digester: &mut $crate::digest::Digester) {
                // two variants of one number do not compile
                #[repr(u8)]
                enum Number { $($variant = $number),+ }
                digester.begin(stringify!($name));
                match self {
                    $($name::$variant $(($($item),+))? $({ $($field),+ })? => {
                        digester.variant(Number::$variant as u8);
                        $($($crate::digest::Digested::add_to($item, digester);)+)?
                        $($($crate::digest::Digested::add_to($field, digester);)+)?
                    })+
                }
            }
        }
    };
}
pub(crate) use digested;

digested!(struct Point { lon, lat, depth });

/// All that a model can see of it. A job writes frequencies to six digits; their periods are exact.
impl Digested for Imt {
    fn add_to(&self, digester: &mut Digester) {
        digester.begin("Imt");
        self.to_string().add_to(digester);
        self.period().add_to(digester);
    }
}

/// By its name.
impl Digested for Param {
    fn add_to(&self, digester: &mut Digester) {
        digester.begin("Param");
        self.name().add_to(digester);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Shape {
        Round(f64),
        Long { length: f64, width: f64 },
        None,
    }
    digested!(enum Shape { 1: Round(radius), 7: Long { length, width }, 2: None });

    struct Place {
        at: (f64, f64),
        #[allow(dead_code, reason = "a field that is left out")]
        note: &'static str,
    }
    digested!(struct Place { at } without { note: "nothing follows from it" });

    #[test]
    fn different_values_have_different_digests() {
        let text = |text: &str| text.to_string();
        let digests = [
            Digester::of(&0.0),
            Digester::of(&-0.0),
            Digester::of(&0u64),
            Digester::of(&false),
            Digester::of(""),
            Digester::of(&Vec::<f64>::new()),
            Digester::of(&None::<f64>),
            Digester::of(&Some(0.0)),
            Digester::of(&[0.0]),
            Digester::of(&(0.0, 0.0)),
            Digester::of(&[0.0, 0.0]),
            Digester::of(&vec![vec![0.0], vec![]]),
            Digester::of(&vec![vec![], vec![0.0]]),
            Digester::of(&(text("ab"), text("c"))),
            Digester::of(&(text("a"), text("bc"))),
            Digester::of(&(text("ab"), text("c"), 0.0)),
            Digester::of(&Shape::Round(0.0)),
            Digester::of(&Shape::None),
            Digester::of(&Shape::Long { length: 1.0, width: 2.0 }),
            Digester::of(&Shape::Long { length: 2.0, width: 1.0 }),
            Digester::of(&Place { at: (0.0, 0.0), note: "" }),
        ];
        for (i, digest) in digests.iter().enumerate() {
            assert_eq!(digests.iter().position(|other| other == digest), Some(i));
        }
    }

    #[test]
    fn the_same_value_has_one_digest() {
        assert_eq!(Digester::of(&"PGA".to_string()), Digester::of("PGA"));
        assert_eq!(Digester::of(&Arc::new(1.5)), Digester::of(&1.5));
        assert_eq!(Digester::of(&5u32), Digester::of(&5usize));
        let place = |note| Digester::of(&Place { at: (13.4, 42.35), note });
        assert_eq!(place("here"), place("there"));
        let imt = |text: &str| Digester::of(&Imt::parse(text).unwrap());
        assert_eq!(imt("SA(0.3)"), imt("SA(0.30)"));
        assert_ne!(imt("SA(0.3)"), imt("SA(0.30000000000000004)"));
        assert_ne!(imt("EAS(1.0)"), imt("EAS(1.00000001)"));
    }

    #[test]
    fn what_is_held_back_changes_nothing() {
        let numbers: Vec<f64> = (0..10_000).map(f64::from).collect();
        for length in [0, 400, 454, 455, 456, 2_000, 10_000] {
            let whole = Digester::of(&numbers[..length]);
            let mut plain = blake3::Hasher::new();
            plain.update(&VERSION.to_le_bytes()).update(&[Kind::List as u8]).update(&(length as u64).to_le_bytes());
            for number in &numbers[..length] {
                plain.update(&[Kind::Number as u8]).update(&number.to_bits().to_le_bytes());
            }
            assert_eq!(whole, plain.finalize(), "{length}");
        }
    }
}
