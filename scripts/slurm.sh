#!/usr/bin/env bash
# A Slurm cluster of two nodes of one core on this machine, for tests: scripts/slurm.sh start DIR | stop DIR | why-not | install
#
#   start     starts it; its state, keys and logs are in DIR. Then: export SLURM_CONF=DIR/slurm.conf
#   stop      ends what start started, by the numbers of the processes
#   why-not   prints why there can be no cluster here; nothing if there can be one
#   install   installs the packages where that starts nothing: as root, with apt-get, and without systemd
# It needs no systemd and no database, but root, and Debian's packages slurmctld, slurmd, slurm-client and munge.
set -euo pipefail
. "$(dirname "$0")/env.sh"
PATH=$PATH:/usr/sbin:/sbin

usage() { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }

why_not() {
    local program missing=()
    for program in slurmctld slurmd sbatch munged; do command -v "$program" >/dev/null || missing+=("$program"); done
    if [[ ${#missing[@]} != 0 ]]; then
        echo "${missing[*]} is missing (apt-get install slurmctld slurmd slurm-client munge)"
    elif [[ $EUID != 0 ]]; then
        echo "a cluster of one's own needs root"
    fi
}

install() {
    local reason
    reason=$(why_not)
    [[ $reason == *missing* ]] || return 0
    if [[ $EUID != 0 || -e /run/systemd/system ]] || ! command -v apt-get >/dev/null; then
        echo "Slurm is not installed: that would start services here, or cannot be done"
    else
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
            slurmctld slurmd slurm-client munge >/dev/null || echo "Slurm cannot be installed"
    fi
}

# pid_of NAME: print the number of the process that wrote DIR/NAME.pid, if it is still the one
pid_of() {
    local pid
    pid=$(cat "$dir/$1.pid" 2>/dev/null) || return 0
    [[ $(cat "/proc/$pid/comm" 2>/dev/null) == "${1%%-*}" ]] && echo "$pid"
    return 0
}

stop() {
    local name pid pids=()
    for name in slurmd-n1 slurmd-n2 slurmctld munged; do
        pid=$(pid_of "$name")
        [[ -z $pid ]] || { kill "$pid" && pids+=("$pid"); }
    done
    for pid in ${pids[@]+"${pids[@]}"}; do
        for _ in $(seq 100); do [[ -e /proc/$pid ]] || break; sleep 0.1; done
        [[ ! -e /proc/$pid ]] || kill -9 "$pid"
    done
}

write_conf() {
    local host port=$1
    host=$(hostname -s)
    cat >"$dir/slurm.conf" <<CONF
ClusterName=oqfs
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=$port
AuthType=auth/munge
# a job that is queued again waits until its credential is out of date
AuthInfo=socket=$dir/munge.socket,cred_expire=5
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool-%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd-%n.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
# nobody else submits: what may run is looked for at once
SchedulerParameters=batch_sched_delay=0,sched_interval=1
MpiDefault=none
ReturnToService=1
KillWait=5
SlurmdTimeout=10
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
CONF
}

start() {
    local reason port
    reason=$(why_not)
    [[ -z $reason ]] || die "$reason"
    mkdir -p "$dir"/{state,spool-n1,spool-n2}
    chmod 755 "$dir"
    # other clusters on this machine have other ports
    port=$((20000 + (RANDOM % 10000) * 4))
    write_conf "$port"
    export SLURM_CONF=$dir/slurm.conf
    trap 'stop' ERR
    (umask 077; head -c 1024 /dev/urandom >"$dir/munge.key")
    munged --force --socket="$dir/munge.socket" --key-file="$dir/munge.key" --pid-file="$dir/munged.pid" \
        --log-file="$dir/munged.log" --seed-file="$dir/munged.seed" 2>"$dir/munged.said"
    slurmctld -f "$SLURM_CONF"
    for node in n1 n2; do slurmd -N "$node" -f "$SLURM_CONF"; done
    for _ in $(seq 150); do
        [[ $(sinfo -h -t idle -o %D 2>/dev/null) != 2 ]] || return 0
        sleep 0.2
    done
    tail -n 20 "$dir"/*.log >&2
    stop
    die "the nodes do not come up"
}

case "${1:-}" in
    why-not) why_not ;;
    install) install ;;
    start | stop)
        [[ $# == 2 ]] || usage
        dir=$(realpath -m "$2")
        "$1" ;;
    *) usage ;;
esac
