#!/usr/bin/env python3
"""Print the mean hazard curve for PGA of the site nearest to a place: curve.py CALC LON LAT

CALC is the folder of a calculation under a mount, LON and LAT are degrees.
"""
import json
import sys

import numpy

calc, lon, lat = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
lons, lats = (numpy.load(f'{calc}/sitecol/{name}.npy') for name in ('lon', 'lat'))
site = numpy.hypot((lons - lon) * numpy.cos(numpy.radians(lat)), lats - lat).argmin()

# sites, statistics (the mean is the first), intensity measures (PGA is the first), levels
curves = numpy.load(f'{calc}/hcurves-stats.npy', mmap_mode='r')
levels = json.load(open(f'{calc}/oqparam.json'))['hazard_imtls']['PGA']

print(f'site {site} at {lons[site]:.3f} {lats[site]:.3f}')
print('PGA (g)   probability of exceedance')
for level, poe in zip(levels, curves[site, 0, 0]):
    print(f'{level:7.4f}   {poe:9.7f}  {"#" * round(60 * poe)}'.rstrip())
