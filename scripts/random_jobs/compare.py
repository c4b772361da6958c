"""The same jobs through oqfs, against what the engine gave: compare.py OQFS FOLDER...

A value above 1e-6 differs when it is off by 1e-3 of itself and by 1e-7, which is what single precision is worth. A job that one of both refuses is listed with its words. The last line counts; exit
status 1 if a job differs for a reason that is not known, or is refused by oqfs alone.
"""
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from importlib import metadata
from pathlib import Path

import h5py
import numpy

DIFFERS, LEAST, NOISE = 1e-3, 1e-6, 1e-7

# how much the triangles of one size are worth, which the engine takes or leaves
CLOUDS = 1e-2

# how much the reach of a point source is worth that is that of its last nodal plane
LAST_PLANE = 7e-2

RELEASE = tuple(map(int, metadata.version('openquake.engine').split('.')[:2]))


def ours(oqfs, folder):
    """The curves of a job, or its last words."""
    with tempfile.TemporaryDirectory() as data:
        run = subprocess.run([oqfs, 'run', str(folder / 'job.ini'), '--no-reuse'], env=dict(os.environ, OQ_DATADIR=data),
                             capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
        if run.returncode:
            return None, (run.stderr or run.stdout).strip().split('\n')[-1]
        with h5py.File(data + '/calc_1/output.hdf5') as store:
            return {key: store[key][()] for key in ('hcurves-rlzs', 'hcurves-stats') if key in store}, ''


def difference(found, expected):
    if not numpy.isfinite(found).all() or found.shape != expected.shape:
        return numpy.inf
    found, expected = found.astype(float), expected.astype(float)
    counts = numpy.maximum(found, expected) > LEAST
    off = numpy.maximum(numpy.abs(found - expected)[counts] - NOISE, 0)
    return (off / numpy.maximum(expected[counts], LEAST)).max(initial=0)


def asks_for(parameters, oqfs, what):
    """Whether a model of a job requires one of the parameters."""
    words = [subprocess.run([oqfs, 'gsims', word], capture_output=True, text=True).stdout for word in what if word[0].isupper()]
    return any(re.search(rf'\b({parameters})\b', description) for description in words)


def is_at_date_line(folder):
    """Whether a job has longitudes on both sides of the date line."""
    texts = [path.read_text() for path in folder.iterdir() if path.name in ('sites.csv', 'sources.xml', 'sections.xml')]
    return all(any(re.search(rf'(?<![\d.-]){sign}17\d\.\d{{3}}', text) for text in texts) for sign in ('', '-'))


def ends_with_a_narrow_plane(folder):
    """Whether a source has nodal planes of several dips, of which the last one is not the least, which has the widest ruptures."""
    planes = re.findall(r'<nodalPlaneDist>(.*?)</nodalPlaneDist>', (folder / 'sources.xml').read_text(), re.DOTALL)
    dips = [[float(dip) for dip in re.findall(r'dip="([^"]*)"', of_source)] for of_source in planes]
    return any(of_source[-1] > min(of_source) for of_source in dips if of_source)


def reason(oqfs, folder, what, off, is_lost):
    """Why a job may differ, if that is known: a row of docs/DIFFERENCES.md."""
    if is_lost and is_at_date_line(folder):
        return 'sites across the date line'
    off_the_ends = [word for word in what if word.startswith('BaylessSomerville2024')]
    if off_the_ends and not asks_for('ry0', oqfs, [word for word in what if word not in off_the_ends]):
        return 'distance off the ends of a rupture'
    if any(word.startswith('MegawatiEtAl2003') for word in what):
        return 'directions of MegawatiEtAl2003'
    if 'multifault' in what and asks_for('repi|rhypo', oqfs, what):
        return 'distances of multi-fault ruptures'
    if RELEASE < (3, 26) and {'multifault', 'char_kite', 'kite'} & set(what):
        if asks_for('repi|rhypo|hypo_depth|hypo_lon|hypo_lat|azimuth', oqfs, what):
            return 'middle of kites, which the current release takes otherwise'
    if 'char_cloud' in what and off['hcurves-rlzs'] < CLOUDS and asks_for('rjb', oqfs, what):
        return 'outlines of points on a grid'
    if RELEASE >= (3, 26) and off['hcurves-rlzs'] < LAST_PLANE and 'psdist' in what and ends_with_a_narrow_plane(folder):
        return 'reach of the last nodal plane'
    if off['hcurves-rlzs'] < DIFFERS and 'quantiles' in what:
        return 'ties of quantiles'
    if is_lost and ('multipoint' in what or {'area', 'tapered'} <= set(what)):
        return 'multi-point and tapered sources near maximum_distance'
    return None


def main():
    oqfs, counts = sys.argv[1], Counter()
    for folder in map(Path, sys.argv[2:]):
        what = (folder / 'what').read_text().split()
        error = (folder / 'engine.error').read_text().split('\n')[0] if (folder / 'engine.error').exists() else ''
        if not error and not (folder / 'engine.npz').exists():
            continue
        curves, refused = ours(oqfs, folder)
        if error or refused:
            verdict = 'both refuse' if error and refused else 'the engine alone refuses' if error else 'oqfs alone refuses'
            if not (error and refused):
                print(f'{folder}: {verdict}: {(error or refused)[:200]} [{" ".join(what)}]')
        else:
            expected = numpy.load(folder / 'engine.npz')
            off = {key: difference(curves[key], expected[key]) for key in expected.files if key in curves}
            # whether the engine lost hazard and nowhere has more
            is_lost = all((curves[key] >= expected[key] * (1 - DIFFERS) - NOISE).all() for key in off)
            worst = max(off.values(), default=0)
            verdict = 'same' if worst < DIFFERS else reason(oqfs, folder, what, {'hcurves-rlzs': 0, **off}, is_lost) or 'DIFFERENT'
            if verdict == 'DIFFERENT':
                print(f'{folder}: off by {worst:.1e} [{" ".join(what)}]')
        counts[verdict] += 1
    print('; '.join(f'{verdict}: {count}' for verdict, count in counts.most_common()))
    sys.exit(counts['DIFFERENT'] + counts['oqfs alone refuses'] > 0)


if __name__ == '__main__':
    main()
