#!/usr/bin/env bash
# Run the programs of docs/LANGUAGES.md, which read .npy files in other languages, and compare what they print with numpy: scripts/languages.sh
#
#   -k PATTERN   run only the languages that match
# Each program reads an array of single and one of double precision, of the shape of hcurves-stats.npy. A language that is not installed is
# skipped. On Debian the packages are r-base-core octave g++ libxtensor-dev golang-go default-jdk-headless nodejs npm; the compiler has to find
# cnpy (CPATH, LIBRARY_PATH). The script fetches the libraries of Rust and JavaScript in the versions that the page names.
# The last line counts: "N passed, M failed, K skipped". The exit status is 0 if nothing failed.
set -euo pipefail
. "$(dirname "$0")/env.sh"

pattern=.
while getopts k: option; do
    case $option in
        k) pattern=$OPTARG ;;
        *) exit 2 ;;
    esac
done
page=$root/docs/LANGUAGES.md
python=$(our_python) || die "numpy cannot be installed"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$python" - <<'P'
import numpy
curves = numpy.sort(numpy.random.default_rng(3).random((5, 2, 3, 20)))[..., ::-1] ** 4
for element in 'f4', 'f8':
    array = numpy.ascontiguousarray(curves, '<' + element)
    numpy.save(element + '.npy', array)
    with open(element + '.expected', 'w') as text:
        print(*array.shape, file=text)
        print(*(repr(float(poe)) for poe in array[1, 0, 1]), file=text)
P

# program TAG FILE: write the first program of the page whose fence has this tag to the file
program() {
    awk -v fence="\`\`\`$1" '$0 == fence { found = 1; next } found && /^```$/ { exit } found' "$page" >"$2"
    [[ -s $2 ]] || die "docs/LANGUAGES.md has no program in $1"
}

# Each prepares the program of a language in this directory, and sets $run; or $lacks, to what is missing.
prepare_python() { run=("$python" curve.py); }
prepare_r() { needs Rscript && run=(Rscript --vanilla curve.r); }
prepare_octave() { needs octave-cli && run=(octave-cli --no-init-file --quiet curve.octave); }
prepare_cpp() { has_header xtensor/xnpy.hpp && c++ -O1 -std=c++17 -o curve curve.cpp && run=(./curve); }
prepare_cnpy() { has_header cnpy.h && c++ -O1 -std=c++11 -o curve -x c++ curve.cnpy -x none -lcnpy -lz && run=(./curve); }
prepare_rust() {
    needs cargo || return 0
    mkdir -p src
    mv curve.rust src/main.rs
    printf '%s\n' '[package]' 'name = "curve"' 'version = "0.0.0"' 'edition = "2021"' '[workspace]' '[dependencies]' \
        'ndarray = "=0.17.2"' 'ndarray-npy = { version = "=0.10.0", default-features = false }' >Cargo.toml
    cargo fetch --quiet || { lacks="ndarray-npy cannot be fetched" && return; }
    CARGO_TARGET_DIR=$work/rust/target cargo build --quiet && run=("$work/rust/target/debug/curve")
}
prepare_js() {
    needs node && needs npm || return 0
    mv curve.js curve.mjs
    npm install --silent --no-save --no-audit --no-fund npyjs@1.2.0 || { lacks="npyjs cannot be fetched" && return; }
    run=(node curve.mjs)
}
prepare_java() { needs javac && mv curve.java Npy.java && javac Npy.java && run=(java Npy); }
prepare_go() { needs go && GO111MODULE=off go build -o curve curve.go && run=(./curve); }

# needs TOOL
needs() { command -v "$1" >/dev/null || { lacks="$1 is not installed" && false; }; }
has_header() {
    needs c++ || return
    echo "#include <$1>" | c++ -std=c++17 -E -x c++ - >/dev/null 2>&1 || { lacks="$1 is not installed" && false; }
}

passed=0 failed=0 skipped=0
verdict() { printf '%-7s %-8s %s\n' "$@"; }

while read -r language fence; do
    lacks='' run=()
    mkdir "$work/$language"
    cd "$work/$language"
    program "$fence" "curve.$language"
    [[ $language != python ]] || mv curve.python curve.py
    "prepare_$language" >"$work/log" 2>&1 || true
    for element in f4 f8; do
        if [[ -n $lacks ]]; then
            verdict skipped "$language" "$lacks"
            skipped=$((skipped + 1))
        elif [[ ${#run[@]} -gt 0 ]] && timeout 120 "${run[@]}" "$work/$element.npy" "$element" >"$work/found" 2>"$work/log" &&
            "$python" - "$work/$element.expected" "$work/found" >"$work/log" 2>&1 <<'P'; then
import sys
expected, found = ([[float(word) for word in line.split()] for line in open(path)] for path in sys.argv[1:])
assert [len(line) for line in found] == [len(line) for line in expected], f'{found}\nis not of the form of\n{expected}'
# some print only the digits that tell one float of single precision from the next
wrong = [(a, b) for a, b in zip(sum(expected, []), sum(found, [])) if abs(a - b) > abs(a) * 5e-8]
assert not wrong, f'(expected, found): {wrong}'
P
            verdict ok "$language" "$element"
            passed=$((passed + 1))
        else
            verdict FAIL "$language" "$element"
            sed 's/^/        /' "$work/log"
            failed=$((failed + 1))
        fi
    done
done < <(grep -E -- "$pattern" <<'L'
python python
r r
octave octave
cpp cpp
cnpy cpp cnpy
rust rust
js js
java java
go go
L
)
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed == 0 ]]
