"""Writes what the engine's datastores of classical calculations have of sites, curves and maps.

usage: places.py DIR: DIR/calc_1.hdf5, sites with ids at the date line, at a pole, and nowhere; calc_2, a grid without a corner at
the date line; calc_3, 101 realizations and no statistics but the mean; calc_4, one realization and no statistics; calc_5, a risk
calculation; calc_6, no calculation, with a group at; calc_7, calc_1 in another order with a site less, other levels and another value
"""
import json
import os
import sys

import h5py
import numpy

IMTLS = {'PGA': [.01, .1, 1.], 'SA(0.2)': [.02, .2, 2.]}
POES = [.1, .02]


def create(calc, mode='classical', **params):
    f = h5py.File(os.path.join(sys.argv[1], f'calc_{calc}.hdf5'), 'w')
    f.attrs['engine_version'], f.attrs['date'] = '3.26.2', '2026-11-23T10:45:09'
    f['oqparam'] = json.dumps({'calculation_mode': mode, 'investigation_time': 50., 'hazard_maps': True, 'poes': POES,
                               'hazard_imtls': IMTLS, **params})
    return f


def sites(f, lon, lat, **more):
    n = len(lon)
    columns = dict(sids=numpy.arange(n, dtype='u4'), lon=lon, lat=lat, depth=numpy.zeros(n), vs30=numpy.full(n, 760.), **more)
    for name, values in columns.items():
        f['sitecol/' + name] = values
    f['sitecol'].attrs['__pdcolumns__'] = ' '.join(columns)


def array(f, key, axis, kinds, last, values):
    f[key] = numpy.float32(values)
    f[key].attrs['json'] = json.dumps({
        'shape_descr': ['site_id', axis, 'imt', last[0]], 'site_id': len(values), axis: kinds, 'imt': list(IMTLS), last[0]: last[1]})


def hazard(f, n, kinds=('mean', 'quantile-0.15'), what='stats', axis='stat'):
    """The curves and maps of a site, known by their numbers: the site, the kind, the intensity measure, the level."""
    count = kinds if isinstance(kinds, int) else len(kinds)
    digits = sum(numpy.meshgrid(10. * numpy.arange(1, n + 1), numpy.arange(count) / 100, [.1, .2], [.001, .002, .003], indexing='ij'))
    kinds = kinds if isinstance(kinds, int) else list(kinds)
    array(f, 'hcurves-' + what, axis, kinds, ('lvl', [0, 1, 2]), digits / 1000)
    array(f, 'hmaps-' + what, axis, kinds, ('poe', POES), digits[..., :2])
    return digits


with create(1) as f:
    lon, lat = numpy.array([179.95, -179.97, 0., 13.4, numpy.nan, 0.]), numpy.array([-17., -17., 89.99, 42.35, numpy.nan, 0.])
    sites(f, lon, lat, custom_site_id=numpy.array([b'Taveuni', b'a/b', b'Pole', b'x.npy', b'none', b'Null I.'], 'S8'))
    hazard(f, 6)
with create(2, region_grid_spacing=20.) as f:
    lon, lat = numpy.meshgrid(numpy.round(179.8 + .1 * numpy.arange(5), 5), numpy.round(-17 + .1 * numpy.arange(3), 5))
    lon = numpy.where(lon > 180, lon - 360, lon)
    sites(f, lon.flatten()[1:], lat.flatten()[1:])
    hazard(f, 14)
with create(3) as f:
    sites(f, [13.4], [42.35])
    hazard(f, 1, ['mean'])
    hazard(f, 1, 101, 'rlzs', 'rlz_id')
with create(4) as f:
    sites(f, [13.4], [42.35])
    hazard(f, 1, 1, 'rlzs', 'rlz_id')
with create(5, 'classical_risk') as f:
    sites(f, [13.4], [42.35])
    hazard(f, 1)
with h5py.File(os.path.join(sys.argv[1], 'calc_6.hdf5'), 'w') as f:
    f['at/x'] = [1.5]
with create(7, hazard_imtls={'PGA': [.01, .1, 1.], 'SA(0.2)': [.02, .3, 2.]}) as f:
    sites(f, [13.40005, 0., -179.97], [42.35, 89.99, -17.])
    first = hazard(f, 6)
    del f['hcurves-stats'], f['hmaps-stats']
    curves = first[[3, 2, 1]] / 1000
    curves[2, 0, 0, 1] *= 1.01
    array(f, 'hcurves-stats', 'stat', ['mean', 'quantile-0.85'], ('lvl', [0, 1, 2]), curves)
    array(f, 'hmaps-stats', 'stat', ['mean', 'quantile-0.85'], ('poe', POES), first[[3, 2, 1], :, :, :2])
