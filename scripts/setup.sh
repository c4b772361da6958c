#!/usr/bin/env bash
# Install what this machine lacks for building and mounting: scripts/setup.sh [--tests | --packages | --run]
#
#   --tests      install the tools with which tests drop jobs and read maps too
#   --packages   install what makes packages too
#   --run        install only what a program that is built already needs: fuse3, and Python's venv for the scripts
# It works on Debian 12 and 13 and Ubuntu 22.04 and 24.04, as root or as a user with sudo. On other systems it says what is missing.
# HDF5 is not installed: it is compiled into the program, which needs cmake and a C compiler.
set -euo pipefail
. "$(dirname "$0")/env.sh"

with_tests=no with_packages=no with_build=yes
case "${1:-}" in
    '') ;;
    --tests) with_tests=yes ;;
    --packages) with_packages=yes ;;
    --run) with_build=no ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

cmake_wanted=3.26
# the Rust to install where there is none, or one that is too old
rust_brought=1.95.0
rustup=1.28.2
declare -A rustup_sha256=(
    [x86_64]=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c
    [aarch64]=e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c
)
rust_wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")

as_root() { if [[ $EUID == 0 ]]; then "$@"; else sudo "$@"; fi; }

# Print the Debian packages that are missing.
missing_packages() {
    command -v fusermount3 >/dev/null || echo fuse3
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    [[ $with_build == yes ]] || return 0
    command -v cc >/dev/null && echo '#include <stdlib.h>' | cc -E - >/dev/null 2>&1 || echo gcc libc6-dev
    command -v make >/dev/null || echo make
    has_rust || command -v curl >/dev/null || echo curl
    [[ -e /etc/ssl/certs/ca-certificates.crt || ! -d /etc/apt ]] || echo ca-certificates
}

# Print which of these tools are missing; each is in a package of its name.
missing_tools() {
    local tool
    for tool; do command -v "$tool" >/dev/null || echo "$tool"; done
}

# Print the packages of the browser that opens reports, if they are missing; those of Ubuntu want a running snapd.
missing_browser() {
    grep -q '^ID=debian' /etc/os-release 2>/dev/null || return 0
    command -v chromium >/dev/null || echo chromium
    command -v chromedriver >/dev/null || echo chromium-driver
}

# Print the Debian package that reads maps, if it is missing.
missing_gis() { command -v ogrinfo >/dev/null || echo gdal-bin; }

# Print the Debian packages with tools that make packages, if they are missing.
missing_package_tools() {
    command -v rpmbuild >/dev/null || echo rpm
    command -v dpkg-deb >/dev/null || echo dpkg
    command -v objdump >/dev/null || echo binutils
}

install_packages() {
    local packages=("$@") log
    command -v apt-get >/dev/null || die "missing: ${packages[*]} (names of Debian packages); install them and run this again"
    [[ $EUID == 0 ]] || command -v sudo >/dev/null ||
        die "not root, and there is no sudo; as root, run: apt-get install ${packages[*]}"
    say "installing ${packages[*]}"
    log=$(mktemp)
    as_root apt-get update -qq >"$log" 2>&1 &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" \
            >>"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; die "the packages could not be installed"; }
    rm -f "$log"
}

# The cmake of Debian 12 and Ubuntu 22.04 is too old for HDF5; PyPI has a newer one for every system.
install_cmake() {
    locked cmake "$cache/cmake"
    mkdir -p "$cache/bin"
    ln -sfn "$cache/cmake/bin/cmake" "$cache/bin/cmake"
}

cmake_version() { { cmake --version || true; } 2>/dev/null | sed -n 's/^cmake version \([0-9.]*\).*/\1/p'; }

rust_version() { cargo --version 2>/dev/null | awk '{print $2}'; }

has_rust() {
    local version
    version=$(rust_version) || true
    [[ -n $version ]] && at_least "$version" "$rust_wanted"
}

# The Rust of Debian and Ubuntu is too old for the program; rustup is the official installer.
install_rust() {
    local dir
    command -v rustup >/dev/null && die "Rust is $(rust_version); $rust_wanted or newer is needed: rustup update"
    [[ -n ${rustup_sha256[$(uname -m)]:-} ]] || die "install Rust $rust_wanted or newer yourself: this script has no hash of rustup for $(uname -m)"
    say "installing Rust $rust_brought in ~/.cargo and ~/.rustup"
    dir=$(mktemp -d)
    curl -fsSL "https://static.rust-lang.org/rustup/archive/$rustup/$(uname -m)-unknown-linux-gnu/rustup-init" -o "$dir/rustup-init"
    sha256sum --quiet -c - <<<"${rustup_sha256[$(uname -m)]}  $dir/rustup-init" || die "the downloaded file is not rustup $rustup: its hash is another one"
    chmod +x "$dir/rustup-init"
    # rustup itself checks the hashes of the files of a release
    "$dir/rustup-init" -y --quiet --profile minimal --default-toolchain "$rust_brought" -c clippy -c rustfmt --no-modify-path
    rm -r "$dir"
    hash -r
}

mapfile -t packages < <(missing_packages | tr ' ' '\n' | sort -u)
[[ ${#packages[@]} == 0 ]] || install_packages "${packages[@]}"
if [[ $with_tests == yes ]]; then
    mapfile -t packages < <(missing_tools rsync unison vim curl; missing_browser; missing_gis)
    [[ ${#packages[@]} == 0 ]] || (install_packages "${packages[@]}") || say "tests with these are skipped"
fi
if [[ $with_packages == yes ]]; then
    mapfile -t packages < <(missing_package_tools)
    [[ ${#packages[@]} == 0 ]] || install_packages "${packages[@]}"
fi
version=$(cmake_version) || true
if [[ $with_build == yes ]] && { [[ $(command -v cmake) == "$cache/bin/cmake" ]] || ! { [[ -n $version ]] && at_least "$version" "$cmake_wanted"; }; }; then
    install_cmake
fi
[[ $with_build == no ]] || has_rust || install_rust
reason=$(why_no_fuse)
[[ -z $reason ]] || printf '%s\n' "${red}setup.sh: mounting will not work here: $reason$plain" >&2
