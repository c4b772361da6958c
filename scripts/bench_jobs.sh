#!/usr/bin/env bash
# Measure how soon small jobs that are dropped in new/ are complete: scripts/bench_jobs.sh [N]
#
# The script drops jobs of one source and one site: 20 one by one, each after the one before is complete, then N (1000) in a row. It prints
# the time from the close of the last file to `complete`, and how many jobs are accepted and completed per second.
set -euo pipefail
. "$(dirname "$0")/env.sh"

number=${1:-1000}
reason=$(why_no_fuse)
[[ -z $reason ]] || die "$reason"
build

work=$(mktemp -d "${TMPDIR:-/tmp}/oqfs-bench.XXXXXX")
export OQ_DATADIR=$work/oqdata
trap '"$oqfs" umount >/dev/null || true; rm -rf "$work"' EXIT
small_job "$work/job"
"$oqfs" mount
timeout 1800 python3 - "$work/job" "$OQ_DATADIR" "$number" "$oqfs" <<'PYTHON'
import os, statistics, subprocess, sys, time

job, data, number, oqfs = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
files = [(name, open(os.path.join(job, name)).read()) for name in ('ssmLT.xml', 'irpinia.xml', 'job.ini')]

def drop(name):
    folder = os.path.join(data, 'new', name)
    os.mkdir(folder)
    for file, text in files:
        with open(os.path.join(folder, file), 'w') as out:
            out.write(text)

def is_complete(name):
    with open(os.path.join(data, 'new', name + '.status')) as status:
        return ' complete' in status.read()

waits = []
for i in range(20):
    drop(f'one-{i}')
    start = time.monotonic()
    while not is_complete(f'one-{i}'):
        time.sleep(0.001)
    waits.append(time.monotonic() - start)
print(f'from close to complete: median {statistics.median(waits) * 1e3:.0f} ms, at most {max(waits) * 1e3:.0f} ms')

start = time.monotonic()
for i in range(number):
    drop(f'many-{i}')
accepted = time.monotonic() - start
subprocess.run([oqfs, 'wait'], stdout=subprocess.DEVNULL, check=False)
done = time.monotonic() - start
complete = sum(is_complete(f'many-{i}') for i in range(number))
print(f'{number} in a row: {number / accepted:.0f} accepted a second, {number / done:.0f} done, {complete} complete')
sys.exit(complete != number)
PYTHON
