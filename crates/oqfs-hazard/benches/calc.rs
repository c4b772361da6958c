//! What the kernels of a calculation cost: exceedance of levels, distances to planar ruptures, placing them.
#![allow(clippy::disallowed_methods, reason = "the inputs of a bench may differ by a bit")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use oqfs_hazard::calc::{Exceedance, Motions, PaddedLevels};
use oqfs_hazard::geo::Point;
use oqfs_hazard::geo::geodetic::{to_cartesian, to_unit};
use oqfs_hazard::geo::planar::{Dimensions, PlanarSurface};

/// Per level: the rates of 1,024 contexts at 20 levels.
fn exceedance(c: &mut Criterion) {
    let levels: Vec<f64> = (0..20).map(|i| -5.3 + 0.3 * f64::from(i)).collect();
    let column = |from: f64, step: f64| (0..1024).map(|i| from + step * f64::from(i)).collect::<Vec<f64>>();
    let (mean, sigma, rate, start) = (column(-4.0, 0.004), column(0.5, 0.0002), column(1e-4, 0.0), vec![0; 1024]);
    let motions = Motions { mean: &mean, sigma: &sigma, rate: &rate, start: &start };
    let padded = PaddedLevels::new(&levels);
    let mut group = c.benchmark_group("exceedance");
    group.throughput(Throughput::Elements((levels.len() * mean.len()) as u64));
    for truncation in [2.0, 3.0, 4.0, 6.0, 99.0] {
        let exceedance = Exceedance::new(truncation);
        let mut rates = vec![0.0; levels.len()];
        group.bench_with_input(BenchmarkId::from_parameter(truncation), &truncation, |b, _| {
            b.iter(|| {
                exceedance.accumulate(&padded, motions, &mut rates);
                black_box(&rates);
            });
        });
    }
    group.finish();
}

fn surface(mag: f64) -> PlanarSurface {
    let length = 10f64.powf(0.5 * mag - 1.7);
    let dimensions = Dimensions { length, width: length * 0.3, height: length * 0.5 };
    PlanarSurface::around(Point::new(13.4, 42.3, 8.0), dimensions, (135.0, 60.0), (0.0, 20.0))
}

/// Per site: each distance from one rupture to 1,024 sites.
fn distances(c: &mut Criterion) {
    let sites: Vec<_> = (0..1024).map(|i| (12.5 + 0.05 * f64::from(i % 32), 41.5 + 0.05 * f64::from(i / 32))).collect();
    let xyz: Vec<_> = sites.iter().map(|&(lon, lat)| to_cartesian(lon, lat, 0.0)).collect();
    let unit: Vec<_> = sites.iter().map(|&(lon, lat)| to_unit(lon, lat)).collect();
    let rupture = surface(6.5);
    let mut group = c.benchmark_group("planar");
    group.throughput(Throughput::Elements(sites.len() as u64));
    group.bench_function("rrup", |b| b.iter(|| xyz.iter().map(|&p| rupture.rrup(black_box(p))).sum::<f64>()));
    group.bench_function("rjb", |b| {
        b.iter(|| unit.iter().zip(&xyz).map(|(&u, &p)| rupture.rjb(black_box(u), p)).sum::<f64>())
    });
    group.bench_function("rx", |b| b.iter(|| unit.iter().map(|&u| rupture.rx(black_box(u))).sum::<f64>()));
    group.finish();
    c.bench_function("place a planar rupture", |b| b.iter(|| surface(black_box(6.5))));
}

criterion_group!(benches, exceedance, distances);
criterion_main!(benches);
