#!/usr/bin/env bash
# Install each package of dist/ into a fresh place, try it, and remove it: scripts/test_packages.sh [--make]
#
#   --make   make the packages first (scripts/package.sh)
# The .deb goes into a new Debian 12 (by debootstrap, as root), the .rpm into an empty root, the wheel into a Python environment, the .tar.gz
# into an empty home directory. Each must run the demo job, mount, show its manual and leave no file when it is removed. The last line counts:
# "N passed, M failed, K skipped". What cannot be checked here (not root, no /dev/fuse, no network) says so and is skipped.
set -uo pipefail
. "$(dirname "$0")/env.sh"

case "${1:-}" in
    '') ;;
    --make) "$root/scripts/package.sh" || exit 1 ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
version=$(our_version)
dist=$root/dist
suite=bookworm
passed=0 failed=0 skipped=0
work=$(mktemp -d "${TMPDIR:-/tmp}/oqfs-packages.XXXXXX")
# what this script mounted, the last first
mounted=()

# Unmount and end all that was started below $work.
clean_up() {
    local status=$? point source pid
    while read -r _ _ _ _ point _ rest; do
        source=${rest##* - fuse.oqfs }
        [[ $point == "$work"/* && $source == oqfs:* ]] || continue
        pid=${source#oqfs:} pid=${pid%%:*}
        umount -l "$point" || fusermount3 -uz "$point"
        kill "$pid" 2>/dev/null && timeout 10 tail --pid="$pid" -f /dev/null
        kill -9 "$pid" 2>/dev/null
    done </proc/self/mountinfo
    for point in ${mounted[@]+"${mounted[@]}"}; do umount -l "$point"; done
    if grep -qF " $work/" /proc/self/mounts; then
        echo "still mounted below $work" >&2
        exit 1
    fi
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# must WHAT COMMAND ...: count a check; show what the command said if it failed
must() {
    local what=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s\n' "${red}failed: $what$plain"
        sed 's/^/    /' "$work/log"
        return 1
    fi
}

# skip WHAT WHY: count a check that cannot run
skip() {
    skipped=$((skipped + 1))
    printf '%s\n' "${red}skipped: $1: $2$plain"
}

# The files and links below some directories, for comparing, without what systems and Python make anew themselves.
listed() { find "$@" -xdev \( -type f -o -type l \) -not -path '*/__pycache__/*' -not -name ld.so.cache 2>/dev/null | sort; }

# leaves NAME BEFORE DIR ...: check that no file is there that was not before
leaves() {
    local name=$1 before=$2
    shift 2
    listed "$@" >"$work/after"
    must "$name leaves no file" diff "$before" "$work/after"
}

is_version() { [[ $("$@" oqfs --version) == "oqfs $version,"* ]]; }

# has_manual COMMAND ...: whether man, run by the command, shows the pages
has_manual() {
    "$@" man -P cat oqfs | grep -q 'oqfs-mount(1)' && "$@" man -P cat oqfs-mount | grep -q -e --allow-other &&
        "$@" man -P cat 5 oqfs | grep -q calc_N
}

# shows_a_curve PREFIX DIR COMMAND ...: mount the data directory DIR, which is below PREFIX, and read a curve, and unmount
shows_a_curve() {
    local prefix=$1 dir=$2
    shift 2
    "$@" oqfs mount "$dir" || return 1
    [[ $("$@" cat "$dir/calc_1/status") == complete* ]] && "$@" head -n 3 "$dir/calc_1/export/hazard_curve-mean-PGA_1.csv" | grep -q '^ *[0-9]'
    local status=$?
    "$@" oqfs umount "$dir" && ! grep -qF " $prefix$dir " /proc/self/mounts && return "$status"
}

# tried NAME PREFIX DEMO DIR COMMAND ...: try the program that the command runs: the version, the demo job, the mount and the manual. PREFIX is
# the root that the command runs in. It says how long it took since $start.
tried() {
    local name=$1 prefix=$2 demo=$3 dir=$4 reason
    shift 4
    must "$name is version $version" is_version "$@" || return 0
    must "$name runs the demo job" "$@" oqfs run "$demo/job.ini"
    reason=$(why_no_fuse)
    if [[ -z $reason ]]; then
        must "$name mounts" shows_a_curve "$prefix" "$dir" "$@"
        echo "first curve after $((SECONDS - start)) s"
    else
        skip "$name mounts" "$reason"
    fi
    if "$@" sh -c 'command -v man' >/dev/null; then
        must "$name shows its manual" has_manual "$@"
    else
        skip "$name shows its manual" "there is no man"
    fi
}

# bound FROM TO: bind a file or directory
bound() {
    mount --bind "$1" "$2" && mounted=("$2" ${mounted[@]+"${mounted[@]}"})
}

# fresh_debian DIR: a new Debian. What debootstrap made is kept, because it takes a minute.
fresh_debian() {
    local kept=$cache/$suite.tar
    if [[ ! -e $kept ]]; then
        say "making a Debian $suite" >&2
        debootstrap --variant=minbase --include=man-db "$suite" "$work/made" >"$work/log" 2>&1 &&
            tar -C "$work/made" --one-file-system -cf "$kept.new" . && mv "$kept.new" "$kept" || { tail -n 5 "$work/log" >&2; return 1; }
        rm -rf "$work/made"
    fi
    mkdir -p "$1" && tar -C "$1" -xf "$kept" && cp -L /etc/resolv.conf "$1/etc/resolv.conf"
}

try_deb() {
    local dir=$work/debian deb
    deb=$(echo "$dist/oqfs_${version}"_*.deb)
    [[ $EUID == 0 ]] || { skip "the .deb" "only root can make a fresh root"; return; }
    command -v debootstrap >/dev/null || { skip "the .deb" "debootstrap is missing (package debootstrap)"; return; }
    fresh_debian "$dir" || { skip "the .deb" "no Debian $suite can be made here"; return; }
    if ! { mount -t proc proc "$dir/proc" && mounted=("$dir/proc" ${mounted[@]+"${mounted[@]}"}); }; then
        skip "the .deb" "nothing can be mounted here"
        return
    fi
    if [[ -e /dev/fuse ]]; then touch "$dir/dev/fuse" && bound /dev/fuse "$dir/dev/fuse"; fi
    local in=(timeout 300 chroot "$dir" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive OQ_DATADIR=/root/oqdata)
    if ! "${in[@]}" apt-get update -qq >"$work/log" 2>&1; then
        skip "the .deb" "no archive of Debian is reached"
        return
    fi
    listed "$dir"/{etc,opt,root,usr} >"$work/before"
    cp "$deb" "$dir/root/oqfs.deb"
    start=$SECONDS
    must "the .deb installs" "${in[@]}" apt-get install -y -qq --no-install-recommends /root/oqfs.deb || return
    rm "$dir/root/oqfs.deb"
    tried "the .deb" "$dir" /usr/share/doc/oqfs/demo /root/oqdata "${in[@]}"
    [[ -n $(why_no_fuse) ]] || try_mount_helper "$dir" "${in[@]}"
    rm -rf "$dir/root/oqdata"
    must "the .deb is removed" "${in[@]}" apt-get purge -y -qq --autoremove oqfs
    leaves "the .deb" "$work/before" "$dir"/{etc,opt,root,usr}
}

# try_mount_helper PREFIX COMMAND ...: mount by mount(8) and by a line of fstab
try_mount_helper() {
    local prefix=$1 how
    shift
    echo '/root/oqdata /root/oqdata fuse.oqfs allow_other,ro,jobs=2,noauto,nofail,_netdev,x-systemd.device-timeout=9 0 0' >>"$prefix/etc/fstab"
    for how in '-t fuse.oqfs /root/oqdata /root/oqdata -o ro,jobs=2' /root/oqdata; do
        # shellcheck disable=SC2086
        must "mount $how" "$@" mount $how || continue
        must "mount $how shows calculations" "$@" grep -q complete /root/oqdata/calc_1/status
        must "mount $how is read-only" "$@" sh -c '! touch /root/oqdata/x'
        must "mount $how ends" "$@" oqfs umount /root/oqdata
    done
    must "a wrong option is refused" "$@" sh -c '! mount -t fuse.oqfs /root/oqdata /root/oqdata -o colour=blue'
    sed -i '/fuse.oqfs/d' "$prefix/etc/fstab"
}

# Whether the scripts of the rpm are scripts, and its files are the ones of the .deb, but for zsh's.
rpm_is_whole() {
    rpm -qp --scripts "$1" | grep -v '^[a-z]* *scriptlet' >"$work/scripts" && sh -n "$work/scripts" &&
        rpm -qp --requires "$1" | grep -qx fuse3 &&
        diff <(rpm -qlp "$1" | grep -v zsh | sort) <(dpkg-deb --fsys-tarfile "$2" | tar -t | sed 's|^\.||; s|/$||' | grep -v zsh | grep oqfs | sort)
}

try_rpm() {
    local dir=$work/rpm rpm
    rpm=$(echo "$dist/oqfs-$version"-1.*.rpm)
    command -v rpm >/dev/null || { skip "the .rpm" "rpm is missing (package rpm)"; return; }
    must "the .rpm has the files and scripts of the .deb" rpm_is_whole "$rpm" "$(echo "$dist/oqfs_${version}"_*.deb)"
    [[ $EUID == 0 ]] || { skip "the .rpm installs" "only root can install it"; return; }
    mkdir "$dir"
    start=$SECONDS
    # the scripts need a shell in that root
    must "the .rpm installs" rpm --root "$dir" --dbpath /var/lib/rpm -i --nodeps --noscripts "$rpm" || return
    tried "the .rpm" '' "$dir/usr/share/doc/oqfs/demo" "$work/rpm-data" timeout 300 env PATH="$dir/usr/bin:$PATH" OQ_DATADIR="$work/rpm-data"
    must "the .rpm is removed" rpm --root "$dir" --dbpath /var/lib/rpm -e --noscripts oqfs
    : >"$work/before"
    leaves "the .rpm" "$work/before" "$dir"/usr "$dir"/etc
}

try_wheel() {
    local dir=$work/venv wheel in
    wheel=$(echo "$dist/oqfs-$version"-*.whl)
    if ! { python3 -m venv "$dir" && "$dir/bin/pip" install -q --disable-pip-version-check numpy; } >"$work/log" 2>&1; then
        skip "the wheel" "numpy cannot be installed"
        return
    fi
    listed "$dir" >"$work/before"
    start=$SECONDS
    in=(timeout 300 env PATH="$dir/bin:$PATH" OQ_DATADIR="$work/wheel-data")
    must "the wheel installs" "$dir/bin/pip" install -q --disable-pip-version-check "$wheel" || return
    tried "the wheel" '' "$root/demo" "$work/wheel-data" "${in[@]}"
    must "the package finds the program and opens a calculation" "${in[@]}" python -c "
import oqfs, sys
assert str(oqfs.binary()) == sys.prefix + '/bin/oqfs' and oqfs.__version__ == '$version'
calc = oqfs.open('last')
curves = calc['hcurves-stats']
assert calc.status.state == 'complete' and curves.dims[0] == 'site_id' and curves.values.shape[0] == len(calc.sites['lon'])"
    must "the wheel is removed" "$dir/bin/pip" uninstall -q -y oqfs
    leaves "the wheel" "$work/before" "$dir"
}

try_tarball() {
    local home=$work/home in
    mkdir "$home"
    in=(timeout 300 env -i HOME="$home" PATH="$home/.local/bin:$PATH" OQ_DATADIR="$work/home-data")
    start=$SECONDS
    tar -C "$work" -xzf "$dist/oqfs-$version-$(uname -m)-linux.tar.gz"
    must "the .tar.gz installs" "${in[@]}" "$work/oqfs-$version-$(uname -m)-linux/install.sh" || return
    tried "the .tar.gz" '' "$home/.local/share/doc/oqfs/demo" "$work/home-data" "${in[@]}"
    must "its unit runs the program that was installed" grep -q "^ExecStart=$home/.local/bin/oqfs " "$home/.local/share/systemd/user/oqfs.service"
    must "the .tar.gz installs again" "${in[@]}" "$work/oqfs-$version-$(uname -m)-linux/install.sh"
    must "the .tar.gz is removed" "${in[@]}" "$home/.local/share/oqfs/uninstall"
    : >"$work/before"
    leaves "the .tar.gz" "$work/before" "$home"
}

try_units() {
    local dir=$work/units unit
    command -v systemd-analyze >/dev/null || { skip "the units" "systemd-analyze is missing (package systemd)"; return; }
    mkdir "$dir"
    for unit in oqfs.service oqfs@.service; do sed 's|/usr/bin/oqfs|/bin/true|' "$root/packaging/$unit" >"$dir/$unit"; done
    must "the unit for a user" env XDG_RUNTIME_DIR="$dir" systemd-analyze --user --man=no verify "$dir/oqfs.service"
    must "the unit for a system" systemd-analyze --man=no verify "$dir/oqfs@srv-oqdata.service"
}

for kind in deb rpm wheel tarball units; do
    say "$kind"
    "try_$kind"
done
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed == 0 ]]
