//! Names of the engine's that are no model here, and why.

/// The names, each with the reason.
pub(super) static ABSENT: &[(&str, &str)] = &[
    (
        "AlAtikSigmaModel",
        "in the engine it gives the standard deviation within events in place of the total one; ModifiableGMPE with \
         sigma_model_alatik2015 has the standard deviations of Al Atik (2015)",
    ),
    (
        "ChiouYoungs2014ACME2019",
        "the engine 3.26.2 itself cannot compute it: it calls a function with an argument too many; ChiouYoungs2014 is the \
         model that it was made of",
    ),
    (
        "ChiouYoungs2014NearFaultEffect",
        "it requires rcdpp, the directivity of each rupture towards each site, which is not computed here; ChiouYoungs2014 is the \
         model without that",
    ),
    (
        "GridAdjustedGMPE",
        "it reads an HDF5 file of adjustments by cells of the H3 grid, which is not known here; ModifiableGMPE adjusts a model \
         everywhere alike",
    ),
    (
        "Karimzadeh2023Azores",
        "it is an ensemble of regression trees, 5 MB compressed, which is published as a file of the ONNX format alone; it is no \
         part of this program",
    ),
    (
        "KothaEtAl2020regional",
        "it reads maps of regions that are no part of this program; KothaEtAl2020ESHM20 has the regions of the site model",
    ),
    (
        "Mohammadi2023Turkiye",
        "it is an ensemble of regression trees, 10 MB compressed, which is published as a file of the ONNX format alone; it is no \
         part of this program",
    ),
    ("SgobbaEtAl2020", "it reads 48 MB of grids of corrections for central Italy, which are no part of this program"),
];

/// Why a name of the engine's is no model here.
pub(super) fn reason(name: &str) -> Option<(&'static str, &'static str)> {
    ABSENT.iter().copied().find(|(absent, _)| *absent == name)
}
