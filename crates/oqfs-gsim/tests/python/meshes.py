"""Shapes of the engine's meshes where a length is near a step of the spacing: meshes.py > tests/data/geo/meshes.csv

Run it with the engine's Python. Lengths are a whole number of steps, or a whole number and a half, of the spacing, and that by a few
metres more or less: whether one more point fits hangs on the last digits there. Coordinates have five digits, as in a source model.
"""
import math
import random

import numpy
from openquake.hazardlib.geo import Line, Point
from openquake.hazardlib.geo.surface import ComplexFaultSurface, KiteSurface, SimpleFaultSurface

OFF = [0, 1e-6, -1e-6, 5e-5, -5e-5, 1.2e-4, -1.2e-4, 5e-4, -5e-4, 2e-3, -2e-3]
r = random.Random(20261126)


def at(origin, east, north, depth):
    lon, lat = origin
    kx = 111.1949 * math.cos(math.radians(lat))
    return round(lon + east / kx, 5), round(lat + north / 111.1949, 5), round(depth, 5)


def text(lines):
    return ';'.join(' '.join(repr(x) for p in line for x in p) for line in lines)


def shape(surface):
    return surface.mesh.lons.shape


def line(points):
    return Line([Point(*p) for p in points])


def near(spacing, steps, half):
    return spacing * (steps + half / 2 + r.choice(OFF))


print('kind,spacing,upper,lower,dip,lines,rows,cols')
for i in range(240):
    spacing = r.choice([2.0, 2.5, 4.0, 5.0])
    origin = r.choice([(0.0, 0.0), (13.4, 42.3), (-122.3, 37.8), (142.4, 38.1), (-70.9, -33.4)])
    strike, dip = math.radians(r.uniform(0, 360)), r.choice([30.0, 45.0, 60.0, 80.0])
    length, width = near(spacing, r.randint(3, 9), r.randint(0, 1)), near(spacing, r.randint(2, 6), r.randint(0, 1))
    top = r.choice([0.0, 1.0, 10.0])
    s, c = math.sin(strike), math.cos(strike)
    across, down = width * math.cos(math.radians(dip)), width * math.sin(math.radians(dip))
    place = lambda along, part: at(origin, s * along + c * across * part, c * along - s * across * part, top + down * part)
    kind = ('kite', 'simple', 'complex')[i % 3]
    upper = lower = 0.0
    try:
        if kind == 'kite':
            n = r.choice([2, 2, 3])
            lines = [[place(length * k / (n - 1), 0), place(length * k / (n - 1), 1)] for k in range(n)]
            surface = KiteSurface.from_profiles([line(p) for p in lines], spacing, spacing)
        elif kind == 'simple':
            upper, lower = top, round(top + down, 5)
            lines = [[at(origin, 0, 0, 0), at(origin, s * length, c * length, 0)]]
            surface = SimpleFaultSurface.from_fault_data(line(lines[0]), upper, lower, dip, spacing)
        else:
            lines = [[place(0, part), place(length, part)] for part in (0, 1)]
            surface = ComplexFaultSurface.from_fault_data([line(p) for p in lines], spacing)
    except Exception:
        continue
    rows, cols = shape(surface)
    print(f'{kind},{spacing},{upper!r},{lower!r},{dip},{text(lines)},{rows},{cols}')
