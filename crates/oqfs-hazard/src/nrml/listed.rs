//! Sources that list their ruptures: in the XML itself or in a file of arrays (HDF5) beside it, of the same name.

use std::path::Path;
use std::sync::Arc;

use ndarray::{Array2, Ix2};

use super::NrmlError;
use super::group::weights;
use super::source_model::{SourceSettings, surface_reader};
use super::surface::is_surface;
use super::xml::{Values, XmlNode, parse_number};
use crate::arrays::{ArrayFile, Open};
use crate::geo::Point;
use crate::source::characteristic::FaultSurface;
use crate::source::listed::{ListedKind, ListedRupture, ListedSource};
use crate::source::{Mfd, Source, SourceError, Typology, check, check_rake};

/// The sources that list their ruptures.
pub(super) const TAGS: [&str; 2] = ["nonParametricSeismicSource", "multiFaultSource"];

/// The ruptures of a non-parametric source.
const RUPTURES: [&str; 5] =
    ["simpleFaultRupture", "complexFaultRupture", "singlePlaneRupture", "multiPlanesRupture", "griddedRupture"];

/// By how much probabilities may miss one.
const PRECISION: f64 = 1e-12;

/// A source of a file. Without ruptures in it they are in the file of the same name that ends in `.hdf5`.
pub(super) fn source(
    path: &Path,
    node: &XmlNode,
    trt: String,
    settings: &SourceSettings,
    open: Open,
) -> Result<Source, NrmlError> {
    let values = Values::new(path);
    let id = values.attribute(node, "id")?.to_string();
    let beside = path.with_extension("hdf5");
    let own = ruptures_of(&values, node)?;
    let side = if !own.is_empty() {
        None
    } else if beside.is_file() {
        Some(SideFile::open(&beside, &id, open)?)
    } else {
        let message = format!("source {id} has no rupture, and there is no {} that could hold them", beside.display());
        return Err(values.error(node, message));
    };
    let reader = ListReader { values: &values, node, ruptures: own, settings, id: &id };
    let list = match (node.tag.as_str(), side) {
        ("multiFaultSource", None) => reader.multi_fault()?,
        ("multiFaultSource", Some(side)) => side.multi_fault(settings)?,
        ("nonParametricSeismicSource", None) => reader.non_parametric()?,
        ("nonParametricSeismicSource", Some(side)) => reader.weighted(side.non_parametric()?)?,
        (other, _) => return Err(values.error(node, format!("source {id}: <{other}> lists no ruptures"))),
    };
    for (i, rupture) in list.ruptures.iter().enumerate() {
        let error = |e: SourceError| values.error(node, format!("source {id}, rupture {}: {e}", i + 1));
        check("magnitude", rupture.mag, rupture.mag > 0.0, "it must be positive").map_err(error)?;
        check_rake(rupture.rake).map_err(error)?;
    }
    let name = node.attribute("name").unwrap_or_default().to_string();
    Ok(Source { name, ..Source::plain(&id, &trt, Mfd::Listed, Typology::Listed(list)) })
}

/// The elements of a source that are its ruptures: all but a first one `<faults>`, which groups the sections of a multi-fault
/// source. The groups have a meaning for rates by source only, which are of whole sources here.
fn ruptures_of<'a>(v: &Values, node: &'a XmlNode) -> Result<&'a [XmlNode], NrmlError> {
    let Some((faults, ruptures)) = node.children.split_first().filter(|(first, _)| first.tag == "faults") else {
        return Ok(&node.children);
    };
    if node.tag != "multiFaultSource" {
        return Err(v.error(faults, format!("<faults> in <{}>; it is for multiFaultSource", node.tag)));
    }
    for fault in &faults.children {
        if fault.tag != "fault" {
            return Err(v.error(fault, format!("found <{}> inside <faults>; expected <fault>", fault.tag)));
        }
        v.attribute(fault, "tag")?;
        v.attribute(fault, "indexes")?;
    }
    Ok(ruptures)
}

/// A `<section>` of a geometry model: its id and its surface.
pub(super) fn section(
    v: &Values,
    node: &XmlNode,
    settings: &SourceSettings,
) -> Result<(String, FaultSurface), NrmlError> {
    if node.tag != "section" {
        return Err(v.error(node, format!("found <{}> inside <geometryModel>; expected <section>", node.tag)));
    }
    let id = v.attribute(node, "id")?.to_string();
    let in_section = |e: SourceError| v.error(node, format!("section {id}: {e}"));
    let surfaces: Vec<&XmlNode> = node.children.iter().filter(|child| is_surface(child)).collect();
    match surfaces[..] {
        [only] if ["kiteSurface", "planarSurface"].contains(&only.tag.as_str()) => {
            let surface = surface_reader(v, settings, &in_section).surface(only)?;
            Ok((id, surface))
        }
        _ => Err(v.error(node, format!("section {id} needs one surface, a kiteSurface or a planarSurface"))),
    }
}

/// The sections that ruptures refer to, each once.
#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    fn place(&mut self, name: &str) -> u32 {
        let place = self.0.iter().position(|n| n == name).unwrap_or_else(|| {
            self.0.push(name.to_string());
            self.0.len() - 1
        });
        place as u32
    }
}

/// A multi-fault source. Magnitudes are in hundredths and rakes in single precision (engine behaviour).
fn multi_fault(names: Names, mut ruptures: Vec<ListedRupture>, settings: &SourceSettings) -> ListedSource {
    for rupture in &mut ruptures {
        rupture.mag = (rupture.mag * 100.0).round_ties_even() / 100.0;
        rupture.rake = f64::from(rupture.rake as f32);
    }
    ListedSource {
        kind: ListedKind::MultiFault { infers_rates: settings.infer_occur_rates },
        sections: Arc::new(names.0),
        surfaces: Arc::new(Vec::new()),
        ruptures: Arc::new(ruptures),
    }
}

/// Reads the ruptures inside a source.
struct ListReader<'a> {
    values: &'a Values<'a>,
    node: &'a XmlNode,
    /// Those of its elements that are ruptures.
    ruptures: &'a [XmlNode],
    settings: &'a SourceSettings,
    id: &'a str,
}

impl ListReader<'_> {
    fn multi_fault(&self) -> Result<ListedSource, NrmlError> {
        let v = self.values;
        let mut names = Names::default();
        let mut ruptures: Vec<ListedRupture> = Vec::new();
        for node in self.ruptures {
            let sections = v.descendant(node, &["sectionIndexes"])?;
            let parts = v.attribute(sections, "indexes")?.split(',').map(|name| names.place(name.trim())).collect();
            let probabilities = self.probabilities(node, ruptures.first())?;
            ruptures.push(ListedRupture {
                mag: v.child_number(node, "magnitude")?,
                rake: v.child_number(node, "rake")?,
                hypocentre: None,
                probabilities,
                weight: 1.0,
                parts,
            });
        }
        Ok(multi_fault(names, ruptures, self.settings))
    }

    fn non_parametric(&self) -> Result<ListedSource, NrmlError> {
        let v = self.values;
        let in_source = |e: SourceError| v.error(self.node, format!("source {}: {e}", self.id));
        let reader = surface_reader(v, self.settings, &in_source);
        let (mut surfaces, mut ruptures) = (Vec::new(), Vec::<ListedRupture>::new());
        for node in self.ruptures {
            if !RUPTURES.contains(&node.tag.as_str()) {
                let message = format!("<{}> is not known; known are {}", node.tag, RUPTURES.join(", "));
                return Err(v.error(node, message));
            }
            let own: Vec<&XmlNode> = node.children.iter().filter(|child| is_surface(child)).collect();
            let own = reader.surfaces(node, &own)?;
            let hypocentre = v.descendant(node, &["hypocenter"])?;
            let probabilities = self.probabilities(node, ruptures.first())?;
            let total: f64 = probabilities.iter().sum();
            if !((total - 1.0).abs() <= PRECISION) {
                return Err(v.error(node, format!("probs_occur sum to {total}; they must sum to 1")));
            }
            ruptures.push(ListedRupture {
                mag: v.child_number(node, "magnitude")?,
                rake: v.child_number(node, "rake")?,
                hypocentre: Some(v.place(hypocentre)?),
                probabilities,
                weight: 1.0,
                parts: (surfaces.len() as u32..(surfaces.len() + own.len()) as u32).collect(),
            });
            surfaces.extend(own);
        }
        self.weighted((surfaces, ruptures))
    }

    /// A non-parametric source, its ruptures with the weights that it gives, if it does.
    fn weighted(
        &self,
        (surfaces, mut ruptures): (Vec<FaultSurface>, Vec<ListedRupture>),
    ) -> Result<ListedSource, NrmlError> {
        if self.node.attribute("rup_weights").is_some() {
            let weights = weights(self.values, self.node, "rup_weights")?;
            if weights.len() != ruptures.len() {
                let message =
                    format!("source {} has {} rup_weights for {} ruptures", self.id, weights.len(), ruptures.len());
                return Err(self.values.error(self.node, message));
            }
            ruptures.iter_mut().zip(weights).for_each(|(rupture, weight)| rupture.weight = weight);
        }
        Ok(ListedSource {
            kind: ListedKind::NonParametric,
            sections: Arc::new(Vec::new()),
            surfaces: Arc::new(surfaces),
            ruptures: Arc::new(ruptures),
        })
    }

    /// The probabilities of no occurrence, one, ...: as many as the first rupture has.
    fn probabilities(&self, node: &XmlNode, first: Option<&ListedRupture>) -> Result<Vec<f64>, NrmlError> {
        let v = self.values;
        let text = v.attribute(node, "probs_occur")?.replace(['[', ']', ','], " ");
        let parse = |word: &str| {
            parse_number(word).filter(|p| (0.0..=1.0).contains(p)).ok_or_else(|| {
                v.error(node, format!("found {word:?} in probs_occur; expected probabilities within [0, 1]"))
            })
        };
        let found: Vec<f64> = text.split_ascii_whitespace().map(parse).collect::<Result<_, _>>()?;
        let wanted = first.map_or(found.len(), |rupture| rupture.probabilities.len());
        if found.is_empty() || found.len() != wanted {
            let message =
                format!("probs_occur has {} numbers; expected {}, as in the first rupture", found.len(), wanted.max(1));
            return Err(v.error(node, message));
        }
        Ok(found)
    }
}

/// The group of a source in a file of arrays.
struct SideFile<'a> {
    path: &'a Path,
    file: Box<dyn ArrayFile>,
    id: &'a str,
}

impl<'a> SideFile<'a> {
    fn open(path: &'a Path, id: &'a str, open: Open) -> Result<SideFile<'a>, NrmlError> {
        let file = open(path).map_err(|message| NrmlError::new(path, 0, message))?;
        Ok(SideFile { path, file, id })
    }

    fn error(&self, message: impl std::fmt::Display) -> NrmlError {
        NrmlError::new(self.path, 0, format!("source {}: {message}", self.id))
    }

    fn numbers(&self, name: &str, n: usize) -> Result<Vec<f64>, NrmlError> {
        let array = self.file.numbers(&format!("{}/{name}", self.id)).map_err(|e| self.error(e))?;
        if n != usize::MAX && array.len() != n {
            return Err(self.error(format!("{name} has {} numbers; expected {n}", array.len())));
        }
        if let Some(other) = array.iter().find(|x| !x.is_finite()) {
            return Err(self.error(format!("{name} holds {other}; expected finite numbers")));
        }
        Ok(array.into_raw_vec_and_offset().0)
    }

    fn probabilities(&self, n: usize) -> Result<Array2<f64>, NrmlError> {
        let key = format!("{}/probs_occur", self.id);
        let array = self.file.numbers(&key).map_err(|e| self.error(e))?;
        let array = array.into_dimensionality::<Ix2>().map_err(|e| self.error(format!("{key}: {e}")))?;
        if array.nrows() != n || array.ncols() == 0 || array.iter().any(|p| !(0.0..=1.0).contains(p)) {
            let found = format!("{} x {} numbers", array.nrows(), array.ncols());
            return Err(self
                .error(format!("probs_occur holds {found}; expected probabilities, a row for each of {n} ruptures")));
        }
        Ok(array)
    }

    fn multi_fault(&self, settings: &SourceSettings) -> Result<ListedSource, NrmlError> {
        let mags = self.numbers("mag", usize::MAX)?;
        let rakes = self.numbers("rake", mags.len())?;
        let probabilities = self.probabilities(mags.len())?;
        let indexes = self.file.texts(&format!("{}/rupture_idxs", self.id)).map_err(|e| self.error(e))?;
        if indexes.len() != mags.len() {
            return Err(self.error(format!("rupture_idxs has {} rows; expected {}", indexes.len(), mags.len())));
        }
        let mut names = Names::default();
        let ruptures = indexes.iter().enumerate().map(|(i, words)| ListedRupture {
            mag: mags[i],
            rake: rakes[i],
            hypocentre: None,
            probabilities: probabilities.row(i).to_vec(),
            weight: 1.0,
            parts: words.split_ascii_whitespace().map(|name| names.place(name)).collect(),
        });
        let ruptures: Vec<ListedRupture> = ruptures.collect();
        Ok(multi_fault(names, ruptures, settings))
    }

    /// Surfaces that are clouds of points, and their ruptures.
    fn non_parametric(&self) -> Result<(Vec<FaultSurface>, Vec<ListedRupture>), NrmlError> {
        let mags = self.numbers("magnitude", usize::MAX)?;
        let n = mags.len();
        let rakes = self.numbers("rake", n)?;
        let hypocentres = self.numbers("hypocenter", 3 * n)?;
        let probabilities = self.probabilities(n)?;
        let slices = self.numbers("slice", 2 * n)?;
        let points = self.numbers("mesh3d", usize::MAX)?;
        let (points, []) = points.as_chunks::<3>() else {
            return Err(self.error(format!("mesh3d has {} numbers; expected three for each point", points.len())));
        };
        let points: Vec<Point> = points.iter().map(|p| Point::new(p[0], p[1], p[2])).collect();
        if let Some(slice) = slices.iter().find(|x| x.fract() != 0.0 || **x < 0.0) {
            return Err(self.error(format!("slice holds {slice}; expected places in mesh3d, from 0")));
        }
        let (mut surfaces, mut ruptures) = (Vec::new(), Vec::new());
        for i in 0..n {
            let range = slices[2 * i] as usize..slices[2 * i + 1] as usize;
            let own = points
                .get(range)
                .filter(|own| !own.is_empty())
                .ok_or_else(|| self.error(format!("slice {i} is not within the {} points of mesh3d", points.len())))?;
            surfaces.push(FaultSurface::Cloud(own.to_vec()));
            ruptures.push(ListedRupture {
                mag: mags[i],
                rake: rakes[i],
                hypocentre: Some(Point::new(hypocentres[3 * i], hypocentres[3 * i + 1], hypocentres[3 * i + 2])),
                probabilities: probabilities.row(i).to_vec(),
                weight: 1.0,
                parts: vec![i as u32],
            });
        }
        Ok((surfaces, ruptures))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{arr1, arr2};

    use super::super::source_model::tests::{parse, settings};
    use super::super::source_model::{self};
    use super::*;
    use crate::arrays::Memory;

    fn rupture(attributes: &str, sections: &str) -> String {
        format!(
            "<multiPlanesRupture {attributes}><magnitude>6.504</magnitude>{sections}<rake>90</rake></multiPlanesRupture>"
        )
    }

    fn multi(ruptures: &str) -> String {
        format!("<multiFaultSource id='m' tectonicRegion='Volcanic'>{ruptures}</multiFaultSource>")
    }

    #[test]
    fn ruptures_name_their_sections() {
        let body = multi(
            &(rupture("probs_occur='0.9 0.1'", "<sectionIndexes indexes='a,b'/>")
                + &rupture("probs_occur='0.8, 0.2'", "<sectionIndexes indexes='b'/>")),
        );
        let sources = parse(&body, &settings()).unwrap();
        let Typology::Listed(list) = &sources[0].typology else { panic!() };
        assert_eq!((&list.sections[..], &list.ruptures[1].parts[..]), (&["a".into(), "b".into()][..], &[1][..]));
        assert_eq!((list.ruptures[1].mag, &list.ruptures[1].probabilities[..]), (6.5, &[0.8, 0.2][..]));
    }

    #[test]
    fn faults_group_sections_before_the_ruptures() {
        let faults = "<faults><fault tag='A' indexes='a'/><fault tag='B' indexes='b'/></faults>";
        let one = rupture("probs_occur='0.9 0.1'", "<sectionIndexes indexes='a,b'/>");
        let with = parse(&multi(&format!("{faults}{one}")), &settings()).unwrap();
        assert_eq!(with, parse(&multi(&one), &settings()).unwrap());
        let cases = [
            (multi(faults), "source m has no rupture"),
            (multi(&faults.replace("tag=", "name=")), "tag"),
            (multi(&faults.replace("<fault tag='A' indexes='a'/>", "<part/>")), "found <part> inside <faults>"),
            (multi(&format!("{one}{faults}")), "<faults> lacks <sectionIndexes>"),
            (multi(faults).replace("multiFaultSource", "nonParametricSeismicSource"), "it is for multiFaultSource"),
        ];
        for (body, expected) in cases {
            let message = parse(&body, &settings()).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\n  lacks {expected}");
        }
    }

    #[test]
    fn mistakes_of_lists_are_named() {
        let section = "<sectionIndexes indexes='a'/>";
        let plane = |probs: &str| {
            format!(
                "<nonParametricSeismicSource id='n' tectonicRegion='Volcanic'><griddedRupture probs_occur='{probs}'>\
                 <magnitude>6</magnitude><rake>0</rake><hypocenter lon='13' lat='42' depth='9'/><griddedSurface>\
                 <gml:posList>13 42 5 13.1 42 6 13.1 42.1 7</gml:posList></griddedSurface></griddedRupture>\
                 </nonParametricSeismicSource>"
            )
        };
        assert_eq!(parse(&plane("0.9 0.1"), &settings()).unwrap().len(), 1);
        let two = rupture("probs_occur='0.9 0.1'", section) + &rupture("probs_occur='0.9 0.05 0.05'", section);
        let cases = [
            (multi(&two), "probs_occur has 3 numbers; expected 2"),
            (multi(&rupture("probs_occur='0.9 1.1'", section)), "found \"1.1\" in probs_occur"),
            (multi(&rupture("probs_occur='1 0'", "")), "lacks <sectionIndexes>"),
            (multi(""), "source m has no rupture, and there is no"),
            (plane("0.9 0.2"), "probs_occur sum to 1.1"),
            (plane("0.9 0.1").replace("griddedRupture", "gridRupture"), "<gridRupture> is not known"),
            (plane("0.9 0.1").replace("id='n'", "id='n' rup_weights='0.5 0.5'"), "has 2 rup_weights for 1 ruptures"),
        ];
        for (body, expected) in cases {
            let message = parse(&body, &settings()).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\n  lacks {expected}");
        }
        let other_time = SourceSettings { investigation_time: 1.0, ..settings() };
        let message = parse(&plane("0.9 0.1"), &other_time).unwrap_err().to_string();
        assert!(message.contains("the probabilities are for 50 years"), "{message}");
    }

    /// A model of empty sources in a folder, with a file of the same name beside it that holds these arrays.
    fn with_side_file(dir: &Path) -> (std::path::PathBuf, Memory) {
        let points = [[0.0, 0.0, 0.0], [13.0, 42.0, 5.0], [13.1, 42.0, 6.0], [13.1, 42.1, 7.0]];
        let mut arrays = Memory::default()
            .with("m/mag", arr1(&[6.504, 7.0]))
            .with("m/rake", arr1(&[90.0, -90.0]))
            .with("m/probs_occur", arr2(&[[0.9, 0.1], [0.8, 0.2]]))
            .with("g/magnitude", arr1(&[6.1]))
            .with("g/rake", arr1(&[0.0]))
            .with("g/hypocenter", arr2(&[[13.0, 42.0, 9.0]]))
            .with("g/probs_occur", arr2(&[[0.7, 0.3]]))
            .with("g/slice", arr2(&[[1.0, 4.0]]))
            .with("g/mesh3d", arr2(&points));
        arrays.texts.insert("m/rupture_idxs".into(), vec!["0 1".into(), "1".into()]);
        std::fs::write(dir.join("model.hdf5"), "").unwrap();
        let path = dir.join("model.xml");
        let body = "<nrml><sourceModel investigation_time='50'>\
                    <multiFaultSource id='m' tectonicRegion='Volcanic'/>\
                    <nonParametricSeismicSource id='g' tectonicRegion='Volcanic' rup_weights='0.25'/>\
                    </sourceModel></nrml>";
        std::fs::write(&path, body).unwrap();
        (path, arrays)
    }

    #[test]
    fn ruptures_in_a_file_beside_the_model() {
        let dir = tempfile::tempdir().unwrap();
        let (path, arrays) = with_side_file(dir.path());
        let open = |_: &Path| Ok(Box::new(arrays.clone()) as Box<dyn ArrayFile>);
        let sources = source_model::read(&path, &settings(), &open).unwrap().sources;
        let [Typology::Listed(multi), Typology::Listed(cloud)] = [&sources[0].typology, &sources[1].typology] else {
            panic!()
        };
        assert_eq!((multi.ruptures[0].mag, &multi.ruptures[0].parts[..]), (6.5, &[0, 1][..]));
        assert_eq!((multi.ruptures[1].rake, &multi.sections[..]), (-90.0, &["0".to_string(), "1".into()][..]));
        let [FaultSurface::Cloud(points)] = &cloud.surfaces[..] else { panic!() };
        assert_eq!((points.len(), points[0]), (3, Point::new(13.0, 42.0, 5.0)));
        assert_eq!((cloud.ruptures[0].weight, &cloud.ruptures[0].probabilities[..]), (0.25, &[0.7, 0.3][..]));
        let text = std::fs::read_to_string(&path).unwrap().replace("id='m'", "id='other'");
        std::fs::write(&path, text).unwrap();
        let message = source_model::read(&path, &settings(), &open).unwrap_err().to_string();
        assert!(message.contains("model.hdf5") && message.contains("other/mag"), "{message}");
    }
}
