#!/usr/bin/env bash
# Install the OpenQuake engine, to compare with it: scripts/install_engine.sh [-r RELEASE] [DIR]
#
#   -r RELEASE   3.26.2 (the default) or 3.23.5
# The engine gets a Python environment of its own in DIR (in the cache by default), of about 1 GB, with the packages of
# scripts/locks/engine-RELEASE.lock. They exist for Python 3.10 to 3.12 (PYTHON=python3.11 chooses one). The script prints DIR.
set -euo pipefail
. "$(dirname "$0")/env.sh"

release=3.26.2
if [[ ${1:-} == -r ]]; then
    release=${2:?-r needs a release}
    shift 2
fi
[[ -e $root/scripts/locks/engine-$release.lock ]] || die "$release is not a release that is known; there are 3.23.5, 3.26.2"
dir=${1:-$cache/engine-$release}
python=${PYTHON:-python3}

found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || die "there is no $python"
case $found in
    3.10 | 3.11 | 3.12) ;;
    *) die "$python is Python $found; the engine's libraries need 3.10 to 3.12: set PYTHON, to python3.11 for example" ;;
esac
locked "engine-$release" "$dir" "$python"
OQ_DATABASE=127.0.0.1 "$dir/bin/oq" --version >&2
echo "$dir"
