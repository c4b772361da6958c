//! Classical PSHA with the library: the curves of each source group by each ground-motion model, kept in a datastore.
//!
//! ```text
//! cargo run --release --example classical_psha -- demo/job.ini
//! ```

use std::path::PathBuf;

use anyhow::{Context, Result};
use oqfs::calc::{Model, group_curves};
use oqfs::datastore::{ArrayData, DataStore, open_arrays};
use oqfs::job::Job;

fn main() -> Result<()> {
    let job_file: PathBuf = std::env::args_os().nth(1).context("usage: classical_psha JOB.ini")?.into();
    // the sites, the logic trees, and the sources, grouped by tectonic region type
    let model = Model::read(Job::read(&job_file)?, &open_arrays)?;
    let store = DataStore::create()?;
    for (grp_id, group) in model.groups.iter().enumerate() {
        for curves in group_curves(&model, group, &())? {
            let fields = curves.poes.into_iter().map(|(imt, poes)| (imt, poes.into())).collect();
            let table = ArrayData::records(fields).context("a job without intensity measures")?;
            let key = format!("/{grp_id}/{}", curves.gsim);
            store.set_block(&key, &table)?;
            println!("{key}: {}", group.trt);
        }
    }
    store.flush()?;
    Ok(store.close()?)
}
