//! Taking in jobs that arrive in `new/`: which job a file belongs to, and whether all files of that are there.
//!
//! What is said of a job follows from its files, whatever their order. A file that is still written has not arrived.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::inputs::normalized;
use super::stage::{Stage, on_disk};
use crate::datastore::{DataDir, Rights};
use crate::fs::SETTLED;
use crate::job::{Job, JobError, Needed, in_other_case, is_job_file, job_files_below};

/// A file that arrived, and where its job is. Paths are those that the mount shows, from the data directory.
#[derive(Clone, Debug)]
pub struct Dropped {
    /// The data directory.
    pub dir: DataDir,
    /// The folder that has the job in it: `new/demo`, `new` for flat files, or one that an archive was unpacked in.
    pub scope: PathBuf,
    /// The file.
    pub file: PathBuf,
    /// Whether the scope is a folder of the job alone.
    pub is_folder: bool,
    /// The path of the scope that the user knows.
    pub label: PathBuf,
    /// The files that somebody is still writing.
    pub unfinished: Vec<PathBuf>,
    /// The rights with which files are opened; none for all that this process has.
    pub rights: Option<Rights>,
    /// Whether nothing has arrived in the folder for [`SETTLED`].
    pub settled: bool,
}

/// What is found of the job of a file that arrived.
#[derive(Debug)]
pub enum Finding {
    /// It belongs to no job that is known yet.
    NoJob,
    /// Its job waits for more files.
    Waiting {
        /// The job file.
        job_file: PathBuf,
        /// For which files, or why not yet.
        what: String,
    },
    /// All files of its job are there; what they say is still to be checked.
    Complete(CompleteJob),
    /// Its job cannot be right.
    Refused {
        /// The job file.
        job_file: PathBuf,
        /// What is wrong, where, and what is accepted.
        why: String,
        /// Whether the file has a part in it.
        by_it: bool,
    },
}

/// A job all of whose files have arrived.
#[derive(Debug)]
pub struct CompleteJob {
    /// The job file, as the mount shows it.
    pub job_file: PathBuf,
    /// Its files, apart from the spool.
    pub stage: Stage,
}

/// Look at the job that a file belongs to. Those of `wrong`, job files, are known to be wrong.
pub fn look(dropped: &Dropped, wrong: &BTreeSet<PathBuf>) -> Finding {
    let mut jobs = dropped.job_files();
    if jobs.is_empty() {
        return dropped.look_at_other_inis();
    }
    jobs.retain(|job| !wrong.contains(job));
    if dropped.settled {
        return Finding::NoJob;
    }
    let mut best = Finding::NoJob;
    for job in jobs {
        let found = dropped.look_at(&job);
        if found.rank() > best.rank() {
            best = found;
        }
        if matches!(best, Finding::Complete(_)) {
            break;
        }
    }
    best
}

impl Finding {
    /// Of several jobs, the one that counts most is told of.
    fn rank(&self) -> u8 {
        match self {
            Finding::NoJob => 0,
            Finding::Waiting { .. } => 1,
            Finding::Refused { by_it: false, .. } => 2,
            Finding::Refused { by_it: true, .. } => 3,
            Finding::Complete(_) => 4,
        }
    }
}

impl Dropped {
    /// The job files of the scope. In a folder only those whose name starts with `job`, at any depth; flat, any `.ini`.
    fn job_files(&self) -> Vec<PathBuf> {
        let real = on_disk(&self.dir, &self.scope);
        let found = if self.is_folder { job_files_below(&real) } else { inis(&real) };
        found.iter().filter_map(|path| Some(self.scope.join(path.strip_prefix(&real).ok()?))).collect()
    }

    /// The files in the scope that other jobs there name, as far as they have arrived.
    pub fn files_of_others(&self, job_file: &Path) -> BTreeSet<PathBuf> {
        let others = self.job_files().into_iter().filter(|other| other != job_file);
        let files = others.filter_map(|other| {
            let mut stage = Stage::new(&self.dir, self.rights.clone(), Vec::new()).ok()?;
            // what a job that is wrong names stays too, as far as that is known
            let _ = self.gather(&mut stage, &other);
            Some(stage.files().clone())
        });
        files.flatten().collect()
    }

    /// A folder without a job file by its name: a single `.ini` of another name is one, once nothing more arrives.
    fn look_at_other_inis(&self) -> Finding {
        if !self.is_folder {
            return Finding::NoJob;
        }
        let names: Vec<PathBuf> = inis(&on_disk(&self.dir, &self.scope))
            .iter()
            .filter_map(|path| path.file_name().map(PathBuf::from))
            .collect();
        let Some(first) = names.first() else { return Finding::NoJob };
        let job_file = self.scope.join(first);
        let list = || names.iter().map(|name| name.display().to_string()).collect::<Vec<_>>().join(", ");
        match (self.settled, names.len()) {
            (true, 1) => self.look_at(&job_file),
            (true, _) => Finding::Refused {
                job_file,
                why: format!(
                    "{}: which is the job, of {}? Name one job.ini, or job_....ini",
                    self.label.display(),
                    list()
                ),
                by_it: false,
            },
            (false, _) => {
                let seconds = SETTLED.as_secs();
                let what = format!("waits for a job.ini, or until nothing has arrived for {seconds} s: {}", list());
                Finding::Waiting { job_file, what }
            }
        }
    }

    /// Look at one job, of which the file may be a part.
    fn look_at(&self, job_file: &Path) -> Finding {
        let refused = |why: String, by_it: bool| Finding::Refused { job_file: job_file.to_path_buf(), why, by_it };
        let mut stage = match Stage::new(&self.dir, self.rights.clone(), self.unfinished.clone()) {
            Ok(stage) => stage,
            Err(error) => return refused(format!("the job cannot be kept: {error}"), true),
        };
        let needed = match self.gather(&mut stage, job_file) {
            Ok(Some(needed)) => needed,
            Ok(None) => return Finding::NoJob,
            Err(Wrong { culprit, why }) => {
                let by_it = self.settled || culprit == self.file || job_file == self.file;
                // of a flat job nothing is new with a file that has no part in it
                return if by_it || self.is_folder { refused(self.said(&stage, &why), by_it) } else { Finding::NoJob };
            }
        };
        let has_part = self.settled || stage.holds(&self.file);
        if !needed.missing.is_empty() {
            let missing: Vec<String> = needed.missing.iter().map(|place| self.waited_for(&stage, place)).collect();
            let what = format!("waits for {}", missing.join(", "));
            let concerns = has_part || self.is_folder;
            return if concerns { Finding::Waiting { job_file: job_file.to_path_buf(), what } } else { Finding::NoJob };
        }
        if !has_part {
            return Finding::NoJob;
        }
        Finding::Complete(CompleteJob { job_file: job_file.to_path_buf(), stage })
    }

    /// Takes into the stage what has arrived of a job; `None` if its own file has not.
    fn gather(&self, stage: &mut Stage, job_file: &Path) -> Result<Option<Needed>, Wrong> {
        let take =
            |stage: &mut Stage, path: &Path| stage.take(path).map_err(|why| Wrong { culprit: normalized(path), why });
        if !take(stage, job_file)? {
            return Ok(None);
        }
        let wrong = |stage: &Stage, error: JobError| {
            let culprit = stage.path_of(&error.path).map_or_else(|| error.path.clone(), normalized);
            Wrong { culprit, why: error.to_string() }
        };
        let job = Job::read_without_inputs(&stage.place(job_file)).map_err(|error| wrong(stage, error))?;
        loop {
            let needed = job.needed_files().map_err(|error| wrong(stage, error))?;
            let mut more = false;
            let wanted: Vec<PathBuf> = needed.missing.iter().chain(&needed.optional).cloned().collect();
            for place in wanted {
                let Some(path) = stage.path_of(&place).map(Path::to_path_buf) else { continue };
                more |= take(stage, &path)?;
            }
            if more {
                continue;
            }
            let elsewhere = needed.present.iter().find(|place| stage.path_of(place).is_none());
            return match elsewhere.filter(|_| self.rights.is_some()) {
                Some(place) => Err(Wrong {
                    culprit: job_file.to_path_buf(),
                    why: format!(
                        "{}: a job of another user than the one who mounted names files of the mount alone, by relative paths",
                        place.display()
                    ),
                }),
                None => Ok(Some(needed)),
            };
        }
    }

    /// The name of a file that a job waits for, with what is there instead.
    fn waited_for(&self, stage: &Stage, place: &Path) -> String {
        let Some(path) = stage.path_of(place) else { return place.display().to_string() };
        let name = path.strip_prefix(&self.scope).unwrap_or(path).display();
        in_other_case(&on_disk(&self.dir, path)).map_or(name.to_string(), |other| format!("{name} ({other})"))
    }

    /// A message with the paths that the user knows.
    pub fn said(&self, stage: &Stage, message: &str) -> String {
        let shown = stage.shown(message);
        if self.scope == self.label {
            shown
        } else {
            shown.replace(&*self.scope.to_string_lossy(), &self.label.to_string_lossy())
        }
    }
}

/// Why a job cannot be right, and the file that says so.
struct Wrong {
    culprit: PathBuf,
    why: String,
}

/// What is named as a job file directly in a folder, sorted.
fn inis(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.map(|e| e.path()).filter(|path| is_job_file(path) && !path.is_dir()).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::atomic::AtomicBool;

    use super::super::accept::accept;
    use super::super::runner::Runner;
    use super::super::submission::Submission;
    use super::*;
    use crate::datastore::{SUBMISSION, State};

    const JOB: &str = "[general]\ndescription = one source\ncalculation_mode = classical\nsites = 15.3 40.9\n\
        investigation_time = 50\ntruncation_level = 3\nmaximum_distance = 200\nwidth_of_mfd_bin = 0.2\n\
        reference_vs30_value = 600\nintensity_measure_types_and_levels = {'PGA': [0.1, 0.2]}\n\
        source_model_logic_tree_file = ssmLT.xml\ngsim = BooreAtkinson2008\n";
    const TREE: &str = "<nrml><logicTree><logicTreeBranchSet uncertaintyType='sourceModel' branchSetID='a'>\
        <logicTreeBranch branchID='b'><uncertaintyModel>m.xml</uncertaintyModel>\
        <uncertaintyWeight>1</uncertaintyWeight></logicTreeBranch></logicTreeBranchSet></logicTree></nrml>";
    const MODEL: &str = "<nrml><sourceModel><pointSource id='1' tectonicRegion='Active Shallow Crust'><pointGeometry>\
        <Point><pos>15.3 40.8</pos></Point><upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth>\
        </pointGeometry><magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>\
        <truncGutenbergRichterMFD aValue='3.1' bValue='0.9' minMag='5' maxMag='6.8'/><nodalPlaneDist>\
        <nodalPlane probability='1' strike='310' dip='60' rake='-90'/></nodalPlaneDist><hypoDepthDist>\
        <hypoDepth probability='1' depth='9'/></hypoDepthDist></pointSource></sourceModel></nrml>";

    struct Folder {
        tmp: tempfile::TempDir,
        dir: DataDir,
    }

    impl Folder {
        fn new() -> Folder {
            let tmp = tempfile::tempdir().unwrap();
            let dir = DataDir::open(&tmp.path().join("oqdata")).unwrap();
            let folder = Folder { tmp, dir };
            fs::create_dir_all(folder.folder()).unwrap();
            folder
        }

        fn dropped(&self, name: &str) -> Dropped {
            let scope = PathBuf::from("new/demo");
            let file = scope.join(name);
            let label = scope.clone();
            let (unfinished, rights) = (Vec::new(), None);
            Dropped { dir: self.dir.clone(), scope, file, is_folder: true, label, unfinished, rights, settled: false }
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.folder().join(name), text).unwrap();
        }

        fn folder(&self) -> PathBuf {
            on_disk(&self.dir, Path::new("new/demo"))
        }

        fn drop_in(&self, name: &str, text: &str) -> Finding {
            self.write(name, text);
            checked(&self.dropped(name))
        }
    }

    /// What is found of a file that arrived, once its job has been checked.
    fn checked(dropped: &Dropped) -> Finding {
        let Finding::Complete(job) = look(dropped, &BTreeSet::new()) else {
            return look(dropped, &BTreeSet::new());
        };
        job.stage.copy().unwrap();
        match Runner::Here.check(&job.stage, &job.job_file, &AtomicBool::new(false)) {
            Ok(_) => Finding::Complete(job),
            Err(why) => Finding::Refused { job_file: job.job_file, why: dropped.said(&job.stage, &why), by_it: true },
        }
    }

    const FILES: [(&str, &str); 3] = [("job.ini", JOB), ("ssmLT.xml", TREE), ("m.xml", MODEL)];
    const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

    #[test]
    fn a_folder_is_ready_with_its_last_file_in_any_order() {
        for order in ORDERS {
            let spool = Folder::new();
            for &i in &order[..2] {
                let arrival = spool.drop_in(FILES[i].0, FILES[i].1);
                assert!(matches!(arrival, Finding::NoJob | Finding::Waiting { .. }), "{order:?} {arrival:?}");
            }
            let Finding::Complete(ready) = spool.drop_in(FILES[order[2]].0, FILES[order[2]].1) else {
                panic!("{order:?}")
            };
            assert_eq!(ready.stage.files().len(), 3);
        }
    }

    /// What is wrong is found with the last file at the latest, and stays said when others arrive.
    #[test]
    fn a_wrong_file_is_refused_in_any_order() {
        let wrong = [
            (0, JOB.replace("= classical", "= classic"), "calculation_mode"),
            (1, TREE.replace("<uncertaintyWeight>1<", "<uncertaintyWeight>1.3<"), "1.3"),
            (2, MODEL.replace("WC1994", "WC94"), "WC94"),
        ];
        for (bad, text, said) in &wrong {
            for order in ORDERS {
                let spool = Folder::new();
                let mut last = Finding::NoJob;
                for &i in &order {
                    last = spool.drop_in(FILES[i].0, if i == *bad { text } else { FILES[i].1 });
                }
                let Finding::Refused { why, by_it, .. } = &last else { panic!("{bad} {order:?} {last:?}") };
                assert!(why.contains(said), "{order:?} {why}");
                assert!(*by_it || order[2] != *bad, "{order:?}");
                // mended, it runs
                let mended = spool.drop_in(FILES[*bad].0, FILES[*bad].1);
                assert!(matches!(mended, Finding::Complete(_)), "{order:?} {mended:?}");
            }
        }
    }

    #[test]
    fn a_file_that_is_still_written_has_not_arrived() {
        let spool = Folder::new();
        spool.write("ssmLT.xml", TREE);
        spool.write("m.xml", &MODEL[..100]);
        spool.write("job.ini", JOB);
        let unfinished = vec![PathBuf::from("new/demo/m.xml")];
        let found = look(&Dropped { unfinished, ..spool.dropped("job.ini") }, &BTreeSet::new());
        let Finding::Waiting { what, .. } = found else { panic!("{found:?}") };
        assert_eq!(what, "waits for m.xml");
        assert!(matches!(spool.drop_in("m.xml", MODEL), Finding::Complete(_)));
    }

    #[test]
    fn links_are_followed_as_the_mount_shows_them_and_kept_as_contents() {
        use std::os::unix::fs::symlink;
        let links: [(&str, &str); 4] =
            [("../../models/m.xml", "models/m.xml"), ("here/m.xml", ""), ("ABSOLUTE", "models/m.xml"), ("OUTSIDE", "")];
        for (target, at) in links {
            let spool = Folder::new();
            let elsewhere = spool.tmp.path().join("elsewhere.xml");
            let place = match target {
                "here/m.xml" => spool.folder().join("here/m.xml"),
                "OUTSIDE" => elsewhere.clone(),
                _ => spool.dir.path().join(at),
            };
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(&place, MODEL).unwrap();
            let target = match target {
                "ABSOLUTE" => spool.dir.shown().join(at),
                "OUTSIDE" => elsewhere,
                relative => relative.into(),
            };
            // a chain of two
            symlink(&target, spool.folder().join("first")).unwrap();
            symlink("first", spool.folder().join("m.xml")).unwrap();
            spool.write("ssmLT.xml", TREE);
            let Finding::Complete(ready) = spool.drop_in("job.ini", JOB) else { panic!("{target:?}") };
            let folder = accept(&spool.dropped("job.ini"), &ready, "demo", Some("one source")).unwrap().folder;
            let kept = folder.inputs().join("m.xml");
            assert!(fs::symlink_metadata(&kept).unwrap().is_file() && place.is_file(), "{target:?}");
            fs::write(&place, "changed").unwrap();
            assert_eq!(fs::read_to_string(kept).unwrap(), MODEL, "{target:?}");
        }
    }

    #[test]
    fn nobody_reaches_the_inputs_of_an_accepted_job() {
        use std::io::Write;
        let spool = Folder::new();
        for (name, text) in &FILES[1..] {
            spool.write(name, text);
        }
        fs::hard_link(spool.folder().join("m.xml"), spool.tmp.path().join("link")).unwrap();
        let mut open = File::options().append(true).open(spool.folder().join("m.xml")).unwrap();
        let Finding::Complete(ready) = spool.drop_in("job.ini", JOB) else { panic!() };
        let folder = accept(&spool.dropped("job.ini"), &ready, "demo", Some("one source")).unwrap().folder;
        open.write_all(b"more").unwrap();
        fs::write(spool.tmp.path().join("link"), "other").unwrap();
        assert_eq!(fs::read_to_string(folder.inputs().join("m.xml")).unwrap(), MODEL);
    }

    #[test]
    fn it_says_what_it_waits_for() {
        let spool = Folder::new();
        spool.drop_in("job.ini", JOB);
        let Finding::Waiting { what, .. } = spool.drop_in("ssmLT.xml", TREE) else { panic!() };
        assert_eq!(what, "waits for m.xml");
    }

    #[test]
    fn mistakes_are_refused_with_the_path_that_the_user_knows() {
        let spool = Folder::new();
        let Finding::Refused { why: text, .. } = spool.drop_in("job.ini", &JOB.replace("= classical", "= classic"))
        else {
            panic!()
        };
        assert!(text.starts_with("new/demo/job.ini, line 3: calculation_mode is \"classic\""), "{text}");
        let spool = Folder::new();
        spool.drop_in("job.ini", JOB);
        spool.drop_in("ssmLT.xml", TREE);
        let Finding::Refused { why: text, .. } = spool.drop_in("m.xml", &MODEL.replace("WC1994", "WC94")) else {
            panic!()
        };
        assert!(text.contains("new/demo/m.xml, line 1") && text.contains("magScaleRel is WC94"), "{text}");
    }

    #[test]
    fn a_single_ini_of_another_name_starts_when_nothing_more_arrives() {
        let spool = Folder::new();
        spool.write("ssmLT.xml", TREE);
        spool.write("m.xml", MODEL);
        let Finding::Waiting { what, .. } = spool.drop_in("rup.ini", JOB) else { panic!() };
        assert!(what.contains("rup.ini"), "{what}");
        let settled = |spool: &Folder| look(&Dropped { settled: true, ..spool.dropped("m.xml") }, &BTreeSet::new());
        assert!(matches!(settled(&spool), Finding::Complete(_)));
        spool.write("other.ini", JOB);
        let Finding::Refused { why, .. } = settled(&spool) else { panic!() };
        assert!(why.contains("other.ini, rup.ini"), "{why}");
        spool.write("job.ini", JOB);
        assert!(matches!(settled(&spool), Finding::NoJob), "its name says that it is the job");
    }

    #[test]
    fn an_accepted_job_has_left_the_spool_and_is_queued() {
        let spool = Folder::new();
        for (name, text) in [("ssmLT.xml", TREE), ("m.xml", MODEL)] {
            spool.drop_in(name, text);
        }
        let Finding::Complete(ready) = spool.drop_in("job.ini", JOB) else { panic!() };
        let folder = accept(&spool.dropped("job.ini"), &ready, "demo", Some("one source")).unwrap().folder;
        assert_eq!(folder.state().unwrap().unwrap().state, State::Queued);
        assert!(!spool.folder().exists());
        let submission: Submission = folder.get_object(SUBMISSION).unwrap();
        assert_eq!(submission.job_file, Path::new("inputs/job.ini"));
        assert!(folder.inputs().join("m.xml").is_file());
    }

    #[test]
    fn jobs_of_a_folder_may_share_files() {
        let spool = Folder::new();
        for (name, text) in [("ssmLT.xml", TREE), ("job_a.ini", JOB), ("job_b.ini", JOB)] {
            spool.drop_in(name, text);
        }
        let Finding::Complete(first) = spool.drop_in("m.xml", MODEL) else { panic!() };
        let taken = accept(&spool.dropped("m.xml"), &first, "demo", Some("")).unwrap();
        assert_eq!(taken.files.iter().map(|(from, _)| from).collect::<Vec<_>>(), [Path::new("new/demo/job_a.ini")]);
        let Finding::Complete(second) = checked(&spool.dropped("m.xml")) else { panic!() };
        assert_eq!(second.job_file, Path::new("new/demo/job_b.ini"));
        let folder = accept(&spool.dropped("m.xml"), &second, "demo", Some("")).unwrap().folder;
        assert!(folder.inputs().join("m.xml").is_file() && !spool.folder().exists());
    }

    #[test]
    fn a_queue_takes_up_what_was_accepted_and_runs_it() {
        let spool = Folder::new();
        for (name, text) in [("ssmLT.xml", TREE), ("m.xml", MODEL)] {
            spool.drop_in(name, text);
        }
        let Finding::Complete(ready) = spool.drop_in("job.ini", JOB) else { panic!() };
        let folder = accept(&spool.dropped("job.ini"), &ready, "demo", Some("one source")).unwrap().folder;
        let queue = super::super::queue::Queue::start(spool.dir.clone(), 1, Runner::Here).unwrap();
        let started = std::time::Instant::now();
        while !folder.state().unwrap().unwrap().state.is_final() {
            assert!(started.elapsed().as_secs() < 60, "the job does not finish");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(folder.state().unwrap().unwrap().state, State::Complete);
        assert!(folder.datastore().is_file());
        drop(queue);
    }
}
