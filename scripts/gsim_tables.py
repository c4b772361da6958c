#!/usr/bin/env python3
"""Write what the engine's ground-motion models give, as the tables that tests hold ours against.

    gsim_tables.py [--imts IMT,IMT,...] [--no-depths] [--into DIR] NAME|FILE.toml ...

Run it with the engine's Python ($(scripts/install_engine.sh)/bin/python). The contexts are the rows of
crates/oqfs-gsim/tests/data/gsim/contexts.csv. A NAME writes tables/NAME.csv beside it. A FILE.toml, which holds a model as a GSIM logic
tree gives it with arguments, writes FILE.csv beside the file.

A table that is there already is made anew for the intensity measures that it has, another for those that the model defines: SA at some
periods, and what has no period. --imts names others, such as EAS(1.0) or AvgSA(0.3), of which a model does not say the periods.

With --into DIR a NAME writes DIR/NAME.csv.

With --no-depths the sites have no depths of the ground (-999), and a NAME writes no_depths/NAME.csv.

A row is a context and an intensity measure: ctx, imt, mean (ln of the median in g, cm/s, ...), sig, tau, phi (natural logarithms). A context
or a period that the engine refuses has no row. Exit status 0 if every model has a table.
"""
import argparse
import csv
import os
import re
import sys
import warnings
from pathlib import Path

import numpy as np
from openquake.hazardlib import valid
from openquake.hazardlib.contexts import simple_cmaker

DATA = Path(__file__).resolve().parent.parent / 'crates/oqfs-gsim/tests/data/gsim'
# most models interpolate at 1.25 s
PERIODS = ['0.05', '0.1', '0.15', '0.2', '0.3', '0.4', '0.5', '0.75', '1.0', '1.25', '2.0', '3.0', '5.0', '10.0']
WITHOUT_PERIOD = ['PGA', 'PGV', 'PGD', 'IA', 'CAV', 'MMI', 'JMA', 'RSD595', 'RSD575', 'RSD2080', 'LSD']


def column(texts):
    """Whole numbers, numbers or texts."""
    for kind in int, float:
        try:
            return np.array([kind(text) for text in texts])
        except ValueError:
            pass
    return np.array(texts)


def contexts():
    """The columns of contexts.csv by name."""
    with open(DATA / 'contexts.csv', newline='') as file:
        head, *rows = csv.reader(file)
    return {name: column(texts) for name, texts in zip(head, zip(*rows)) if name != 'ctx'}


def measures(gsim, out, wanted):
    """The intensity measures to ask a model for, whose table is in the file out."""
    if wanted:
        return wanted
    if out.exists():
        with open(out, newline='') as file:
            return sorted({row['imt'] for row in csv.DictReader(file)})
    found = []
    for measure in gsim.DEFINED_FOR_INTENSITY_MEASURE_TYPES:
        name = getattr(measure, '__name__', str(measure))
        if name == 'SA':
            found += [f'SA({period})' for period in PERIODS]
        elif name in WITHOUT_PERIOD:
            found.append(name)
    return sorted(found)


def evaluate(gsim, imt, columns, keep):
    """Mean, sig, tau and phi, (4, n), at the contexts whose indices are in keep."""
    mags = ['%.2f' % mag for mag in sorted(set(columns['mag'][keep]))]
    maker = simple_cmaker([gsim], [imt], mags_by_trt={'*': mags}, mags=mags)
    # some models read what they do not declare
    if 'rcdpp' not in maker.REQUIRES_DISTANCES:  # where there is directivity, some models take it without asking for it
        columns = {name: values for name, values in columns.items() if name != 'rcdpp'}
    for name, values in columns.items():
        maker.defaultdict.setdefault(name, np.zeros(1, 'S20' if values.dtype.kind == 'U' else values.dtype)[0])
    ctx = maker.new_ctx(len(keep))
    for name in ctx.dtype.names:
        if name in columns:
            ctx[name] = columns[name][keep]
    return maker.get_mean_stds([ctx])[:, 0, 0]


def rows(gsim, columns, imts):
    """The rows of a model's table, and the last error."""
    every, found, error = np.arange(len(columns['mag'])), [], 'it defines no intensity measure that tables have by themselves: name some with --imts'
    for imt in imts:
        try:
            parts = [(every, evaluate(gsim, imt, columns, every))]
        except Exception:  # one context may be outside what the model is for
            parts = []
            for k in every:
                try:
                    parts.append(([k], evaluate(gsim, imt, columns, every[k:k + 1])))
                except Exception as e:
                    error = f'{type(e).__name__}: {e}'
        for keep, values in parts:
            found += [(k, imt, *('%.9g' % value for value in values[:, i])) for i, k in enumerate(keep)]
    return found, error


def main(names, wanted, no_depths, into):
    columns, status = contexts(), 0
    if no_depths:
        columns |= {depth: np.full(len(columns['mag']), -999.) for depth in ('z1pt0', 'z2pt5', 'z_sed')}
    folder = Path(into) if into else DATA / ('no_depths' if no_depths else 'tables')
    for name in names:
        if name.endswith('.toml'):
            path = Path(name).resolve()
            # files that arguments name are beside it
            os.chdir(path.parent)
            text, out = path.read_text(), path.with_suffix('.csv')
        else:
            text, out = name, folder / f'{name}.csv'
        try:
            gsim = valid.gsim(text)
            found, error = rows(gsim, columns, measures(gsim, out, wanted))
        except Exception as e:
            found, error = [], f'{type(e).__name__}: {e}'
        if not found:
            print(f'{name}: no table: {error}', file=sys.stderr)
            status = 1
            continue
        with open(out, 'w', newline='') as file:
            writer = csv.writer(file, lineterminator='\n')
            writer.writerow(['ctx', 'imt', 'mean', 'sig', 'tau', 'phi'])
            writer.writerows(found)
        print(out)
    return status


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--imts', default='', help='the intensity measures, separated by commas')
    parser.add_argument('--no-depths', action='store_true', help='sites without depths of the ground')
    parser.add_argument('--into', help='the folder that the tables of names go to')
    parser.add_argument('names', nargs='+', metavar='NAME|FILE.toml')
    args = parser.parse_args()
    warnings.filterwarnings('ignore')
    # paths are taken before a file's folder is entered
    names = [os.path.abspath(name) if name.endswith('.toml') else name for name in args.names]
    sys.exit(main(names, [imt.strip() for imt in re.split(r',(?![^(]*\))', args.imts) if imt.strip()], args.no_depths, args.into and os.path.abspath(args.into)))
