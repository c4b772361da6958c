"""Writes two small HDF5 files with some of everything, in the oldest format that holds it and in the newest.

usage: small.py DIR: DIR/earliest.hdf5, DIR/latest.hdf5
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
