"""Writes an HDF5 file with datasets whose elements are in other files, and what numpy.save makes of what h5py reads.

usage: elsewhere.py DIR: DIR/calc_1.hdf5, and DIR/expected/PATH.npy
"""
import os
import sys

import h5py
import numpy

top = os.path.abspath(sys.argv[1])
# h5py looks for raw files where its process is
os.chdir(top)
os.mkdir('parts')
rest = h5py.h5f.UNLIMITED
rng = numpy.random.default_rng(2)
shown = []


def keep(f, names):
    for name in names:
        array = f[name][()]
        if array.dtype.kind == 'O':
            array = numpy.array([text for text in array.flat], 'S').reshape(array.shape)
        path = os.path.join('expected', name + '.npy')
        os.makedirs(os.path.dirname(path), exist_ok=True)
        numpy.save(path, array)


# raw bytes
numbers = rng.random(5000)
numbers.tofile('parts/all.raw')
with open('parts/late.raw', 'wb') as raw:
    raw.write(b'1234567' + numbers[:1000].tobytes() + b'more')
numbers[:10].astype('f4').tofile('short.raw')
open('empty.raw', 'wb').close()
numpy.array([b'abc   ', b'd     ', b'fghijk'], 'S6').tofile('strings.raw')
numpy.array([1, 2, 4095], '<u2').tofile('bits.raw')
os.symlink('parts/all.raw', 'within.raw')
os.mkfifo('pipe.raw')
element = numpy.dtype([('id', '<u4'), ('mag', '>f4'), ('name', 'S3')])
records = numpy.zeros(50, element)
records['id'], records['mag'], records['name'] = range(50), 6.5, b'xyz'
records.tofile('records.raw')
with h5py.File('calc_1.hdf5', 'w') as f:
    def external(name, shape, dtype, *files, **options):
        options = dict(dtype=dtype, external=list(files)) | options
        f.create_dataset('external/' + name, shape, **options)
        shown.append('external/' + name)

    external('whole', (50, 100), '<f8', ('parts/all.raw', 0, 40_000))
    external('offset', (10, 100), '<f8', ('parts/late.raw', 7, rest))
    external('absolute', (5000,), '<f8', (os.path.join(top, 'parts/all.raw'), 0, rest))
    external('dots', (5000,), '<f8', ('parts/../parts/all.raw', 0, rest))
    external('within', (5000,), '<f8', ('within.raw', 0, rest))
    external('big_endian', (700,), '>i2', ('parts/late.raw', 7, rest))
    external('segments', (3000,), '<f4', ('parts/all.raw', 11, 77), ('short.raw', 4, 13),
             ('empty.raw', 0, 100), ('parts/late.raw', 3, 3000), ('parts/all.raw', 100, rest))
    external('short', (20, 3), '<f4', ('short.raw', 0, 240))
    external('beyond', (20,), '<f4', ('short.raw', 1000, rest))
    external('filled', (20,), '<f4', ('short.raw', 0, rest), fillvalue=7)
    external('grows', (20,), '<f4', ('short.raw', 0, rest), maxshape=(None,))
    external('records', (50,), element, ('records.raw', 0, rest))
    external('none', (0, 3), '<f4', ('nowhere.raw', 0, rest))
    external('fixed', (3,), 'S6', ('strings.raw', 0, rest))
    files = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    files.set_external(b'strings.raw', 0, rest)
    padded = h5py.h5t.C_S1.copy()
    padded.set_size(6)
    padded.set_strpad(h5py.h5t.STR_SPACEPAD)
    h5py.h5d.create(f.id, b'external/padded', padded, h5py.h5s.create_simple((3,)), files)
    files = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    files.set_external(b'bits.raw', 0, rest)
    odd = h5py.h5t.STD_U16LE.copy()
    odd.set_precision(12)
    h5py.h5d.create(f.id, b'external/twelve_bits', odd, h5py.h5s.create_simple((3,)), files)
    shown += ['external/padded', 'external/twelve_bits']
    # what is not read
    for name, path in dict(missing='nowhere.raw', above='../out.raw', absolute='/etc/passwd', link='out.raw', pipe='pipe.raw',
                           folder='parts').items():
        f.create_dataset('unshown/' + name, (10,), 'f4', external=[('short.raw', 0, 8), (path, 0, rest)])
    files = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    files.set_external(b'empty.raw', 0, rest)
    h5py.h5d.create(f.id, b'unshown/pointers', h5py.h5t.py_create(h5py.string_dtype(), logical=True), h5py.h5s.create_simple((3,)), files)
os.symlink('/etc/passwd', 'out.raw')

with h5py.File('calc_1.hdf5') as f:
    keep(f, shown)
