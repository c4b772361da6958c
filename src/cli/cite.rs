//! `oqfs cite`: what a publication that uses a calculation should cite.

use anyhow::{Context, Result};
use clap::Args;

use super::bibtex::Entry;
use super::calcs::{Calcs, NamedCalc};
use super::out;
use crate::calc::Model;
use crate::daemon::{Provenance, Used};
use crate::datastore::{CalcFolder, open_arrays};
use crate::gsim::info;
use crate::job::Job;
use crate::schema::RELEASE;
use crate::source::msr::Msr;
use crate::view::ViewNode;

/// Write what a calculation is to be cited with, as BibTeX.
///
/// That is the program, the OpenQuake engine, and every ground-motion model and magnitude-scaling relationship that the calculation uses. Of a
/// calculation of the engine, which does not keep its sources' relationships, the models alone.
#[derive(Debug, Args)]
pub struct Cite {
    /// The calculation: its number, calc_N, last, or the path of its folder
    calc: NamedCalc,
}

/// The engine's own publication.
const ENGINE: &str = "Pagani et al. (2014), OpenQuake Engine: an open hazard (and risk) software for the Global Earthquake Model, \
                      Seismological Research Letters 85(3), 692-702";
const ENGINE_DOI: &str = "10.1785/0220130087";

impl Cite {
    pub fn execute(self) -> Result<()> {
        let calcs = Calcs::open_for(std::slice::from_ref(&self.calc))?;
        let id = calcs.one(&self.calc)?;
        let cited = match calcs.dir.folder(id) {
            Some(folder) if calcs.standing(id)?.ours => Cited::of(&folder)?,
            _ => Cited::of_engine(&calcs, id)?,
        };
        out::print(cited.entries().iter().map(Entry::to_string).collect::<Vec<_>>().join("\n"))
    }
}

/// What is to be cited for a calculation.
struct Cited {
    by_this_program: bool,
    used: Used,
}

impl Cited {
    /// Of a calculation of this program: as its provenance says, else as its inputs do.
    fn of(folder: &CalcFolder) -> Result<Cited> {
        let used = match folder.provenance::<Provenance>()? {
            Some(known) => Used { models: known.ground_motion_models, relations: known.scaling_relations },
            None => Used::by(&Model::read(Job::read(&Provenance::job_file(folder)?)?, &open_arrays)?),
        };
        Ok(Cited { by_this_program: true, used })
    }

    /// Of a calculation of the engine: its datastore has the branches of the GSIM logic tree as text.
    fn of_engine(calcs: &Calcs, id: u32) -> Result<Cited> {
        let tree = calcs.tree(id)?.with_context(|| format!("calculation {id} has no datastore that can be read"))?;
        let path = ["full_lt", "gsim_lt.csv"].map(String::from);
        let Some(ViewNode::File(file)) = tree.at(&path)? else {
            anyhow::bail!("calculation {id} has no logic tree of ground-motion models");
        };
        let text = String::from_utf8_lossy(&file.read()?).into_owned();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let models = words.filter(|word| info(word).is_ok()).map(str::to_string).collect();
        Ok(Cited { by_this_program: false, used: Used { models, ..Used::default() } })
    }

    /// What is to be cited, each publication once.
    fn entries(&self) -> Vec<Entry> {
        let mut entries = vec![];
        if self.by_this_program {
            entries.push(Entry::software(
                "oqfs",
                env!("CARGO_PKG_VERSION"),
                "A classical PSHA calculator and file system of calculations",
            ));
        }
        let release = format!("The numbers agree with release {RELEASE}");
        let mut add = |(reference, doi): (&str, Option<&str>), used_as: String| {
            let Some(new) = Entry::of(reference, doi, used_as) else { return };
            match entries.iter_mut().find(|entry: &&mut Entry| entry.is_same(&new)) {
                Some(entry) => entry.also(&new),
                None => entries.push(new),
            }
        };
        add((ENGINE, Some(ENGINE_DOI)), if self.by_this_program { release } else { String::new() });
        for name in &self.used.models {
            if let Ok(model) = info(name) {
                add((model.reference, model.doi), name.clone());
            }
        }
        for name in &self.used.relations {
            if let Some(publication) = Msr::all().find(|msr| msr.name() == name).and_then(|msr| msr.publication()) {
                add(publication, name.clone());
            }
        }
        Entry::with_keys(entries)
    }
}
