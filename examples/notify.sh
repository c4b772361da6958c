#!/bin/sh
# Shows a notification on the desktop when a job has ended: oqfs mount --on-end examples/notify.sh
# The arguments are the folder of the calculation and its state; the environment has the description of the job.
notify-send "calculation $OQFS_CALC: $2" "$OQFS_DESCRIPTION
$1"
