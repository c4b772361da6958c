#!/usr/bin/env bash
# Run the engine's own jobs with the engine and with oqfs, and write what comes of it to docs/VALIDATION.md: scripts/validate.sh
#
#   -k PATTERN   only the cases that match, to the terminal alone
# For each job of tests/data/qa/3.23.5: what it covers, the largest relative difference between all curves and maps, and the wall
# time of both programs, everything included. Takes about half an hour. The engine is the one in OQFS_ENGINE_VENV, or
# scripts/install_engine.sh installs one (about 1 GB). Exit status 0 if all values agree.
set -euo pipefail
. "$(dirname "$0")/env.sh"

pattern=
while getopts k: option; do
    case $option in
        k) pattern=$OPTARG ;;
        *) exit 2 ;;
    esac
done
jobs=$("$root/scripts/fetch_jobs.sh")
OQFS_ENGINE_VENV=${OQFS_ENGINE_VENV:-$("$root/scripts/install_engine.sh")}
export OQFS_ENGINE_VENV
build

# The row of one case.
row() {
    local name=$1 ini=$2 covers=$3 told
    told=$("$root/scripts/compare_engine.sh" "$jobs/$ini" | sed -n 2p) || return 1
    awk -v name="$name" -v covers="$covers" '{
        printf "| %s | %s | %s | %s s | %s s | %.0f |\n", name, covers, $NF, $4, $2, $2 / $4
    }' <<<"$told"
}

table() {
    local name ini sources uncertainties gsims covers status=0
    echo '| case | covers | largest difference | oqfs | engine | ratio |'
    echo '|---|---|---:|---:|---:|---:|'
    while IFS=$'\t' read -r name ini sources uncertainties gsims; do
        covers="$sources; ${gsims// /, }"
        [[ $uncertainties == - ]] || covers="$covers; $uncertainties"
        row "$name" "$ini" "$covers" || status=1
    done < <(tail -n +2 "$root/tests/data/qa/3.23.5/cases.tsv" | grep -E -- "${pattern:-.}")
    return $status
}

if [[ -n $pattern ]]; then
    table
    exit
fi
work=$(mktemp)
trap 'rm -f "$work"' EXIT
status=0
table | tee "$work" || status=1
{
    cat <<'TEXT'
# Validation

The engine's own jobs, run with OpenQuake 3.23.5 and with this program on one machine, one after the other. The difference is the largest
relative one between all hazard curves and maps of the two, of values above 1e-4. Times are from start to exit, one run each, everything
included; some seconds of the engine's are its start. This page is made by `scripts/validate.sh`, and `scripts/qa.sh`, which needs no
engine, holds the same jobs against what the engine gave.

TEXT
    cat "$work"
} >"$root/docs/VALIDATION.md"
exit $status
