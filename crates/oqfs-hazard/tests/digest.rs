//! Kept rates are named after what can change a number, and after nothing else: the build script of this crate says what that is.

use std::path::Path;
use std::process::Command;

/// The digest that the build script gives for the workspace in a folder.
fn digest(script: &Path, workspace: &Path) -> String {
    let run = Command::new(script).current_dir(workspace.join("crates/oqfs-hazard")).output().unwrap();
    assert!(run.status.success(), "{run:?}");
    let text = String::from_utf8(run.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("cargo::rustc-env=OQFS_BUILD=")).unwrap().to_string()
}

#[test]
fn a_message_of_the_program_leaves_kept_rates_valid_and_a_formula_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    let compiled = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()))
        .args(["--edition", "2024", "-o"])
        .arg(&script)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("build.rs"))
        .status()
        .unwrap();
    assert!(compiled.success());
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let numbers = [
        "crates/oqfs-gsim/src/gsim/toro_1997.rs",
        "crates/oqfs-gsim/src/gsim/coeffs/toro_1997.csv",
        "crates/oqfs-gsim/Cargo.toml",
        "crates/oqfs-hazard/src/calc/classical.rs",
        "crates/oqfs-hazard/Cargo.toml",
        "Cargo.toml",
        "Cargo.lock",
    ];
    let words = ["src/cli/run.rs", "src/daemon/intake.rs", "docs/SEMANTICS.md", "tests/run.rs", "README.md"];
    numbers.iter().chain(&words).for_each(|path| write(path, "before"));
    let before = digest(&script, folder.path());
    for path in words {
        write(path, "after");
        assert_eq!(digest(&script, folder.path()), before, "{path}");
    }
    for path in numbers {
        write(path, "after");
        assert_ne!(digest(&script, folder.path()), before, "{path}");
        write(path, "before");
    }
    assert_eq!(digest(&script, folder.path()), before);
}
