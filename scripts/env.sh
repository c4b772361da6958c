# shellcheck shell=bash disable=SC2034
# The other scripts source this file: it says where things are kept, and has what all of them need. It changes nothing but variables.
#
#   $root    the repository
#   $cache   what the scripts make and keep: tools, Python environments, the engine's jobs (it may be deleted)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/oqfs
# rustup installs to ~/.cargo/bin, which is not on the PATH of every shell; cmake may be the one that setup.sh installed
PATH=$cache/bin:$HOME/.cargo/bin:$PATH
export PATH

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' plain=$'\e[0m'; else bold='' dim='' red='' plain=''; fi

say() { printf '%s\n' "$bold== $*$plain"; }
die() { printf '%s\n' "$red$(basename "$0"): $*$plain" >&2; exit 1; }

# our_version: print the version of the program, which Cargo.toml says
our_version() { sed -n '/^\[workspace.package\]/,/^\[package\]/s/^version = "\(.*\)"/\1/p' "$root/Cargo.toml"; }

# at_least VERSION WANTED: whether a version is no older than another
at_least() { [[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# Print why file systems cannot be mounted here; print nothing if they can.
why_no_fuse() {
    if ! command -v fusermount3 >/dev/null; then
        echo "fusermount3 is missing (package fuse3; scripts/setup.sh installs it)"
    elif [[ ! -e /dev/fuse ]]; then
        echo "/dev/fuse is missing (in a container, start it with: --device /dev/fuse --cap-add SYS_ADMIN)"
    elif [[ ! -r /dev/fuse || ! -w /dev/fuse ]]; then
        echo "/dev/fuse may not be opened by $(id -un) (as root: chmod 666 /dev/fuse)"
    elif ! (exec 3<>/dev/fuse) 2>/dev/null; then
        echo "/dev/fuse cannot be opened (in a container, start it with: --device /dev/fuse --cap-add SYS_ADMIN)"
    fi
}

# locked NAME DIR [PYTHON]: make a Python environment in DIR with the packages of scripts/locks/NAME.lock, by their hashes. It is made anew
# when the lock or the Python has changed.
locked() {
    local lock=$root/scripts/locks/$1.lock dir=$2 python=${3:-python3} wanted
    wanted="$(sha256sum <"$lock") $("$python" -V)" || return 1
    if [[ $(cat "$dir/made-from" 2>/dev/null) != "$wanted" ]] || ! "$dir/bin/python" -c '' 2>/dev/null; then
        say "installing $1 in $dir" >&2
        rm -rf "$dir" && "$python" -m venv "$dir" >&2 &&
            "$dir/bin/python" -m pip install -q --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -r "$lock" >&2 &&
            echo "$wanted" >"$dir/made-from"
    fi
}

# our_python: print the path of a Python with numpy and h5py: $OQFS_PYTHON, else that of an environment, which is made if it is not there.
our_python() {
    if [[ -n ${OQFS_PYTHON:-} ]]; then
        "$OQFS_PYTHON" -c 'import h5py, numpy' >&2 && echo "$OQFS_PYTHON"
    else
        locked python "$cache/python" && echo "$cache/python/bin/python"
    fi
}

# shown COMMAND ...: run a command that builds with cargo, and show how far it is: on a terminal by the line of cargo itself, elsewhere by a
# line each ten seconds. What only says that something is compiled is left out there.
shown() {
    local statuses
    if [[ -t 2 ]]; then
        "$@"
    else
        { CARGO_TERM_PROGRESS_WHEN=always CARGO_TERM_PROGRESS_WIDTH=120 CARGO_TERM_COLOR=never "$@" 2>&1 >&3 3>&- | progress >&2 3>&-
          statuses=("${PIPESTATUS[@]}"); } 3>&1
        return "${statuses[0]}"
    fi
}

# Read what cargo tells, and print what shown() shows of it.
progress() {
    local line held='' last='' start=$SECONDS next=$((SECONDS + 10)) status
    local noise='^ *(Adding|Blocking|Building|Checking|Compiling|Documenting|Downloaded|Downloading|Executable|Finished|Generated|Locking|Updating) '
    stdbuf -o0 tr '\r' '\n' | sed -u $'s/\e\\[[0-9;]*[A-Za-z]//g' | while :; do
        status=0
        IFS= read -r -t 2 line || status=$?
        # what had come of a line when the time was over is its beginning
        [[ $status -gt 128 ]] && held+=$line || { line=$held$line held=''; }
        if [[ $status == 0 && $line == *' Building ['* ]]; then
            last=${line##*] }
            last=${last%"${last##*[! ]}"}
        elif [[ $status == 0 && -n $line && ! $line =~ $noise ]]; then
            printf '%s\n' "$line"
        elif [[ $status != 0 && $status -le 128 ]]; then
            break
        fi
        if [[ -n $last && $SECONDS -ge $next ]]; then
            printf '%s\n' "$dim   $((SECONDS - start)) s: built $last$plain"
            next=$((SECONDS + 10))
        fi
    done
}

# build: build the program, optimised, show how far that is, and set $oqfs to its path. It prints nothing when there is nothing to do.
# $OQFS_PROFILE is the profile of Cargo.toml: `release` by default, `quick` for scripts/test.sh, which builds everything in it.
build() {
    local profile=${OQFS_PROFILE:-release}
    (cd "$root" && shown cargo build --profile "$profile" --locked) || die "the program does not build"
    oqfs=${CARGO_TARGET_DIR:-$root/target}/$profile/oqfs
}

# small_job DIR: write a job of one source and one site
small_job() {
    mkdir "$1"
    cat >"$1/ssmLT.xml" <<'XML'
<nrml><logicTree><logicTreeBranchSet uncertaintyType="sourceModel" branchSetID="s"><logicTreeBranch branchID="b">
<uncertaintyModel>irpinia.xml</uncertaintyModel><uncertaintyWeight>1</uncertaintyWeight>
</logicTreeBranch></logicTreeBranchSet></logicTree></nrml>
XML
    cat >"$1/irpinia.xml" <<'XML'
<nrml><sourceModel><pointSource id="1" tectonicRegion="Active Shallow Crust">
<pointGeometry><Point><pos>15.3 40.8</pos></Point><upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth>
</pointGeometry><magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>
<truncGutenbergRichterMFD aValue="3.1" bValue="0.9" minMag="5" maxMag="6.8"/>
<nodalPlaneDist><nodalPlane probability="1" strike="310" dip="60" rake="-90"/></nodalPlaneDist>
<hypoDepthDist><hypoDepth probability="1" depth="9"/></hypoDepthDist></pointSource></sourceModel></nrml>
XML
    cat >"$1/job.ini" <<'INI'
[general]
description = One source near Avellino
calculation_mode = classical
sites = 15.3 40.9
investigation_time = 50
truncation_level = 3
maximum_distance = 200
width_of_mfd_bin = 0.2
reference_vs30_value = 600
intensity_measure_types_and_levels = {'PGA': [0.1, 0.2]}
source_model_logic_tree_file = ssmLT.xml
gsim = BooreAtkinson2008
INI
}
