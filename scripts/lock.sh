#!/usr/bin/env bash
# Make the lock files of Python's packages anew: scripts/lock.sh [NAME ...]
#
# scripts/locks/NAME.in says which packages are wanted. NAME.lock gets these and all that they need, with their versions and the hashes of all
# files that the package index has of them, so that one lock holds for every processor and Python. The script needs Python 3.10, the oldest
# that the scripts support, as python3.10 or in $PYTHON: a newer Python may choose packages that 3.10 does not have. To move to newer versions,
# change NAME.in first.
set -euo pipefail
. "$(dirname "$0")/env.sh"

python=${PYTHON:-python3.10}
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' || die "$python is not Python 3.10; set PYTHON"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check pip-tools==7.6.2
cd "$root/scripts/locks"
# take hashes from the public index alone
unset PIP_FIND_LINKS PIP_EXTRA_INDEX_URL
[[ $# -gt 0 ]] || set -- python cmake package engine-3.23.5 engine-3.26.2
for name; do
    say "$name.lock"
    "$work/venv/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header --no-emit-find-links \
        --no-emit-index-url -o "$work/lock" "$name.in"
    { echo "# Made by scripts/lock.sh from $name.in."; grep -E '^[a-z ]' "$work/lock"; sed -n 's/^# alone: //p' "$name.in"; } >"$name.lock"
done
