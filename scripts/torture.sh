#!/usr/bin/env bash
# Jobs under fire, for long: what serves a mount is killed a thousand times while jobs are dropped, disks fill and fail.
#   -n N   how often it is killed (1000)
# Prints what was done, and that nothing was lost.
set -euo pipefail
. "$(dirname "$0")/env.sh"

times=1000
while getopts n: option; do
    case $option in
        n) times=$OPTARG ;;
        *) exit 2 ;;
    esac
done
cd "$root"
OQFS_TORTURE=$times cargo test --release --test torture -- --nocapture --test-threads=1
