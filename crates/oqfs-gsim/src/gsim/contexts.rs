//! Contexts: what a model may ask of a rupture, a site and the distances between them, one column a parameter.

macro_rules! params {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// A parameter of a rupture, a site or of the distance between them. Named as in the engine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Param { $($(#[$doc])* $variant),+ }

        impl Param {
            /// Every parameter, in declaration order.
            pub const ALL: &'static [Param] = &[$(Param::$variant),+];

            /// The engine's name of the parameter, as in a site model's header.
            pub const fn name(self) -> &'static str {
                match self { $(Param::$variant => $name),+ }
            }

            /// The parameter with this engine name.
            pub fn from_name(name: &str) -> Option<Param> {
                match name { $($name => Some(Param::$variant),)+ _ => None }
            }
        }
    };
}

/// What stands for a depth of the ground, [`Param::Z1pt0`], [`Param::Z2pt5`] or [`Param::ZSed`], that is not known.
pub(super) const NO_DEPTH: f64 = -999.0;

params! {
    /// Moment magnitude (or the magnitude the source model gives).
    Mag = "mag",
    /// Rake, degrees.
    Rake = "rake",
    /// Dip, degrees.
    Dip = "dip",
    /// Strike, degrees clockwise from north.
    Strike = "strike",
    /// Down-dip width, km.
    Width = "width",
    /// Depth of the top of the rupture, km.
    Ztor = "ztor",
    /// Depth of the bottom of the rupture, km.
    Zbot = "zbot",
    /// 1 if a part of the rupture is in the region of the Canterbury seismic hazard model, else 0.
    InCshm = "in_cshm",
    /// Hypocentre: depth, km.
    HypoDepth = "hypo_depth",
    /// Hypocentre: longitude, degrees.
    HypoLon = "hypo_lon",
    /// Hypocentre: latitude, degrees.
    HypoLat = "hypo_lat",
    /// Closest distance to the rupture, km.
    Rrup = "rrup",
    /// Horizontal distance to the top edge, perpendicular to strike, positive on the hanging wall, km.
    Rx = "rx",
    /// Horizontal distance off the ends of the rupture, parallel to strike, km.
    Ry0 = "ry0",
    /// Closest distance to the surface projection of the rupture, km.
    Rjb = "rjb",
    /// Distance to the epicentre, km.
    Repi = "repi",
    /// Distance to the hypocentre, km.
    Rhypo = "rhypo",
    /// Length of the path through volcanic zones, km.
    Rvolc = "rvolc",
    /// Direction of the site seen from the middle of the rupture, degrees clockwise from strike.
    Azimuth = "azimuth",
    /// Closest point of the rupture: longitude, degrees.
    Clon = "clon",
    /// Closest point of the rupture: latitude, degrees.
    Clat = "clat",
    /// Site longitude, degrees.
    Lon = "lon",
    /// Site latitude, degrees.
    Lat = "lat",
    /// Time-averaged shear-wave velocity of the upper 30 m, m/s.
    Vs30 = "vs30",
    /// 1 if `vs30` was measured, 0 if inferred.
    Vs30Measured = "vs30measured",
    /// Depth to a shear-wave velocity of 1.0 km/s, m.
    Z1pt0 = "z1pt0",
    /// Depth to a shear-wave velocity of 2.5 km/s, km.
    Z2pt5 = "z2pt5",
    /// Depth to a shear-wave velocity of 1.4 km/s, m.
    Z1pt4 = "z1pt4",
    /// 1 for a site behind the volcanic arc, else 0.
    Backarc = "backarc",
    /// 1 for a site in a basin (the Po Plain), else 0.
    Bas = "bas",
    /// Distance from the volcanic front, positive on the side of the trench, km.
    Xvf = "xvf",
    /// Thickness of the sediments of the Atlantic and Gulf Coastal Plain, km.
    ZSed = "z_sed",
    /// Site class, a letter or the number of a cluster; see [`Param::parse`].
    Siteclass = "siteclass",
    /// Region of attenuation, 1 to 5, or 0.
    Region = "region",
    /// Slope of the ground, m/m.
    Slope = "slope",
    /// Geological era, a word; see [`Param::parse`].
    Geology = "geology",
    /// Eurocode 8 class, a letter; see [`Param::parse`].
    Ec8 = "ec8",
    /// Class of Pitilakis et al. (2018); see [`Param::parse`].
    Ec8P18 = "ec8_p18",
    /// Depth to a shear-wave velocity of 800 m/s, m.
    H800 = "h800",
    /// Type of soil in Chile, 1 to 6.
    Soiltype = "soiltype",
    /// Period of the peak of the spectral ratio of horizontal to vertical motion, s.
    Thv = "THV",
    /// Peak of the spectral ratio of horizontal to vertical motion.
    Phv = "PHV",
    /// Fundamental frequency of the site, Hz.
    F0 = "f0",
    /// Attenuation near the site, s.
    Kappa0 = "kappa0",
    /// Height of a free face over the distance from it, per cent.
    FreefaceRatio = "freeface_ratio",
    /// Thickness of saturated soil of low blow counts, m.
    T15 = "T_15",
    /// Fines in that soil, per cent.
    F15 = "F_15",
    /// Mean grain size in that soil, mm.
    D5015 = "D50_15",
    /// Natural logarithm of an amplification of the ground, for models adjusted to Switzerland.
    Amplfactor = "amplfactor",
    /// The same for a period of 0.3 s.
    ChAmpl03 = "ch_ampl03",
    /// The same for a period of 0.6 s.
    ChAmpl06 = "ch_ampl06",
    /// Standard deviation between sites in Switzerland, at 0.3 s.
    ChPhis2s03 = "ch_phis2s03",
    /// The same at 0.6 s.
    ChPhis2s06 = "ch_phis2s06",
    /// Standard deviation within events at a site in Switzerland, at 0.3 s.
    ChPhiss03 = "ch_phiss03",
    /// The same at 0.6 s.
    ChPhiss06 = "ch_phiss06",
}

impl Param {
    /// The texts that stand for values of the parameter, if it is none of numbers: the first is 1 in a column, the next
    /// 2, and so on. 0 is no value.
    pub const fn categories(self) -> &'static [&'static str] {
        match self {
            // Clusters of sites have numbers.
            Param::Siteclass => &["A", "B", "C", "D", "E", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
            Param::Ec8 => &["A", "B", "C", "D", "E", "F"],
            Param::Ec8P18 => &["A", "B1", "B2", "C1", "C2", "C3", "D", "E"],
            Param::Geology => &[
                "CENOZOIC",
                "HOLOCENE",
                "JURASSIC-TRIASSIC",
                "CRETACEOUS",
                "PALEOZOIC",
                "PLEISTOCENE",
                "PRECAMBRIAN",
                "UNKNOWN",
            ],
            _ => &[],
        }
    }

    /// The parameters of two lists, in declaration order, each once.
    pub(super) fn union(these: &[Param], those: &[Param]) -> Vec<Param> {
        let mut params = [these, those].concat();
        params.sort();
        params.dedup();
        params
    }

    /// The value of a text as in a site model: a finite number, or one of [`Param::categories`]. Another geological era
    /// is no value, as in the engine.
    pub fn parse(self, text: &str) -> Option<f64> {
        match self.categories() {
            [] => text.parse().ok().filter(|value: &f64| value.is_finite()),
            categories if self == Param::Geology && !categories.contains(&text) => Some(0.0),
            categories => categories.iter().position(|category| *category == text).map(|at| (at + 1) as f64),
        }
    }
}

/// A batch of contexts, structure of arrays: the k-th element of every filled column belongs to the k-th context.
///
/// Columns that no model of the batch requires stay empty.
#[derive(Clone, Debug)]
pub struct Contexts {
    len: usize,
    columns: Vec<Vec<f64>>,
}

impl Default for Contexts {
    fn default() -> Self {
        Contexts { len: 0, columns: vec![Vec::new(); Param::ALL.len()] }
    }
}

impl Contexts {
    /// The number of contexts.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no context.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forget the contexts and keep the memory: every column is empty, the length is `len`.
    pub fn reset(&mut self, len: usize) {
        self.len = len;
        self.columns.iter_mut().for_each(Vec::clear);
    }

    /// Say how many contexts there are now; the caller makes the columns as long.
    pub fn set_len(&mut self, len: usize) {
        self.len = len;
    }

    /// The column of a parameter, `len()` long, or empty if nobody filled it.
    pub fn column(&self, param: Param) -> &[f64] {
        &self.columns[param as usize]
    }

    /// The column of a parameter for filling: the caller makes it `len()` long.
    pub fn column_mut(&mut self, param: Param) -> &mut Vec<f64> {
        &mut self.columns[param as usize]
    }

    /// The same contexts with one value of a parameter for all.
    pub(super) fn with(&self, param: Param, value: f64) -> Contexts {
        let mut changed = self.clone();
        let column = changed.column_mut(param);
        column.clear();
        column.resize(self.len, value);
        changed
    }

    /// Several columns at once, each `len()` long.
    ///
    /// # Panics
    /// If one of them was not filled, as a model's `params()` demand.
    pub fn columns<const N: usize>(&self, params: [Param; N]) -> [&[f64]; N] {
        params.map(|param| match self.column(param) {
            column if column.len() == self.len => column,
            column => panic!("contexts: {} has {} values of {}", param.name(), column.len(), self.len),
        })
    }
}
