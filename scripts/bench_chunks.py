"""What scripts/bench_chunks.sh runs: read datasets in chunks of many shapes through a mount and with h5py, and print both times.

usage: bench_chunks.py DIR OQFS [PATTERN]
"""
import os
import random
import re
import subprocess
import sys
import time

import h5py
import numpy

try:
    import hdf5plugin
except ImportError:
    hdf5plugin = None

# 64 MB of numbers that compress, in each shape of chunks: what the row of chunks decodes to goes from 1 MB to all of it
SHAPE = (4096, 2048)
CHUNKS = [(64, 2048), (512, 256), (1024, 2048), (4096, 128), (4096, 2048), (1, 2048), (4096, 8)]
FILTERS = {'gzip': dict(compression='gzip', compression_opts=4), 'gzip shuffle': dict(compression='gzip', shuffle=True),
           'lzf': dict(compression='lzf'), 'scale-offset': dict(scaleoffset=0), 'none': {}}
if hdf5plugin:
    FILTERS.update({
        'bitshuffle lz4': hdf5plugin.Bitshuffle(), 'lz4': hdf5plugin.LZ4(), 'zstd': hdf5plugin.Zstd(),
        'bzip2': hdf5plugin.BZip2(), 'blosc lz4': hdf5plugin.Blosc(), 'blosc zstd': hdf5plugin.Blosc('zstd'),
        'blosc2 lz4': hdf5plugin.Blosc2(cname='lz4'), 'blosc2 zstd': hdf5plugin.Blosc2()})
SLOW = ('bzip2', 'blosc zstd', 'blosc2 zstd', 'scale-offset')


def make(path, pattern):
    rng = numpy.random.default_rng(1)
    data = (rng.integers(0, 1000, SHAPE) + numpy.arange(SHAPE[0])[:, None]).astype('i8')
    names = []
    with h5py.File(path, 'w') as f:
        for name, options in FILTERS.items():
            for i, chunks in enumerate(CHUNKS):
                if re.search(pattern, name) and (name not in SLOW or i in (0, 2, 4)):
                    key = f'{name.replace(" ", "_")}_{i}'
                    f.create_dataset(key, data=data, chunks=chunks, **options)
                    names.append((key, name, chunks))
    return names


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def random_parts(array, whole):
    """Reads parts of rows at random places."""
    rng = random.Random(1)
    for _ in range(60):
        row, column = rng.randrange(SHAPE[0]), rng.randrange(SHAPE[1] - 256)
        assert numpy.array_equal(array[row, column:column + 256], whole[row, column:column + 256])


def main(top, oqfs, pattern='.'):
    data = os.path.join(top, 'data')
    os.makedirs(data)
    path = os.path.join(data, 'calc_1.hdf5')
    names = make(path, pattern)
    with h5py.File(path) as f:
        whole = f[names[0][0]][()]
    hold = open(path, 'rb')
    print(f'{"filter":16} {"chunk":>14} {"MB":>4}   {"in order, s":^19}   {"at random, s":^19}')
    print(f'{"":16} {"":>14} {"":>4}   {"h5py":>6} {"mount":>6} ratio   {"h5py":>6} {"mount":>6} ratio')
    below = []
    for key, name, chunks in names:
        times = []
        # a fresh mount for each: the kernel has nothing of it in its cache
        for read in (lambda array: numpy.copyto(numpy.empty(SHAPE, 'i8'), array[()]), lambda array: random_parts(array, whole)):
            with h5py.File(f'/proc/self/fd/{hold.fileno()}') as f:
                dataset = f[key]
                theirs = timed(lambda: read(dataset))
            subprocess.run([oqfs, 'mount', data], check=True, timeout=60)
            try:
                npy = os.path.join(data, 'calc_1', f'{key}.npy')
                ours = timed(lambda: read(numpy.load(npy, mmap_mode='r')))
                assert numpy.array_equal(numpy.load(npy), whole), key
            finally:
                subprocess.run([oqfs, 'umount', data], check=True, timeout=60)
            times.append((theirs, ours))
        megabytes = chunks[0] * chunks[1] * 8 / 1e6
        shown = '   '.join(f'{theirs:6.2f} {ours:6.2f} {theirs / ours:5.1f}' for theirs, ours in times)
        print(f'{name:16} {str(chunks):>14} {megabytes:4.0f}   {shown}', flush=True)
        below += [f'{name} {chunks}' for theirs, ours in times if ours > theirs and ours > .05]
    print('slower than h5py:', ', '.join(below) or 'none')


if __name__ == '__main__':
    main(*sys.argv[1:])
