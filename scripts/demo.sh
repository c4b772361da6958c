#!/usr/bin/env bash
# Show what oqfs does, in a temporary directory: scripts/demo.sh [--build]
#
#   --build   build the program, though one of this version is at hand
# The script mounts the directory, drops the model in demo/ into new/, follows the calculation, reads one hazard curve from the result with
# numpy and again without Python, lists the result, and unmounts. It takes half a minute with a program at hand: a package in dist/, or an oqfs
# of this version on the PATH. Else it builds the program first, which takes some minutes the first time.
set -euo pipefail
. "$(dirname "$0")/env.sh"

case "${1:-}" in
    '' | --build) ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
unpacked=$(mktemp -d "${TMPDIR:-/tmp}/oqfs-unpacked.XXXXXX")
trap 'rm -rf "$unpacked"' EXIT

# Set $oqfs to the path of a program of this version, and $origin to what it is from, if there is one.
find_program() {
    local version from
    version=$(our_version)
    for from in "$root/dist/oqfs-$version-$(uname -m)-linux.tar.gz" "$root/dist/oqfs-$version"-py3-none-*_"$(uname -m)".whl; do
        [[ -e $from ]] || continue
        if [[ $from == *.whl ]]; then python3 -m zipfile -e "$from" "$unpacked"; else tar -C "$unpacked" -xzf "$from"; fi
        oqfs=$(find "$unpacked" -type f -name oqfs -size +1M) origin=${from#"$root/"}
        chmod +x "$oqfs"
        return
    done
    oqfs=$(command -v oqfs) && [[ $("$oqfs" --version) == "oqfs $version,"* ]] && origin=$oqfs
}

if [[ ${1:-} != --build ]] && find_program; then
    "$root/scripts/setup.sh" --run
    say "with $origin; scripts/demo.sh --build builds the program from this source"
else
    "$root/scripts/setup.sh"
    say "building oqfs"
    build
fi
reason=$(why_no_fuse)
[[ -z $reason ]] || die "$reason"
python=$(our_python) || die "numpy cannot be installed"
PATH=$(dirname "$oqfs"):$(dirname "$python"):$PATH

dir=$(mktemp -d "${TMPDIR:-/tmp}/oqfs-demo.XXXXXX")
export OQ_DATADIR=$dir

# mountpoint(1) does not know a mount whose daemon has died
is_mounted() { grep -qF " $dir " /proc/self/mounts; }

clean_up() {
    local status=$? pid
    cd /
    ! is_mounted || oqfs umount || fusermount3 -uz "$dir" || true
    if is_mounted; then
        echo "still mounted: $dir" >&2
        exit 1
    fi
    # a daemon that outlived its mount
    if pid=$(cat "$dir/.oqfs/lock" 2>/dev/null) && [[ $(readlink "/proc/$pid/exe") == "$(realpath "$oqfs")" ]]; then
        kill "$pid" || true
    fi
    rm -rf "$dir" "$unpacked"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# show COMMAND: print it as if it was typed, and run it
show() {
    printf '%s\n' "$bold\$ $1$plain"
    eval "$1"
}

# Follow a calculation to its end: on one line of a terminal, elsewhere with a line for each tenth.
follow() {
    local status shown='' tenth
    while status=$(cat "$1/status") && [[ $status == @(waiting|queued|executing)* ]]; do
        tenth=${status%%[0-9]%*}
        if [[ -t 1 ]]; then
            printf '\r\e[K%s' "$status"
        elif [[ $tenth != "$shown" ]]; then
            echo "$status"
            shown=$tenth
        fi
        sleep 0.1
    done
    [[ ! -t 1 ]] || printf '\r\e[K'
    echo "$status"
    [[ $status == complete* ]] || { cat "$1/log" >&2; return 1; }
}

say "mount a fresh directory"
show "oqfs mount"
show "cd $dir && ls"

say "drop a job into it: central Italy, $(grep -c 'Source id=' "$root/demo/source_model.xml") sources, two ground-motion models"
show "cp -r $root/demo new/"
printf '%s\n' "$bold\$ cat calc_1/status$plain   ${dim}# again and again$plain"
follow calc_1
show "cat calc_1/log"

say "the results"
show "ls -F calc_1"
show "ls -l calc_1/0"

say "the mean hazard curve of L'Aquila for PGA, with numpy"
show "tail -n +10 $root/scripts/curve.py"
show "python $root/scripts/curve.py calc_1 13.40 42.35 | tee curve"

say "the same curve without Python: a .npy file is a line of text and then plain numbers"
curves=calc_1/hcurves-stats.npy
site=$(sed -n 's/^site \([0-9]*\) .*/\1/p' curve)
# the length of the header line is in bytes 8 and 9; the shape is in the line
header=$(od -A n -t u2 -j 8 -N 2 --endian=little $curves | tr -d ' ')
show "head -c $((10 + header)) $curves | tail -c +11"
IFS=', ' read -r _ statistics measures levels <<<"$(head -c $((10 + header)) $curves | tr -d '\0' | sed -n "s/.*'shape': (\([^)]*\)).*/\1/p")"
offset=$((10 + header + site * statistics * measures * levels * 4))
show "od -A n -t f4 -w4 -j $offset -N $((levels * 4)) $curves   ${dim}# $((10 + header)) + $site x $statistics x $measures x $levels x 4$plain"
expected=$(python -c "import numpy; print(numpy.load('$curves')[$site, 0, 0].tobytes().hex())")
found=$(od -A n -v -t x1 -j $offset -N $((levels * 4)) $curves | tr -d ' \n')
[[ $found == "$expected" ]] || die "od and numpy read different numbers: $found, $expected"

say "the same place as a path, and pictures and a page that are made when they are read"
show "head -4 calc_1/at/13.40,42.35/curves.csv"
show "ls -l calc_1/plots/*PGA*.svg calc_1/report.html"

say "unmount: the results stay, in an HDF5 file that any HDF5 tool can read"
cd /
show "oqfs umount"
show "ls $dir/calc_1"
