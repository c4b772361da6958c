#!/usr/bin/env python3
"""Keep the hazard of a calculation, or hold it against another one.

hazard.py compare REFERENCE RESULT   hold RESULT against REFERENCE; exit status 0 if every value agrees
hazard.py keep CALC OUT.npz          keep curves, maps, spectra and disaggregations alone, of about 100 sites if there are more than 200;
                                     OUT.json has each array as {"shape": [...], "values": [...]}

CALC, REFERENCE and RESULT are datastores (.hdf5), folders of .npy files (calc_N under a mount), or what keep has kept.
A value agrees if |result - reference| <= 1e-7 + 1e-3 |reference|. The engine computes probabilities as 1 minus a float32,
which leaves an error of 6e-8; and it rounds depths and distances on the way, which moves the tail of a curve near a fault
in its fourth digit.
"""
import argparse
import json
import os
import sys

import numpy as np

KEYS = ('hcurves-stats', 'hcurves-rlzs', 'hmaps-stats', 'hmaps-rlzs', 'mean_rates_by_src/array', 'cs-rlzs/array',
        'cs-stats/array')
# of a disaggregation: levels, realizations, edges of bins, and marginals by their names; by source too
DISAGGREGATION = 'hmap3', 'best_rlzs', 'poe4'
GROUPS = 'disagg-bins/', 'disagg-rlzs/', 'disagg-stats/', 'mean_disagg_by_src/'
ABSOLUTE, RELATIVE = 1e-7, 1e-3
TINY = 1e-4  # the relative difference that is shown is of values above this: float32 leaves 6e-8 of a probability


def is_wanted(key):
    return key in KEYS + DISAGGREGATION + ('weights', 'site_index') or key.startswith(GROUPS)


def load(path):
    """The arrays of a calculation by key."""
    if os.path.isdir(path):
        found = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]
        files = {os.path.relpath(f, path)[:-len('.npy')]: f for f in found if f.endswith('.npy')}
        return {k: np.load(f) for k, f in files.items() if is_wanted(k)}
    if path.endswith('.json'):
        with open(path) as f:
            return {k: np.reshape(v['values'], v['shape']) for k, v in json.load(f).items() if is_wanted(k)}
    if path.endswith('.npz'):
        with np.load(path) as z:
            return {k: z[k] for k in z if is_wanted(k)}
    import h5py
    arrays = {}
    with h5py.File(path, 'r') as h:
        h.visititems(lambda k, d: arrays.update({k: d[()]}) if is_wanted(k) and isinstance(d, h5py.Dataset) else None)
    return arrays


def keep(calc, out):
    data = load(calc)
    sites = len(data[next(k for k in KEYS if k in data)])
    index = np.arange(0, sites, max(1, sites // 100) if sites > 200 else 1)
    data.update({k: v[index] for k, v in data.items() if k in KEYS})
    data['site_index'] = index
    # the names of h5py's types say how they are stored, which a file of arrays has no place for
    data.update({k: v.astype(v.dtype.str) for k, v in data.items() if v.dtype.kind == 'S'})
    if out.endswith('.json'):
        # nine digits are what float32 has
        arrays = {k: {'shape': v.shape, 'values': [float('%.9g' % x) for x in v.flat]} for k, v in data.items()
                  if v.dtype.kind != 'S'}
        with open(out, 'w') as f:
            f.write('{\n%s\n}\n' % ',\n'.join('%s: %s' % (json.dumps(k), json.dumps(v)) for k, v in arrays.items()))
    else:
        np.savez_compressed(out, **data)


def expected(reference, result):
    """The keys to compare. With one realization its curves are the mean: one of the two kinds is enough."""
    single = len(reference.get('weights', ())) == 1
    for key in KEYS:
        twin = key.replace('rlzs', 'stats')
        if key in reference and not (key not in result and single and twin != key and twin in result):
            yield key
    yield from (key for key in reference if key in DISAGGREGATION or key.startswith(GROUPS))


def compare(reference, result):
    """Print a line for each array; the number of arrays that do not agree."""
    bad, largest = 0, 0.
    keys = list(expected(reference, result))
    for key in keys:
        if key not in result:
            print('%-23s missing' % key)
            bad += 1
            continue
        if reference[key].dtype.kind in 'SO':
            agrees = [bytes(x) for x in reference[key].flat] == [bytes(x) for x in result[key].flat]
            print('%-23s %s' % (key, 'agrees' if agrees else 'OFF'))
            bad += not agrees
            continue
        want, got = reference[key].astype(float), result[key].astype(float)
        if 'site_index' in reference and len(got) != len(want):
            got = got[reference['site_index']]
        if got.shape != want.shape:
            print('%-23s has the shape %s, not %s' % (key, got.shape, want.shape))
            bad += 1
            continue
        difference, size = np.abs(got - want), np.abs(want)
        off = ~(difference <= ABSOLUTE + RELATIVE * size)  # a NaN does not agree
        relative = np.max(difference[size > TINY] / size[size > TINY], initial=0.)
        close = np.mean(difference <= ABSOLUTE + 1e-5 * size)
        verdict = '%d of %d values OFF' % (off.sum(), off.size) if off.any() else 'agrees'
        print('%-23s %-18s largest relative difference %.1e, %5.1f%% of values within 1e-5: %s' % (
            key, want.shape, relative, 100 * close, verdict))
        bad += bool(off.any())
        largest = max(largest, relative)
    if not keys:
        print('the reference holds no hazard curves and no maps')
    print('largest difference %.1e' % largest)
    return bad + (not keys)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('what', choices=['compare', 'keep'])
    parser.add_argument('first')
    parser.add_argument('second')
    args = parser.parse_args()
    if args.what == 'keep':
        keep(args.first, args.second)
    else:
        sys.exit(compare(load(args.first), load(args.second)) > 0)
