#!/usr/bin/env bash
# Run the engine's own jobs with the engine and with oqfs, and write the comparison to the table at the end of docs/VALIDATION.md:
# scripts/validate.sh
#
#   -k PATTERN   run only the cases that match, and print their rows instead
# A row says what a job covers, the largest relative difference between all curves and maps, and the wall time of both programs, everything
# included. The jobs are those of tests/data/qa/3.26.2 and the engine's demonstrations, as release 3.26.2 has them. It takes about twenty minutes.
# The engine is the one in OQFS_ENGINE_VENV; without it scripts/install_engine.sh installs one (about 1 GB). The exit status is 0 if all values agree, but
# those of jobs that meet a row of docs/DIFFERENCES.md, which are marked.
set -euo pipefail
. "$(dirname "$0")/env.sh"

pattern=
while getopts k: option; do
    case $option in
        k) pattern=$OPTARG ;;
        *) exit 2 ;;
    esac
done
jobs=$("$root/scripts/fetch_jobs.sh" -r 3.26.2)
OQFS_ENGINE_VENV=${OQFS_ENGINE_VENV:-$("$root/scripts/install_engine.sh")}
export OQFS_ENGINE_VENV
build

# Jobs whose point sources have several nodal planes, of which the engine takes the last for the widest.
known='^(demos_PointSourceClassicalPSHA|logictree_case_(12|23))_job$'

# Print the row of one case.
row() {
    local name=$1 ini=$2 covers=$3 told mark='' status=0
    told=$("$root/scripts/compare_engine.sh" "$jobs/$ini" | sed -n 2p) || status=1
    if [[ $status != 0 && $name =~ $known ]]; then
        mark=' (DIFFERENCES)' status=0
    fi
    awk -v name="$name" -v covers="$covers" -v mark="$mark" '{
        printf "| %s | %s | %s%s | %s s | %s s | %.0f |\n", name, covers, $NF, mark, $4, $2, $2 / $4
    }' <<<"$told"
    return $status
}

# The cases, each once.
cases() {
    { tail -n +2 "$root/tests/data/qa/3.26.2/cases.tsv"; grep ^demos_ "$root/tests/data/qa/3.23.5/cases.tsv"; } | sort -u -t $'\t' -k2,2 | sort | while IFS=$'\t' read -r name ini rest; do
        [[ ! -e $jobs/$ini ]] || printf '%s\t%s\t%s\n' "$name" "$ini" "$rest"
    done
}

table() {
    local name ini sources uncertainties gsims covers status=0
    echo '| case | covers | largest difference | oqfs | engine | ratio |'
    echo '|---|---|---:|---:|---:|---:|'
    while IFS=$'\t' read -r name ini sources uncertainties gsims; do
        covers="$sources; ${gsims// /, }"
        [[ $uncertainties == - ]] || covers="$covers; $uncertainties"
        row "$name" "$ini" "$covers" || status=1
    done < <(cases | grep -E -- "${pattern:-.}")
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
