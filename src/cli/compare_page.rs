//! A comparison as a page: the table, and the curves where two calculations differ most.

use anyhow::Result;
use oqfs_plot::{CurvesPicture, Heading, RatioPicture, SiteCurve, escaped};

use crate::view::compare::{CalcPair, Comparison, CurvePair, HazardDifference, Quantity};

/// The most pairs of curves that are drawn.
const MOST: usize = 12;
const STYLE: &str = "body{font:15px/1.5 \"DejaVu Sans\",Verdana,Arial,sans-serif;max-width:1500px;margin:24px auto;padding:0 24px}\
    pre{font-size:13px;overflow:auto;background:#f6f6f6;padding:12px}svg{max-width:100%;height:auto}\
    .pair{display:flex;flex-wrap:wrap;gap:16px}.pair>div{flex:1 1 520px}";

/// The page, which loads nothing: the table as `text`, and pictures of the curves that differ most, with their ratios.
///
/// # Errors
/// If curves cannot be read.
pub fn page(names: [&str; 2], text: &str, pair: &CalcPair, comparison: &Comparison, rtol: f64) -> Result<String> {
    let mut of_curves: Vec<&HazardDifference> =
        comparison.differences.iter().filter(|d| d.quantity == Quantity::Curves && d.worst.is_some()).collect();
    of_curves.sort_by(|a, b| b.relative.total_cmp(&a.relative));
    let mut figures = String::new();
    for (n, difference) in of_curves.into_iter().take(MOST).enumerate() {
        if let Some(curves) = pair.curves_at(difference)? {
            figures += &figure(n, names, difference, curves, (pair.investigation_time(), rtol));
        }
    }
    let title = format!("{} and {}", escaped(names[0]), escaped(names[1]));
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>{title}</h1>\n<pre>{}</pre>\n{figures}</body>\n</html>\n",
        escaped(text)
    ))
}

/// Both curves and their ratio.
fn figure(
    n: usize,
    names: [&str; 2],
    difference: &HazardDifference,
    curves: CurvePair,
    (years, rtol): (f64, f64),
) -> String {
    let HazardDifference { statistic, of, unit, worst, .. } = difference;
    let measure = if unit.is_empty() { of.clone() } else { format!("{of} ({unit})") };
    let place = worst.as_ref().map_or(String::new(), |worst| format!("; {:.5}, {:.5}", worst.lon, worst.lat));
    let heading =
        |what: &str| Heading::new(format!("{what}-{n}"), format!("{what}, {of}"), format!("{statistic}{place}"));
    let CurvePair { levels, poes } = curves;
    let ratios = poes[0].iter().zip(&poes[1]).map(|(a, b)| b / a).collect();
    let sites = names.iter().zip(poes).map(|(name, mean)| SiteCurve {
        label: name.to_string(),
        levels: levels.clone(),
        mean,
        band: None,
    });
    let sites = sites.collect();
    let both =
        CurvesPicture { heading: heading("Hazard curves"), measure: measure.clone(), years, sites, poes: vec![] };
    let ratio = RatioPicture { heading: heading("Ratio"), measure, levels, ratios, tolerance: rtol };
    format!("<div class=\"pair\"><div>{}</div><div>{}</div></div>\n", both.svg(), ratio.svg())
}
