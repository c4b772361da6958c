#!/usr/bin/env bash
# The checks that find more the longer they run, for long: scripts/soak.sh
#
#   -k PATTERN   only what matches: damage (HDF5 files with wrong bytes), mirror (operations on mirrored files, as root and as a
#                plain user, against a plain directory), requests (memory and descriptors of a daemon that is asked without end)
#   -n N         so many times what scripts/test.sh runs, 100 by default
#   -s SEED      of what is random; another one each time by default
# Exit status 0 if nothing was found. Jobs under fire have a script of their own, torture.sh.
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

# soak NAME TESTS...: if it is wanted
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
