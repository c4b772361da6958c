//! What models of the European Seismic Hazard Model of 2020 have in common: how the names of the branches of its
//! ground-motion logic tree give their values.
//!
//! Weatherill G., Cotton F., 2020. A ground motion logic tree for seismic hazard analysis in the stable cratonic region of
//! Europe: regionalisation, model selection and development of a scaled backbone approach. Bulletin of Earthquake
//! Engineering 18, 6119-6148, doi:10.1007/s10518-020-00940-x. The five values are those of Miller and Rice (1983) for a
//! normal distribution, the three those of a Gauss-Hermite quadrature.

/// The value of five branches of stress, from very low to very high, standard deviations.
pub(in crate::gsim) fn stress(name: &str) -> f64 {
    const BRANCHES: [(&str, f64); 5] =
        [("VLow", -2.856970), ("VHigh", 2.856970), ("Low", -1.355630), ("High", 1.355630), ("Mid", 0.0)];
    value(name, "Stress", &BRANCHES)
}

/// The value of three branches of attenuation, from fast (-1) to slow (1).
pub(in crate::gsim) fn attenuation(name: &str) -> f64 {
    value(name, "Atten", &[("Fast", -1.0), ("Mid", 0.0), ("Slow", 1.0)])
}

/// The value of three branches of site amplification, of models for cratons.
pub(in crate::gsim) fn site(name: &str) -> f64 {
    value(name, "Site", &[("Low", -1.732051), ("Mid", 0.0), ("High", 1.732051)])
}

/// The value of the word before `of`; 0, the middle, for a model whose name does not say `of`: it has no such branches. A
/// word that is not known has no value: not a number, at which a calculation stops.
fn value(name: &str, of: &str, branches: &[(&str, f64)]) -> f64 {
    let Some(at) = name.find(of) else { return 0.0 };
    let known = branches.iter().find(|(word, _)| name[..at].ends_with(word));
    known.map_or(f64::NAN, |&(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_give_the_values_of_their_branches() {
        let values = |name| (stress(name), attenuation(name));
        assert_eq!(values("ESHM20SInterVLowStressFastAtten"), (-2.856970, -1.0));
        assert_eq!(values("ESHM20SSlabLowStressMidAtten"), (-1.355630, 0.0));
        assert_eq!(values("ESHM20IcelandVHighStressSlowAtten"), (2.856970, 1.0));
        assert_eq!(values("ESHM20Craton"), (0.0, 0.0));
        assert!(
            stress("ESHM20SInterHugeStressFastAtten").is_nan()
                && attenuation("ESHM20SInterLowStressLazyAtten").is_nan()
        );
        assert_eq!(
            (stress("ESHM20CratonVLowStressHighSite"), site("ESHM20CratonVLowStressHighSite")),
            (-2.856970, 1.732051)
        );
    }
    #[test]
    fn every_registered_name_has_its_values() {
        for name in crate::gsim::names().filter(|name| name.contains("ESHM20")) {
            let found = [stress(name), attenuation(name), site(name)];
            assert!(found.iter().all(|value| value.is_finite()), "{name}: {found:?}");
        }
    }
}
