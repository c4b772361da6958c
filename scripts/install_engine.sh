#!/usr/bin/env bash
# Install the OpenQuake engine, to compare with: scripts/install_engine.sh [DIR]
#
# A Python environment of its own in DIR (the cache by default), about 1 GB. The versions of its libraries are those
# that were seen to work together; they exist for Python 3.10 to 3.12 (PYTHON=python3.11 chooses one).
# Prints DIR.
set -euo pipefail
. "$(dirname "$0")/env.sh"

dir=${1:-$cache/engine-3.23.5}
python=${PYTHON:-python3}

if ! OQ_DATABASE=127.0.0.1 "$dir/bin/oq" --version >/dev/null 2>&1; then
    found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || die "there is no $python"
    case $found in
        3.10 | 3.11 | 3.12) ;;
        *) die "$python is Python $found; the engine's libraries need 3.10 to 3.12: set PYTHON=python3.11, say" ;;
    esac
    say "installing the engine in $dir" >&2
    "$python" -m venv --clear "$dir"
    "$dir/bin/pip" install -q --disable-pip-version-check openquake.engine==3.23.5 numpy==1.26.4 scipy==1.13.1 \
        pandas==2.2.3 numba==0.60.0 h5py==3.11.0 shapely==2.0.7 pyproj==3.7.2 fiona==1.10.1 psutil alpha_shapes >&2
    OQ_DATABASE=127.0.0.1 "$dir/bin/oq" --version >&2
fi
echo "$dir"
