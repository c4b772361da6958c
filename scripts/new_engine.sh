#!/usr/bin/env bash
# Find out what a release of the OpenQuake engine changed: scripts/new_engine.sh [OPTIONS] VERSION [LAST]
#
# LAST (3.26.2 by default) is the release that this program agrees with. Both are installed, in the cache, each in a Python environment of its
# own of about 1 GB. Their names, arguments, parameters and defaults are compared, their ground-motion models at the contexts of
# crates/oqfs-gsim/tests/data/gsim, and the hazard that they give for the jobs of VERSION's package. OUT/CHANGED.md says what differs; OUT has
# too what tests/data is made of: the tables of models, and the curves and maps of jobs. It takes some hours; what is there is not made again.
#   -o OUT       the folder that it is written to; engine-VERSION by default
#   -e VENV      an environment that has VERSION; -l VENV one that has LAST
#   -k PATTERN   only the jobs and models whose names match
# The exit status is 0 if all was compared, whatever differs.
set -euo pipefail
. "$(dirname "$0")/env.sh"

out= new= last= pattern=.
while getopts o:e:l:k: option; do
    case $option in
        o) out=$OPTARG ;;
        e) new=$OPTARG ;;
        l) last=$OPTARG ;;
        k) pattern=$OPTARG ;;
        *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
version=${1:?which release?}
before=${2:-3.26.2}
out=${out:-engine-$version}
mkdir -p "$out"
out=$(realpath "$out")

# install VERSION VENV: with the packages that the release names, but gdal, which is built from source and which hazard does not need.
install() {
    [[ ! -x $2/bin/oq ]] || return 0
    say "installing the engine $1 in $2" >&2
    python3 -m venv "$2"
    "$2/bin/python" -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: "openquake.engine==$1" -d "$2/package"
    "$2/bin/python" - "$2"/package/*.whl >"$2/wanted" <<'P'
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as wheel:
    name = next(name for name in wheel.namelist() if name.endswith('.dist-info/METADATA'))
    for line in wheel.read(name).decode().splitlines():
        kind, _, wanted = line.partition(': ')
        if kind == 'Requires-Dist' and 'extra ==' not in wanted and not wanted.lower().startswith('gdal'):
            print(wanted)
P
    "$2/bin/python" -m pip install -q --disable-pip-version-check --only-binary :all: -r "$2/wanted"
    "$2/bin/python" -m pip install -q --disable-pip-version-check --no-deps "$2"/package/*.whl
}

# The engine waits for a server whose address is a word.
export OQ_DATABASE=127.0.0.1
new=${new:-$cache/engine-$version} last=${last:-$cache/engine-$before}
install "$version" "$new"
install "$before" "$last"

# tables VENV DIR: what its models give.
tables() {
    mkdir -p "$2"
    "$1/bin/python" "$root/scripts/new_engine.py" models "$2/../engine.json" | grep -E -- "$pattern" | while read -r name; do
        [[ -e $2/$name.csv || -e $2/$name.none ]] && continue
        timeout 300 "$1/bin/python" "$root/scripts/gsim_tables.py" --into "$2" "$name" >/dev/null 2>"$2/$name.none" && rm "$2/$name.none"
    done || true
}

# hazard VENV DIR: curves and maps of the jobs that have some.
hazard() {
    local ini name data
    mkdir -p "$2"
    while read -r ini; do
        name=$(dirname "$ini") && name=${name//\//_}_$(basename "$ini" .ini)
        [[ $name =~ $pattern && ! -e $2/$name.npz && ! -e $2/$name.none ]] || continue
        data=$(mktemp -d)
        if OQ_DATADIR=$data HOME=$data timeout "${ENGINE_S:-900}" "$1/bin/oq" run "$jobs/$ini" >"$data/log" 2>&1; then
            "$1/bin/python" "$root/scripts/hazard.py" keep "$(find "$data" -name 'calc_*.hdf5' ! -name '*_tmp*' | sort -V | tail -1)" "$2/$name.npz" \
                2>/dev/null || echo 'no hazard' >"$2/$name.none"
        else
            tail -1 "$data/log" >"$2/$name.none"
        fi
        rm -rf "$data"
    done < <(cd "$jobs" && grep -rliE '^ *calculation_mode *= *(classical|aftershock)' --include='*.ini' . | sed 's,^\./,,' | sort)
}

jobs=$out/jobs
if [[ ! -d $jobs ]]; then
    "$new/bin/python" -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: "openquake.engine==$version" -d "$out/package"
    python3 "$root/scripts/unpack_jobs.py" "$out"/package/*.whl "$jobs" \
        aftershock classical conditional_spectrum disagg logictree mosaic postproc
fi
for of in "last $last" "new $new"; do
    read -r which venv <<<"$of"
    mkdir -p "$out/$which"
    "$venv/bin/python" "$root/scripts/new_engine.py" describe "$out/$which/engine.json"
    say "models of $which" >&2
    tables "$venv" "$out/$which/tables"
    say "jobs of $which" >&2
    hazard "$venv" "$out/$which/hazard"
done
"$new/bin/python" "$root/scripts/new_engine.py" compare "$out/last" "$out/new" >"$out/CHANGED.md"
say "$out/CHANGED.md"
