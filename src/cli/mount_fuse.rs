//! `mount.fuse.oqfs`: what mount(8) calls for `mount -t fuse.oqfs DIR POINT` and for a line of fstab.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Parser};

use super::{Cli, out};
use crate::datastore::point_of;
use crate::nearest::nearest;

/// The name by which mount(8) calls this program.
const HELPER: &str = "mount.fuse.oqfs";

/// The arguments of this process, for [`Cli`]. One that is called by the name of the helper is `oqfs mount-fuse`.
pub fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let name = arguments.first().and_then(|program| Path::new(program).file_name());
    if name == Some(OsStr::new(HELPER)) {
        arguments.insert(1, "mount-fuse".into());
    }
    arguments
}

/// Mount as mount(8) asks for it.
#[derive(Debug, Args)]
pub struct MountFuse {
    /// The data directory
    dir: PathBuf,
    /// The mount point: the same, or another directory
    point: PathBuf,
    /// The options, separated by commas
    #[arg(short, value_delimiter = ',')]
    options: Vec<String>,
    /// Pass over options that are unknown
    #[arg(short)]
    sloppy: bool,
    /// Check everything, and do not mount
    #[arg(short)]
    fake: bool,
    /// Write no /etc/mtab; nothing does
    #[arg(short)]
    no_mtab: bool,
    /// Print the command that does the same
    #[arg(short)]
    verbose: bool,
    /// The type, by which mount(8) found this program
    #[arg(short = 't', value_name = "TYPE")]
    kind: Option<String>,
}

/// What an option is to this program.
#[derive(Debug, PartialEq)]
enum Meaning {
    /// These arguments of `oqfs mount`.
    Arguments(Vec<String>),
    /// It is for mount(8) or systemd, or says what holds for every mount of this program.
    Nothing,
    Unknown,
}

/// The options that are arguments of `oqfs mount`.
const OWN: [(&str, &str); 9] = [
    ("allow_other", "--allow-other"),
    ("ro", "--read-only"),
    ("noexec", "--no-exec"),
    ("no_reuse", "--no-reuse"),
    ("jobs", "--jobs"),
    ("threads", "--threads"),
    ("memory", "--memory"),
    ("slurm", "--slurm"),
    (SBATCH, "--"),
];

/// An option of sbatch, with what makes it an option: `sbatch=--partition=long`. There may be several.
const SBATCH: &str = "sbatch";

/// Those of them that have a value.
const VALUED: [&str; 5] = ["jobs", "threads", "memory", "slurm", SBATCH];

/// Those that mean nothing here. `suid` and `dev` are not among them: no mount of this program has either.
const GENERAL: [&str; 25] = [
    "_netdev",
    "async",
    "atime",
    "auto",
    "defaults",
    "diratime",
    "exec",
    "group",
    "lazytime",
    "noatime",
    "noauto",
    "nodev",
    "nodiratime",
    "nofail",
    "nolazytime",
    "norelatime",
    "nostrictatime",
    "nosuid",
    "nouser",
    "owner",
    "relatime",
    "rw",
    "strictatime",
    "user",
    "users",
];

/// Has systemd mount when somebody looks into the mount point, who then waits. So would this program, which opens the data directory.
const ON_DEMAND: &str = "x-systemd.automount";

fn meaning(option: &str) -> Meaning {
    let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
    match (OWN.iter().find(|(own, _)| *own == name), name, value) {
        (Some((_, argument)), own, Some(value)) if VALUED.contains(&own) => {
            Meaning::Arguments(vec![argument.to_string(), value.to_string()])
        }
        (Some((_, argument)), own, None) if !VALUED.contains(&own) => Meaning::Arguments(vec![argument.to_string()]),
        // mount(8) says who mounts
        (None, "user" | "comment", Some(_)) => Meaning::Nothing,
        (None, general, None) if GENERAL.contains(&general) => Meaning::Nothing,
        (None, others, _) if others.starts_with("x-") || others.starts_with("X-") => Meaning::Nothing,
        _ => Meaning::Unknown,
    }
}

impl MountFuse {
    /// Mount.
    pub fn execute(self) -> Result<()> {
        let arguments = self.arguments()?;
        if self.verbose {
            let shown: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
            out::line(shown.join(" "))?;
        }
        match self.fake {
            true => Ok(()),
            // a mount has no status but its success
            false => Cli::parse_from(arguments).run().map(drop),
        }
    }

    /// The command that does the same.
    fn arguments(&self) -> Result<Vec<OsString>> {
        let absolute = |path: &Path| point_of(path).with_context(|| path.display().to_string());
        let (dir, point) = (absolute(&self.dir)?, absolute(&self.point)?);
        let mut arguments: Vec<OsString> = vec!["oqfs".into(), "mount".into(), dir.clone().into()];
        if point != dir {
            arguments.extend(["--at".into(), point.into()]);
        } else if self.options.iter().any(|option| option == ON_DEMAND) {
            bail!(
                "{}: {ON_DEMAND} needs a mount point other than the data directory, which could not be opened",
                dir.display()
            );
        }
        // options of sbatch are the last ones
        let mut of_sbatch = Vec::new();
        for option in self.options.iter().filter(|option| !option.is_empty()) {
            match meaning(option) {
                Meaning::Arguments(own) if option.starts_with(SBATCH) => of_sbatch.extend(own.into_iter().skip(1)),
                Meaning::Arguments(own) => arguments.extend(own.into_iter().map(OsString::from)),
                Meaning::Nothing => {}
                Meaning::Unknown if self.sloppy => out::tell(format_args!("option {option} is unknown; passed over")),
                Meaning::Unknown => bail!("{}", unknown(option)),
            }
        }
        if !of_sbatch.is_empty() {
            arguments.push("--".into());
            arguments.extend(of_sbatch.into_iter().map(OsString::from));
        }
        Ok(arguments)
    }
}

/// What is said of an option that is unknown.
fn unknown(option: &str) -> String {
    let name = option.split('=').next().unwrap_or(option);
    let known = OWN.iter().map(|(own, _)| *own).chain(GENERAL);
    let close = nearest(name, known);
    let hint = if close.is_empty() { String::new() } else { format!("; did you mean {}?", close.join(", ")) };
    format!(
        "option {option} is unknown{hint}; expected allow_other, ro, noexec, no_reuse, jobs=K, threads=N, memory=SIZE, slurm=N, sbatch=OPTION, or one of mount(8) other than suid and dev"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Parser)]
    struct Helper {
        #[command(flatten)]
        mount: MountFuse,
    }

    fn command(arguments: &[&str]) -> Result<String> {
        let helper = Helper::try_parse_from([&[HELPER], arguments].concat()).unwrap();
        let shown = |argument: OsString| argument.into_string().unwrap();
        Ok(helper.mount.arguments()?.into_iter().map(shown).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn what_mount_says_is_an_oqfs_mount() {
        let options =
            "rw,allow_other,nosuid,nodev,_netdev,noauto,user=ada,x-systemd.requires=a.mount,jobs=2,X-mount.mkdir";
        let said = command(&["/srv/a", "/srv/a", "-n", "-v", "-o", options, "-t", "fuse.oqfs"]).unwrap();
        assert_eq!(said, "oqfs mount /srv/a --allow-other --jobs 2");
        let said = command(&["/srv/a", "/srv/b", "-o", "ro,noexec", "-o", "no_reuse,defaults"]).unwrap();
        assert_eq!(said, "oqfs mount /srv/a --at /srv/b --read-only --no-exec --no-reuse");
        assert_eq!(command(&["/srv/a", "/srv/../srv/a"]).unwrap(), "oqfs mount /srv/a");
        let said = command(&["/srv/a", "/srv/a", "-o", "sbatch=-c4,slurm=8,sbatch=--partition=long,jobs=2"]).unwrap();
        assert_eq!(said, "oqfs mount /srv/a --slurm 8 --jobs 2 -- -c4 --partition=long");
    }

    #[test]
    fn a_directory_that_systemd_mounts_on_demand_is_another_than_the_data() {
        let error = command(&["/srv/a", "/srv/a", "-o", "ro,x-systemd.automount"]).unwrap_err().to_string();
        assert!(error.contains("x-systemd.automount needs a mount point other than"), "{error}");
        let said = command(&["/srv/a", "/srv/b", "-o", "ro,x-systemd.automount"]).unwrap();
        assert_eq!(said, "oqfs mount /srv/a --at /srv/b --read-only");
    }

    #[test]
    fn every_option_of_its_own_is_one_of_the_command() {
        for (own, _) in OWN {
            let given = match own {
                // they go with workers
                SBATCH => "slurm=3,sbatch=-c4".to_string(),
                own if VALUED.contains(&own) => format!("{own}=3"),
                own => own.to_string(),
            };
            let said = command(&["/srv/a", "/srv/a", "-o", &given]).unwrap();
            assert!(Cli::try_parse_from(said.split(' ')).is_ok(), "{said}");
        }
    }

    #[test]
    fn an_unknown_option_is_refused_or_passed_over_if_that_is_wanted() {
        for option in ["colour=blue", "allow-other", "jobs", "ro=1", "suid", "dev", "nosuid=1"] {
            let error = command(&["/srv/a", "/srv/a", "-o", option]).unwrap_err().to_string();
            assert!(error.contains(&format!("option {option} is unknown")) && error.contains("allow_other"), "{error}");
            assert_eq!(command(&["/srv/a", "/srv/a", "-s", "-o", option]).unwrap(), "oqfs mount /srv/a");
        }
    }
}
