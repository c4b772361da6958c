# The daily loop: `just` lists the recipes. CONTRIBUTING.md says when to use which.

# what scripts/env.sh sets: a cmake that is new enough, and Rust, if scripts/setup.sh brought them
cache := env('XDG_CACHE_HOME', home_directory() / '.cache') / 'oqfs'
export PATH := cache / 'bin' + ':' + home_directory() / '.cargo/bin' + ':' + env('PATH')
target := env('CARGO_TARGET_DIR', justfile_directory() / 'target')

# list the recipes
default:
    @just --list --unsorted

# install what building, mounting and testing need
setup:
    scripts/setup.sh --tests

# type-check the numbers: no HDF5, no cmake
check:
    cargo check --locked -p oqfs-gsim -p oqfs-hazard --all-targets

# type-check everything
check-all:
    cargo check --locked --workspace --all-targets

# test ground-motion models: those with NAME in their name
model NAME:
    OQFS_GSIM='{{ NAME }}' cargo test --locked -p oqfs-gsim --test gsim_tables

# make the engine's tables of ground-motion models: names, or TOML files with arguments
tables +NAMES:
    "${OQFS_ENGINE_VENV:-$(scripts/install_engine.sh)}/bin/python" scripts/gsim_tables.py {{ NAMES }}

# test one crate (oqfs-gsim, oqfs-hazard, oqfs-store, oqfs): just crate oqfs-hazard published
crate NAME *FILTER:
    cargo test --locked -p {{ NAME }} {{ FILTER }}

# run every check, as continuous integration does
test *OPTIONS:
    scripts/test.sh {{ OPTIONS }}

# formatting, lints and documentation, warnings as errors
lint:
    cargo fmt --all --check
    cargo clippy --locked --quiet --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --locked --quiet --workspace --no-deps --document-private-items

# lint the shell scripts (package shellcheck)
lint-scripts:
    shellcheck -x -P SCRIPTDIR -S warning scripts/*.sh .ci/*

# make docs/GSIMS.md, docs/PARAMETERS.md and docs/DATASETS.md anew
pages:
    cargo run --locked --quiet -- gsims --markdown > docs/GSIMS.md.new
    mv docs/GSIMS.md.new docs/GSIMS.md
    cargo run --locked --quiet -- parameters --markdown > docs/PARAMETERS.md.new
    mv docs/PARAMETERS.md.new docs/PARAMETERS.md
    cargo run --locked --quiet -- datasets --markdown > docs/DATASETS.md.new
    mv docs/DATASETS.md.new docs/DATASETS.md

# make the packages in dist/ and try each of them
package:
    scripts/test_packages.sh --make

# licences, duplicates and origins of the crates (cargo install cargo-deny)
deny:
    cargo deny --offline check licenses bans sources

# run the engine's own jobs against what the engine gave: those that match PATTERN
qa PATTERN='.':
    scripts/qa.sh -k '{{ PATTERN }}'

# run COUNT random jobs with both programs, the first of number SEED
random COUNT='300' SEED='1':
    scripts/random_jobs.sh -n {{ COUNT }} -s {{ SEED }}

# measure all benches and keep the figures as BASELINE
bench-save BASELINE='before':
    cargo bench --locked -p oqfs-hazard --bench calc --bench nrml --bench scaling -- --save-baseline {{ BASELINE }}
    cargo bench --locked -p oqfs-gsim --bench gsim >'{{ target }}/gsim-{{ BASELINE }}.bench'
    tail -n 5 '{{ target }}/gsim-{{ BASELINE }}.bench'

# measure all benches and compare with BASELINE, which stays as it is
bench-compare BASELINE='before':
    #!/usr/bin/env bash
    set -euo pipefail
    before='{{ target }}/gsim-{{ BASELINE }}.bench'
    [[ -e $before ]] || { echo "there is no $before; make it with: just bench-save {{ BASELINE }}" >&2; exit 1; }
    cargo bench --locked -p oqfs-hazard --bench calc --bench nrml --bench scaling -- --baseline {{ BASELINE }}
    cargo bench --locked -p oqfs-gsim --bench gsim >'{{ target }}/gsim.bench'
    # models whose time changed by more than a tenth
    awk '$2 == "ns" && NR == FNR { before[$3] = $1; next }
        $2 == "ns" && $3 in before && ($1 > 1.1 * before[$3] || $1 < before[$3] / 1.1) {
            printf "%8.2f ns  %8.2f ns  %+4.0f %%  %s\n", before[$3], $1, 100 * ($1 / before[$3] - 1), $3
        }' "$before" '{{ target }}/gsim.bench'
