//! The standard deviation of the median of `kuehn_2020`: grids of magnitude and distance for each region, kind of
//! source and intensity measure, from the report's electronic supplement.

use std::sync::LazyLock;

use crate::gsim::coeffs::{Coefficients, Table, table};
use crate::gsim::subduction::nga_sub::Region;
use crate::gsim::{Imt, ImtKind};

/// The magnitudes of a grid.
const MAGS: [f64; 12] = [4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 8.5, 9.0, 9.5];

/// The rupture distances of a grid, km: powers of ten in steps of a fifth, and two more.
const DISTANCES: [f64; 13] = [
    10.0,
    15.848931924611133,
    25.118864315095795,
    39.810717055349734,
    63.09573444801933,
    100.0,
    158.48931924611142,
    251.18864315095823,
    398.1071705534973,
    500.0,
    630.957344480193,
    800.0,
    1000.0,
];

const CELLS: usize = MAGS.len() * DISTANCES.len();

/// The standard deviation of the median of one intensity measure, by magnitude and then distance.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct Grid([f64; CELLS]);

impl Coefficients for Grid {
    #[rustfmt::skip]
    const COLUMNS: &'static [&'static str] = &[
        "m0_r0", "m0_r1", "m0_r2", "m0_r3", "m0_r4", "m0_r5", "m0_r6", "m0_r7", "m0_r8", "m0_r9", "m0_r10", "m0_r11", "m0_r12",
        "m1_r0", "m1_r1", "m1_r2", "m1_r3", "m1_r4", "m1_r5", "m1_r6", "m1_r7", "m1_r8", "m1_r9", "m1_r10", "m1_r11", "m1_r12",
        "m2_r0", "m2_r1", "m2_r2", "m2_r3", "m2_r4", "m2_r5", "m2_r6", "m2_r7", "m2_r8", "m2_r9", "m2_r10", "m2_r11", "m2_r12",
        "m3_r0", "m3_r1", "m3_r2", "m3_r3", "m3_r4", "m3_r5", "m3_r6", "m3_r7", "m3_r8", "m3_r9", "m3_r10", "m3_r11", "m3_r12",
        "m4_r0", "m4_r1", "m4_r2", "m4_r3", "m4_r4", "m4_r5", "m4_r6", "m4_r7", "m4_r8", "m4_r9", "m4_r10", "m4_r11", "m4_r12",
        "m5_r0", "m5_r1", "m5_r2", "m5_r3", "m5_r4", "m5_r5", "m5_r6", "m5_r7", "m5_r8", "m5_r9", "m5_r10", "m5_r11", "m5_r12",
        "m6_r0", "m6_r1", "m6_r2", "m6_r3", "m6_r4", "m6_r5", "m6_r6", "m6_r7", "m6_r8", "m6_r9", "m6_r10", "m6_r11", "m6_r12",
        "m7_r0", "m7_r1", "m7_r2", "m7_r3", "m7_r4", "m7_r5", "m7_r6", "m7_r7", "m7_r8", "m7_r9", "m7_r10", "m7_r11", "m7_r12",
        "m8_r0", "m8_r1", "m8_r2", "m8_r3", "m8_r4", "m8_r5", "m8_r6", "m8_r7", "m8_r8", "m8_r9", "m8_r10", "m8_r11", "m8_r12",
        "m9_r0", "m9_r1", "m9_r2", "m9_r3", "m9_r4", "m9_r5", "m9_r6", "m9_r7", "m9_r8", "m9_r9", "m9_r10", "m9_r11", "m9_r12",
        "m10_r0", "m10_r1", "m10_r2", "m10_r3", "m10_r4", "m10_r5", "m10_r6", "m10_r7", "m10_r8", "m10_r9", "m10_r10", "m10_r11", "m10_r12",
        "m11_r0", "m11_r1", "m11_r2", "m11_r3", "m11_r4", "m11_r5", "m11_r6", "m11_r7", "m11_r8", "m11_r9", "m11_r10", "m11_r11", "m11_r12",
    ];

    fn from_columns(value: impl FnMut(usize) -> f64) -> Grid {
        Grid(std::array::from_fn(value))
    }
}

static INTERFACE_GLOBAL: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_interface_Global.csv");
static INTERFACE_ALASKA: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_interface_Alaska.csv");
static INTERFACE_CASCADIA: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_interface_Cascadia.csv");
static INTERFACE_CENTRAL_AMERICA: LazyLock<Table<Grid>> =
    table!("KuehnEtAl2020_sigma_mu_interface_CentralAmericaMexico.csv");
static INTERFACE_JAPAN: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_interface_Japan.csv");
static INTERFACE_NEW_ZEALAND: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_interface_NewZealand.csv");
static INTERFACE_SOUTH_AMERICA: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_interface_SouthAmerica.csv");
static INTERFACE_TAIWAN: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_interface_Taiwan.csv");
static SLAB_GLOBAL: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_slab_Global.csv");
static SLAB_ALASKA: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_slab_Alaska.csv");
static SLAB_CASCADIA: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_slab_Cascadia.csv");
static SLAB_CENTRAL_AMERICA: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_slab_CentralAmericaMexico.csv");
static SLAB_JAPAN: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_slab_Japan.csv");
static SLAB_NEW_ZEALAND: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_slab_NewZealand.csv");
static SLAB_SOUTH_AMERICA: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_slab_SouthAmerica.csv");
static SLAB_TAIWAN: LazyLock<Table<Grid>> = table!("KuehnEtAl2020_sigma_mu_slab_Taiwan.csv");

impl Grid {
    /// That of an intensity measure: beyond the periods of the table, of its first or last.
    pub(in crate::gsim) fn of(region: Region, is_slab: bool, imt: &Imt) -> Grid {
        let (interface, slab) = Grid::tables(region);
        let table = if is_slab { slab } else { interface };
        let nearest = imt.period().and_then(|period| Imt::sa(period.clamp(0.01, 10.0)));
        match nearest {
            Some(nearest) if imt.kind() == ImtKind::Sa => table.at(&nearest),
            _ => table.at(imt),
        }
    }

    fn tables(region: Region) -> (&'static Table<Grid>, &'static Table<Grid>) {
        match region {
            Region::Global => (&INTERFACE_GLOBAL, &SLAB_GLOBAL),
            Region::Alaska => (&INTERFACE_ALASKA, &SLAB_ALASKA),
            Region::Cascadia | Region::Seattle => (&INTERFACE_CASCADIA, &SLAB_CASCADIA),
            Region::CentralAmerica => (&INTERFACE_CENTRAL_AMERICA, &SLAB_CENTRAL_AMERICA),
            Region::Japan => (&INTERFACE_JAPAN, &SLAB_JAPAN),
            Region::NewZealand => (&INTERFACE_NEW_ZEALAND, &SLAB_NEW_ZEALAND),
            Region::SouthAmerica => (&INTERFACE_SOUTH_AMERICA, &SLAB_SOUTH_AMERICA),
            Region::Taiwan => (&INTERFACE_TAIWAN, &SLAB_TAIWAN),
        }
    }

    /// Linear between magnitudes and distances, constant beyond.
    pub(in crate::gsim) fn at(&self, mag: f64, rrup: f64) -> f64 {
        let ((m, up), (r, out)) = (place(&MAGS, mag), place(&DISTANCES, rrup));
        let cell = |m: usize, r: usize| self.0[m * DISTANCES.len() + r];
        let low = cell(m, r) + (cell(m, r + 1) - cell(m, r)) * out;
        let high = cell(m + 1, r) + (cell(m + 1, r + 1) - cell(m + 1, r)) * out;
        low + (high - low) * up
    }
}

/// The interval that a value is in, or the nearest, and how far it is along that, from 0 to 1.
fn place(grid: &[f64], value: f64) -> (usize, f64) {
    let at = grid.partition_point(|&x| x < value).clamp(1, grid.len() - 1) - 1;
    (at, ((value - grid[at]) / (grid[at + 1] - grid[at])).clamp(0.0, 1.0))
}
