"""Exports calculations with the OpenQuake engine, of what it writes as CSV of hazard what this program does too: as `oq export KEY ID`.

usage: export.py DIR ID ...: DIR/ID/NAME.csv, of $OQ_DATADIR/calc_ID.hdf5
"""
import os
import sys
import warnings

import openquake.calculators.export.hazard  # which fills export
from openquake.calculators.export import export
from openquake.commonlib import datastore

warnings.simplefilter('ignore')
# Of each key, a dataset that says whether there is something to export.
KEYS = {
    'hcurves': 'hcurves-stats', 'hmaps': 'hmaps-stats', 'hmaps-stats': 'hmaps-stats', 'uhs': 'hmaps-stats', 'realizations': 'full_lt', 'events': 'events',
    'gmf_data': 'gmf_data', 'avg_gmf': 'avg_gmf', 'event_based_mfd': 'ruptures', 'disagg-rlzs': 'disagg-rlzs',
    'disagg-stats': 'disagg-stats', 'disagg-rlzs-traditional': 'disagg-rlzs', 'mean_rates_by_src': 'mean_rates_by_src',
    'cs-stats': 'cs-stats', 'site_model': 'sitecol'}
for calc in map(int, sys.argv[2:]):
    into = os.path.join(sys.argv[1], str(calc))
    os.makedirs(into)
    # Not by its id, for which the engine wants its database.
    with datastore.DataStore(os.path.join(os.environ['OQ_DATADIR'], f'calc_{calc}.hdf5'), mode='r') as dstore:
        dstore.export_dir = into
        for key, dataset in KEYS.items():
            there = dataset in dstore or dataset == 'hcurves-stats' and 'hcurves-rlzs' in dstore
            if there and (key, 'csv') in export:
                export((key, 'csv'), dstore)
