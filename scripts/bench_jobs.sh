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
mkdir "$work/job"
cat >"$work/job/ssmLT.xml" <<'XML'
<nrml><logicTree><logicTreeBranchSet uncertaintyType="sourceModel" branchSetID="s"><logicTreeBranch branchID="b">
<uncertaintyModel>irpinia.xml</uncertaintyModel><uncertaintyWeight>1</uncertaintyWeight>
</logicTreeBranch></logicTreeBranchSet></logicTree></nrml>
XML
cat >"$work/job/irpinia.xml" <<'XML'
<nrml><sourceModel><pointSource id="1" tectonicRegion="Active Shallow Crust">
<pointGeometry><Point><pos>15.3 40.8</pos></Point><upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth>
</pointGeometry><magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>
<truncGutenbergRichterMFD aValue="3.1" bValue="0.9" minMag="5" maxMag="6.8"/>
<nodalPlaneDist><nodalPlane probability="1" strike="310" dip="60" rake="-90"/></nodalPlaneDist>
<hypoDepthDist><hypoDepth probability="1" depth="9"/></hypoDepthDist></pointSource></sourceModel></nrml>
XML
cat >"$work/job/job.ini" <<'INI'
[general]
description = One source near Avellino
calculation_mode = classical
sites = 15.3 40.9
investigation_time = 50
truncation_level = 3
maximum_distance = 200
width_of_mfd_bin = 0.2
reference_vs30_value = 600
intensity_measure_types_and_levels = {'PGA': [0.1, 0.2]}
source_model_logic_tree_file = ssmLT.xml
gsim = BooreAtkinson2008
INI
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
