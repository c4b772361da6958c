#!/usr/bin/env python3
"""Unpack the engine's jobs from its package: unpack_jobs.py WHEEL DIR FOLDER ...

DIR gets the demonstrations of hazard, and the FOLDERs of its tests.
"""
import pathlib
import sys
import zipfile

wheel, target, folders = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
wanted = {'.data/data/demos/hazard/': 'demos/hazard/'}
for folder in folders:
    wanted[f'openquake/qa_tests_data/{folder}/'] = f'{folder}/'
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        for inside, here in wanted.items():
            _, found, rest = name.partition(inside)
            if found and rest and not rest.endswith(('/', '.py')):
                path = target / here / rest
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(name))
