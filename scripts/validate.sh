#!/usr/bin/env bash
# Run the engine's own jobs with the engine and with oqfs, and write the comparison to the table at the end of docs/VALIDATION.md:
# scripts/validate.sh
#
#   -k PATTERN   run only the cases that match, and print their rows instead
# A row says what a job of tests/data/qa/3.23.5 covers, the largest relative difference between all curves and maps, and the wall time of both
# programs, everything included. It takes about half an hour. The engine is the one in OQFS_ENGINE_VENV; without it
# scripts/install_engine.sh installs one (about 1 GB). The exit status is 0 if all values agree.
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

# Print the row of one case.
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
page=$root/docs/VALIDATION.md
above=$(sed '/^| case | covers /,$d' "$page")
printf '%s\n\n' "$above" | cat - "$work" >"$work.page"
mv "$work.page" "$page"
exit $status
