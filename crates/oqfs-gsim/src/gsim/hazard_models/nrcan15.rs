//! Site amplification for models of rock of 760 m/s, after the seismic hazard model of Canada of 2015.
//!
//! Atkinson G.M., Adams J., 2013. Ground motion prediction equations for application to the 2015 Canadian national
//! seismic hazard maps. Canadian Journal of Civil Engineering 40(10), 988-998, doi:10.1139/cjce-2012-0544. On softer
//! ground the site term is that of Boore and Atkinson (2008), with the motion of the intensity measure itself in place of
//! `PGA`.

use std::sync::LazyLock;

use crate::elementary::scalar::ln;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::boore_atkinson_2008::{SITE, Site};
use crate::gsim::{GsimError, Imt, ImtKind, ModelInfo};

/// The `vs30` of the rock that is amplified, m/s.
pub(in crate::gsim) const ROCK: f64 = 760.0;

/// On ground harder than rock: as on softer ground, or interpolated to 2,000 m/s.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::gsim) enum Kind {
    /// The term of Boore and Atkinson (2008) up to 1,999 m/s.
    Base,
    /// Factors from hard rock to rock, linear in the logarithm of `vs30`.
    Linear,
}

coefficients! {
    /// Factor from hard rock to rock.
    pub(in crate::gsim) struct Rock { c }
}

static FACTORS: LazyLock<Table<Rock>> = table!("NRCan15_rock.csv");

/// The term of one intensity measure.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct SiteTerm {
    kind: Kind,
    site: Site,
    rock: Rock,
}

impl SiteTerm {
    /// Whether the term is defined for an intensity measure; the error says that `info` is not.
    pub(in crate::gsim) fn check(info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        let info = ModelInfo { imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa], ..info.clone() };
        SITE.check(&info, imt)?;
        FACTORS.check(&info, imt)
    }

    /// Of an intensity measure that has passed [`SiteTerm::check`].
    pub(in crate::gsim) fn new(kind: Kind, imt: &Imt) -> SiteTerm {
        SiteTerm::with(kind, imt, FACTORS.at(imt))
    }

    /// The same with another factor from hard rock to rock.
    pub(in crate::gsim) fn with(kind: Kind, imt: &Imt, rock: Rock) -> SiteTerm {
        SiteTerm { kind, site: SITE.at(imt), rock }
    }

    /// What is added to the ln-mean on rock.
    pub(in crate::gsim) fn ln_amplification(&self, vs30: f64, ln_rock: f64) -> f64 {
        const HARD: f64 = 2000.0;
        match self.kind {
            Kind::Linear if vs30 > ROCK => {
                let hardness = ln(vs30.min(HARD) / ROCK) / const { ln(HARD / ROCK) };
                -hardness * ln(self.rock.c)
            }
            _ if vs30 >= HARD => self.site.ln_amplification(1999.0, ln_rock),
            _ => self.site.ln_amplification(vs30, ln_rock),
        }
    }
}
