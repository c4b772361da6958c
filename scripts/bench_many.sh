#!/usr/bin/env bash
# Measure how the time of mounting, listing and asking grows with the number of calculations: scripts/bench_many.sh [N...] (1000 10000)
#
#   -b OQFS      the program; the release build by default
# For each N, a directory of N calculations of this program and one of N datastores of the engine are made, mounted and listed. It takes
# some minutes, and 2 GB in $TMPDIR (or /tmp) for 10,000. The exit status is 0 if every bar is reached.
set -euo pipefail
. "$(dirname "$0")/env.sh"

oqfs=''
while getopts b: option; do
    case $option in
        b) oqfs=$(realpath "$OPTARG") ;;
        *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
numbers=("$@")
[[ ${#numbers[@]} -gt 0 ]] || numbers=(1000 10000)
reason=$(why_no_fuse)
[[ -z $reason ]] || die "$reason"
[[ -n $oqfs ]] || build

work=$(mktemp -d "${TMPDIR:-/tmp}/oqfs-bench.XXXXXX")
clean_up() {
    local status=$? point
    for point in "$work"/*/; do
        ! grep -qF " ${point%/} " /proc/self/mounts || "$oqfs" umount "${point%/}" >/dev/null || fusermount3 -uz "${point%/}" || true
    done
    ! grep -qF " $work/" /proc/self/mounts || die "still mounted below $work"
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

export OQ_DATADIR=$work/model
small_job "$work/job"
"$oqfs" run "$work/job/job.ini" >/dev/null 2>&1 || die "the job does not run"
timeout "${MEASURE_S:-3000}" python3 "$root/scripts/bench_many.py" "$work" "$oqfs" "${numbers[@]}"
