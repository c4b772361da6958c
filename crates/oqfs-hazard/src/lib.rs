//! Classical probabilistic seismic-hazard analysis: a job in, hazard curves out. Knows no HDF5 and no file system in user space.
//!
//! ```text
//! job.ini ──> job ──> (nrml, site, logictree, source, gsim) ──> calc
//!             parse        the model, plain data               numbers
//! ```
//!
//! The hazard of a fault at one site, from a job to its curve:
//!
//! ```
//! use oqfs_hazard::arrays::open_none;
//! use oqfs_hazard::calc::{Model, group_curves};
//! use oqfs_hazard::job::Job;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
//! write("sources.xml", r#"<?xml version="1.0"?>
//!     <nrml xmlns="http://openquake.org/xmlns/nrml/0.5" xmlns:gml="http://www.opengis.net/gml">
//!     <sourceModel name="Apennines"><sourceGroup name="faults" tectonicRegion="Active Shallow Crust">
//!     <simpleFaultSource id="paganica" name="Paganica" tectonicRegion="Active Shallow Crust">
//!         <simpleFaultGeometry>
//!             <gml:LineString><gml:posList>13.35 42.42  13.55 42.28</gml:posList></gml:LineString>
//!             <dip>50</dip><upperSeismoDepth>1</upperSeismoDepth><lowerSeismoDepth>13</lowerSeismoDepth>
//!         </simpleFaultGeometry>
//!         <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>
//!         <arbitraryMFD><occurRates>0.001</occurRates><magnitudes>6.3</magnitudes></arbitraryMFD>
//!         <rake>-90</rake>
//!     </simpleFaultSource></sourceGroup></sourceModel></nrml>"#)?;
//! write("tree.xml", r#"<?xml version="1.0"?>
//!     <nrml xmlns="http://openquake.org/xmlns/nrml/0.5"><logicTree logicTreeID="sources">
//!     <logicTreeBranchSet branchSetID="models" uncertaintyType="sourceModel"><logicTreeBranch branchID="only">
//!         <uncertaintyModel>sources.xml</uncertaintyModel><uncertaintyWeight>1</uncertaintyWeight>
//!     </logicTreeBranch></logicTreeBranchSet></logicTree></nrml>"#)?;
//! write("job.ini", "[general]
//! description = L'Aquila
//! calculation_mode = classical
//! sites = 13.40 42.35
//! reference_vs30_value = 500
//! source_model_logic_tree_file = tree.xml
//! gsim = AkkarEtAlRjb2014
//! rupture_mesh_spacing = 2
//! maximum_distance = 100
//! truncation_level = 3
//! investigation_time = 50
//! intensity_measure_types_and_levels = {'PGA': [0.05, 0.1, 0.2, 0.4]}
//! mean = true")?;
//!
//! let model = Model::read(Job::read(&folder.path().join("job.ini"))?, &open_none)?;
//! let curves = group_curves(&model, &model.groups[0], &())?;
//! // probabilities of exceedance in 50 years, (sites, levels)
//! let (imt, poes) = &curves[0].poes[0];
//! assert_eq!((imt.as_str(), poes.dim()), ("PGA", (1, 4)));
//! assert!(poes[[0, 0]] < 0.05 && poes[[0, 3]] > 0.005);
//! # Ok(())
//! # }
//! ```
//!
//! The modules stand in that order, and none uses one to its right. Ground-motion models and geometry are a crate of their own,
//! `oqfs-gsim`, whose modules are named here too. [`digest`] is for all of them: it names what follows from values.

// tests hold against the C library what the crate computes without it
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub use oqfs_gsim::{arrays, elementary, geo, gsim, nearest, vector};

/// The release of the OpenQuake engine whose numbers are followed.
pub const RELEASE: &str = "3.26.2";

pub mod calc;
pub mod digest;
pub mod job;
pub mod logictree;
pub mod nrml;
pub mod site;
pub mod source;
