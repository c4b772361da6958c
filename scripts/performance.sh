#!/usr/bin/env bash
# Measure how fast calculations are, against the OpenQuake engine and by themselves, and write docs/PERFORMANCE.md: scripts/performance.sh
#
#   -j   only the table of jobs, which is printed
# Jobs are run by both programs in turns, as whole processes with nothing kept from before: the least of ENGINE_RUNS (2) and OQFS_RUNS (5) wall times
# counts. Then come the benches of kernels and of scaling. It takes a quarter of an hour on a machine that does nothing else.
# The engine is the one in OQFS_ENGINE_VENV; without it scripts/install_engine.sh installs one (about 1 GB). The exit status is 1 if a ratio is below its bar.
set -euo pipefail
. "$(dirname "$0")/env.sh"

only_jobs=no
while getopts j option; do
    case $option in
        j) only_jobs=yes ;;
        *) exit 2 ;;
    esac
done
engine=${OQFS_ENGINE_VENV:-$("$root/scripts/install_engine.sh")}
[[ -x $engine/bin/oq ]] || die "$engine: there is no bin/oq; OQFS_ENGINE_VENV must be a Python environment with the engine"
demos=$("$root/scripts/fetch_jobs.sh" -r 3.26.2)/demos/hazard
build
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The jobs, with how many times as fast as the engine they have to be and are meant to be.
jobs=(
    "$root/demo/job.ini 25 50"
    "$demos/AreaSourceClassicalPSHA/job.ini 60 100"
    "$demos/SimpleFaultSourceClassicalPSHA/job.ini 40 80"
)

# seconds COMMAND ...: run it in an empty data directory, and print how long it took
seconds() {
    rm -rf "$work/data"
    mkdir "$work/data"
    HOME=$work/data OQ_DATADIR=$work/data OQ_DATABASE=127.0.0.1 \
        "$engine/bin/python" "$root/scripts/measure.py" "${ENGINE_S:-3600}" "$@" | cut -d' ' -f1
}

# least N COMMAND ...: the least of N times
least() {
    local count=$1 i
    shift
    for ((i = 0; i < count; i++)); do seconds "$@"; done | sort -g | head -n 1
}

job_table() {
    local job ini bar aim name status=0 by_engine by_oqfs
    echo '| job | engine | oqfs | ratio | bar | aim |'
    echo '|---|---:|---:|---:|---:|---:|'
    for job in "${jobs[@]}"; do
        read -r ini bar aim <<<"$job"
        name=$(basename "$(dirname "$ini")")
        by_engine=$(least "${ENGINE_RUNS:-2}" "$engine/bin/oq" run "$ini")
        by_oqfs=$(least "${OQFS_RUNS:-5}" "$oqfs" run "$ini")
        awk -v name="$name" -v e="$by_engine" -v o="$by_oqfs" -v bar="$bar" -v aim="$aim" 'BEGIN {
            printf "| %s | %.2f s | %.3f s | %.1f | %d | %d |\n", name, e, o, e / o, bar, aim
            exit !(e / o >= bar)
        }' || status=1
    done
    return $status
}

# Criterion's figures of a bench as rows of a table: the name, and the time of one element in ns.
units() {
    (cd "$root" && cargo bench --locked --quiet -p oqfs-hazard --bench "$1" 2>/dev/null) | awk '
        /^[^ ].* time:/ || /^[^ ].*\/[^ ]*$/ { name = $0; sub(/ +time:.*/, "", name) }
        # not the change since an earlier run, which is in percent
        ($1 == "thrpt:" || $3 == "thrpt:") && /elem\/s/ {
            match($0, /\[.*\]/)
            split(substr($0, RSTART + 1, RLENGTH - 2), part, " ")
            unit = part[4] ~ /^G/ ? 1 : part[4] ~ /^M/ ? 1e3 : part[4] ~ /^K/ ? 1e6 : 1e9
            printf "| %s | %.2f ns |\n", name, unit / part[3]
        }'
}

status=0
if [[ $only_jobs == yes ]]; then
    job_table || status=1
    exit $status
fi

page=$work/page.md
{
    cat <<EOF
# How fast calculations are

\`scripts/performance.sh\` writes this page. Wall times are of whole processes from start to exit, with nothing kept from before: the least of
${ENGINE_RUNS:-2} runs of the engine and of ${OQFS_RUNS:-5} of oqfs, in turns.

- Processor: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) of its cores; instructions: $(grep -m1 ^flags /proc/cpuinfo | tr ' ' '\n' | grep -xE 'avx2|fma|avx512f' | paste -sd' ')
- OpenQuake engine $(OQ_DATABASE=127.0.0.1 "$engine/bin/oq" --version), Python $("$engine/bin/python" -c 'import platform; print(platform.python_version())')
- oqfs $(our_version), $(rustc --version | cut -d' ' -f1-2), $(date +%F)

## Jobs

EOF
    job_table || status=1
    cat <<'EOF'

The ratio is the engine's time over ours. A ratio below the bar is a fault.

## Kernels

The time of one level (exceedance) or one site (planar), by the benches of `crates/oqfs-hazard/benches/calc.rs`; exceedance by the truncation
level.

| kernel | time |
|---|---:|
EOF
    units calc
    cat <<'EOF'

Ground-motion models: nanoseconds for a context and an intensity measure (`cargo bench -p oqfs-gsim --bench gsim`).

```
EOF
    (cd "$root" && cargo bench --locked --quiet -p oqfs-gsim --bench gsim 2>/dev/null) >"$work/gsim"
    awk '$2 == "ns" { costs[++n] = $1; names[n] = $3 } END {
        for (i = 1; i <= 5; i++) { p = int(1 + (n - 1) * (i - 1) / 4); printf "%-8s %8.2f ns  %s\n", label(i), costs[p], names[p] }
    }
    function label(i) { return i == 1 ? "least" : i == 2 ? "quarter" : i == 3 ? "median" : i == 4 ? "three" : "most" }' "$work/gsim"
    cat <<'EOF'
```

## Growth

The time of one context (a pair of a rupture and a site, two intensity measures, one model), each row with twice as much of one thing as the row before
(`crates/oqfs-hazard/benches/scaling.rs`).

| what | time of a context |
|---|---:|
EOF
    units scaling
} >"$page"
cp "$page" "$root/docs/PERFORMANCE.md"
cat "$page"
exit $status
