#!/usr/bin/env python3
"""Writes crates/oqfs-plot/assets/world.bin from the npm package world-atlas, which has Natural Earth's 1:50m countries (public domain).

    npm pack world-atlas && tar xzf world-atlas-*.tgz
    scripts/world_lines.py package/countries-50m.json crates/oqfs-plot/assets/world.bin

A line is one byte (0 a coast, 1 a border between two countries), the number of its points as a 16-bit integer, and for each point longitude
and latitude as 16-bit integers, in 1/180 of a degree; all little-endian.
"""
import json
import struct
import sys

UNITS = 180


def arcs_of(item):
    """The arcs of a geometry, whichever way it goes through them."""
    if isinstance(item, int):
        yield item if item >= 0 else ~item
    else:
        for part in item:
            yield from arcs_of(part)


def points(arc, transform):
    (scale_x, scale_y), (shift_x, shift_y) = transform["scale"], transform["translate"]
    x = y = 0
    for dx, dy in arc:
        x, y = x + dx, y + dy
        yield round((x * scale_x + shift_x) * UNITS), round((y * scale_y + shift_y) * UNITS)


def main(source, target):
    with open(source) as file:
        topology = json.load(file)
    used = {}
    for country in topology["objects"]["countries"]["geometries"]:
        for arc in arcs_of(country.get("arcs", [])):
            used[arc] = used.get(arc, 0) + 1
    with open(target, "wb") as out:
        for n, arc in enumerate(topology["arcs"]):
            line = []
            for point in points(arc, topology["transform"]):
                if not line or point != line[-1]:
                    line.append(point)
            # the seams of the map are no coasts
            if all(abs(x) == 180 * UNITS for x, _ in line) or all(y == -90 * UNITS for _, y in line) or len(line) < 2:
                continue
            out.write(struct.pack("<BH", int(used.get(n, 0) > 1), len(line)))
            for x, y in line:
                out.write(struct.pack("<hh", x, y))


main(*sys.argv[1:])
