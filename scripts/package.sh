#!/usr/bin/env bash
# Make the packages for this machine's processor in dist/: scripts/package.sh [VERSION]
#
#   oqfs-VERSION-py3-none-manylinux_*.whl    for pip, in any Python environment
#   oqfs_VERSION_*.deb, oqfs-VERSION-1.*.rpm for Debian, Ubuntu, Fedora and their kin
#   oqfs-VERSION-*-linux.tar.gz              for a home directory, without root
#   oqfs-VERSION-*.cdx.json, SHA256SUMS      what the program is built from (CycloneDX), and checksums
# One build of the program is in all of them. It runs with glibc 2.17 or newer, which is checked. Cargo.toml has the version: another
# VERSION is refused.
set -euo pipefail
. "$(dirname "$0")/env.sh"

# the oldest glibc that the program runs with; zig links for it
glibc=2.17
# the libraries that the program may need: those of glibc
libraries='libc.so.6|libm.so.6|libpthread.so.0|libdl.so.2|librt.so.1|libutil.so.1|ld-linux-x86-64.so.2|ld-linux-aarch64.so.1'

version=$(our_version)
[[ $# -le 1 && ${1:-} != -* ]] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[[ ${1:-$version} == "$version" ]] || die "the version in Cargo.toml is $version, not $1"
machine=$(uname -m)
case $machine in
    x86_64) architecture=amd64 ;;
    aarch64) architecture=arm64 ;;
    *) die "no packages are made for $machine" ;;
esac

"$root/scripts/setup.sh" --packages
tools=$cache/package
locked package "$tools"
PATH=$tools/bin:$PATH
dist=$root/dist
work=${CARGO_TARGET_DIR:-$root/target}/packages
rm -rf "$dist" "$work"
mkdir -p "$dist" "$work"
# the same files, whenever they are made
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/Cargo.toml")
export SOURCE_DATE_EPOCH

# wheel DIR: build the program, and make a wheel of it in a directory. What was built before is taken as it is.
wheel() {
    (cd "$root" && shown maturin build --release --locked --zig --target "$machine-unknown-linux-gnu" \
        --compatibility "manylinux_${glibc/./_}" --auditwheel check --strip --out "$1") || die "the wheel cannot be made"
}

# Check which glibc and libraries a program needs.
check_needs() {
    local newest other
    newest=$(objdump -T "$1" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -n 1)
    at_least "$glibc" "${newest#GLIBC_}" || die "the program needs ${newest/_/ }, more than $glibc"
    other=$(objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }' | grep -vxE "$libraries" || true)
    [[ -z $other ]] || die "the program needs libraries that not every system has: $other"
    echo "needs ${newest/_/ }; runs with glibc $glibc and newer"
}

# tree DIR ZSH: lay out the files below DIR as below /usr, with the completions for zsh in share/ZSH
tree() {
    local dir=$1 page
    install -D -m 755 "$work/oqfs" "$dir/bin/oqfs"
    for page in "$work"/man/*; do
        install -D -m 644 "$page" "$dir/share/man/man${page##*.}/$(basename "$page")"
    done
    find "$dir/share/man" -type f -exec gzip -9n {} +
    install -D -m 644 "$work/completions/bash" "$dir/share/bash-completion/completions/oqfs"
    install -D -m 644 "$work/completions/zsh" "$dir/share/$2/_oqfs"
    install -D -m 644 "$work/completions/fish" "$dir/share/fish/vendor_completions.d/oqfs.fish"
    install -D -m 644 -t "$dir/share/doc/oqfs" "$root"/{README.md,CHANGELOG.md,CITATION.cff}
    install -D -m 644 -t "$dir/share/doc/oqfs/demo" "$root"/demo/*
    install -D -m 644 "$root/LICENSE" "$dir/share/doc/oqfs/copyright"
}

# system_tree DIR ZSH: the same for a system, with what root needs
system_tree() {
    tree "$1/usr" "$2"
    install -D -m 644 "$root/packaging/oqfs.service" "$1/usr/lib/systemd/user/oqfs.service"
    install -D -m 644 "$root/packaging/oqfs@.service" "$1/usr/lib/systemd/system/oqfs@.service"
    mkdir -p "$1/usr/sbin"
    ln -s ../bin/oqfs "$1/usr/sbin/mount.fuse.oqfs"
    dated "$1"
}

# Give all below a directory the time of the release.
dated() { find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; }

make_deb() {
    local dir=$work/deb script
    system_tree "$dir" zsh/vendor-completions
    mkdir "$dir/DEBIAN"
    sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@GLIBC@/$glibc/; s/@SIZE@/$(du -sk "$dir/usr" | cut -f 1)/" \
        "$root/packaging/deb/control" >"$dir/DEBIAN/control"
    for script in postinst prerm postrm; do install -m 755 "$root/packaging/deb/$script" "$dir/DEBIAN/$script"; done
    (cd "$dir" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    dated "$dir"
    dpkg-deb --root-owner-group -Zxz --build "$dir" "$dist/oqfs_${version}_$architecture.deb" >/dev/null
}

make_rpm() {
    local dir=$work/rpm
    system_tree "$dir/tree" zsh/site-functions
    rpmbuild -bb --quiet --target "$machine" --define "_topdir $dir/build" --define "_rpmdir $dir/out" --define "version $version" \
        --define "glibc $glibc" --define "tree $dir/tree" --define "use_source_date_epoch_as_buildtime 1" \
        --define "_buildhost oqfs" "$root/packaging/oqfs.spec" >"$dir/log" 2>&1 || { cat "$dir/log" >&2; die "the rpm cannot be made"; }
    mv "$dir/out/$machine"/*.rpm "$dist/"
}

make_tarball() {
    local name=oqfs-$version-$machine-linux
    local dir=$work/tarball/$name
    tree "$dir" zsh/site-functions
    install -D -m 644 "$root/packaging/oqfs.service" "$dir/share/systemd/user/oqfs.service"
    install -m 755 "$root/packaging/install.sh" "$dir/install.sh"
    tar -C "$work/tarball" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf - "$name" |
        gzip -9n >"$dist/$name.tar.gz"
}

# The program comes from a wheel. What it writes itself goes into a second one, as maturin takes it from a folder of this name.
make_wheel() {
    local data=$root/oqfs.data/data
    trap 'rm -rf "$root/oqfs.data"' EXIT
    tree "$data" zsh/site-functions
    rm -r "${data:?}/bin"
    wheel "$dist"
}

say "building the program, with glibc $glibc"
wheel "$work/wheel"
python3 - "$work"/wheel/*.whl "$work" "$dist/oqfs-$version-$machine.cdx.json" <<'PYTHON'
import json, sys, zipfile
from pathlib import Path

wheel, work, bill = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    name = {Path(name).name: name for name in archive.namelist()}
    program = Path(work) / "oqfs"
    program.write_bytes(archive.read(name["oqfs"]))
    program.chmod(0o755)
    bills = [name for name in archive.namelist() if "/sboms/" in name]
    Path(bill).write_bytes(archive.read(bills[0]))
PYTHON
check_needs "$work/oqfs"
"$work/oqfs" generate man "$work/man"
mkdir "$work/completions"
for shell in bash zsh fish; do "$work/oqfs" generate completions "$shell" >"$work/completions/$shell"; done
say "making the packages"
make_deb
make_rpm
make_tarball
make_wheel
(cd "$dist" && sha256sum -- *.* >SHA256SUMS && ls -l)
