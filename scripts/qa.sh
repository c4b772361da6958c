#!/usr/bin/env bash
# Run the OpenQuake engine's own jobs and compare every curve and map with what the engine computed: scripts/qa.sh
#
#   -k PATTERN   run only the cases that match
#   -c DIR       the folder with cases.tsv (case, job file) and golden/CASE.npz; tests/data/qa by default
#   -j JOBS      the folder with the jobs; scripts/fetch_jobs.sh fetches them by default
#   -b OQFS      the program; the release build by default
# Each job runs in an empty data directory and may take CASE_S seconds (120). All cases are skipped if the jobs cannot be fetched.
set -euo pipefail
. "$(dirname "$0")/env.sh"

pattern=. cases=$root/tests/data/qa jobs='' oqfs=''
while getopts k:c:j:b: option; do
    case $option in
        k) pattern=$OPTARG ;;
        c) cases=$OPTARG ;;
        j) jobs=$OPTARG ;;
        b) oqfs=$(realpath "$OPTARG") ;;
        *) exit 2 ;;
    esac
done
[[ -n $oqfs ]] || build
mapfile -t lines < <(tail -n +2 "$cases/cases.tsv" | grep -E -- "$pattern")
[[ ${#lines[@]} -gt 0 ]] || die "no case matches $pattern"

skip() {
    printf '%s\n' "${red}skipped: $1$plain"
    echo "0 passed, 0 failed, ${#lines[@]} skipped"
    exit 0
}
python=$(our_python) || skip "numpy and h5py cannot be installed"
[[ -n $jobs ]] || jobs=$("$root/scripts/fetch_jobs.sh") || skip "the engine's jobs cannot be fetched"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run_case NAME JOB: run it and compare; the report goes to $work/report
run_case() {
    local data=$work/data
    rm -rf "$data"
    mkdir "$data"
    OQ_DATADIR=$data timeout "${CASE_S:-120}" "$oqfs" run "$jobs/$2" >"$work/report" 2>&1 </dev/null || return 1
    "$python" "$root/scripts/hazard.py" compare "$cases/golden/$1.npz" "$data/calc_1/output.hdf5" >"$work/report" 2>&1
}

passed=0 failed=0
for line in "${lines[@]}"; do
    IFS=$'\t' read -r name ini _ <<<"$line"
    start=$EPOCHREALTIME
    if run_case "$name" "$ini"; then
        verdict=ok passed=$((passed + 1))
    else
        verdict=FAIL failed=$((failed + 1))
    fi
    printf '%-4s %-45s %7.2f s  %s\n' $verdict "$name" \
        "$(awk -v a="${start/,/.}" -v b="${EPOCHREALTIME/,/.}" 'BEGIN { print b - a }')" \
        "$(grep "^largest difference" "$work/report")"
    [[ $verdict == ok ]] || sed 's/^/     /' "$work/report"
done
echo "$passed passed, $failed failed, 0 skipped"
[[ $failed == 0 ]]
