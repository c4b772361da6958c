//! A calculation in one file, to be moved to another machine: its inputs, its results, and what is known of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::os::unix::fs::{PermissionsExt, lchown};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::{Deserialize, Serialize};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::accept::give;
use super::inputs::is_plain;
use super::sha256::sha256_of;
use crate::datastore::{CLAIM, DataDir, JOB, JobState, Rights, SHARE, is_claim_lease};

/// The entry that says what an archive is.
const LABEL: &str = "oqfs-calculation.json";
/// The folder of the archive that has the files of a calculation of this program.
const FILES: &str = "calc";
/// The entry that is a calculation of the engine.
const ENGINES: &str = "calc.hdf5";
/// How the archive is laid out.
const VERSION: u32 = 1;
/// What is packed better than this is stored as it is: whoever unpacks it would take it for a bomb.
const MOST_RATIO: u64 = 100;

/// What a packed calculation is.
#[derive(Debug, Serialize, Deserialize)]
struct Label {
    oqfs_calculation: u32,
    /// Its number where it was packed.
    id: u32,
    /// The digest of each of its files, by its entry.
    sha256: BTreeMap<String, String>,
}

/// Packs a calculation, which is over, into a file that is not there yet.
///
/// # Errors
/// If something cannot be read or written; there is no file then.
pub fn pack(dir: &DataDir, id: u32, to: &Path) -> Result<()> {
    let mut files = vec![];
    match dir.folder(id) {
        Some(folder) => files_below(&folder.path(), FILES, &mut files)?,
        None => files.push((ENGINES.to_string(), dir.reach(Path::new(&format!("calc_{id}.hdf5"))))),
    }
    let shown = || to.display().to_string();
    ensure!(!to.exists(), "{} is there already", shown());
    let beside = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // as any file that this user makes
    let mode = fs::Permissions::from_mode(0o666);
    let made = tempfile::Builder::new().permissions(mode).tempfile_in(beside);
    let made = made.map_err(|e| anyhow!("{}: {}", shown(), e.kind()))?;
    let digest = |(entry, path): &(String, PathBuf)| Ok((entry.clone(), sha256_of(path).context(entry.clone())?.1));
    let label = Label { oqfs_calculation: VERSION, id, sha256: files.iter().map(digest).collect::<Result<_>>()? };
    write(made.as_file(), &label, &files).with_context(shown)?;
    made.as_file().sync_all().with_context(shown)?;
    made.persist_noclobber(to).map_err(|e| e.error).with_context(shown)?;
    Ok(())
}

/// The files of a folder and below, with their entries. What belongs to a process that works on it is none.
fn files_below(folder: &Path, entry: &str, files: &mut Vec<(String, PathBuf)>) -> Result<()> {
    let mut found: Vec<_> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    found.sort_by_key(fs::DirEntry::file_name);
    for file in found {
        let name = file.file_name().into_string().map_err(|name| anyhow!("{name:?} is no text"))?;
        if [CLAIM, SHARE].contains(&name.as_str()) || is_claim_lease(&name) || name.ends_with(".tmp") {
            continue;
        }
        let entry = format!("{entry}/{name}");
        if file.file_type()?.is_dir() {
            files_below(&file.path(), &entry, files)?;
        } else {
            files.push((entry, file.path()));
        }
    }
    Ok(())
}

fn write(mut to: &File, label: &Label, files: &[(String, PathBuf)]) -> Result<()> {
    let mut zip = ZipWriter::new(to);
    zip.start_file(LABEL, SimpleFileOptions::default())?;
    zip.write_all(&serde_json::to_vec_pretty(label)?)?;
    for (entry, path) in files {
        let mut file = File::open(path).with_context(|| entry.clone())?;
        let bytes = file.metadata()?.len();
        let options = SimpleFileOptions::default().large_file(bytes >= u32::MAX.into());
        let before = to.stream_position()?;
        zip.start_file(entry, options.compression_method(CompressionMethod::Deflated))?;
        io::copy(&mut file, &mut zip).with_context(|| entry.clone())?;
        zip.flush()?;
        if bytes / (to.stream_position()? - before).max(1) > MOST_RATIO {
            zip.abort_file()?;
            file.rewind()?;
            zip.start_file(entry, options.compression_method(CompressionMethod::Stored))?;
            io::copy(&mut file, &mut zip).with_context(|| entry.clone())?;
        }
    }
    zip.finish()?;
    Ok(())
}

/// Whether what was unpacked into a folder is a packed calculation.
pub fn is_parcel(unpacked: &Path) -> bool {
    unpacked.join(LABEL).is_file()
}

/// Makes a calculation of a packed one that was unpacked into a folder of the same file system, for a user if not for this one. Its number.
///
/// # Errors
/// If a file is missing or not what was packed; there is no calculation then.
pub fn adopt(dir: &DataDir, unpacked: &Path, rights: Option<&Rights>) -> Result<u32> {
    let label = fs::read(unpacked.join(LABEL)).context(LABEL)?;
    let label: Label = serde_json::from_slice(&label).context(LABEL)?;
    let known = label.oqfs_calculation;
    ensure!(known == VERSION, "it was packed by a newer oqfs: found {known}, expected {VERSION}");
    for (entry, packed) in &label.sha256 {
        ensure!(is_plain(Path::new(entry)), "{entry}: found a path that leaves the archive");
        let (_, found) = sha256_of(&unpacked.join(entry)).map_err(|e| anyhow!("{entry}: {}", e.kind()))?;
        ensure!(found == *packed, "{entry}: it is not what was packed");
    }
    let folder = dir.new_calc()?;
    let id = folder.id();
    let claim = folder.claim()?.context("somebody else works on the new calculation")?;
    let made = if label.sha256.contains_key(ENGINES) {
        let file = dir.path().join(format!("calc_{id}.hdf5"));
        let own = |(uid, gid)| lchown(&file, Some(uid), Some(gid));
        let moved =
            fs::rename(unpacked.join(ENGINES), &file).and_then(|()| rights.map(Rights::user).map_or(Ok(()), own));
        drop(claim);
        // the file alone is the calculation
        moved.and_then(|()| fs::remove_dir_all(folder.path())).context(ENGINES)
    } else {
        let own = |(uid, gid)| give(&folder.path(), uid, gid).context("the owner of the calculation");
        let moved = move_files(&unpacked.join(FILES), &folder.path(), &label);
        moved.and_then(|()| rights.map(Rights::user).map_or(Ok(()), own)).and_then(|()| Ok(folder.sync()?))
    };
    if let Err(error) = made {
        dir.remove_calc(id)?;
        return Err(error);
    }
    Ok(id)
}

/// Moves what was packed, and nothing else, into a folder.
fn move_files(from: &Path, to: &Path, label: &Label) -> Result<()> {
    let state: JobState = serde_json::from_slice(&fs::read(from.join(JOB)).context(JOB)?).context(JOB)?;
    ensure!(state.state.is_final(), "{JOB}: it is {}, which is not over", state.state);
    for entry in label.sha256.keys() {
        let Some(place) = entry.strip_prefix(FILES).and_then(|rest| rest.strip_prefix('/')) else {
            bail!("{entry}: it is in no calculation");
        };
        let target = to.join(place);
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::rename(from.join(place), &target).with_context(|| entry.clone())?;
        File::open(&target)?.sync_all()?;
    }
    Ok(())
}
