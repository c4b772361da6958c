//! Gives the numbers a name, `OQFS_BUILD`, by which kept rates tell what computed them: a digest of the sources of the two crates
//! that compute (this one and `oqfs-gsim`), of the versions of the libraries and of how they are compiled. Nothing else counts: a
//! new message of the program leaves kept rates valid.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What can change a number, from this crate's folder.
const SOURCES: [&str; 4] = ["src", "Cargo.toml", "../oqfs-gsim/src", "../oqfs-gsim/Cargo.toml"];

/// The workspace's: versions of libraries and profiles. They are not there where the crate is used as somebody else's library.
const WORKSPACE: [&str; 2] = ["../../Cargo.toml", "../../Cargo.lock"];

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for place in SOURCES.into_iter().chain(WORKSPACE).map(Path::new).filter(|place| place.exists()) {
        println!("cargo::rerun-if-changed={}", place.display());
        below(place, &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        fs::read(&file)?.hash(&mut hasher);
    }
    for name in ["TARGET", "PROFILE", "OPT_LEVEL", "CARGO_CFG_TARGET_FEATURE", "CARGO_ENCODED_RUSTFLAGS"] {
        env::var_os(name).hash(&mut hasher);
    }
    println!("cargo::rustc-env=OQFS_BUILD={:016x}", hasher.finish());
    Ok(())
}

/// Adds a file, or the files below a folder.
fn below(place: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !place.is_dir() {
        files.push(place.to_path_buf());
        return Ok(());
    }
    for entry in fs::read_dir(place)? {
        below(&entry?.path(), files)?;
    }
    Ok(())
}
