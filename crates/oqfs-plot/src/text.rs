//! Numbers and names as text, and how wide text is.

/// A text as HTML and XML have it.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The width of a text in the bundled font, px, a little generous.
pub fn width(text: &str, size: u32) -> f64 {
    let em = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | '\'' | '|' | ' ' | '(' | ')' | '[' | ']' => 0.38,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.98,
        'A'..='Z' => 0.72,
        _ => 0.64,
    };
    text.chars().map(em).sum::<f64>() * f64::from(size)
}

/// A text that is at most so wide, with an ellipsis where it was cut.
pub fn fitted(text: &str, size: u32, most: f64) -> String {
    if width(text, size) <= most {
        return text.into();
    }
    let mut cut: String = text.into();
    while !cut.is_empty() && width(&cut, size) + f64::from(size) > most {
        cut.pop();
    }
    cut + "…"
}

/// A number of a logarithmic axis: as a decimal near one, else as a power of ten.
pub fn power(value: f64) -> String {
    if !(value > 0.0) {
        return "0".into();
    }
    let exponent = value.log10().floor();
    let mantissa = value / 10f64.powf(exponent);
    if (-2.0..4.0).contains(&exponent) {
        return significant(value, 3);
    }
    let superscript = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => char::from_u32(0x2070 + c.to_digit(10).unwrap_or(0)).unwrap_or(c),
    };
    let raised: String = format!("{exponent:.0}").chars().map(superscript).collect();
    match significant(mantissa, 3).as_str() {
        "1" => format!("10{raised}"),
        "10" => power(10f64.powf(exponent + 1.0)),
        text => format!("{text}·10{raised}"),
    }
}

/// A number with so many significant digits, no zeros at its end.
pub fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".into() } else { "–".into() };
    }
    let exponent = value.abs().log10().floor() as i32;
    let decimals = (digits - 1 - exponent).clamp(0, 12) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// Degrees along an axis of a map.
pub fn degrees(value: f64, letters: [char; 2]) -> String {
    let value = (value * 1e6).round() / 1e6;
    let letter = if value < 0.0 { letters[0] } else { letters[1] };
    let text = significant(value.abs(), 7);
    if value == 0.0 { "0°".into() } else { format!("{text}° {letter}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let powers = [1e-5, 0.01, 0.1, 1.0, 20.0, 1e4, 3e-4].map(power);
        assert_eq!(powers, ["10⁻⁵", "0.01", "0.1", "1", "20", "10⁴", "3·10⁻⁴"]);
        assert_eq!([0.123_456, 12.0, 0.0, f64::NAN].map(|x| significant(x, 3)), ["0.123", "12", "0", "–"]);
        assert_eq!([-13.5, 0.0, 42.0].map(|x| degrees(x, ['W', 'E'])), ["13.5° W", "0°", "42° E"]);
    }

    #[test]
    fn a_fitted_text_is_no_wider_than_allowed() {
        for most in [30.0, 60.0, 200.0] {
            let text = fitted("AbrahamsonEtAl2014RegTWN with a long argument", 12, most);
            assert!(width(&text, 12) <= most + 12.0, "{text}");
        }
    }
}
