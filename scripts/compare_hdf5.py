"""What scripts/compare_hdf5.sh runs: compare every dataset and attribute of the HDF5 files in packages with h5py.

usage: compare_hdf5.py PACKAGES OQFS [PATTERN]

PACKAGES is a directory of wheels and source archives. A dataset is what `oqfs cat` gives of its .npy file, an attribute what attrs.json has.
"""
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import h5py
import numpy

MAGIC = b'\x89HDF\r\n\x1a\n'
MOST = 200 << 20


def members(packages):
    """The HDF5 files in the packages: a name and bytes."""
    for top, _, names in os.walk(packages):
        for name in sorted(names):
            path = os.path.join(top, name)
            if name.endswith(('.whl', '.zip')):
                with zipfile.ZipFile(path) as archive:
                    for info in archive.infolist():
                        with archive.open(info) as file:
                            if info.file_size < MOST and file.read(8) == MAGIC:
                                yield f'{name}:{info.filename}', archive.read(info)
            elif name.endswith(('.tar.gz', '.tar.bz2')):
                with tarfile.open(path) as archive:
                    for info in archive:
                        file = archive.extractfile(info) if info.isfile() and info.size < MOST else None
                        data = file.read() if file else b''
                        if data.startswith(MAGIC):
                            yield f'{name}:{info.name}', data


def is_same(ours, theirs):
    """Whether two arrays have the same type and the same values, or values that are no numbers at the same places."""
    theirs = numpy.asarray(theirs)
    if ours.shape != theirs.shape:
        return False
    if theirs.dtype.kind == 'O':
        texts = [t if isinstance(t, bytes) else t.encode('utf-8', 'surrogateescape') for t in theirs.ravel()]
        return [t.rstrip(b'\0') for t in texts] == [bytes(t) for t in ours.ravel()]
    if ours.dtype.names:
        return all(is_same(ours[name], theirs[name]) for name in theirs.dtype.names)
    plain = numpy.dtype(theirs.dtype.str)
    return ours.dtype == plain and (ours.tobytes() == theirs.astype(plain).tobytes() or numpy.array_equal(ours, theirs, equal_nan=True))


class Program:
    """The program, asked about one file."""

    def __init__(self, oqfs, path):
        self.oqfs, self.path = oqfs, path

    def run(self, *arguments):
        return subprocess.run([self.oqfs, *arguments], capture_output=True, timeout=120)

    def cat(self, name):
        done = self.run('cat', f'{self.path}/{name}')
        if done.returncode:
            raise OSError(done.stderr.decode(errors='replace').strip())
        return done.stdout


def escaped(path):
    return '/'.join(re.sub(r'[%\x00-\x1f\x7f]', lambda c: f'%{ord(c[0]):02X}', name) for name in path.split('/'))


def compare(program, path, tally):
    """Compares one file; gives what differs."""
    wrong = []
    attrs = json.loads(program.cat('attrs.json'))
    with h5py.File(path) as f:
        seen = []

        def visit(name, item):
            seen.append((name, item))

        f.visititems(visit)
        for name, item in [('', f), *seen]:
            said = attrs.get('/' + name, {})
            try:
                names = list(item.attrs)
            except Exception:
                tally['not read by h5py'] += 1
                names = []
            missing = [attr for attr in names if attr not in said]
            if missing:
                wrong.append(f'/{name}: attributes {missing} are missing')
            tally['attributes'] += len(names)
            if not isinstance(item, h5py.Dataset):
                continue
            tally['datasets'] += 1
            try:
                theirs = item[()]
            except Exception:
                tally['not read by h5py'] += 1
                continue
            if 'oqfs:not_shown' in said:
                tally['not shown'] += 1
                print(f'    not shown: /{name}: {said["oqfs:not_shown"]}')
                continue
            try:
                if isinstance(theirs, h5py.Empty):
                    numpy.load(io.BytesIO(program.cat(escaped(name) + '.npy')))
                elif item.dtype.hasobject and not h5py.check_string_dtype(item.dtype):
                    # lists and references are JSON, of as many elements; records with strings are arrays
                    try:
                        json.loads(program.cat(escaped(name) + '.json'))
                    except OSError:
                        numpy.load(io.BytesIO(program.cat(escaped(name) + '.npy')))
                elif not is_same(numpy.load(io.BytesIO(program.cat(escaped(name) + '.npy'))), theirs):
                    wrong.append(f'/{name}: other values than h5py\'s')
            except (OSError, ValueError) as e:
                wrong.append(f'/{name}: {e}')
    return wrong


def main(packages, oqfs, pattern='.'):
    try:
        import hdf5plugin  # noqa: F401, with its filters h5py reads more
    except ImportError:
        pass
    tally = dict.fromkeys(['files', 'datasets', 'attributes', 'not shown', 'not read by h5py', 'differences'], 0)
    with tempfile.TemporaryDirectory() as top:
        for n, (name, data) in enumerate(members(packages)):
            if not re.search(pattern, name):
                continue
            path = os.path.join(top, f'{n}.h5')
            with open(path, 'wb') as f:
                f.write(data)
            print(name, flush=True)
            try:
                h5py.File(path).close()
            except OSError:
                tally['not read by h5py'] += 1
                continue
            tally['files'] += 1
            try:
                wrong = compare(Program(oqfs, path), path, tally)
            except (OSError, ValueError, subprocess.TimeoutExpired) as e:
                wrong = [str(e)]
            for line in wrong:
                print('    DIFFERS:', line)
            tally['differences'] += len(wrong)
            os.remove(path)
    print(', '.join(f'{count} {what}' for what, count in tally.items()))
    sys.exit(tally['differences'] > 0)


if __name__ == '__main__':
    main(*sys.argv[1:])
