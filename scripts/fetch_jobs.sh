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
    # shellcheck disable=SC2086 # a word a folder
    "$python" "$root/scripts/unpack_jobs.py" "$work"/*.whl "$dir" $folders
    echo "$folders" >"$dir/.complete"
fi
echo "$dir"
