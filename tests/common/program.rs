//! The program itself, and jobs for it.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::mount::Daemon;

pub fn command(data_dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oqfs"));
    command.args(args).env("OQ_DATADIR", data_dir).env_remove("OQFS_LOG").stdin(Stdio::null());
    command
}

pub fn says(command: &mut Command, code: i32) -> String {
    told(command.output().unwrap(), code)
}

/// Has the process start with some signals ignored and some blocked, and the others as a shell starts what is typed.
pub fn starting<'a>(command: &'a mut Command, ignored: &'static [i32], blocked: &'static [i32]) -> &'a mut Command {
    let set = move || {
        // SAFETY: plain system calls; the set is initialised by the first one.
        unsafe {
            for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGCHLD] {
                let action = if ignored.contains(&signal) { libc::SIG_IGN } else { libc::SIG_DFL };
                libc::signal(signal, action);
            }
            let mut mask = std::mem::zeroed();
            libc::sigemptyset(&mut mask);
            for signal in blocked {
                libc::sigaddset(&mut mask, *signal);
            }
            libc::pthread_sigmask(libc::SIG_SETMASK, &mask, std::ptr::null_mut());
        }
        Ok(())
    };
    // SAFETY: what it does may be done between fork and exec.
    unsafe { command.pre_exec(set) }
}

/// What was printed, errors after the rest.
pub fn told(output: Output, code: i32) -> String {
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

/// A process that ends with the test.
pub struct Running(pub Child);

impl Running {
    pub fn code(&mut self) -> Option<i32> {
        self.0.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder with a job of one source and one site, described by the folder's name.
pub fn small_job(above: &Path, name: &str) -> PathBuf {
    let folder = above.join(name);
    fs::create_dir(&folder).unwrap();
    let job = format!(
        "[general]\ndescription = {name}\ncalculation_mode = classical\nsites = 15.3 40.9\ninvestigation_time = 50\n\
         truncation_level = 3\nmaximum_distance = 200\nwidth_of_mfd_bin = 0.2\nreference_vs30_value = 600\n\
         intensity_measure_types_and_levels = {{'PGA': [0.1, 0.2]}}\nsource_model_logic_tree_file = ssmLT.xml\n\
         gsim = BooreAtkinson2008\n"
    );
    fs::write(folder.join("job.ini"), job).unwrap();
    fs::write(folder.join("ssmLT.xml"), SMALL_TREE).unwrap();
    fs::write(folder.join("m.xml"), SMALL_MODEL).unwrap();
    folder
}

const SMALL_TREE: &str = "<nrml><logicTree><logicTreeBranchSet uncertaintyType='sourceModel' branchSetID='a'>\
    <logicTreeBranch branchID='b'><uncertaintyModel>m.xml</uncertaintyModel>\
    <uncertaintyWeight>1</uncertaintyWeight></logicTreeBranch></logicTreeBranchSet></logicTree></nrml>";
const SMALL_MODEL: &str = "<nrml><sourceModel><pointSource id='1' tectonicRegion='Active Shallow Crust'><pointGeometry>\
    <Point><pos>15.3 40.8</pos></Point><upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth>\
    </pointGeometry><magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>\
    <truncGutenbergRichterMFD aValue='3.1' bValue='0.9' minMag='5' maxMag='6.8'/><nodalPlaneDist>\
    <nodalPlane probability='1' strike='310' dip='60' rake='-90'/></nodalPlaneDist><hypoDepthDist>\
    <hypoDepth probability='1' depth='9'/></hypoDepthDist></pointSource></sourceModel></nrml>";

/// A folder with a job in it: `long...` takes minutes, any other a second.
pub fn job(above: &Path, name: &str) -> PathBuf {
    let folder = above.join(name);
    fs::create_dir(&folder).unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/jobs/irpinia");
    for entry in fs::read_dir(&model).unwrap() {
        let from = entry.unwrap().path();
        let other = from.extension().is_some_and(|e| e == "ini") && !from.ends_with("job.ini");
        if !other {
            fs::copy(&from, folder.join(from.file_name().unwrap())).unwrap();
        }
    }
    if name.starts_with("long") {
        let grid = fs::read_to_string(model.join("job_grid.ini")).unwrap();
        let fine = grid.replace("region_grid_spacing = 10", "region_grid_spacing = 0.2");
        fs::write(folder.join("job.ini"), fine).unwrap();
    }
    folder
}

pub fn state(calc: &Path) -> String {
    let text = fs::read(calc.join("job.json")).unwrap();
    serde_json::from_slice::<Value>(&text).unwrap()["state"].as_str().unwrap().to_string()
}

/// Waits until a calculation computes.
pub fn wait_for_stage(calc: &Path) {
    let until = Instant::now() + Duration::from_secs(60);
    while !fs::read_to_string(calc.join("job.json")).is_ok_and(|s| s.contains("\"classical\"")) {
        assert!(Instant::now() < until, "{} does not run", calc.display());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Copies a job into `new/` of a mount; the number of its calculation.
pub fn drop_job(daemon: &Daemon, name: &str) -> u32 {
    let made = job(daemon.tmp.path(), name);
    assert!(Command::new("cp").arg("-r").arg(&made).arg(daemon.path("new")).status().unwrap().success());
    let said = fs::read_to_string(daemon.path(&format!("new/{name}.status"))).unwrap();
    said.strip_prefix("calc_").unwrap().split(' ').next().unwrap().parse().unwrap()
}
