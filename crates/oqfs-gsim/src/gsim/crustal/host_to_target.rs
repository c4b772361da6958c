//! How a model of one region is adapted to another.
//!
//! Boore D.M., Youngs R.R., Kottke A.R., Bommer J.J., Darragh R., Silva W.J., Stafford P.J., Al Atik L., Rodriguez-Marek A.,
//! Kaklamanos J., 2022. Construction of a ground-motion logic tree through host-to-target region adjustments applied to an
//! adaptable ground-motion prediction model. Bulletin of the Seismological Society of America 112(6), 3063-3080,
//! doi:10.1785/0120220056.
//!
//! Arguments of a model: `source_function_tab`, a file with the columns `IMT`, `chi_delta_pos` and `chi_delta_neg`, for a change of
//! the stress parameter from `stress_par_host` to `stress_par_target`, bar; `delta_gamma_tab`, a file with the columns `IMT` and `c0` to
//! `c3`, which change the anelastic attenuation. Intensity measures without a row in a file are not adapted.

use crate::elementary::scalar::log10;
use crate::gsim::arguments::Arguments;
use crate::gsim::coeffs::{Coefficients, Table, coefficients};
use crate::gsim::{GsimError, Imt, ModelInfo};

/// The arguments that name files, with the model.
pub(in crate::gsim) const SOURCE_FILE: (&str, &str) = ("ChiouYoungs2014", "source_function_tab");
pub(in crate::gsim) const PATH_FILE: (&str, &str) = ("ChiouYoungs2014", "delta_gamma_tab");

/// The table in the file that an argument names, if it is there.
fn table_of<C: Coefficients>(
    info: &ModelInfo,
    arguments: &mut Arguments,
    argument: &'static str,
) -> Result<Option<Table<C>>, GsimError> {
    let Some((text, path)) = arguments.text_file(argument)? else { return Ok(None) };
    let table = Table::of_engine(&text).map_err(|message| arguments.wrong(argument, &path, message))?;
    let unknown = table.imts().find(|imt| info.check_kind(imt).is_err());
    match unknown {
        Some(imt) => Err(arguments.wrong(argument, &path, format!("intensity measures of the model, not {imt}"))),
        None => Ok(Some(table)),
    }
}

coefficients! {
    /// How the magnitude of the bend follows the stress parameter, if that becomes greater and if it becomes less.
    struct SourceFunction { chi_delta_pos, chi_delta_neg }
}

coefficients! {
    /// By the power of magnitude less 6.
    struct Attenuation { c0, c1, c2, c3 }
}

/// The change of the stress parameter, equation A19.
#[derive(Debug)]
pub(in crate::gsim) struct StressChange {
    /// The common logarithm of the ratio of the stress parameters.
    lg_ratio: f64,
    table: Table<SourceFunction>,
}

impl StressChange {
    /// As the arguments say.
    pub(in crate::gsim) fn read(
        info: &ModelInfo,
        arguments: &mut Arguments,
    ) -> Result<Option<StressChange>, GsimError> {
        let stress = ["stress_par_target", "stress_par_host"].map(|name| (name, arguments.number(name)));
        let Some(table) = table_of(info, arguments, SOURCE_FILE.1)? else {
            stress.into_iter().try_for_each(|(_, value)| value.map(|_| ()))?;
            return Ok(None);
        };
        let mut lg = [0.0; 2];
        for (lg, (name, value)) in lg.iter_mut().zip(stress) {
            let value = value?.ok_or_else(|| arguments.missing(name))?;
            if value <= 0.0 {
                return Err(arguments.wrong(name, &value, "a number above 0"));
            }
            *lg = log10(value);
        }
        Ok(Some(StressChange { lg_ratio: lg[0] - lg[1], table }))
    }

    /// What is added to the magnitude of the bend; 0 of intensity measures without a row (engine behaviour).
    pub(in crate::gsim) fn of_imt(&self, imt: &Imt) -> f64 {
        let Some(c) = self.table.row(imt) else { return 0.0 };
        let chi = if self.lg_ratio > 0.0 { c.chi_delta_pos } else { c.chi_delta_neg };
        chi * 2.0 / 3.0 * self.lg_ratio
    }
}

/// The change of the anelastic attenuation, equation 13.
#[derive(Debug)]
pub(in crate::gsim) struct PathChange(Table<Attenuation>);

impl PathChange {
    /// As the argument says.
    pub(in crate::gsim) fn read(info: &ModelInfo, arguments: &mut Arguments) -> Result<Option<PathChange>, GsimError> {
        Ok(table_of(info, arguments, PATH_FILE.1)?.map(PathChange))
    }

    /// What is added to the attenuation, by the power of magnitude less 6; 0 of intensity measures without a row (engine
    /// behaviour).
    pub(in crate::gsim) fn of_imt(&self, imt: &Imt) -> [f64; 4] {
        self.0.row(imt).map_or([0.0; 4], |c| [c.c0, c.c1, c.c2, c.c3])
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::arrays::open_none;
    use crate::gsim::{files_of, with_files};

    #[test]
    fn what_an_adaptation_lacks_is_named() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gsim/arguments");
        let error = |lines: &str| {
            let text = format!("[ChiouYoungs2014]\n{lines}");
            with_files(&text, &folder, &open_none).map(|_| ()).unwrap_err().to_string()
        };
        let table = "source_function_tab = 'source_function.txt'";
        assert_eq!(files_of(&format!("[ChiouYoungs2014]\n{table}")), ["source_function.txt"]);
        assert!(error(&format!("{table}\nstress_par_host = 100")).contains("stress_par_target"));
        let stresses = "stress_par_host = 0\nstress_par_target = 80";
        assert!(error(&format!("{table}\n{stresses}")).contains("expected a number above 0"));
        assert!(error("delta_gamma_tab = 'none.txt'").contains("none.txt"));
        assert!(error("delta_gamma_tab = 'gamma.txt'").contains("a column c0"));
    }
}
