//! The same work in processes for which processor and C library are others: what it gives must not depend on that.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::io::Write;
use std::process::Command;

use oqfs_gsim::vector::{Instructions, VARIABLE};

/// Set for the processes that do the work.
const AT_WORK: &str = "OQFS_TEST_AT_WORK";
/// What the lines of the work begin with, among those of the test harness.
const MARK: &str = "GIVEN ";
/// Has the C library take what it has for processors without AVX2 and FMA; by the names of glibc from 2.33 on, and by those before. What
/// a release does not know it passes over.
const OLD_PROCESSOR: &str = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX2_Usable,-FMA_Usable,-FMA4_Usable";

/// Holds what `work` gives, values by name, in a process as this one is against what it gives in others. `test` is the name of the test that
/// calls this: the others run it again.
pub fn assert_same_in_each(test: &str, work: impl Fn() -> Vec<(String, Vec<f64>)>) {
    if std::env::var_os(AT_WORK).is_some() {
        for (name, values) in work() {
            println!("\n{MARK}{name} {:016x}", digest(&values));
        }
        return;
    }
    let expected = given(test, &[]);
    assert!(!expected.is_empty(), "{test} gave nothing");
    compare(&expected, &given(test, &[("GLIBC_TUNABLES", OLD_PROCESSOR)]), "the C library of an old processor");
    for set in Instructions::ALL {
        if set.are_here() {
            let with = [("GLIBC_TUNABLES", OLD_PROCESSOR), (VARIABLE, set.name())];
            compare(&expected, &given(test, &with), &format!("{VARIABLE}={}", set.name()));
        } else {
            // past the capture of the test harness
            let _ = writeln!(std::io::stderr().lock(), "{test}: without {}, which this processor has not", set.name());
        }
    }
}

/// The digests that a process with these environment variables gives, by name.
fn given(test: &str, variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]).env_remove("GLIBC_TUNABLES").env_remove(VARIABLE);
    let output = command.env(AT_WORK, "1").envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{variables:?}: {}", String::from_utf8_lossy(&output.stderr));
    let out = String::from_utf8(output.stdout).unwrap();
    let lines = out.lines().filter_map(|line| line.strip_prefix(MARK)?.rsplit_once(' '));
    lines.map(|(name, digest)| (name.to_owned(), digest.to_owned())).collect()
}

fn compare(expected: &BTreeMap<String, String>, found: &BTreeMap<String, String>, with: &str) {
    assert!(expected.keys().eq(found.keys()), "{with}: other names");
    let others: Vec<&str> =
        expected.iter().filter(|(name, digest)| found[*name] != **digest).map(|(n, _)| &**n).collect();
    assert!(others.is_empty(), "{with}: {} of {} are others: {}", others.len(), expected.len(), others.join(" "));
}

/// A digest of the bits of numbers; all that are NaN are one, as which it is follows from the instruction.
fn digest(values: &[f64]) -> u64 {
    let mut hasher = DefaultHasher::new();
    values.iter().for_each(|value| hasher.write_u64(if value.is_nan() { 0 } else { value.to_bits() }));
    hasher.finish()
}
