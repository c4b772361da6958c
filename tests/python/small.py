"""Writes two small HDF5 files with some of everything, in the oldest format that holds it and in the newest.

usage: small.py DIR: DIR/earliest.hdf5, DIR/latest.hdf5; DIR/elsewhere.hdf5, with elements in other files
"""
import os
import sys

import h5py
import numpy

for version in ['earliest', 'latest']:
    f = h5py.File(os.path.join(sys.argv[1], version + '.hdf5'), 'w', libver=version)
    f['contiguous'] = numpy.arange(20.)
    f.create_dataset('gzip', data=numpy.arange(400, dtype='i4').reshape(20, 20), chunks=(7, 9), compression='gzip',
                     shuffle=True, fletcher32=True)
    f.create_dataset('grows', data=numpy.arange(30), chunks=(4,), maxshape=(None,))
    f.create_dataset('lzf', data=numpy.arange(100), chunks=(50,), compression='lzf')
    f.create_dataset('scaled', data=numpy.arange(100), chunks=(10,), scaleoffset=0)
    f['texts'] = ['a', 'longer', '']
    f['json'] = '{"a": 1}'
    f['group/records'] = numpy.zeros(5, [('id', 'i4'), ('name', 'S4'), ('x', 'f8', (2,))])
    ragged = f.create_dataset('group/ragged', (3,), h5py.vlen_dtype('f4'))
    ragged[0] = [1, 2]
    f['table/a'], f['table/b'] = numpy.arange(3), numpy.arange(3.)
    f['table'].attrs['__pdcolumns__'] = 'a b'
    f['soft'] = h5py.SoftLink('/group/records')
    f['up'] = f['group']
    f['gzip'].attrs['list'], f['gzip'].attrs['text'] = [1, 2, 3], 'text'
    for i in range(20):
        f[f'many/x{i}'] = i
    f.close()

# elements in other files
os.chdir(sys.argv[1])
numpy.arange(60.).tofile('small.raw')
U = h5py.h5s.UNLIMITED
with h5py.File('elsewhere.hdf5', 'w', libver='latest') as f:
    f.create_dataset('raw', (10, 6), 'f8', external=[('small.raw', 0, 100), ('small.raw', 100, U)])
    layout = h5py.VirtualLayout(shape=(30, 20), dtype='i4')
    layout[:20] = h5py.VirtualSource('earliest.hdf5', 'gzip', shape=(20, 20))
    layout[21::2, :10] = h5py.VirtualSource('latest.hdf5', 'gzip', shape=(20, 20))[:5, ::2]
    layout[20] = h5py.VirtualSource('.', 'own', shape=(20,))
    f['own'] = numpy.arange(20.)
    f.create_virtual_dataset('virtual', layout, fillvalue=-1)
    layout = h5py.VirtualLayout(shape=(3,), dtype=h5py.string_dtype())
    layout[:] = h5py.VirtualSource('earliest.hdf5', 'texts', shape=(3,))
    f.create_virtual_dataset('texts', layout)
    whole, part = h5py.h5s.create_simple((2,), (U,)), h5py.h5s.create_simple((30,), (U,))
    whole.select_hyperslab((0,), (U,), (3,), (2,))
    part.select_hyperslab((0,), (U,))
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_virtual(whole, b'latest.hdf5', b'grows', part)
    h5py.h5d.create(f.id, b'endless', h5py.h5t.STD_I32LE, h5py.h5s.create_simple((2,), (U,)), plist)
