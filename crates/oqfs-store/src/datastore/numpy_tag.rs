//! Opaque types that hold numpy's: h5py gives them a tag with numpy's name of the type.

use super::dtype::{DType, Order};

/// What the elements of an opaque type are to numpy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NumpyType {
    /// Characters of 4 bytes.
    Characters(Order),
    /// Bytes, as text or as a number.
    Like(DType),
    /// So many of a unit of time since 1970.
    Date { order: Order, unit: TimeUnit, times: i64 },
    /// A length of time.
    Duration(Order),
}

/// A unit that numpy counts time in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeUnit {
    Years,
    Months,
    Days(i64),
    /// So many in a day, and so many digits after the seconds.
    OfDay(i128, Option<usize>),
    Generic,
}

/// Numpy's name in the tag of an opaque type of `size` bytes, and what it means; `None` if it is another tag.
pub(crate) fn parse(tag: &str, size: usize) -> Option<(&str, NumpyType)> {
    let code = tag.strip_prefix("NUMPY:")?;
    let (mark, kind, rest) = (code.get(..1)?, code.get(1..2)?, code.get(2..)?);
    let order = match mark {
        "|" | "<" => Order::Little,
        ">" => Order::Big,
        _ => return None,
    };
    let (bytes, unit) = match rest.split_once('[') {
        Some((bytes, unit)) => (bytes, Some(unit.strip_suffix(']')?)),
        None => (rest, None),
    };
    let bytes: usize = Some(bytes).filter(|bytes| bytes.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    if bytes.checked_mul(if kind == "U" { 4 } else { 1 })? != size || size == 0 {
        return None;
    }
    let int = |signed| NumpyType::Like(DType::Int { size, signed, order });
    let is_number = matches!(size, 1 | 2 | 4 | 8);
    let meaning = match (kind, unit) {
        ("S", None) => NumpyType::Like(DType::fixed_string(size)),
        ("U", None) => NumpyType::Characters(order),
        ("i", None) if is_number => int(true),
        ("u", None) if is_number => int(false),
        ("b", None) if size == 1 => NumpyType::Like(DType::Bool),
        ("f", None) if matches!(size, 2 | 4 | 8 | 16) => NumpyType::Like(DType::Float { size, order }),
        ("c", None) if matches!(size, 8 | 16 | 32) => NumpyType::Like(DType::Complex { size, order, native: false }),
        ("M", Some(unit)) if size == 8 => {
            let (times, unit) = time_unit(unit)?;
            NumpyType::Date { order, unit, times }
        }
        ("M", None) if size == 8 => NumpyType::Date { order, unit: TimeUnit::Generic, times: 1 },
        ("m", Some(unit)) if size == 8 => time_unit(unit).map(|_| NumpyType::Duration(order))?,
        ("m", None) if size == 8 => NumpyType::Duration(order),
        _ => return None,
    };
    Some((code, meaning))
}

/// A unit, and how many of it are one step: `25s`.
fn time_unit(text: &str) -> Option<(i64, TimeUnit)> {
    const DAY: i128 = 86_400;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let times = if digits == 0 { 1 } else { text[..digits].parse().ok()? };
    let fraction = |digits: u32| TimeUnit::OfDay(DAY * 10i128.pow(digits), Some(digits as usize));
    let unit = match &text[digits..] {
        "Y" => TimeUnit::Years,
        "M" => TimeUnit::Months,
        "W" => TimeUnit::Days(7),
        "D" => TimeUnit::Days(1),
        "h" => TimeUnit::OfDay(24, None),
        "m" => TimeUnit::OfDay(24 * 60, None),
        "s" => fraction(0),
        "ms" => fraction(3),
        "us" => fraction(6),
        "ns" => fraction(9),
        "ps" => fraction(12),
        "fs" => fraction(15),
        "as" => fraction(18),
        "generic" => TimeUnit::Generic,
        _ => return None,
    };
    Some((times, unit))
}

/// A date as numpy writes it, in the form of ISO 8601; the least number is no date.
pub(crate) fn date(count: i64, unit: TimeUnit, times: i64) -> String {
    if count == i64::MIN {
        return "NaT".into();
    }
    let count = i128::from(count) * i128::from(times);
    match unit {
        TimeUnit::Generic => count.to_string(),
        TimeUnit::Years => year(1970 + count),
        TimeUnit::Months => format!("{}-{:02}", year(1970 + count.div_euclid(12)), count.rem_euclid(12) + 1),
        TimeUnit::Days(days) => day(count * i128::from(days)),
        TimeUnit::OfDay(of_day, digits) => {
            let (days, rest) = (count.div_euclid(of_day), count.rem_euclid(of_day));
            let Some(digits) = digits else {
                let minutes = rest * (24 * 60) / of_day;
                let (hours, minutes) = (minutes / 60, minutes % 60);
                let minutes = if of_day == 24 { String::new() } else { format!(":{minutes:02}") };
                return format!("{}T{hours:02}{minutes}", day(days));
            };
            let second = of_day / 86_400;
            let (seconds, fraction) = (rest / second, rest % second);
            let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            let fraction = if digits == 0 { String::new() } else { format!(".{fraction:0digits$}") };
            format!("{}T{hours:02}:{minutes:02}:{seconds:02}{fraction}", day(days))
        }
    }
}

fn year(year: i128) -> String {
    if year < 0 { format!("-{:04}", -year) } else { format!("{year:04}") }
}

/// The day so many days after the first of 1970, in the Gregorian calendar.
fn day(days: i128) -> String {
    // Counted in eras of 400 years from the first of March of the year 0.
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * years + years / 4 - years / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    format!("{}-{month:02}-{day:02}", year(era * 400 + years + i128::from(month <= 2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_as_numpy_writes_them() {
        for (count, unit, expected) in [
            (0, "s", "1970-01-01T00:00:00"),
            (1_577_880_000, "s", "2020-01-01T12:00:00"),
            (951_782_400_000_000, "us", "2000-02-29T00:00:00.000000"),
            (-1, "ms", "1969-12-31T23:59:59.999"),
            (-1, "D", "1969-12-31"),
            (2, "W", "1970-01-15"),
            (2, "25s", "1970-01-01T00:00:50"),
            (50, "Y", "2020"),
            (-1, "M", "1969-12"),
            (25, "h", "1970-01-02T01"),
            (61, "m", "1970-01-01T01:01"),
            (i64::MIN, "ns", "NaT"),
        ] {
            let (times, parsed) = time_unit(unit).unwrap();
            assert_eq!(date(count, parsed, times), expected, "{count} {unit}");
        }
    }

    #[test]
    fn tags_of_other_sizes_and_makers_mean_nothing() {
        assert_eq!(parse("NUMPY:<U5", 20).unwrap(), ("<U5", NumpyType::Characters(Order::Little)));
        assert_eq!(parse("NUMPY:|S21", 21).unwrap().0, "|S21");
        for (tag, size) in [("NUMPY:<U5", 5), ("NUMPY:<M8['],('x", 8), ("<f8", 8), ("NUMPY:<f3", 3), ("NUMPY:|O8", 8)] {
            assert_eq!(parse(tag, size), None, "{tag}");
        }
    }
}
