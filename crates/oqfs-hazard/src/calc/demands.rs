//! What ground-motion models demand of the surfaces of a source: an error before the calculation, not a number that cannot be.

use crate::geo::mesh::Regularity;
use crate::geo::surface::{Shape, Surface};
use crate::gsim::Param;
use crate::logictree::GsimBranch;
use crate::source::complex_fault::check_descent;
use crate::source::{Source, SourceError, Typology};

/// Parameters that take a surface with edges.
const EDGES: [Param; 3] = [Param::Rx, Param::Ry0, Param::Width];

/// Parameters that follow from the strike or the dip of a surface.
const ORIENTATION: [Param; 4] = [Param::Strike, Param::Dip, Param::Ry0, Param::Azimuth];

/// An error if a model requires of the surfaces of a source what they do not have. `surfaces` are those of ruptures that are whole surfaces.
pub fn check(source: &Source, surfaces: &[Surface], models: &[GsimBranch]) -> Result<(), SourceError> {
    let asking = |params: &[Param]| models.iter().find(|b| params.iter().any(|p| b.gsim.params().contains(p)));
    if let Some(model) = asking(&EDGES)
        && !surfaces.iter().all(Surface::has_edges)
    {
        return Err(SourceError::Parameter {
            parameter: "a surface of the source",
            found: "a griddedSurface".into(),
            accepted: format!("it has no rx, ry0 and width, which {} requires", model.name),
        });
    }
    let Some(model) = asking(&ORIENTATION) else { return Ok(()) };
    if surfaces.iter().any(|surface| surface.dip.is_nan()) {
        return Err(SourceError::Parameter {
            parameter: "a surface of the source",
            found: "a griddedSurface of two points".into(),
            accepted: format!("it has no dip, which {} requires", model.name),
        });
    }
    if let Typology::ComplexFault(fault) = &source.typology {
        check_descent(&fault.mesh()?)?;
    }
    for surface in surfaces {
        if let Shape::Mesh(mesh, Regularity::Irregular) = &surface.shape {
            check_descent(mesh)?;
        }
    }
    Ok(())
}
