//! Multi-point sources: point sources that differ in their location and their magnitude-frequency distribution alone. Each
//! becomes a `<pointSource>` with the id `ID:0`, `ID:1`, ... (engine behaviour), to be read as any other.

use std::sync::Arc;

use compact_str::format_compact;

use super::NrmlError;
use super::xml::{Values, XmlNode};
use crate::source::point::{MultiPoint, PointSource};
use crate::source::{Source, Typology};

/// The children of a multi-point source that a point source has too.
const SHARED: [&str; 4] = ["magScaleRel", "ruptAspectRatio", "nodalPlaneDist", "hypoDepthDist"];

/// The point sources of a `<multiPointSource>`, each with the width of its magnitude bins: its own, or that of the job.
pub(super) fn points(
    v: &Values,
    source: &XmlNode,
    width_of_mfd_bin: Option<f64>,
) -> Result<Vec<(XmlNode, Option<f64>)>, NrmlError> {
    let geometry = v.descendant(source, &["multiPointGeometry"])?;
    let positions = v.descendant(geometry, &["posList"])?;
    let locations = v.coordinates::<2>(positions)?;
    let mfds = Mfds::read(v, v.descendant(source, &["multiMFD"])?, locations.len(), width_of_mfd_bin)?;
    let id = v.attribute(source, "id")?;
    let point = |(i, location): (usize, &[f64; 2])| {
        let pos = XmlNode { text: format!("{} {}", location[0], location[1]), ..empty("pos", positions) };
        let depths = geometry.children.iter().filter(|child| child.tag.ends_with("SeismoDepth")).cloned();
        let point = XmlNode { children: vec![pos], ..empty("Point", geometry) };
        let geometry =
            XmlNode { children: std::iter::once(point).chain(depths).collect(), ..empty("pointGeometry", geometry) };
        let shared = source.children.iter().filter(|child| SHARED.contains(&child.tag.as_str())).cloned();
        let children = [geometry, mfds.node(i)].into_iter().chain(shared).collect();
        let others = source.attributes.iter().filter(|(name, _)| name != "id").cloned();
        let attributes = others.chain([("id".into(), format_compact!("{id}:{i}"))]).collect();
        (XmlNode { attributes, children, ..empty("pointSource", source) }, mfds.bin_width(i))
    };
    Ok(locations.iter().enumerate().map(point).collect())
}

/// Have the point sources that a `<multiPointSource>` was read into know that they are its points. Their locations are in single
/// precision (engine behaviour).
pub(super) fn join(sources: &mut [Source]) {
    let single = |degrees: f64| f64::from(degrees as f32);
    for source in &mut *sources {
        if let Typology::Point(point) = &mut source.typology {
            point.location = (single(point.location.0), single(point.location.1));
        }
    }
    fn point(source: &Source) -> Option<&PointSource> {
        if let Typology::Point(point) = &source.typology { Some(point) } else { None }
    }
    let locations: Vec<_> = sources.iter().filter_map(point).map(|point| point.location).collect();
    let whole = Arc::new(MultiPoint::of(&locations));
    for source in sources {
        if let Typology::Point(point) = &mut source.typology {
            point.part_of = Some(whole.clone());
        }
    }
}

/// A node without content where `at` is.
fn empty(tag: &str, at: &XmlNode) -> XmlNode {
    XmlNode { tag: tag.into(), attributes: vec![], text: String::new(), children: vec![], line: at.line }
}

/// A kind of distribution: its fields that are attributes, by their names in a `<multiMFD>` and in a distribution of one
/// source, and those that are lists.
struct Kind {
    tag: &'static str,
    numbers: &'static [(&'static str, &'static str)],
    lists: &'static [&'static str],
}

const BIN_WIDTH: &str = "bin_width";

const KINDS: [Kind; 3] = [
    Kind { tag: "arbitraryMFD", numbers: &[], lists: &["magnitudes", "occurRates"] },
    Kind { tag: "incrementalMFD", numbers: &[("min_mag", "minMag"), (BIN_WIDTH, "binWidth")], lists: &["occurRates"] },
    Kind {
        tag: "truncGutenbergRichterMFD",
        numbers: &[("min_mag", "minMag"), ("max_mag", "maxMag"), ("a_val", "aValue"), ("b_val", "bValue")],
        lists: &[],
    },
];

/// Lists by their names, one a point.
type Lists = Vec<(&'static str, Vec<Vec<f64>>)>;

/// A `<multiMFD>`: each field has one value for all points or one for each.
struct Mfds<'a> {
    node: &'a XmlNode,
    kind: &'static Kind,
    numbers: Vec<(&'static str, Vec<f64>)>,
    lists: Lists,
    bin_widths: Option<Vec<f64>>,
}

impl<'a> Mfds<'a> {
    fn read(v: &Values, node: &'a XmlNode, points: usize, width_of_mfd_bin: Option<f64>) -> Result<Self, NrmlError> {
        let name = v.attribute(node, "kind")?;
        let Some(kind) = KINDS.iter().find(|kind| kind.tag == name) else {
            let known: Vec<_> = KINDS.iter().map(|kind| kind.tag).collect();
            return Err(
                v.error(node, format!("kind={name:?} of <multiMFD> is not known; known are {}", known.join(", ")))
            );
        };
        let size = v.number(node, "size")?;
        if size != points as f64 {
            return Err(v.error(node, format!("size={size} of <multiMFD>, but there are {points} points")));
        }
        let one_or_each = |field: &str, values: Vec<f64>| match values.len() {
            1 => Ok(vec![values[0]; points]),
            n if n == points => Ok(values),
            n => Err(v.error(node, format!("<{field}> has {n} values; expected 1 or {points}, one a point"))),
        };
        let field = |name: &str| one_or_each(name, v.numbers(v.descendant(node, &[name])?)?);
        let bin_widths = match node.child(BIN_WIDTH) {
            Some(_) => Some(field(BIN_WIDTH)?),
            None => width_of_mfd_bin.map(|width| vec![width; points]),
        };
        let number = |&(name, attribute): &(&'static str, &'static str)| match &bin_widths {
            Some(widths) if name == BIN_WIDTH => Ok((attribute, widths.clone())),
            _ => Ok((attribute, field(name)?)),
        };
        let numbers = kind.numbers.iter().map(number);
        let numbers = numbers.collect::<Result<_, NrmlError>>()?;
        let lists = if kind.lists.is_empty() { vec![] } else { lists(v, node, kind, field("lengths")?)? };
        Ok(Self { node, kind, numbers, lists, bin_widths })
    }

    fn bin_width(&self, point: usize) -> Option<f64> {
        self.bin_widths.as_ref()?.get(point).copied()
    }

    /// The distribution of a point.
    fn node(&self, point: usize) -> XmlNode {
        let number =
            |(name, values): &(&str, Vec<f64>)| Some(((*name).into(), format_compact!("{}", values.get(point)?)));
        let list = |(name, values): &(&str, Vec<Vec<f64>>)| {
            let text = values.get(point)?.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
            Some(XmlNode { text, ..empty(name, self.node) })
        };
        XmlNode {
            attributes: self.numbers.iter().filter_map(number).collect(),
            children: self.lists.iter().filter_map(list).collect(),
            ..empty(self.kind.tag, self.node)
        }
    }
}

/// The lists of a distribution cut into those of the points, by their lengths.
fn lists(v: &Values, node: &XmlNode, kind: &Kind, lengths: Vec<f64>) -> Result<Lists, NrmlError> {
    let cut = |name: &&'static str| {
        let inside = v.descendant(node, &[name])?;
        let all = v.numbers(inside)?;
        let total: f64 = lengths.iter().sum();
        if total != all.len() as f64 || lengths.iter().any(|n| *n < 1.0 || n.fract() != 0.0) {
            return Err(v.error(inside, format!("<{name}> has {} values; <lengths> add up to {total}", all.len())));
        }
        let mut rest = &all[..];
        let part = |n: &f64| {
            let (part, others) = rest.split_at((*n as usize).min(rest.len()));
            rest = others;
            part.to_vec()
        };
        Ok((*name, lengths.iter().map(part).collect()))
    };
    kind.lists.iter().map(cut).collect()
}

#[cfg(test)]
mod tests {
    use crate::nrml::source_model::tests::{parse, settings};
    use crate::source::Typology;

    fn multi_point(mfd: &str) -> String {
        format!(
            "<multiPointSource id='7' name='grid' tectonicRegion='Volcanic'><multiPointGeometry>\
             <posList>14.4 40.8 15.0 37.75</posList><upperSeismoDepth>0</upperSeismoDepth>\
             <lowerSeismoDepth>10</lowerSeismoDepth></multiPointGeometry><magScaleRel>WC1994</magScaleRel>\
             <ruptAspectRatio>1</ruptAspectRatio>{mfd}<nodalPlaneDist><nodalPlane probability='1' strike='0' dip='90' rake='0'/>\
             </nodalPlaneDist><hypoDepthDist><hypoDepth probability='1' depth='5'/></hypoDepthDist></multiPointSource>"
        )
    }

    #[test]
    fn a_multi_point_source_is_point_sources() {
        let incremental = "<multiMFD kind='incrementalMFD' size='2'><min_mag>4.5 5</min_mag><bin_width>0.5</bin_width>\
                           <occurRates>0.3 0.2 0.1</occurRates><lengths>2 1</lengths></multiMFD>";
        let sources = parse(&multi_point(incremental), &settings()).unwrap();
        let ids: Vec<_> = sources.iter().map(|s| s.id.as_str()).collect();
        assert_eq!(ids, ["7:0", "7:1"]);
        assert!(sources[1].is_called("7") && sources[1].is_called("7:1") && !sources[1].is_called("7:0"));
        assert_eq!(sources[0].mfd.rates(), [(4.5, 0.3), (5.0, 0.2)]);
        assert_eq!(sources[1].mfd.rates(), [(5.0, 0.1)]);
        let Typology::Point(point) = &sources[1].typology else { panic!() };
        assert_eq!((point.location, point.spread.depths), ((15.0, 37.75), (0.0, 10.0)));
        let Typology::Point(point) = &sources[0].typology else { panic!() };
        assert_eq!(point.location.0, f64::from(14.4f32));

        let truncated = "<multiMFD kind='truncGutenbergRichterMFD' size='2'><min_mag>5</min_mag><max_mag>6 7</max_mag>\
                         <a_val>3</a_val><b_val>1 0.9</b_val>WIDTH</multiMFD>";
        let widths = |width: &str| {
            let sources = parse(&multi_point(&truncated.replace("WIDTH", width)), &settings()).unwrap();
            sources.iter().map(|s| s.mfd.rates().len()).collect::<Vec<_>>()
        };
        let none = multi_point(&incremental.replace("<bin_width>0.5</bin_width>", ""));
        assert_eq!(parse(&none, &settings()).unwrap()[0].mfd.rates(), [(4.5, 0.3), (4.7, 0.2)]);
        assert_eq!((widths(""), widths("<bin_width>0.5</bin_width>")), (vec![5, 10], vec![2, 4]));

        for (mfd, expected) in [
            (incremental.replace("size='2'", "size='3'"), "size=3 of <multiMFD>, but there are 2 points"),
            (incremental.replace("2 1</lengths>", "2 2</lengths>"), "<occurRates> has 3 values; <lengths> add up to 4"),
            (incremental.replace("4.5 5<", "4.5 5 6<"), "<min_mag> has 3 values; expected 1 or 2"),
            (incremental.replace("incrementalMFD", "taperedMFD"), "kind=\"taperedMFD\" of <multiMFD> is not known"),
        ] {
            let message = parse(&multi_point(&mfd), &settings()).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\n  lacks {expected}");
        }
    }
}
