#!/usr/bin/env bash
# Measure how fast the mount reads, against h5py and real files: scripts/bench_fs.sh
#
#   -k PATTERN   measure only what matches: arrays, sequential, passthrough, listing, filters, stat, memory
#   -n N         repetitions, 5 by default; a figure is the median, and both sides of a ratio take turns
#   -b OQFS      the program; the release build by default
# It takes some minutes, and 5 GB in $TMPDIR (or /tmp). Run it as a plain user to measure what a plain user gets.
# The exit status is 0 if every bar is reached.
set -euo pipefail
. "$(dirname "$0")/env.sh"

pattern=. repetitions=5 oqfs=''
while getopts k:n:b: option; do
    case $option in
        k) pattern=$OPTARG ;;
        n) repetitions=$OPTARG ;;
        b) oqfs=$(realpath "$OPTARG") ;;
        *) exit 2 ;;
    esac
done
reason=$(why_no_fuse)
[[ -z $reason ]] || die "$reason"
[[ -n $oqfs ]] || build
python=$(our_python) || die "numpy and h5py cannot be installed"

work=$(mktemp -d "${TMPDIR:-/tmp}/oqfs-bench.XXXXXX")
is_mounted() { grep -qF " $work/data " /proc/self/mounts; }

clean_up() {
    local status=$?
    ! is_mounted || "$oqfs" umount "$work/data" || fusermount3 -uz "$work/data" || true
    if is_mounted; then
        echo "still mounted: $work/data" >&2
        exit 1
    fi
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

say "writing the files to read"
timeout "${MAKE_S:-600}" "$python" "$root/scripts/bench_fs.py" make "$work"
say "measuring, as $(id -un), on $(nproc) cores"
timeout "${MEASURE_S:-1800}" "$python" "$root/scripts/bench_fs.py" measure "$work" "$oqfs" "$repetitions" "$pattern"
