#!/usr/bin/env bash
# Kill the processes of a mount again and again while jobs are dropped and while disks fill and fail: scripts/torture.sh
#
#   -n N   how often they are killed (1000)
# It prints what it did, and fails if a job was lost or ran twice.
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
