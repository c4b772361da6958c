//! Models made of others: averages, modified models, models with a site term, tables in files.

pub(super) mod average;
pub(super) mod average_sa;
pub(super) mod conditional;
pub(super) mod correlation;
pub(super) mod dummy;
pub(super) mod forward;
pub(super) mod geometric_mean;
pub(super) mod gmpe_table;
pub(super) mod mixture;
pub(super) mod modifiable;
pub(super) mod multi;
pub(super) mod sera_amplification;
