//! Where the numbers of a job are knowingly not those of the engine: the rows of `docs/DIFFERENCES.md` for its current release.

use super::placed::extremes;
use super::sources::SourceGroup;
use crate::RELEASE;
use crate::gsim::Param;
use crate::job::Mode;
use crate::logictree::{FullLogicTree, GsimBranch};
use crate::site::SiteCollection;
use crate::source::characteristic::FaultSurface;
use crate::source::listed::ListedKind;
use crate::source::point::{PointRuptures, Spread};
use crate::source::{Source, Typology};

/// A job, to see which differences it meets.
pub struct Meeting<'a> {
    /// What it computes.
    pub mode: Mode,
    /// Its logic trees.
    pub tree: &'a FullLogicTree,
    /// Its sources.
    pub groups: &'a [SourceGroup],
    /// Its sites.
    pub sites: &'a SiteCollection,
}

/// A row of `docs/DIFFERENCES.md`.
pub struct Difference {
    /// The test that the row names.
    test: &'static str,
    /// What the engine does, and what is done here.
    says: &'static str,
    /// Whether a job meets it: whether its numbers may differ for that.
    meets: fn(&Meeting) -> bool,
}

impl Difference {
    /// A line for the log.
    pub fn line(&self) -> String {
        let Difference { says, test, .. } = self;
        format!("the numbers may differ from those of OpenQuake {RELEASE}: {says} (docs/DIFFERENCES.md, {test})")
    }
}

/// The differences that can be told before the curves are computed.
pub const DIFFERENCES: [Difference; 10] = [
    Difference {
        test: "a_multi_fault_rupture_is_as_far_as_its_hypocentre",
        says: "it takes every site for the epicentre of multi-fault ruptures, whose distance a model asks for",
        meets: |job| job.has_models_for(is_multi_fault, |models| requires(models, &[Param::Repi, Param::Rhypo])),
    },
    Difference {
        test: "an_area_with_a_tapered_distribution_is_felt_up_to_the_maximum_distance",
        says: "it drops multi-point sources near maximum_distance",
        meets: |job| {
            job.sources().any(|source| matches!(&source.typology, Typology::Point(point) if point.part_of.is_some()))
        },
    },
    Difference {
        test: "the_order_of_nodal_planes_changes_nothing",
        says: "it lets a point source or an area reach as far as the rupture on the last nodal plane, which is not the widest",
        meets: |job| job.sources().any(last_plane_is_short),
    },
    Difference {
        test: "sources_are_felt_across_the_date_line",
        says: "it drops sources on the other side of the date line",
        meets: |job| job.is_across_the_date_line(),
    },
    Difference {
        test: "triangles_of_one_size_are_taken_together",
        says: "it takes or leaves triangles of a griddedSurface by their last digits, and a model asks for rjb",
        meets: |job| job.has_models_for(is_gridded, |models| requires(models, &[Param::Rjb])),
    },
    Difference {
        test: "the_hanging_wall_ends_with_the_rupture",
        says: "it takes ry0 as 0 for BaylessSomerville2024, as no other model asks for it",
        meets: |job| {
            let of_them = |branch: &GsimBranch| branch.name.contains("BaylessSomerville2024");
            let others = job.models().filter(|branch| !of_them(branch));
            job.models().any(of_them)
                && !others.flat_map(|branch| branch.gsim.params()).any(|param| *param == Param::Ry0)
        },
    },
    Difference {
        test: "volcanic_fronts_attenuate_each_path_by_itself",
        says: "it takes the lengths of a path before and behind a volcanic front from the last site of a batch",
        meets: |job| job.sites.len() > 1 && job.models().any(|branch| branch.name.contains("BahrampouriEtAl2021")),
    },
    Difference {
        test: "the_direction_of_each_site_counts",
        says: "it gives all sites of a batch the greatest correction for direction of MegawatiEtAl2003",
        meets: |job| job.models().any(|branch| branch.name.contains("MegawatiEtAl2003")),
    },
    Difference {
        test: "truth_values_may_be_texts",
        says: "it takes the text \"false\" of an argument of a ground-motion model for true",
        meets: |job| job.models().any(|branch| says_false(&branch.name)),
    },
    Difference {
        test: "every_group_of_sources_that_exclude_each_other_is_disaggregated",
        says: "it disaggregates one alone of several groups of sources that exclude each other",
        meets: |job| {
            let excludes = |group: &&SourceGroup| group.rule.as_ref().is_some_and(|rule| rule.sources_exclude);
            job.mode == Mode::Disaggregation && job.groups.iter().filter(excludes).count() > 1
        },
    },
];

/// The differences that a job meets.
pub fn met<'a>(job: &'a Meeting) -> impl Iterator<Item = &'static Difference> + use<'a> {
    DIFFERENCES.iter().filter(move |difference| (difference.meets)(job))
}

impl<'a> Meeting<'a> {
    fn sources(&self) -> impl Iterator<Item = &'a Source> + use<'a> {
        self.groups.iter().flat_map(|group| &group.sources)
    }

    fn models_of(&self, group: &SourceGroup) -> impl Iterator<Item = &'a GsimBranch> + use<'a> {
        let trt = group.trt_index;
        self.tree.all_gsims().flat_map(move |gsims| gsims.models(trt))
    }

    fn models(&self) -> impl Iterator<Item = &'a GsimBranch> + '_ {
        self.groups.iter().flat_map(|group| self.models_of(group))
    }

    /// Whether the models of a group that has such a source are as asked.
    fn has_models_for(&self, source: fn(&Source) -> bool, asked: fn(&[&GsimBranch]) -> bool) -> bool {
        let mut with = self.groups.iter().filter(|group| group.sources.iter().any(source));
        with.any(|group| asked(&self.models_of(group).collect::<Vec<_>>()))
    }

    fn is_across_the_date_line(&self) -> bool {
        let Some((west, east)) = extremes(self.sites.points.lon.iter().copied()) else { return false };
        let placed = self.groups.iter().flat_map(|group| &group.placed);
        let mut extents = placed.filter_map(|placed| placed.longitudes());
        extents.any(|(least, greatest)| east - least > 180.0 || greatest - west > 180.0)
    }
}

fn requires(models: &[&GsimBranch], params: &[Param]) -> bool {
    models.iter().flat_map(|branch| branch.gsim.params()).any(|param| params.contains(param))
}

fn is_multi_fault(source: &Source) -> bool {
    matches!(&source.typology, Typology::Listed(listed) if matches!(listed.kind, ListedKind::MultiFault { .. }))
}

/// Whether a surface of the source is a cloud of points.
fn is_gridded(source: &Source) -> bool {
    let is_cloud = |surface: &FaultSurface| matches!(surface, FaultSurface::Cloud(_));
    match &source.typology {
        Typology::Characteristic(fault) => fault.surfaces.iter().any(is_cloud),
        Typology::Listed(listed) => listed.surfaces.iter().any(is_cloud),
        Typology::Point(_)
        | Typology::Area(_)
        | Typology::SimpleFault(_)
        | Typology::ComplexFault(_)
        | Typology::KiteFault(_) => false,
    }
}

fn last_plane_is_short(source: &Source) -> bool {
    let of = |spread: &Spread| {
        // ruptures of one magnitude differ by the dip and the rake of their planes
        let mut shapes = spread.nodal_planes.iter().map(|(_, plane)| (plane.dip, plane.rake));
        let first = shapes.next();
        if shapes.all(|shape| Some(shape) == first) {
            return false;
        }
        let Some(largest) = source.largest_magnitude() else { return false };
        let ruptures = PointRuptures::new(source, spread, &[(largest, 1.0)]);
        !ruptures.magnitudes().iter().all(|bin| bin.last_reaches_farthest())
    };
    match &source.typology {
        Typology::Point(point) => of(&point.spread),
        Typology::Area(area) => of(&area.spread),
        Typology::SimpleFault(_)
        | Typology::ComplexFault(_)
        | Typology::Characteristic(_)
        | Typology::KiteFault(_)
        | Typology::Listed(_) => false,
    }
}

/// Whether a model has an argument whose text is a false truth value.
fn says_false(model: &str) -> bool {
    let values = model.lines().filter_map(|line| line.split_once('=')).map(|(_, value)| value.trim());
    let text = |value: &str| value.trim_matches(['"', '\'']).trim().eq_ignore_ascii_case("false");
    values.filter(|value| value.starts_with(['"', '\''])).any(text)
}
