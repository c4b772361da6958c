"""Exports calculations with the OpenQuake engine, all of what it writes as CSV of hazard: what `oq export KEY ID` does.

usage: export.py DIR ID ...: DIR/ID/NAME.csv, of $OQ_DATADIR/calc_ID.hdf5
"""
import os
import sys
import warnings

from openquake.commands.export import main
from openquake.commonlib import datastore, dbapi
from openquake.server.db import actions

warnings.simplefilter('ignore')
actions.upgrade_db(dbapi.db)
# Of each key, a dataset that says whether there is something to export.
KEYS = {
    'hcurves': 'hcurves-stats', 'hmaps': 'hmaps-stats', 'uhs': 'hmaps-stats', 'realizations': 'full_lt', 'events': 'events',
    'gmf_data': 'gmf_data', 'avg_gmf': 'avg_gmf', 'event_based_mfd': 'ruptures', 'disagg-rlzs': 'disagg-rlzs',
    'disagg-stats': 'disagg-stats', 'disagg-rlzs-traditional': 'disagg-rlzs', 'mean_rates_by_src': 'mean_rates_by_src',
    'cs-stats': 'cs-stats', 'site_model': 'sitecol'}
for calc in map(int, sys.argv[2:]):
    into = os.path.join(sys.argv[1], str(calc))
    os.makedirs(into)
    with datastore.read(calc) as dstore:
        keys = [key for key, dataset in KEYS.items()
                if dataset in dstore or dataset == 'hcurves-stats' and 'hcurves-rlzs' in dstore]
    for key in keys:
        main(key, calc, export_dir=into)
