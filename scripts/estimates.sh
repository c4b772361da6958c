#!/usr/bin/env bash
# Hold what `oqfs estimate` says of jobs against what they take: scripts/estimates.sh
#
#   -k PATTERN   only the jobs that match
#   -j JOBS      the folder with the jobs; scripts/fetch_jobs.sh fetches those of the engine's release by default
#   -b OQFS      the program; the release build by default
# The classical jobs of tests/data/qa/3.26.2/cases.tsv run, each in an empty data directory; CASE_S seconds (120) are enough for each. The
# table has the estimates and, in brackets, what was found over them; the last line says how many are within a factor of 2.
set -euo pipefail
. "$(dirname "$0")/env.sh"

pattern=. jobs='' oqfs=''
while getopts k:j:b: option; do
    case $option in
        k) pattern=$OPTARG ;;
        j) jobs=$OPTARG ;;
        b) oqfs=$(realpath "$OPTARG") ;;
        *) exit 2 ;;
    esac
done
[[ -n $oqfs ]] || build
[[ -n $jobs ]] || jobs=$("$root/scripts/fetch_jobs.sh" -r 3.26.2)
mapfile -t inis < <(tail -n +2 "$root/tests/data/qa/3.26.2/cases.tsv" | cut -f 2 | grep -E -- "$pattern" | sort -u)
[[ ${#inis[@]} -gt 0 ]] || die "no job matches $pattern"

python3 - "$oqfs" "$jobs" "${CASE_S:-120}" "${inis[@]}" <<'EOF'
"""Estimates a job, runs it, and compares."""
import json
import os
import subprocess
import sys
import tempfile
import time

oqfs, jobs, limit, *inis = sys.argv[1:]


def run(*arguments: str, data: str) -> tuple[bytes, float, float]:
    """What a command prints, how long it takes, and the most memory that it has, in bytes."""
    start = time.monotonic()
    process = subprocess.Popen(['timeout', limit, oqfs, *arguments], env=dict(os.environ, OQ_DATADIR=data), stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f'exit status {status}')
    return printed, time.monotonic() - start, usage.ru_maxrss * 1024


print(f'{"job":50}{"time, s":>18}{"memory, MB":>18}{"disk, MB":>18}{"contexts":>18}')
within = {'seconds': [], 'memory': [], 'disk': [], 'contexts': []}
for ini in inis:
    with tempfile.TemporaryDirectory() as data:
        job = os.path.join(jobs, ini)
        try:
            said = json.loads(run('estimate', '--json', job, data=data)[0])
            _, seconds, memory = run('run', job, '--no-reuse', data=data)
        except RuntimeError as error:
            print(f'{ini:50} left out: {error}')
            continue
        calc = os.path.join(data, 'calc_1')
        table = subprocess.run([oqfs, 'cat', f'{calc}/source_info.csv'], stdout=subprocess.PIPE, check=True, text=True)
        head, *rows = (line.split(',') for line in table.stdout.splitlines())
        contexts = sum(int(row[head.index('num_ctxs') - len(head)]) for row in rows)
        found = {'seconds': seconds, 'memory': memory, 'contexts': contexts,
                 'disk': os.path.getsize(os.path.join(calc, 'output.hdf5'))}
        cells = ''
        for key, scale in [('seconds', 1), ('memory', 1e6), ('disk', 1e6), ('contexts', 1)]:
            ratio = found[key] / said[key] if said[key] else 1.0
            within[key].append(0.5 <= ratio <= 2)
            cells += f'{said[key] / scale:>11.{0 if key == "contexts" else 2}f} ({ratio:4.2f})'
        print(f'{ini:50}{cells}', flush=True)
for key, all_of in within.items():
    print(f'{key}: {sum(all_of)} of {len(all_of)} within a factor of 2')
EOF
