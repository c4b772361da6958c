"""HDF5 files with what few programs write: calc_1.hdf5 and so on in the directory given."""
import os
import sys
import zlib

import h5py
import numpy

top = sys.argv[1]
expected = os.path.join(top, 'expected')
os.makedirs(expected)
f = h5py.File(os.path.join(top, 'calc_1.hdf5'), 'w')

# bitfields, as PyTables' booleans, and numpy's times in records
of = h5py.h5t.create(h5py.h5t.COMPOUND, 16)
for name, at, member in [(b'flag', 0, h5py.h5t.STD_B8LE), (b'mask', 4, h5py.h5t.STD_B32BE), (b'x', 8, h5py.h5t.IEEE_F64LE)]:
    of.insert(name, at, member)
bits = numpy.zeros(2, numpy.dtype({'names': ['flag', 'mask', 'x'], 'formats': ['u1', '>u4', 'f8'], 'offsets': [0, 4, 8],
                                   'itemsize': 16}))
bits['flag'], bits['mask'], bits['x'] = [1, 0], [255, 3], [1.5, 2]
h5py.h5d.create(f.id, b'bits', of, h5py.h5s.create_simple((2,))).write(h5py.h5s.ALL, h5py.h5s.ALL, bits, mtype=of)
times = numpy.array([('2020-01-01T12:00', 1), ('NaT', 2)], [('t', 'M8[s]'), ('n', 'i4')])
opaque = h5py.opaque_dtype
f['times'] = times.astype([('t', opaque(numpy.dtype('M8[s]'))), ('n', 'i4')])
attr = h5py.h5a.create(f.id, b'bits', h5py.h5t.STD_B32LE, h5py.h5s.create(h5py.h5s.SCALAR))
attr.write(numpy.array(15, '<u4'), mtype=h5py.h5t.STD_B32LE)
f.attrs['nul'], f.attrs['latin1'] = numpy.bytes_(b'ab\0cd'), numpy.bytes_('é'.encode('latin1'))
f.attrs['when'] = numpy.array(['2020-01-01'], 'M8[us]').astype(opaque(numpy.dtype('M8[us]')))
f['latin1'] = numpy.array([(b'\xe9\0b', 1)], [('name', 'S4'), ('n', 'i4')])

# opaque types with numpy's names, and numbers of unusual precision
for name, data in dict(S21=numpy.array([b'aa', b'bbb'], 'S21'), U5=numpy.array(['aé', 'bcd'], 'U5'),
                       f8=numpy.array([1., 2.]), c16=numpy.array([1 + 2j], '>c16'),
                       M8=numpy.array(['2020-01-01'], 'M8[us]'), m8=numpy.array([5], 'm8[ns]')).items():
    f['opaque_' + name] = data.astype(opaque(data.dtype))
    numpy.save(os.path.join(expected, f'opaque_{name}.npy'), f['opaque_' + name][()].astype(data.dtype))
for name, base in dict(be=h5py.h5t.IEEE_F32BE, le=h5py.h5t.IEEE_F32LE).items():
    odd = base.copy()
    odd.set_fields(26, 20, 6, 7, 13)
    odd.set_offset(7)
    odd.set_precision(20)
    odd.set_ebias(31)
    d = h5py.h5d.create(f.id, f'odd_{name}'.encode(), odd, h5py.h5s.create_simple((3,)))
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.array([1, -2.5, 3], 'f4'))
    numpy.save(os.path.join(expected, f'odd_{name}.npy'), f[f'odd_{name}'][()])

# a chunk at the edge without its padding
numbers = numpy.arange(15, dtype='<i4')
d = f.create_dataset('short', (15,), '<i4', chunks=(10,), compression='gzip')
d.id.write_direct_chunk((0,), zlib.compress(numbers[:10].tobytes()))
d.id.write_direct_chunk((10,), zlib.compress(numbers[10:].tobytes()))
numpy.save(os.path.join(expected, 'short.npy'), numbers)

# szip, if this h5py writes it
if h5py.h5z.filter_avail(h5py.h5z.FILTER_SZIP):
    f.create_dataset('szip', data=numpy.arange(10_000, dtype='>i4').reshape(100, 100) // 7, chunks=(30, 40), compression='szip')
    numpy.save(os.path.join(expected, 'szip.npy'), f['szip'][()])

# groups with several paths, a named datatype with an attribute
g = f.create_group('a/b/c')
g.attrs['x'] = 1
f['t/u/y'] = f['a/b']
f['v/w/z'] = g
f['type'] = numpy.dtype('f8')
f['type'].attrs['units'] = 'g'

# references: as attributes, in cells, to a region, to nothing
f['sizes'], f['cells/one'], f['cells/two'] = numpy.arange(4.), [1], [2, 3]
f['sizes'].make_scale('length')
f['measured'] = numpy.ones((4, 2))
f['measured'].dims[0].attach_scale(f['sizes'])
f.create_dataset('cell', (2, 2), h5py.ref_dtype)[0] = [f['cells/one'].ref, f['cells/two'].ref]
f['where'] = numpy.array([(1, f['measured'].ref)], [('n', 'i4'), ('to', h5py.ref_dtype)])
f.create_dataset('region', (1,), h5py.regionref_dtype)[0] = f['measured'].regionref[1:3]

# columns of which one holds lists
g = f.create_group('rup')
g.attrs['__pdcolumns__'] = 'id mag probs'
g['id'], g['mag'] = numpy.array([3, 4]), numpy.array([5.5, 6.5], 'f4')
lists = g.create_dataset('probs', (2,), h5py.vlen_dtype('f4'))
lists[0], lists[1] = [.5, .25], []

g = f.create_group('many')
for i in range(1000):
    g.attrs[f'a{i}'] = i
f.close()

# attributes of an unknown type: of a group, of a dataset, of the root group
for n, on in [(2, 'bad'), (3, 'dataset'), (4, '/')]:
    path = os.path.join(top, f'calc_{n}.hdf5')
    with h5py.File(path, 'w') as f:
        f['good'], f['dataset'] = [1, 2, 3], [4.]
        f.create_group('bad/below')['x'] = [5]
        f[on].attrs['first'] = 1
        f[on].attrs['marker_attr'] = 5
    raw = bytearray(open(path, 'rb').read())
    raw[raw.index(b'marker_attr\0') + 16] = 0xff
    open(path, 'wb').write(raw)
