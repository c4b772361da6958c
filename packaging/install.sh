#!/bin/sh
# Install oqfs for one user, without root: ./install.sh [--prefix DIR]
# The default is ~/.local. DIR/share/oqfs/uninstall takes away what was installed. Mounting needs fusermount3 (package fuse3).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=$HOME/.local
case "${1:-}" in
    '') ;;
    --prefix) prefix=${2:?--prefix needs a directory} ;;
    *) sed -n '2,3s/^# //p' "$0" >&2; exit 2 ;;
esac
mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
files=$prefix/share/oqfs/files
[ ! -e "$prefix/share/oqfs/uninstall" ] || "$prefix/share/oqfs/uninstall"
mkdir -p "$prefix/share/oqfs"
cd "$here"
find bin share -type f | sort >"$files"
while read -r file; do
    mkdir -p "$prefix/$(dirname "$file")"
    cp "$file" "$prefix/$file"
done <"$files"
unit=$prefix/share/systemd/user/oqfs.service
sed "s|^ExecStart=/usr/bin/oqfs|ExecStart=$prefix/bin/oqfs|" "$here/share/systemd/user/oqfs.service" >"$unit"
cat >"$prefix/share/oqfs/uninstall" <<'END'
#!/bin/sh
# Take away what install.sh installed, and the directories that are empty then.
set -eu
cd "$(dirname "$0")/../.."
while read -r file; do
    rm -f "$file"
    rmdir -p "$(dirname "$file")" 2>/dev/null || true
done <share/oqfs/files
rm -f share/oqfs/files share/oqfs/uninstall
rmdir -p share/oqfs 2>/dev/null || true
END
chmod +x "$prefix/share/oqfs/uninstall"
echo "installed $("$prefix/bin/oqfs" --version | cut -d , -f 1) in $prefix"
case ":$PATH:" in
    *":$prefix/bin:"*) ;;
    *) echo "put it on your PATH: export PATH=$prefix/bin:\$PATH" ;;
esac
command -v fusermount3 >/dev/null || echo "fusermount3 is missing; mounting needs it, oqfs run does not (package fuse3)"
