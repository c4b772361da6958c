"""Runs jobs with the OpenQuake engine, one after another in this process, which spares the compiling; stops at the first error.

usage: run_jobs.py JOB.ini ...: $OQ_DATADIR/calc_N.hdf5, in the order of the jobs
"""
import logging
import os
import sys

os.environ['OQ_DISTRIBUTE'] = 'no'
from openquake.calculators import base
from openquake.commonlib import dbapi, logs
from openquake.server.db import actions

actions.upgrade_db(dbapi.db)
logging.basicConfig(level=logging.ERROR)
for job in sys.argv[1:]:
    with logs.init(job, log_level='error') as log:
        calc = base.calculators(log.get_oqparam(), log.calc_id)
        calc.run()
        calc.datastore.close()
    print(log.calc_id, job, flush=True)
