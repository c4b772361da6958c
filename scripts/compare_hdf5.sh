#!/usr/bin/env bash
# Compare what the program shows of public HDF5 files with what h5py reads of them: scripts/compare_hdf5.sh
#
#   -l LIST      the files' packages, a line each: the name of a package of PyPI, its version, and "wheel" or "source"; by default
#                scripts/compare_hdf5.txt
#   -k PATTERN   compare only the files whose path matches
#   -b OQFS      the program; the release build by default
# The packages are brought to the cache. Of wheels nothing is run; of source archives pip asks their build for the metadata. The exit
# status is 0 if nothing differs.
set -euo pipefail
. "$(dirname "$0")/env.sh"

list=$root/scripts/compare_hdf5.txt pattern=. oqfs=''
while getopts l:k:b: option; do
    case $option in
        l) list=$OPTARG ;;
        k) pattern=$OPTARG ;;
        b) oqfs=$(realpath "$OPTARG") ;;
        *) exit 2 ;;
    esac
done
[[ -n $oqfs ]] || build
python=$(our_python) || die "numpy and h5py cannot be installed"

packages=$cache/hdf5-files
mkdir -p "$packages"
while read -r name version kind; do
    [[ -n $name && $name != \#* ]] || continue
    place=$packages/$name-$version
    [[ $kind == wheel ]] && only=(--only-binary :all:) || only=(--no-binary :all:)
    if [[ ! -e $place.done ]]; then
        say "bringing $name $version"
        "$python" -m pip download -q --disable-pip-version-check --no-deps "${only[@]}" -d "$place" "$name==$version" ||
            die "$name $version cannot be brought"
        touch "$place.done"
    fi
done <"$list"
"$python" "$root/scripts/compare_hdf5.py" "$packages" "$oqfs" "$pattern"
