#!/usr/bin/env bash
# Measure how fast datasets in chunks of many shapes and filters are read through a mount, against h5py: scripts/bench_chunks.sh
#
#   -k PATTERN   measure only the filters that match
#   -b OQFS      the program; the release build by default
# It prints a table, and which are slower than h5py. With hdf5plugin in $OQFS_PYTHON it measures the filters that this brings.
set -euo pipefail
. "$(dirname "$0")/env.sh"

pattern=. oqfs=''
while getopts k:b: option; do
    case $option in
        k) pattern=$OPTARG ;;
        b) oqfs=$(realpath "$OPTARG") ;;
        *) exit 2 ;;
    esac
done
reason=$(why_no_fuse)
[[ -z $reason ]] || die "$reason"
[[ -n $oqfs ]] || build
python=$(our_python) || die "numpy and h5py cannot be installed"

work=$(mktemp -d "${TMPDIR:-/tmp}/oqfs-chunks.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$python" "$root/scripts/bench_chunks.py" "$work/files" "$oqfs" "$pattern"
