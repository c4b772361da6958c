//! The uncertainties of a source model logic tree: what a branch changes in the sources.

use super::source_model_tree::Filter;
use crate::nrml::NrmlError;
use crate::nrml::logic_tree::Branch;
use crate::nrml::surface::SurfaceReader;
use crate::nrml::xml::{Values, XmlNode, parse_number};
use crate::source::modify::Change;
use crate::source::simple_fault::SimpleFaultSource;
use crate::source::{Msr, Source, SourceError};

/// What a branch says.
#[derive(Clone, Debug, PartialEq)]
pub enum Uncertainty {
    /// The source model is in these files.
    SourceModel(Vec<String>),
    /// The source model has these files too.
    ExtendModel(Vec<String>),
    /// Sources are changed.
    Change(Change),
    /// Nothing: the branch stands where a branch set does not apply.
    None,
}

/// The types that are known, as they stand in `uncertaintyType`.
pub const TYPES: [&str; 29] = [
    "sourceModel",
    "extendModel",
    "abGRAbsolute",
    "abMaxMagAbsolute",
    "bACAbsolute",
    "bACRelative",
    "bGRAbsolute",
    "bGRRelative",
    "maxMagGRAbsolute",
    "maxMagGRRelative",
    "maxMagGRRelativeNoMoBalance",
    "maxMagAndDeltaMagACRelative",
    "maxMagAndDeltaMagACRelativeNoMoBalance",
    "incrementalMFDAbsolute",
    "truncatedGRFromSlipAbsolute",
    "recomputeMmax",
    "setMSRAbsolute",
    "setAspectRatioAbsolute",
    "setAspectRatioRelative",
    "setLowerSeismDepthAbsolute",
    "setLowerSeismDepthRelative",
    "setUpperSeismDepthAbsolute",
    "setUpperSeismDepthRelative",
    "areaSourceGeometryAbsolute",
    "simpleFaultDipRelative",
    "simpleFaultDipAbsolute",
    "simpleFaultGeometryAbsolute",
    "complexFaultGeometryAbsolute",
    "characteristicFaultGeometryAbsolute",
];

impl Uncertainty {
    /// What a branch of a branch set of this type says. The type is one of [`TYPES`].
    pub fn parse(kind: &str, branch: &Branch, values: &Values) -> Result<Uncertainty, NrmlError> {
        let node = &branch.value;
        let fail =
            |expected: &str| values.error(node, format!("{kind}: found {:?}; expected {expected}", branch.model));
        let number = || parse_number(&branch.model).ok_or_else(|| fail("a number"));
        let files = || branch.model.split_whitespace().map(str::to_string).collect::<Vec<_>>();
        let change = match kind {
            "sourceModel" => return Ok(Uncertainty::SourceModel(files())),
            "extendModel" => return Ok(Uncertainty::ExtendModel(files())),
            "abGRAbsolute" => match values.numbers(node)?[..] {
                [a, b] => Change::SetAb(a, b),
                _ => return Err(fail("two numbers, a and b")),
            },
            "abMaxMagAbsolute" => match values.numbers(node)?[..] {
                [a, b, max_mag] => Change::SetAbMaxMag(a, b, max_mag),
                _ => return Err(fail("three numbers, a, b and the upper magnitude")),
            },
            "bACAbsolute" => Change::SetCharacteristicB(number()?),
            "bACRelative" => Change::AddToCharacteristicB(number()?),
            "bGRAbsolute" => Change::SetB(number()?),
            "bGRRelative" => Change::AddToB(number()?),
            "maxMagGRAbsolute" => Change::SetMaxMag(number()?),
            "maxMagGRRelative" => Change::AddToMaxMag { by: number()?, balanced: true },
            "maxMagGRRelativeNoMoBalance" => Change::AddToMaxMag { by: number()?, balanced: false },
            "maxMagAndDeltaMagACRelative" | "maxMagAndDeltaMagACRelativeNoMoBalance" => match values.numbers(node)?[..]
            {
                [max_mag, delta] => {
                    Change::AddToMaxMagAndDelta { max_mag, delta, balanced: !kind.ends_with("NoMoBalance") }
                }
                _ => {
                    return Err(fail(
                        "two numbers, for the upper magnitude and for the width of the characteristic zone",
                    ));
                }
            },
            "incrementalMFDAbsolute" => {
                let mfd = values.descendant(node, &["incrementalMFD"])?;
                let rates = values.numbers(values.descendant(mfd, &["occurRates"])?)?;
                Change::SetIncremental {
                    min_mag: values.number(mfd, "minMag")?,
                    bin_width: values.number(mfd, "binWidth")?,
                    rates,
                }
            }
            "truncatedGRFromSlipAbsolute" => {
                let data = values.descendant(node, &["faultActivityData"])?;
                let constant =
                    if data.attribute("constant_term").is_some() { values.number(data, "constant_term")? } else { 9.1 };
                Change::SetSlip {
                    rate: values.number(data, "slipRate")?,
                    rigidity: values.number(data, "rigidity")?,
                    constant,
                }
            }
            "recomputeMmax" => Change::MaxMagFromArea { epsilon: number()? },
            "setMSRAbsolute" => {
                Change::SetMsr(Msr::by_name(&branch.model).map_err(|e| values.error(node, e.to_string()))?)
            }
            "setAspectRatioAbsolute" => Change::SetAspectRatio(number()?),
            "setAspectRatioRelative" => Change::AddToAspectRatio(number()?),
            "setLowerSeismDepthAbsolute" => Change::SetLowerDepth(number()?),
            "setLowerSeismDepthRelative" => Change::AddToLowerDepth(number()?),
            "setUpperSeismDepthAbsolute" => Change::SetUpperDepth(number()?),
            "setUpperSeismDepthRelative" => Change::AddToUpperDepth(number()?),
            // the depths of the geometry do not count (engine behaviour)
            "areaSourceGeometryAbsolute" => {
                let positions = ["areaGeometry", "Polygon", "exterior", "LinearRing", "posList"];
                let vertices = values.coordinates(values.descendant(node, &positions)?)?;
                Change::SetPolygon(vertices.into_iter().map(|[lon, lat]| (lon, lat)).collect())
            }
            "simpleFaultDipRelative" => Change::AddToDip(number()?),
            "simpleFaultDipAbsolute" => Change::SetDip(number()?),
            "simpleFaultGeometryAbsolute" | "complexFaultGeometryAbsolute" | "characteristicFaultGeometryAbsolute" => {
                geometry(kind, node, values)?
            }
            _ => return Err(unknown(kind, node, values)),
        };
        Ok(Uncertainty::Change(change))
    }
}

fn unknown(kind: &str, node: &XmlNode, values: &Values) -> NrmlError {
    values.error(node, format!("uncertaintyType={kind:?} is not known; known are {}", TYPES.join(", ")))
}

/// A new geometry, with the spacing of its mesh.
fn geometry(kind: &str, node: &XmlNode, values: &Values) -> Result<Change, NrmlError> {
    let in_branch = |e: SourceError| values.error(node, format!("{kind}: {e}"));
    let reader = |geometry: &XmlNode| SurfaceReader::with_spacing_of(geometry, values, &in_branch);
    Ok(match kind {
        "simpleFaultGeometryAbsolute" => {
            let geometry = values.descendant(node, &["simpleFaultGeometry"])?;
            let fault = reader(geometry)?.simple(geometry, 0.0, Default::default())?;
            let SimpleFaultSource { trace, depths, dip, mesh_spacing: spacing, .. } = fault;
            Change::SetSimpleFault { trace, depths, dip, spacing }
        }
        "complexFaultGeometryAbsolute" => {
            let geometry = values.descendant(node, &["complexFaultGeometry"])?;
            let fault = reader(geometry)?.complex(geometry, 0.0)?;
            Change::SetComplexFault { edges: fault.edges, spacing: fault.mesh_spacing }
        }
        "characteristicFaultGeometryAbsolute" => {
            let surfaces = values.descendant(node, &["surface"])?;
            let read = |geometry: &XmlNode| reader(geometry)?.surface(geometry);
            let found = surfaces.children.iter().map(read).collect::<Result<Vec<_>, _>>()?;
            if found.is_empty() {
                return Err(values.error(surfaces, format!("{kind}: <surface> is empty; expected a geometry")));
            }
            Change::SetSurfaces(found)
        }
        _ => return Err(unknown(kind, node, values)),
    })
}

/// Which branch changes which sources.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The sources that it is for.
    pub filter: Filter,
    /// What it does to them.
    pub change: Change,
    /// The line of the branch.
    pub line: usize,
}

impl Applied {
    /// Change a source, if it is one of those.
    pub fn apply(&self, source: &mut Source) -> Result<(), SourceError> {
        if self.filter.holds(source) { self.change.apply(source) } else { Ok(()) }
    }
}
