//! Bradley (2013), the model of Chiou and Youngs (2008) changed for New Zealand, with variants for Christchurch.
//!
//! Bradley B.A., 2013. A New Zealand-specific pseudospectral acceleration ground-motion prediction equation for active
//! shallow crustal earthquakes based on foreign models. Bulletin of the Seismological Society of America 103(3),
//! 1801-1822, doi:10.1785/0120120021.
//!
//! Bradley B.A., 2013. Systematic ground motion observations in the Canterbury earthquakes and region-specific non-ergodic
//! empirical ground motion modelling. University of Canterbury Research Report 2013-03.
//!
//! - Component: geometric mean, or in the models `LHC` and for Christchurch the larger of the two horizontal. Units: g;
//!   `z1pt0` in m.
//! - Valid for magnitude 4 to 8, rupture distances up to 200 km, `vs30` of 150 to 1,500 m/s.
//!
//! The whole path is volcanic in the models `Volc`. The models `2013bChch` have the terms of a part of Christchurch, at
//! sites taken as soil of 250 m/s; `Maps` has them for sites in the centre alone, and ruptures that touch the region of
//! the Canterbury seismic hazard model (`in_cshm`). `AdditionalSigma` has an epistemic uncertainty of 0.35. As in the
//! engine, `Maps` takes the term of the site twice and that of the place not at all. The argument `sigma_mu_epsilon`
//! adds so many standard deviations of epistemic uncertainty; the models for Christchurch take it and change nothing.

use std::sync::{Arc, LazyLock};

use crate::elementary::scalar::{ln, powf};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::chiou_youngs_2008::{self, Coeffs, Regional};
use crate::gsim::crustal::nga_west2::with_epsilon;
use crate::gsim::interpolate;
use crate::gsim::registry::{Made, Make, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "Bradley2013",
    imts: &[ImtKind::Pga, ImtKind::Sa],
    component: Component::GeometricMean,
    reference: "Bradley (2013), A New Zealand-specific pseudospectral acceleration ground-motion prediction equation for \
                active shallow crustal earthquakes based on foreign models, Bulletin of the Seismological Society of \
                America 103(3), 1801-1822",
    doi: Some("10.1785/0120120021"),
    validity: Validity::NOT_STATED.magnitude(4.0, 8.0).distance(Param::Rrup, 0.0, 200.0).vs30(150.0, 1500.0),
    ..chiou_youngs_2008::BASE
};

const LARGER: ModelInfo = ModelInfo { component: Component::GreaterHorizontal, ..BASE };

const MAPS: ModelInfo = ModelInfo {
    params: &[
        Param::Mag,
        Param::Rake,
        Param::Dip,
        Param::Ztor,
        Param::InCshm,
        Param::Rrup,
        Param::Rjb,
        Param::Rx,
        Param::Lon,
        Param::Lat,
        Param::Vs30,
        Param::Vs30Measured,
        Param::Z1pt0,
    ],
    ..LARGER
};

/// What the epistemic uncertainty of the models `AdditionalSigma` is.
const ADDITIONAL: f64 = 0.35;

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, a| new_zealand(info, a, 0.0) },
    Model {
        info: ModelInfo { name: "Bradley2013Volc", trt: Trt::Volcanic, ..BASE },
        make: |info, a| new_zealand(info, a, 0.0),
    },
    Model { info: ModelInfo { name: "Bradley2013LHC", ..LARGER }, make: |info, a| new_zealand(info, a, 0.0) },
    Model {
        info: ModelInfo { name: "Bradley2013VolcLHC", trt: Trt::Volcanic, ..LARGER },
        make: |info, a| new_zealand(info, a, 0.0),
    },
    Model {
        info: ModelInfo { name: "Bradley2013AdditionalSigma", ..LARGER },
        make: |info, a| new_zealand(info, a, ADDITIONAL),
    },
    of_christchurch("Bradley2013bChchCBD", |info, a| christchurch(info, a, Place::Suburb(CENTRE), 0.0)),
    of_christchurch("Bradley2013bChchWest", |info, a| christchurch(info, a, Place::Suburb(WEST), 0.0)),
    of_christchurch("Bradley2013bChchEast", |info, a| christchurch(info, a, Place::Suburb(EAST), 0.0)),
    of_christchurch("Bradley2013bChchNorth", |info, a| christchurch(info, a, Place::Suburb(NORTH), 0.0)),
    of_christchurch("Bradley2013bChchCBDAdditionalSigma", |info, a| {
        christchurch(info, a, Place::Suburb(CENTRE), ADDITIONAL)
    }),
    of_christchurch("Bradley2013bChchWestAdditionalSigma", |info, a| {
        christchurch(info, a, Place::Suburb(WEST), ADDITIONAL)
    }),
    of_christchurch("Bradley2013bChchEastAdditionalSigma", |info, a| {
        christchurch(info, a, Place::Suburb(EAST), ADDITIONAL)
    }),
    of_christchurch("Bradley2013bChchNorthAdditionalSigma", |info, a| {
        christchurch(info, a, Place::Suburb(NORTH), ADDITIONAL)
    }),
    Model {
        info: ModelInfo { name: "Bradley2013bChchMaps", ..MAPS },
        make: |info, a| christchurch(info, a, Place::Maps, 0.0),
    },
    Model {
        info: ModelInfo { name: "Bradley2013bChchMapsAdditionalSigma", ..MAPS },
        make: |info, a| christchurch(info, a, Place::Maps, ADDITIONAL),
    },
];

/// A model for a part of Christchurch, whose ground is given.
const fn of_christchurch(name: &'static str, make: Make) -> Model {
    let params =
        &[Param::Mag, Param::Rake, Param::Dip, Param::Ztor, Param::Rrup, Param::Rjb, Param::Rx, Param::Vs30Measured];
    Model { info: ModelInfo { name, params, ..LARGER }, make }
}

fn new_zealand(info: &'static ModelInfo, arguments: &mut Arguments, additional: f64) -> Made {
    with_epsilon(arguments, info, Bradley2013 { info, place: Place::NewZealand, additional })
}

fn christchurch(info: &'static ModelInfo, arguments: &mut Arguments, place: Place, additional: f64) -> Made {
    arguments.number("sigma_mu_epsilon")?;
    Ok(Arc::new(Bradley2013 { info, place, additional }))
}

coefficients! {
    /// What is not in the tables of Chiou and Youngs (2008).
    struct OfRegion { c3, c8, ctvz }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("Bradley2013.csv");
static OF_REGION: LazyLock<Table<OfRegion>> = table!("Bradley2013.csv");

/// A number by period, s: linear between these points.
type ByPeriod = &'static [(f64, f64)];

/// Report 2013-03, table 4: the site term of the centre.
const CENTRE: ByPeriod = &[(0.0, 0.05), (0.15, -0.15), (0.45, 0.4), (3.2, 0.4), (5.0, 0.08)];
/// Digitised from figure 8a.
const WEST: ByPeriod = &[(0.0, -0.2), (0.85, -0.55), (1.4, -0.18), (3.2, -0.18), (5.0, 0.22)];
/// Digitised from figure 9a.
const EAST: ByPeriod = &[(0.25, 0.05), (1.5, 0.15), (10.0, 0.1)];
/// Digitised from figure 10a.
const NORTH: ByPeriod = &[(0.0, -0.31), (0.2, -0.4), (0.6, 0.2)];
/// Table 3: the term of the place.
const LOCATION: ByPeriod = &[(0.18, -0.06), (0.35, 0.12), (10.0, 0.65)];
/// Tables 7 and 8: factors of the total standard deviation and of that within events.
const SIGMA_FACTOR: ByPeriod = &[(0.6, 0.8), (1.0, 0.7), (10.0, 0.6)];
/// Table 6: factor of the standard deviation between events.
const TAU_FACTOR: ByPeriod = &[(1.0, 0.87), (5.0, 0.58)];

/// Where the terms of Christchurch hold.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// Nowhere.
    NewZealand,
    /// At every site, with this site term.
    Suburb(ByPeriod),
    /// In the centre, for ruptures in Canterbury.
    Maps,
}

/// The ground of Christchurch: `vs30`, m/s, and `z1pt0`, m.
const SOIL: [f64; 2] = [250.0, 330.0];

/// Van Houtte and Abbott (2019), figure 4.4: the centre of Christchurch.
const CITY: [(f64, f64); 7] = [
    (172.6259, -43.5209),
    (172.6505, -43.5209),
    (172.6505, -43.5399),
    (172.6124, -43.5400),
    (172.6123, -43.5289),
    (172.6124, -43.5245),
    (172.6220, -43.5233),
];

/// Whether a place is in the centre: whether a line to the east leaves it an odd number of times.
fn is_in_city(lon: f64, lat: f64) -> bool {
    let edges = CITY.iter().zip(CITY.iter().cycle().skip(1));
    let crossed =
        edges.filter(|(a, b)| (a.1 > lat) != (b.1 > lat) && lon < a.0 + (lat - a.1) / (b.1 - a.1) * (b.0 - a.0));
    crossed.count() % 2 == 1
}

/// Bradley (2013).
#[derive(Debug)]
struct Bradley2013 {
    info: &'static ModelInfo,
    place: Place,
    /// Epistemic uncertainty, a standard deviation.
    additional: f64,
}

impl Gsim for Bradley2013 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [lon, lat, vs30, z1pt0, measured, in_canterbury] =
            [Param::Lon, Param::Lat, Param::Vs30, Param::Z1pt0, Param::Vs30Measured, Param::InCshm]
                .map(|param| ctx.column(param));
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        let is_there = |k: usize| match self.place {
            Place::NewZealand => false,
            Place::Suburb(_) => true,
            Place::Maps => is_in_city(lon[k], lat[k]),
        };
        let ground = |k: usize| if is_there(k) { SOIL } else { [vs30[k], z1pt0[k]] };
        let base = chiou_youngs_2008::terms(ctx, |k| ground(k)[0], |k| ground(k)[1], |k| measured[k] != 0.0);
        batch::compute(ctx.len(), &rows, out, |k| {
            let local = is_there(k) && (self.place != Place::Maps || in_canterbury[k] != 0.0);
            Terms { base: base(k), local: f64::from(local) }
        });
    }
}

impl Bradley2013 {
    fn row(&self, imt: &Imt) -> Row {
        let (c, region, period) = (COEFFS.at(imt), OF_REGION.at(imt), imt.period().unwrap_or_default());
        let regional = Regional {
            c3: region.c3,
            max_ztor: region.c8,
            volcanic: if self.info.trt == Trt::Volcanic { region.ctvz } else { 0.0 },
            ln_v1: ln_v1(period),
        };
        let [site, location, sigma, tau] =
            [CENTRE, LOCATION, SIGMA_FACTOR, TAU_FACTOR].map(|points| interpolate(points, period));
        let (ln_local, reduction) = match self.place {
            Place::NewZealand => (0.0, [1.0; 3]),
            Place::Suburb(site) => (location + interpolate(site, period), [sigma, tau, sigma]),
            Place::Maps => (2.0 * site, [sigma, 1.0, sigma]),
        };
        let larger = self.info.component == Component::GreaterHorizontal;
        Row {
            base: chiou_youngs_2008::Row::new(c, regional),
            ln_larger: if larger { ln_larger(period) } else { 0.0 },
            ln_local,
            reduction: reduction.map(|factor| factor - 1.0),
            variance: self.additional * self.additional,
        }
    }
}

/// Equations 2 and 6: ln(V1 / 1130).
fn ln_v1(period: f64) -> f64 {
    let v1 = if period == 0.0 { 1800.0 } else { (1130.0 * powf(period / 0.75, -0.11)).clamp(1130.0, 1800.0) };
    ln(v1 / 1130.0)
}

/// Boore and Kishida (2017): from the geometric mean to the larger of two components.
fn ln_larger(period: f64) -> f64 {
    const POINTS: [(f64, f64); 4] = [(0.08, 1.106), (0.56, 1.158), (4.40, 1.178), (8.70, 1.241)];
    let period = if period == 0.0 { 0.01 } else { period };
    let on_line = |i: usize| {
        let ((t1, r1), (t2, r2)) = (POINTS[i], POINTS[i + 1]);
        r1 + (r2 - r1) / ln(t2 / t1) * ln(period / t1)
    };
    ln(on_line(0).min(on_line(1)).max(on_line(2).min(POINTS[3].1)).max(POINTS[0].1))
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    base: chiou_youngs_2008::Row,
    /// ln of the ratio of the larger component, or 0.
    ln_larger: f64,
    /// The terms of the place and of its sites.
    ln_local: f64,
    /// What the factors of the standard deviations (total, between and within events) are there, less one.
    reduction: [f64; 3],
    /// Of epistemic uncertainty.
    variance: f64,
}

#[derive(Clone, Copy)]
struct Terms {
    base: chiou_youngs_2008::Terms,
    /// 1 where the terms of Christchurch hold, else 0.
    local: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let base = self.base.estimate(&t.base);
        let [sig, tau, phi] = self.reduction.map(|less| 1.0 + less * t.local);
        let with = |sigma: f64, variance: f64| (sigma * sigma + variance).sqrt();
        Estimate {
            mean: base.mean + self.ln_local * t.local + self.ln_larger,
            sig: with(base.sig * sig, self.variance),
            tau: with(base.tau * tau, 0.5 * self.variance),
            phi: with(base.phi * phi, 0.5 * self.variance),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_centre_of_christchurch() {
        let places =
            [(172.636, -43.531, true), (172.613, -43.522, false), (172.66, -43.53, false), (10.0, 45.0, false)];
        for (lon, lat, inside) in places {
            assert_eq!(is_in_city(lon, lat), inside, "{lon} {lat}");
        }
    }
}
