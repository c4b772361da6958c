#!/usr/bin/env bash
# Set up the machine and run every check: scripts/test.sh [--engine | --newest]
#
#   --engine   also install the OpenQuake engine, run it in a mount, and run its demonstrations and ours with both programs
#   --newest   run only the tests that need Python, with the newest h5py and numpy instead of the locked ones
# The last line counts: "N passed, M failed, K skipped". A check that cannot run here (no network, no /dev/fuse) says so and counts as
# skipped. The exit status is 0 if nothing failed.
set -uo pipefail
. "$(dirname "$0")/env.sh"

with_engine=no with_newest=no
case "${1:-}" in
    '') ;;
    --engine) with_engine=yes ;;
    --newest) with_newest=yes ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

# Make a Python with the newest h5py and numpy, anew each time, and print its path.
newest_python() {
    local dir=$cache/python-newest
    rm -rf "$dir" && python3 -m venv "$dir" >&2 &&
        "$dir/bin/python" -m pip install -q --disable-pip-version-check --only-binary :all: h5py numpy >&2 && echo "$dir/bin/python"
}

"$root/scripts/setup.sh" --tests || exit 1
# tests on a cluster leave themselves out where it is not there
"$root/scripts/slurm.sh" install
cd "$root" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# tests that use h5py find it here
if [[ $with_newest == yes ]]; then
    OQFS_PYTHON=$(newest_python) || die "the newest h5py and numpy cannot be installed"
else
    OQFS_PYTHON=$(our_python) || OQFS_PYTHON=
fi
if [[ -n $OQFS_PYTHON ]]; then export OQFS_PYTHON; else unset OQFS_PYTHON; fi
# tests with the engine find it here
if [[ $with_engine == yes ]]; then
    OQFS_ENGINE_VENV=${OQFS_ENGINE_VENV:-$("$root/scripts/install_engine.sh")} && export OQFS_ENGINE_VENV || exit 1
fi
# random tests use the same seed in each run, so that a new failure comes from the change that is checked
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-20261124}
# one profile for everything, so that nothing is compiled twice
export OQFS_PROFILE=quick
passed=0 failed=0 skipped=0 what_failed=() what_skipped=()

# Print the counts of a log, passed, failed and skipped: of Rust's test runners, to which a test that prints SKIPPED has passed; or of the last
# line of one of our scripts. "0 0 0" if the log has no counts.
counts() {
    awk '/^test result: / { p += $4; f += $6; s += $8 }
         { n = gsub(/SKIPPED [a-z0-9_]+: /, ""); p -= n; s += n }
         / passed, .* failed, .* skipped$/ { own = $1 " " $3 " " $5 }
         END { print own ? own : p + 0 " " f + 0 " " s + 0 }' "$1"
}

# check NAME COMMAND ...: run the command, show its output, and count
check() {
    local name=$1 status p f s start=$SECONDS
    shift
    say "$name"
    "$@" 2>&1 | tee "$work/log"
    status=${PIPESTATUS[0]}
    read -r p f s < <(counts "$work/log")
    [[ $status != 0 || $((p + f + s)) -gt 0 ]] || p=1
    [[ $status == 0 || $f -gt 0 ]] || f=1
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    [[ $f == 0 ]] || what_failed+=("$name")
    [[ $s == 0 ]] || what_skipped+=("$name")
    printf '%s\n' "$dim-- $name: $p passed, $f failed, $s skipped in $((SECONDS - start)) s$plain"
}

# skip NAME REASON: count a check that cannot run
skip() {
    say "$1"
    printf '%s\n' "${red}skipped: $2$plain"
    skipped=$((skipped + 1)) what_skipped+=("$1")
}

scripts_parse() {
    local script
    for script in scripts/*.sh .ci/*; do bash -n "$script" || return 1; done
    for script in packaging/install.sh packaging/deb/p*; do sh -n "$script" || return 1; done
}

# the tests are built first, because that takes long and shows how far it is
tests_pass() {
    shown cargo test --profile quick --locked --workspace --no-run &&
        cargo test --profile quick --locked --quiet --workspace --no-fail-fast
}

example_runs() {
    OQ_DATADIR=$work/example cargo run --profile quick --locked --quiet --example classical_psha -- demo/job.ini
}

engine_agrees() {
    local jobs
    jobs=$(scripts/fetch_jobs.sh) || return 1
    scripts/compare_engine.sh demo/job.ini \
        "$jobs"/demos/hazard/{AreaSource,PointSource,SimpleFaultSource,LogicTreeCase1}ClassicalPSHA/job.ini
}

# The end of every run.
finish() {
    local name
    echo
    [[ ${#what_skipped[@]} == 0 ]] || printf 'skipped in: %s\n' "${what_skipped[@]}"
    for name in ${what_failed[@]+"${what_failed[@]}"}; do printf '%s\n' "${red}failed: $name$plain"; done
    echo "$passed passed, $failed failed, $skipped skipped"
    [[ $failed == 0 ]]
    exit
}

check_demo() {
    local reason
    reason=$(why_no_fuse)
    [[ -n $reason || -n ${OQFS_PYTHON:-} ]] || reason="numpy cannot be installed"
    if [[ -z $reason ]]; then check "demo" scripts/demo.sh --build; else skip "demo" "$reason"; fi
}

# Packages take minutes to make: those that are there are tested.
check_packages() {
    if ! compgen -G "dist/*.whl" >/dev/null; then
        skip "packages" "there are none in dist/; scripts/test_packages.sh --make makes them and tests them"
    elif [[ -n $(find src crates python packaging Cargo.lock -newer dist/SHA256SUMS -print -quit) ]]; then
        skip "packages" "those in dist/ are older than the source; scripts/test_packages.sh --make makes them anew"
    else
        check "packages" scripts/test_packages.sh
    fi
}

if [[ $with_newest == yes ]]; then
    "$OQFS_PYTHON" -c 'import h5py, numpy, sys; print("Python", sys.version.split()[0], "numpy", numpy.__version__, "h5py", h5py.__version__, "HDF5", h5py.version.hdf5_version)'
    mapfile -t with_python < <(grep -lE 'need_python!|common::python\(|run_python\(' tests/*.rs | grep -v engine | sed 's|.*/||; s|\.rs$||; s|^|--test=|')
    check "tests with Python" cargo test --profile quick --locked --quiet --no-fail-fast "${with_python[@]}"
    check_demo
    finish
fi

check "scripts" scripts_parse
check "format" cargo fmt --all --check
check "lints" shown cargo clippy --profile quick --locked --workspace --all-targets -- -D warnings
check "documentation" shown env RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --profile quick --locked --workspace --no-deps --document-private-items
check "tests" tests_pass
check "example" example_runs
check "other languages" scripts/languages.sh
check "the engine's jobs" scripts/qa.sh
check_demo
check_packages
[[ $with_engine == no ]] || check "comparison with the engine" engine_agrees
finish
