#!/usr/bin/env bash
# Run the random tests for a long time, because they find more the longer they run: scripts/soak.sh
#
#   -k PATTERN   run only what matches: damage (HDF5 files with wrong bytes), mirror (operations on mirrored files, as root and as a
#                plain user, compared with a plain directory), requests (memory and descriptors of a daemon under endless requests)
#   -n N         run N times as much as scripts/test.sh, 100 by default
#   -s SEED      the seed; another one each time by default
# The exit status is 0 if nothing was found. scripts/torture.sh does the same for jobs.
set -uo pipefail
. "$(dirname "$0")/env.sh"

pattern=. times=100 seed=$((RANDOM * 32768 + RANDOM + 1))
while getopts k:n:s: option; do
    case $option in
        k) pattern=$OPTARG ;;
        n) times=$OPTARG ;;
        s) seed=$OPTARG ;;
        *) exit 2 ;;
    esac
done
cd "$root" || exit 1
if OQFS_PYTHON=$(our_python); then export OQFS_PYTHON; else unset OQFS_PYTHON; fi
export OQFS_DAMAGE=$((300 * times)) OQFS_DAMAGE_SEED=$seed OQFS_MIRROR_CASES=$((64 * times)) PROPTEST_RNG_SEED=$seed
export OQFS_STAYING_ROUNDS=$times
say "$times times as long, seed $seed"
found=()

# soak NAME TESTS...: run them, if NAME matches
soak() {
    local name=$1 start=$SECONDS
    shift
    [[ $name =~ $pattern ]] || return 0
    cargo test --locked --quiet "$@" -- --nocapture || found+=("$name")
    printf '%s\n' "$dim-- $name: $((SECONDS - start)) s$plain"
}

soak damage --test damage no_damage_does_more_than_fail
soak mirror --test mirror
soak requests --test staying_up requests_without_end_leave_nothing_behind

[[ ${#found[@]} == 0 ]] || die "found something: ${found[*]}"
