//! `oqfs compare`: how the hazard of two calculations differs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};

use super::compare_page::page;
use super::out;
use super::place::Trees;
use crate::view::compare::{CalcPair, Comparison, HazardDifference, Quantity, Tolerance, Worst};

/// Compare the hazard curves, maps and spectra of two calculations, of this program or of the engine.
///
/// A line tells of each statistic and intensity measure: the largest difference, as a part of the larger value and by itself, the
/// root-mean-square difference, and the site where they differ most. Two values agree if they differ by at most --rtol of the larger one.
/// Differences of probabilities up to --poe-floor do not count. A value that is no finite number agrees with nothing.
///
/// Sites are the same within 10 m. Curves are compared at equal levels, maps and spectra at equal probabilities, and realizations by number.
/// What only one calculation has is told, and does not make them differ. The exit status is 0 if all that was compared agrees, 1 if not, and 2
/// if the calculations cannot be compared.
#[derive(Debug, Args)]
pub struct Compare {
    /// A calculation: its number, calc_N, last, -1, the path of its folder, or an HDF5 file.
    #[arg(value_name = "CALC|FILE", allow_negative_numbers = true)]
    a: PathBuf,
    /// The other one.
    #[arg(value_name = "CALC|FILE", allow_negative_numbers = true)]
    b: PathBuf,
    /// The largest difference that agrees, as a part of the larger value
    #[arg(long, default_value = "1e-3", value_parser = not_negative)]
    rtol: f64,
    /// Differences of probabilities of exceedance up to this one do not count
    #[arg(long, default_value = "1e-7", value_parser = not_negative)]
    poe_floor: f64,
    /// For programs, as JSON: all differences, and both curves at the site where they differ most
    #[arg(long)]
    json: bool,
    /// A page for a browser: the table, and both curves with their ratio at the sites where they differ most
    #[arg(long, conflicts_with = "json")]
    html: bool,
}

fn not_negative(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|x: &f64| x.is_finite() && *x >= 0.0);
    number.ok_or_else(|| "expected a number that is not negative, such as 1e-3".to_string())
}

impl Compare {
    /// Print the differences.
    pub fn execute(self) -> ExitCode {
        match self.agree() {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(1),
            Err(error) => {
                out::tell(format_args!("{error:#}"));
                ExitCode::from(2)
            }
        }
    }

    fn agree(&self) -> Result<bool> {
        let mut trees = Trees::default();
        let mut tree = |text: &Path| trees.place(text)?.datastore();
        let names = format!("{} and {}", self.a.display(), self.b.display());
        let pair = CalcPair::new(&*tree(&self.a)?, &*tree(&self.b)?).with_context(|| names.clone())?;
        let tolerance = Tolerance { relative: self.rtol, poe_floor: self.poe_floor };
        let comparison = pair.compare(tolerance).with_context(|| names)?;
        if self.json {
            out::line(serde_json::to_string_pretty(&self.for_programs(&pair, &comparison)?)?)?;
        } else if self.html {
            let names = [self.a.to_string_lossy(), self.b.to_string_lossy()];
            let names = [&*names[0], &*names[1]];
            out::print(page(names, &self.for_people(&comparison), &pair, &comparison, self.rtol)?)?;
        } else {
            out::print(self.for_people(&comparison))?;
        }
        Ok(comparison.agrees)
    }

    /// All of it, with the curves where they differ.
    fn for_programs(&self, pair: &CalcPair, comparison: &Comparison) -> Result<Value> {
        let mut all = json!({"a": self.a, "b": self.b, "rtol": self.rtol, "poe_floor": self.poe_floor});
        let mut told = serde_json::to_value(comparison)?;
        for (i, difference) in comparison.differences.iter().enumerate().filter(|(_, d)| !d.agrees) {
            if let Some(curves) = pair.curves_at(difference)? {
                told["differences"][i]["curves"] = serde_json::to_value(curves)?;
            }
        }
        if let (Some(all), Value::Object(told)) = (all.as_object_mut(), told) {
            all.extend(told);
        }
        Ok(all)
    }

    fn for_people(&self, comparison: &Comparison) -> String {
        let sites = comparison.sites;
        let mut text = format!("sites: {} and {}, {} in both\n\n", sites.a, sites.b, sites.both);
        text += &table(&comparison.differences);
        comparison.notes.iter().for_each(|note| text += &format!("note: {note}\n"));
        let (rtol, floor) = (self.rtol, self.poe_floor);
        text += &match comparison.differences.iter().filter(|d| !d.agrees).count() {
            0 => format!("They agree: no difference is over {rtol} of the larger value.\n"),
            n => format!("They differ: {n} of {} over {rtol} of the larger value.\n", comparison.differences.len()),
        };
        if floor > 0.0 {
            text += &format!("Differences of probabilities up to {floor:e} do not count.\n");
        }
        text
    }
}

const COLUMNS: usize = 9;

/// The differences as a table. Of realizations that agree there may be very many: they are counted.
fn table(differences: &[HazardDifference]) -> String {
    let head = ["", "statistic", "of", "values", "relative", "absolute", "rms", "", "where they differ most"];
    let mut rows = vec![head.map(str::to_string)];
    let is_shown = |d: &&HazardDifference| !d.agrees || !d.statistic.starts_with("rlz-");
    rows.extend(differences.iter().filter(is_shown).map(row));
    let widths: [usize; COLUMNS] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let [what, statistic, of, values, relative, absolute, rms, verdict, _] = widths;
    let line = |[a, b, c, d, e, f, g, h, i]: &[String; COLUMNS]| {
        let text = format!(
            "{a:what$}  {b:statistic$}  {c:of$}  {d:>values$}  {e:>relative$}  {f:>absolute$}  {g:>rms$}  {h:verdict$}  {i}"
        );
        text.trim_end().to_string() + "\n"
    };
    let mut text: String = rows.iter().map(line).collect();
    let more = differences.len() + 1 - rows.len();
    if more > 0 {
        text += &format!("realizations: {more} lines that agree are left out\n");
    }
    text + "\n"
}

fn row(difference: &HazardDifference) -> [String; COLUMNS] {
    let HazardDifference { quantity, statistic, of, unit, values, not_numbers, relative, absolute, rms, agrees, worst } =
        difference;
    let what = match quantity {
        Quantity::Curves => "curves",
        Quantity::Maps => "maps",
        Quantity::Spectra => "spectra",
    };
    let size = |x: &f64| if *x == 0.0 { "0".to_string() } else { format!("{x:.1e}") };
    let relative = if *not_numbers > 0 { format!("{not_numbers} nan") } else { size(relative) };
    let place = worst.as_ref().map_or(String::new(), |worst| place(worst, *quantity, unit));
    let verdict = if *agrees { "" } else { "differs" };
    let [absolute, rms] = [absolute, rms].map(size);
    let values = values.to_string();
    [what.to_string(), statistic.clone(), of.clone(), values, relative, absolute, rms, verdict.to_string(), place]
}

/// Where a pair of values is, and the values.
fn place(worst: &Worst, quantity: Quantity, unit: &str) -> String {
    let Worst { site_ids: [in_a, in_b], lon, lat, at, values: [a, b] } = worst;
    let site = if in_a == in_b { format!("site {in_a}") } else { format!("sites {in_a} and {in_b}") };
    let at = match quantity {
        Quantity::Curves => format!("level {at}"),
        Quantity::Maps => format!("poe {at}"),
        Quantity::Spectra => format!("period {at} s"),
    };
    format!("{site} ({lon:.5} {lat:.5}), {at}: {a:.4e} and {b:.4e} {unit}").trim_end().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(statistic: &str, worst: Option<Worst>) -> HazardDifference {
        let agrees = worst.is_none();
        HazardDifference {
            quantity: Quantity::Maps,
            statistic: statistic.into(),
            of: "SA(0.2)".into(),
            unit: "g",
            values: 20,
            not_numbers: 0,
            relative: if agrees { 0.0 } else { 0.0123 },
            absolute: if agrees { 0.0 } else { 0.004 },
            rms: if agrees { 0.0 } else { 0.001 },
            agrees,
            worst,
        }
    }

    #[test]
    fn a_line_for_each_statistic_and_realizations_that_agree_are_counted() {
        let worst = Worst { site_ids: [3, 5], lon: 13.4, lat: 42.35, at: 0.1, values: [0.321, 0.325] };
        let differences = [difference("mean", None), difference("rlz-000", None), difference("rlz-001", Some(worst))];
        let text = table(&differences);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].trim_start().starts_with("statistic  of       values  relative  absolute"), "{text}");
        assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), ["maps", "mean", "SA(0.2)", "20", "0", "0", "0"]);
        let place =
            "1.2e-2    4.0e-3  1.0e-3  differs  sites 3 and 5 (13.40000 42.35000), poe 0.1: 3.2100e-1 and 3.2500e-1 g";
        assert!(lines[2].ends_with(place), "{text}");
        assert_eq!(lines[3], "realizations: 1 lines that agree are left out");
    }

    #[test]
    fn tolerances_are_numbers_that_are_not_negative() {
        assert_eq!(not_negative("0"), Ok(0.0));
        for wrong in ["-1e-3", "nan", "inf", "x"] {
            assert!(not_negative(wrong).is_err(), "{wrong}");
        }
    }
}
