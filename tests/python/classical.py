"""Writes what the engine's datastore of a classical calculation has that its exports are made of.

usage: classical.py DIR: DIR/calc_42.hdf5
"""
import json
import os
import sys

import h5py
import numpy

f = h5py.File(os.path.join(sys.argv[1], 'calc_42.hdf5'), 'w')
f.attrs['engine_version'], f.attrs['date'] = '3.23.5', '2026-11-23T10:45:09'
f.attrs['checksum32'] = 997626827
imts = {'PGA': [.01, .1538008970722265, 1.4999999999999998], 'SA(0.2)': [.02, .307601794144453, 2.9999999999999996]}
poes = [.1, .02]
f['oqparam'] = json.dumps(dict(
    calculation_mode='classical', investigation_time=50.0, individual_rlzs=1, hazard_maps=1, uniform_hazard_spectra=1,
    poes=poes, quantiles=[.5], hazard_imtls=imts))
for name, values in dict(lon=[14.79, 15.177], lat=[40.914, 40.927], depth=[0., 0.]).items():
    f['sitecol/' + name] = values
stats = ['mean', 'quantile-0.5']
curves = numpy.zeros((2, 2, 2, 3), 'f4')
curves[:, 0, 0] = [[9.056773e-01, 1.142852e-01, 2.290341e-05], [9.269205e-01, 2.038807e-01, -0.]]
maps = numpy.zeros((2, 2, 2, 2), 'f4')
maps[:, 1] = [[[1.654681e-01, 3.542847e-01], [3.605047e-01, 7.513355e-01]],
              [[2.294906e-01, 4.265899e-01], [5.229876e-01, 1.007828]]]
for kind, axis, values in [('stats', 'stat', stats), ('rlzs', 'rlz_id', 2)]:
    for key, array, last in [('hcurves', curves, ('lvl', [0, 1, 2])), ('hmaps', maps, ('poe', poes))]:
        f[f'{key}-{kind}'] = array
        f[f'{key}-{kind}'].attrs['json'] = json.dumps({
            'shape_descr': ['site_id', axis, 'imt', last[0]], 'site_id': 2, axis: values, 'imt': list(imts), last[0]: last[1]})
text = h5py.string_dtype()
lt = f.create_group('full_lt')
lt.attrs['num_samples'] = 0
lt['source_model_lt'] = numpy.array(
    [('sm', 'zones', 'sourceModel', "'zones.xml'", .7), ('sm', 'points', 'sourceModel', "'points.xml'", .3)],
    [(name, text) for name in ('branchset', 'branch', 'utype', 'uvalue')] + [('weight', 'f8')])
lt['gsim_lt'] = numpy.array(
    [('Active Shallow Crust', 'gA0', '[SadighEtAl1997]', 1.)],
    [(name, text) for name in ('trt', 'branch', 'uncertainty')] + [('weight', 'f8')])
lt['sm_data'] = numpy.array(
    [("['points.xml']", .3, 'points', 1), ("['zones.xml']", .7, 'zones', 1)],
    [('name', text), ('weight', 'f4'), ('path', text), ('samples', 'u4')])
f.close()
