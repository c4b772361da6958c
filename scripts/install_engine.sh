#!/usr/bin/env bash
# Install the OpenQuake engine, to compare with: scripts/install_engine.sh [DIR]
#
# A Python environment of its own in DIR (the cache by default), about 1 GB, with the packages of scripts/locks/engine.lock. They exist
# for Python 3.10 to 3.12 (PYTHON=python3.11 chooses one).
# Prints DIR.
set -euo pipefail
. "$(dirname "$0")/env.sh"

dir=${1:-$cache/engine-3.23.5}
python=${PYTHON:-python3}

found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || die "there is no $python"
case $found in
    3.10 | 3.11 | 3.12) ;;
    *) die "$python is Python $found; the engine's libraries need 3.10 to 3.12: set PYTHON=python3.11, say" ;;
esac
locked engine "$dir" "$python"
OQ_DATABASE=127.0.0.1 "$dir/bin/oq" --version >&2
echo "$dir"
