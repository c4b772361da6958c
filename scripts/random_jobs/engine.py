"""Many jobs through the engine in one process, some five a second: engine.py FOLDER...

Each FOLDER/job.ini gives FOLDER/engine.npz, or FOLDER/engine.error with the engine's words. Folders that have one are passed over. Run it with
the engine's Python; HOME and OQ_DATADIR must be folders of its own.
"""
import logging
import os
import sys
import traceback
import warnings
from pathlib import Path

# with a name for the database the engine waits for a server
os.environ['OQ_DATABASE'] = '127.0.0.1'
os.environ['OQ_DISTRIBUTE'] = 'no'
warnings.simplefilter('ignore')
logging.disable(logging.CRITICAL)

import numpy
from openquake.baselib import config
from openquake.calculators import base
from openquake.commonlib import dbapi, logs, readinput
from openquake.server.db import actions

# a job that the engine refuses keeps a port, and without a free one the next job waits for ever
config.dbserver.receiver_ports = '20000-32000'
Path(os.environ['OQ_DATADIR']).mkdir(parents=True, exist_ok=True)
actions.upgrade_db(dbapi.db)


def run(folder):
    log = logs.init(readinput.get_params(str(folder / 'job.ini'), {}), log_level='critical')
    with log:
        calc = base.calculators(log.get_oqparam(), log.calc_id)
        calc.run(export_dir=str(folder))
        store = calc.datastore
        found = {key: store[key][()] for key in ('hcurves-rlzs', 'hcurves-stats') if key in store}
        path = Path(store.filename)
        store.close()
    numpy.savez(folder / 'engine.npz', **found)
    for written in path.parent.glob(path.stem + '*.hdf5'):
        written.unlink()


for folder in map(Path, sys.argv[1:]):
    if (folder / 'engine.npz').exists() or (folder / 'engine.error').exists():
        continue
    try:
        run(folder)
    except (Exception, SystemExit) as error:
        (folder / 'engine.error').write_text(f'{type(error).__name__}: {error}\n{traceback.format_exc()}')
