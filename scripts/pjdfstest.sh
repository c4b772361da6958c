#!/usr/bin/env bash
# Run pjdfstest, the POSIX tests of file systems, on mirrored files and on plain files: scripts/pjdfstest.sh [PATTERN]
#
# The script runs the test files whose path matches PATTERN (all by default) in a plain directory and in a mount of it, and prints the cases
# that fail in the mount alone. The exit status is 0 if there are none. pjdfstest skips cases that are not for Linux (flags of files).
# It needs root, git, perl and a C compiler. PJDFSTEST_DIR is the directory of its source; without it the source is fetched from GitHub.
set -euo pipefail
. "$(dirname "$0")/env.sh"

commit=85a8aea9e685999ef0540392fd80535f873d7ff7
pattern=${1:-.}
[[ $EUID == 0 ]] || die "only root can run it: the tests switch to other users"
reason=$(why_no_fuse)
[[ -z $reason ]] || die "$reason"
source=${PJDFSTEST_DIR:-$cache/pjdfstest}
if [[ ! -e $source/pjdfstest.c ]]; then
    say "fetching pjdfstest into $source"
    git clone -q https://github.com/pjd/pjdfstest "$source"
    git -C "$source" checkout -q "$commit"
fi
build

work=$(mktemp -d)
tidy() { "$oqfs" umount "$work/data" >/dev/null 2>&1 || true; rm -rf "$work"; }
trap tidy EXIT
chmod 755 "$work"
cp -r "$source/tests" "$work/tests"
# these macros are what its configure script finds on Linux
cc -D_GNU_SOURCE -DHAVE_SYS_SYSMACROS_H -DHAVE_FACCESSAT -DHAVE_FCHMODAT -DHAVE_FCHOWNAT -DHAVE_FSTATAT -DHAVE_LINKAT \
    -DHAVE_MKDIRAT -DHAVE_MKFIFOAT -DHAVE_MKNODAT -DHAVE_OPENAT -DHAVE_POSIX_FALLOCATE -DHAVE_READLINKAT -DHAVE_RENAMEAT \
    -DHAVE_SYMLINKAT -DHAVE_UNLINKAT -DHAVE_UTIMENSAT -DHAVE_STRUCT_STAT_ST_ATIM -DHAVE_STRUCT_STAT_ST_CTIM \
    -DHAVE_STRUCT_STAT_ST_MTIM -w -include fcntl.h -I "$work" -o "$work/pjdfstest" \
    -x c <(sed '/#include "config.h"/d' "$source/pjdfstest.c")

# results DIR: run the tests there, and print a line for each case: FILE CASE ok, or FILE CASE and what failed
results() {
    local file
    (cd "$work/tests" && find . -name '*.t' | sort | grep -E -- "$pattern") | while read -r file; do
        (cd "$1" && timeout 300 sh "$work/tests/$file" 2>/dev/null || true) |
            sed -nE "/# TODO/d; s|^(not )?ok ([0-9]+)(.*)|${file#./} \2 \1\3|p"
    done
}

mkdir "$work/data" "$work/data/plain" "$work/data/mounted"
say "pjdfstest in a plain directory"
results "$work/data/plain" >"$work/all_plain"
say "pjdfstest in a mount"
"$oqfs" mount --allow-other "$work/data"
results "$work/data/mounted" >"$work/all_mounted"
for side in plain mounted; do
    awk '$3 == "not"' "$work/all_$side" >"$work/$side"
done

# the first two words name the case
key() { awk '{ print $1, $2 }' "$@" | sort -u; }
comm -13 <(key "$work/plain") <(key "$work/mounted") >"$work/ours"
awk 'NR == FNR { ours[$1, $2]; next } ($1, $2) in ours' "$work/ours" "$work/mounted"
count() { wc -l <"$work/$1"; }
echo "$(count all_mounted) cases: $(count plain) fail in the plain directory, $(count ours) more in the mount"
[[ ! -s $work/ours && -s $work/all_mounted ]]
