#!/usr/bin/env bash
# Fetch the demonstrations and tests of the OpenQuake engine: scripts/fetch_jobs.sh [-r RELEASE] [DIR]
#
#   -r RELEASE   3.23.5 (the default) or 3.26.2
# DIR (in the cache by default) gets demos/hazard/NAME/, classical/case_N/, logictree/case_N/ and other jobs with hazard in them, with their
# inputs. They come from the engine's package on PyPI, belong to the engine (AGPL-3.0), and stay out of this repository. The script prints
# DIR.
set -euo pipefail
. "$(dirname "$0")/env.sh"

version=3.23.5
if [[ ${1:-} == -r ]]; then
    version=${2:?-r needs a release}
    shift 2
fi
case $version in
    3.23.5) sha256=2d89b8c5c21b1f588e8a822ce36d7e08526753d84ec11ea5ee3c7a467a6586df ;;
    3.26.2) sha256=ce735712ce5a9d038cc6a6f8e07735a659f4236e0eb2988c74b7c7af76038e7a ;;
    *) die "$version is not a release whose jobs are known; there are 3.23.5, 3.26.2" ;;
esac
dir=${1:-$cache/jobs-$version}

folders='aftershock classical conditional_spectrum disagg logictree mosaic postproc'

if [[ ! -e $dir/.complete || $(<"$dir/.complete") != "$folders" ]]; then
    python=$(our_python)
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    echo "openquake.engine==$version --hash=sha256:$sha256" >"$work/package"
    "$python" -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        -r "$work/package" -d "$work" >&2
    mkdir -p "$dir"
    "$python" - "$work"/*.whl "$dir" "$folders" <<'P'
import pathlib, sys, zipfile

wheel, target, folders = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3].split()
wanted = {'.data/data/demos/hazard/': 'demos/hazard/'}
for folder in folders:
    wanted[f'openquake/qa_tests_data/{folder}/'] = f'{folder}/'
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        for inside, here in wanted.items():
            _, found, rest = name.partition(inside)
            if found and rest and not rest.endswith(('/', '.py')):
                path = target / here / rest
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(name))
P
    echo "$folders" >"$dir/.complete"
fi
echo "$dir"
