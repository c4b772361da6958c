#!/usr/bin/env bash
# Run a job with the OpenQuake engine and with oqfs, and compare: scripts/compare_engine.sh JOB.ini ...
#
# For each job it prints the wall time of each program from its start to its exit (one run each, everything included), the ratio of the
# times, the peak memory of the largest process of each program, and the largest relative difference between curves and maps.
# The exit status is 0 if all values agree.
#   -k OUT   keep the results of the engine (.npz or .json: scripts/hazard.py keep)
# The engine is the one in OQFS_ENGINE_VENV; without it scripts/install_engine.sh installs one.
set -euo pipefail
. "$(dirname "$0")/env.sh"

keep=
[[ ${1:-} != -k ]] || { keep=${2:?-k needs a file}; shift 2; }
[[ $# -gt 0 ]] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
engine=${OQFS_ENGINE_VENV:-$("$root/scripts/install_engine.sh")}
[[ -x $engine/bin/oq ]] || die "$engine: there is no bin/oq; OQFS_ENGINE_VENV must be a Python environment with the engine"
python=$engine/bin/python
build

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# measured COMMAND ...: run it, and print seconds and MB
measured() {
    "$python" "$root/scripts/measure.py" "${ENGINE_S:-3600}" "$@"
}

compare() {
    local job=$1 name of_engine of_oqfs report status=0
    name=$(basename "$(dirname "$(realpath "$job")")")
    rm -rf "$work/engine" "$work/oqfs"
    mkdir "$work/engine" "$work/oqfs"
    # no server listens at this OQ_DATABASE: the engine then works without its database server
    of_engine=$(HOME=$work/engine OQ_DATADIR=$work/engine OQ_DATABASE=127.0.0.1 \
        measured "$engine/bin/oq" run "$job") || die "$job: the engine fails"
    of_oqfs=$(OQ_DATADIR=$work/oqfs measured "$oqfs" run "$job") || die "$job: oqfs fails"
    report=$("$python" "$root/scripts/hazard.py" compare "$work/engine/calc_1.hdf5" "$work/oqfs/calc_1/output.hdf5") ||
        status=1
    [[ -z $keep ]] || "$python" "$root/scripts/hazard.py" keep "$work/engine/calc_1.hdf5" "$keep"
    awk -v name="$name" -v difference="$(sed -n 's/^largest difference //p' <<<"$report")" '{
        printf "%-36s %8.2f s %8.2f s %8.1f x %7d MB %7d MB %10s\n", name, $1, $3, $1 / $3, $2, $4, difference
    }' <<<"$of_engine $of_oqfs"
    [[ $status == 0 ]] || sed 's/^/    /' <<<"$report"
    return $status
}

printf '%-36s %10s %10s %10s %10s %10s %10s\n' job engine oqfs ratio engine oqfs difference
status=0
for job in "$@"; do
    compare "$job" || status=1
done
exit $status
