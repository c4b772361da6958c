#!/usr/bin/env bash
# Run the OpenQuake engine's own jobs and compare every curve and map with what the engine computed: scripts/qa.sh
#
#   -k PATTERN   run only the cases that match
#   -c DIR       the folder with cases.tsv (case, job file) and golden/CASE.npz; those of tests/data/qa by default, a folder for each release
#   -j JOBS      the folder with the jobs; scripts/fetch_jobs.sh fetches them by default, of the release that DIR is named after
#   -b OQFS      the program; the release build by default
# Each job runs in an empty data directory and may take CASE_S seconds (120). All cases are skipped if the jobs cannot be fetched.
set -euo pipefail
. "$(dirname "$0")/env.sh"

pattern=. cases='' given='' oqfs=''
while getopts k:c:j:b: option; do
    case $option in
        k) pattern=$OPTARG ;;
        c) cases=$OPTARG ;;
        j) given=$OPTARG ;;
        b) oqfs=$(realpath "$OPTARG") ;;
        *) exit 2 ;;
    esac
done
[[ -z $given || -n $cases ]] || die "-j needs -c: the jobs of which cases are there?"
[[ -n $oqfs ]] || build
folders=("$root/tests/data/qa/3.23.5" "$root/tests/data/qa/3.26.2")
[[ -z $cases ]] || folders=("$cases")

# lines_of FOLDER: its cases that match
lines_of() { tail -n +2 "$1/cases.tsv" | grep -E -- "$pattern" || true; }
count=$(for folder in "${folders[@]}"; do lines_of "$folder"; done | wc -l)
[[ $count -gt 0 ]] || die "no case matches $pattern"

skip() {
    printf '%s\n' "${red}skipped: $1$plain"
    echo "0 passed, 0 failed, $count skipped"
    exit 0
}
python=$(our_python) || skip "numpy and h5py cannot be installed"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# asked_for JOBS JOB GOLDEN: the job file to run. Engine 3.23.5 keeps the curves of the realizations of a single site unasked: a copy of the job
# asks for them.
asked_for() {
    if grep -qE '^ *individual_(rlzs|curves)' "$1/$2" || ! "$python" "$root/scripts/hazard.py" realizations "$3"; then
        echo "$1/$2"
        return
    fi
    local copies=$work/jobs
    [[ -d $copies ]] || cp -rs "$(realpath "$1")/." "$copies"
    rm "$copies/$2"
    { cat "$1/$2" && printf '\nindividual_rlzs = true\n'; } >"$copies/$2"
    echo "$copies/$2"
}

# run_case FOLDER JOBS NAME JOB: run it and compare; the report goes to $work/report
run_case() {
    local data=$work/data job
    rm -rf "$data"
    mkdir "$data"
    job=$(asked_for "$2" "$4" "$1/golden/$3.npz")
    OQ_DATADIR=$data timeout "${CASE_S:-120}" "$oqfs" run "$job" >"$work/report" 2>&1 </dev/null || return 1
    "$python" "$root/scripts/hazard.py" compare "$1/golden/$3.npz" "$data/calc_1/output.hdf5" >"$work/report" 2>&1
}

passed=0 failed=0
for folder in "${folders[@]}"; do
    mapfile -t lines < <(lines_of "$folder")
    [[ ${#lines[@]} -gt 0 ]] || continue
    rm -rf "$work/jobs"
    jobs=$given
    [[ -n $jobs ]] || jobs=$("$root/scripts/fetch_jobs.sh" -r "$(basename "$folder")") || skip "the engine's jobs cannot be fetched"
    for line in "${lines[@]}"; do
        IFS=$'\t' read -r name ini _ <<<"$line"
        start=$EPOCHREALTIME
        if run_case "$folder" "$jobs" "$name" "$ini"; then
            verdict=ok passed=$((passed + 1))
        else
            verdict=FAIL failed=$((failed + 1))
        fi
        printf '%-4s %-45s %7.2f s  %s\n' $verdict "$name" \
            "$(awk -v a="${start/,/.}" -v b="${EPOCHREALTIME/,/.}" 'BEGIN { print b - a }')" \
            "$(grep "^largest difference" "$work/report")"
        [[ $verdict == ok ]] || sed 's/^/     /' "$work/report"
    done
done
echo "$passed passed, $failed failed, 0 skipped"
[[ $failed == 0 ]]
