#!/usr/bin/env bash
# Kill the processes of a mount again and again while jobs are dropped and while disks fill and fail: scripts/torture.sh
#
#   -n N   how often they are killed (1000)
# Then, a hundredth as often, what hangs, ends nowhere or is told wrongly of jobs: checks that take long, orders of arrival, few descriptors.
# It prints what it did, and fails if a job was lost or ran twice, or a test fails.
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
profile=${OQFS_PROFILE:-release}
OQFS_TORTURE=$times cargo test --locked --profile "$profile" --test torture -- --nocapture --test-threads=1
for ((round = 0; round < times; round += 100)); do
    cargo test --locked --profile "$profile" --test checks --test jobs --test limits --test others -- --test-threads=1
done
