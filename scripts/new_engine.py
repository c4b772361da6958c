#!/usr/bin/env python3
"""What a release of the OpenQuake engine is made of, for scripts/new_engine.sh.

new_engine.py describe OUT.json     names, arguments, parameters and defaults of the engine whose Python this is
new_engine.py models ENGINE.json    the names of its ground-motion models, a line each
new_engine.py compare LAST NEW      what differs, as Markdown; both are folders with engine.json, tables/ and hazard/
"""
import csv
import inspect
import json
import sys
from pathlib import Path

import numpy as np

# of ln-mean and sigma, and of a probability: what is less is rounding
TABLE, HAZARD, TINY = 1e-6, 1e-5, 1e-4


def arguments(model):
    """The arguments of a model, a class or a function that makes one, by name, with their defaults."""
    found = {}
    makers = [vars(base).get('__init__') for base in reversed(model.__mro__)] if isinstance(model, type) else [model]
    for maker in filter(inspect.isfunction, makers):
        for name, argument in inspect.signature(maker).parameters.items():
            if name != 'self' and argument.kind not in (argument.VAR_KEYWORD, argument.VAR_POSITIONAL):
                found[name] = repr(argument.default) if argument.default is not argument.empty else 'to be given'
    return found


def describe(out):
    from openquake.baselib import __version__
    from openquake.commonlib.oqvalidation import OqParam
    from openquake.hazardlib import lt, sourceconverter, valid
    from openquake.hazardlib.gsim import get_available_gsims
    from openquake.hazardlib.scalerel import get_available_magnitude_scalerel

    parameters = {}
    for name, parameter in inspect.getmembers(OqParam, lambda member: isinstance(member, valid.Param)):
        parameters[name] = repr(getattr(parameter, 'default', None))
    relations = get_available_magnitude_scalerel()
    engine = {
        'version': __version__,
        'ground-motion models': {name: arguments(cls) for name, cls in get_available_gsims().items()},
        'parameters': parameters,
        'uncertainties': {name: '' for name in lt.apply_uncertainty},
        'scaling relations': {getattr(cls, '__name__', str(cls)): '' for cls in relations},
        'elements of source models': {name[len('convert_'):]: '' for name in dir(sourceconverter.SourceConverter)
                                      if name.startswith('convert_')},
    }
    Path(out).write_text(json.dumps(engine, indent=1, sort_keys=True))


def of_tables(last, new):
    """A line for each model whose numbers differ."""
    for path in sorted(new.glob('*.csv')):
        if not (last / path.name).exists():
            continue
        rows = []
        for folder in last, new:
            with open(folder / path.name, newline='') as file:
                rows.append({(row['ctx'], row['imt']): row for row in csv.DictReader(file)})
        both = rows[0].keys() & rows[1].keys()
        off, largest, imts = 0, 0., set()
        for key in both:
            values = [np.array([float(row[key][name]) for name in ('mean', 'sig', 'tau', 'phi')]) for row in rows]
            difference = np.nanmax(np.abs(values[0] - values[1]), initial=0.)
            if difference > TABLE or np.any(np.isnan(values[0]) != np.isnan(values[1])):
                off, largest = off + 1, max(largest, difference)
                imts.add(key[1])
        if off or len(both) < max(map(len, rows)):
            yield (f'{path.stem}: {off} of {len(both)} rows, at most {largest:.2g}, {", ".join(sorted(imts)[:12])}; '
                   f'{len(rows[0]) - len(both)} rows gone, {len(rows[1]) - len(both)} new')


def of_hazard(last, new):
    """A line for each job whose curves or maps differ, or which one of the two does not run."""
    names = {path.name for folder in (last, new) for path in folder.iterdir()}
    for name in sorted({name.rsplit('.', 1)[0] for name in names}):
        files = [folder / f'{name}.npz' for folder in (last, new)]
        if not all(file.exists() for file in files):
            if any(file.exists() for file in files):
                which = 'new' if files[0].exists() else 'last'
                reason = (last if which == 'last' else new) / f'{name}.none'
                yield f'{name}: {which} gives none: {reason.read_text().strip() if reason.exists() else "it was not run"}'
            continue
        arrays = [np.load(file) for file in files]
        for key in sorted(set(arrays[0].files) | set(arrays[1].files)):
            if not all(key in array.files for array in arrays):
                yield f'{name}: {key} is {"new" if key in arrays[1].files else "gone"}'
                continue
            before, after = (array[key] for array in arrays)
            if before.shape != after.shape:
                yield f'{name}: {key} has the shape {after.shape}, not {before.shape}'
            elif before.dtype.kind == 'f':
                large = np.abs(before) > TINY
                relative = np.max(np.abs(after - before)[large] / np.abs(before)[large], initial=0.)
                if not relative <= HAZARD:
                    yield f'{name}: {key} differs by {relative:.2g}'


def compare(last, new):
    engines = [json.loads((folder / 'engine.json').read_text()) for folder in (last, new)]
    print(f'# From engine {engines[0]["version"]} to {engines[1]["version"]}\n')
    for kind in engines[1]:
        if kind == 'version':
            continue
        before, after = (engine[kind] for engine in engines)
        lines = [f'{name} is new' for name in sorted(after.keys() - before.keys())]
        lines += [f'{name} is gone' for name in sorted(before.keys() - after.keys())]
        for name in sorted(before.keys() & after.keys()):
            if before[name] != after[name]:
                lines.append(f'{name}: {before[name]}, now {after[name]}')
        section(kind, lines)
    section('numbers of ground-motion models', of_tables(last / 'tables', new / 'tables'))
    section('hazard of jobs', of_hazard(last / 'hazard', new / 'hazard'))


def section(title, lines):
    print(f'## {title.capitalize()}\n')
    print('\n'.join(f'- {line}' for line in lines) or 'nothing')
    print()


if __name__ == '__main__':
    match sys.argv[1:]:
        case ['describe', out]:
            describe(out)
        case ['models', engine]:
            print('\n'.join(json.loads(Path(engine).read_text())['ground-motion models']))
        case ['compare', last, new]:
            compare(Path(last), Path(new))
        case _:
            sys.exit(__doc__)
