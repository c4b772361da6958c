#!/usr/bin/env bash
# Run random small jobs with the OpenQuake engine and with this program, and compare the curves: scripts/random_jobs.sh
#
#   -n COUNT   the number of jobs (300, which takes some minutes)
#   -s SEED    the seed of the first job (1); the same seed always gives the same job
#   -e VENV    the engine's Python environment; scripts/install_engine.sh makes one by default (about 1 GB)
#   -b OQFS    the program; the release build by default
#   -d DIR     the folder for jobs and results; a temporary one by default
# Run it after changing numbers, and turn a difference that it finds into a small test. The exit status is 1 if a job differs for an unknown reason.
set -euo pipefail
. "$(dirname "$0")/env.sh"

count=300 seed=1 venv=${OQFS_ENGINE_VENV:-} oqfs='' dir=''
while getopts n:s:e:b:d: option; do
    case $option in
        n) count=$OPTARG ;;
        s) seed=$OPTARG ;;
        e) venv=$OPTARG ;;
        b) oqfs=$(realpath "$OPTARG") ;;
        d) dir=$OPTARG ;;
        *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done
[[ -n $oqfs ]] || build
[[ -n $venv ]] || venv=$("$root/scripts/install_engine.sh")
if [[ -z $dir ]]; then
    dir=$(mktemp -d)
    trap 'rm -rf "$dir"' EXIT
fi
mkdir -p "$dir/home"
"$venv/bin/python" "$root/scripts/random_jobs/make.py" "$dir/jobs" "$seed" "$count"
say "the engine"
HOME=$dir/home OQ_DATADIR=$dir/home/oqdata "$venv/bin/python" "$root/scripts/random_jobs/engine.py" "$dir"/jobs/* >"$dir/log" 2>&1 ||
    { tail -n 20 "$dir/log" >&2; die "the engine did not run"; }
say "this program"
"$venv/bin/python" "$root/scripts/random_jobs/compare.py" "$oqfs" "$dir"/jobs/*
