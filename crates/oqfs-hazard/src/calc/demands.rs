//! What ground-motion models demand of the surfaces of a source: an error before the calculation, not a number that cannot be.

use super::placed::Placed;
use crate::geo::surface::Surface;
use crate::gsim::Param;
use crate::logictree::GsimBranch;
use crate::source::SourceError;
use crate::source::complex_fault::check_descent;

/// Parameters that take a surface with edges.
const EDGES: [Param; 3] = [Param::Rx, Param::Ry0, Param::Width];

/// Parameters that follow from the strike or the dip of a surface.
const ORIENTATION: [Param; 4] = [Param::Strike, Param::Dip, Param::Ry0, Param::Azimuth];

/// An error if a model requires of the surfaces of a source what they do not have.
pub fn check(placed: &dyn Placed, models: &[GsimBranch]) -> Result<(), SourceError> {
    let surfaces = placed.surfaces();
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
    placed.irregular_meshes().into_iter().try_for_each(check_descent)
}
