"""Writes an HDF5 file with one dataset of each kind, and what numpy.save makes of each.

usage: zoo.py DIR: DIR/calc_1.hdf5, and DIR/expected/PATH.npy; the same of calc_3, in the newest format; DIR/calc_4.hdf5 is damaged
"""
import os
import sys
import zlib

import h5py
import numpy

top = sys.argv[1]
expected = os.path.join(top, 'expected')
f = h5py.File(os.path.join(top, 'calc_1.hdf5'), 'w')
rng = numpy.random.default_rng(1)


def keep(name, array):
    path = os.path.join(expected, name + '.npy')
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as out:
        numpy.lib.format.write_array(out, numpy.asarray(array), allow_pickle=False)


def add(name, array, expect=None, **options):
    f.create_dataset(name, data=array, **options)
    if expect is None:
        # h5py notes the encoding of strings in the dtypes of fields, which numpy.save cannot say
        expect = f[name][()].astype(array.dtype) if array.dtype.names else f[name][()]
    keep(name, expect)


# numbers of every size, order and shape
for code in 'i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 c8 c16 f16'.split():
    for order in '<>':
        if order == '>' and code == 'f16':
            continue
        add(f'numbers/{code}{"be" if order == ">" else "le"}',
            (rng.random((3, 4)) * 100).astype(order + code))
add('numbers/bool', numpy.array([[True, False], [False, True]]))
for n, shape in enumerate([(), (0,), (1,), (5,), (2, 0, 3), (2, 3, 4), (1, 2, 1, 2, 3)]):
    add(f'shapes/s{n}', rng.random(shape))
enum = h5py.enum_dtype({'RED': 1, 'GREEN': -2}, basetype='>i2')
add('enum', numpy.array([1, -2, 1], '>i2'), dtype=enum)

# storage
big = rng.random((300, 70, 11)).astype('f4')
add('storage/contiguous', big)
add('storage/chunked', big, chunks=(7, 70, 3))
add('storage/gzip', big, chunks=(64, 16, 11), compression='gzip', shuffle=True, fletcher32=True)
add('storage/one_chunk', big, chunks=big.shape, compression='gzip')
add('storage/lzf', big, chunks=(64, 16, 11), compression='lzf', shuffle=True)
add('storage/scaleoffset', numpy.arange(10000), chunks=(100,), scaleoffset=0)
add('storage/never_written', None, shape=(4, 5), dtype='f8', expect=numpy.zeros((4, 5)))
add('storage/fill', None, shape=(4, 5), dtype='i4', fillvalue=7, expect=numpy.full((4, 5), 7, 'i4'))
add('storage/fill_chunked', None, shape=(40, 50), chunks=(7, 7), dtype='i4', fillvalue=-7, expect=numpy.full((40, 50), -7, 'i4'))
f['storage/fill_chunked'][3:9, 10:20] = 1
keep('storage/fill_chunked', f['storage/fill_chunked'][()])
f.create_dataset('storage/resized', (3, 4), 'f8', maxshape=(None, 4))
f['storage/resized'].resize((10, 4))
f['storage/resized'][8] = 1
keep('storage/resized', f['storage/resized'][()])
plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
plist.set_layout(h5py.h5d.COMPACT)
space, tid = h5py.h5s.create_simple((6,)), h5py.h5t.py_create(numpy.dtype('<i4'))
h5py.h5d.create(f.id, b'storage/compact', tid, space, plist).write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.arange(6, dtype='<i4'))
keep('storage/compact', f['storage/compact'][()])
layout = h5py.VirtualLayout(shape=(6,), dtype='f4')
layout[:] = h5py.VirtualSource('.', 'storage/contiguous', shape=big.shape)[0, 0, :6]
f.create_virtual_dataset('storage/virtual', layout)
keep('storage/virtual', big[0, 0, :6])

# filters: chunks that go over the edge, chunks that are not there, chunks that did not go through each filter
ways = dict(none={}, gzip=dict(compression='gzip'), shuffle=dict(shuffle=True), fletcher32=dict(fletcher32=True))
ways['shuffle_gzip'] = ways['shuffle'] | ways['gzip']
ways['gzip_fletcher32'] = ways['gzip'] | ways['fletcher32']
ways['shuffle_fletcher32'] = ways['shuffle'] | ways['fletcher32']
ways['all'] = ways['shuffle_gzip'] | ways['fletcher32']
element = numpy.dtype([('id', '<u4'), ('mag', '>f4'), ('name', 'S3')])
for way, options in ways.items():
    for code in ['u1', '<i2', '<f4', '>f8', '<c16']:
        numbers = (rng.random((37, 23, 11)) * 99).astype(code)
        add(f'filters/{way}/{numpy.dtype(code).name}', numbers, chunks=(8, 5, 4), **options)
    elements = numpy.zeros((50, 7), element)
    elements['id'], elements['mag'], elements['name'] = rng.integers(0, 1000, (50, 7)), 6.5, b'xyz'
    add(f'filters/{way}/records', elements, chunks=(9, 3), **options)
    holes = f.create_dataset(f'filters/{way}/holes', (40, 50), '<i4', chunks=(7, 7), fillvalue=-7, **options)
    holes[3:9, 10:20], holes[30] = 1, numpy.arange(50)
    keep(f'filters/{way}/holes', holes[()])
masked = f.create_dataset('filters/masked', (8, 1000), '<f8', chunks=(1, 1000), **ways['all'])
for mask in range(8):
    values = rng.random(1000).round(1).astype('<f8')
    raw = values.tobytes()
    if not mask & 1:
        raw = numpy.frombuffer(raw, 'u1').reshape(-1, 8).T.tobytes()
    if not mask & 2:
        raw = zlib.compress(raw)
    if not mask & 4:
        # as HDF5 does: words of 16 bits, big-endian, the last one filled up
        low = high = 0
        for word in numpy.frombuffer(raw + b'\0' * (len(raw) % 2), '>u2').tolist():
            low = (low + word) % 65535
            high = (high + low) % 65535
        raw += (high << 16 | low).to_bytes(4, 'little')
    masked.id.write_direct_chunk((mask, 0), raw, mask)
keep('filters/masked', masked[()])
for order in ['fletcher32 shuffle deflate', 'deflate fletcher32 shuffle']:
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((10,))
    for filter in order.split():
        getattr(plist, 'set_' + filter)(*[4] * (filter == 'deflate'))
    name = 'filters/' + order.replace(' ', '_')
    space = h5py.h5s.create_simple((35,))
    h5py.h5d.create(f.id, name.encode(), h5py.h5t.IEEE_F64LE, space, plist).write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.arange(35.))
    keep(name, numpy.arange(35.))
add('filters/many', rng.integers(0, 9, (100_000, 3)).astype('<i4'), chunks=(1000, 3), **ways['all'])
add('filters/across', rng.integers(0, 9, (300, 400, 5)).astype('<i4'), chunks=(10, 400, 1), **ways['gzip'])

# strings
add('strings/fixed', numpy.array([b'a', b'bcd', b''], 'S7'))
add('strings/fixed2d', numpy.array([[b'a', b'bcd'], [b'', b'x']]))
vlen = h5py.string_dtype()
texts = ['a', 'Népal', '', 'x' * 1000]
add('strings/vlen', texts, numpy.array([t.encode() for t in texts]), dtype=vlen)
add('strings/vlen_chunked', texts * 5000, numpy.array([t.encode() for t in texts * 5000]), dtype=vlen, chunks=(300,), compression='gzip')
add('strings/vlen_ascii', ['q', 'rs'], numpy.array([b'q', b'rs']), dtype=h5py.string_dtype('ascii'))
add('strings/none', None, numpy.zeros(3, 'S1'), shape=(3,), dtype=vlen)
add('strings/scalar', 'plain text\n', numpy.array(b'plain text\n'), dtype=vlen)
add('strings/json', '{"a": [1, 2]}', numpy.array(b'{"a": [1, 2]}'), dtype=vlen)
add('strings/number', '42', numpy.array(b'42'), dtype=vlen)
add('strings/empty', '', numpy.array(b'', 'S1'), dtype=vlen)
for pad, name in [(h5py.h5t.STR_NULLTERM, 'nullterm'), (h5py.h5t.STR_SPACEPAD, 'spacepad')]:
    tid = h5py.h5t.C_S1.copy()
    tid.set_size(6)
    tid.set_strpad(pad)
    d = h5py.h5d.create(f.id, b'strings/' + name.encode(), tid, h5py.h5s.create_simple((3,)))
    raw = {'nullterm': b'abc\0zzde\0\0\0\0fghij\0', 'spacepad': b'abc   d     fghijk'}[name]
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.frombuffer(raw, 'S6').copy(), tid)
    keep('strings/' + name, numpy.array([b'abc', b'd' if name == 'spacepad' else b'de', b'fghijk' if name == 'spacepad' else b'fghij'], 'S6'))

# records
packed = numpy.dtype([('id', '<u4'), ('mag', '>f4'), ('name', 'S5'), ('poes', '<f8', (3,))])
records = numpy.zeros(4, packed)
records['id'], records['mag'], records['name'], records['poes'] = range(4), 6.5, b'xyz', rng.random((4, 3))
add('records/packed', records)
add('records/scalar', records[1])
add('records/gzip', numpy.resize(records, 5000), chunks=(111,), compression='gzip')
aligned = numpy.dtype([('a', 'u1'), ('b', '<f8'), ('c', '<i2')], align=True)
add('records/aligned', numpy.array([(1, 2.5, 3), (4, 5.5, 6)], aligned))
nested = numpy.dtype([('in', aligned), ('flag', '?'), ('z', '<c8'), ('m', [('x', '<f4', (2, 2)), ("it's", 'S3')], (2,))])
n = numpy.zeros(3, nested)
n['in']['b'], n['flag'], n['z'], n['m']['x'] = 1.5, [True, False, True], 1 + 2j, 7
add('records/nested', n)
add('records/π', numpy.zeros(2, [('α', 'f4'), ('β "q" \'r\'', 'i2')]))
add('records/é', numpy.zeros(2, [('é', 'f4')]))
mixed = numpy.dtype([('id', '<i4'), ('name', vlen), ('w', '<f8'), ('trt', vlen)])
m = numpy.array([(1, 'a', .5, 'Volcanic'), (2, 'bé', .25, ''), (3, '', .25, 'Active Shallow Crust')], mixed)
flat = numpy.dtype([('id', '<i4'), ('name', 'S3'), ('w', '<f8'), ('trt', 'S20')])
add('records/with_strings', m, numpy.array([(1, b'a', .5, b'Volcanic'), (2, 'bé'.encode(), .25, b''), (3, b'', .25, b'Active Shallow Crust')], flat))

# tables
for column, array in dict(sid=numpy.arange(3, dtype='u4'), lon=numpy.array([15.1, -70.5, 1e-7]), vs30measured=numpy.array([True, False, True])).items():
    f['tables/sites/' + column] = array
f['tables/sites/code'] = numpy.array([b'a', b'b,"c"', b''])
f['tables/sites'].attrs['__pdcolumns__'] = 'sid lon vs30measured code'
f['tables/uneven/a'], f['tables/uneven/b'] = numpy.arange(3), numpy.arange(4)
f['tables/uneven'].attrs['__pdcolumns__'] = 'a b'
kinds = numpy.dtype([('color', enum), ('x', '<f4'), ('z', '<c16'), ('big', '>i8'), ('n', '<u8')])
f['tables/kinds'] = numpy.array([(1, 0.1, 1 - 2j, -5, 2**64 - 1), (7, numpy.nan, 0, 0, 0), (-2, -numpy.inf, 1e-300j, 1, 1)], kinds)
f['tables/empty'] = numpy.zeros(0, [('a', 'f4'), ('b', 'i4', (2, 2))])
f['tables/long'] = numpy.zeros(2**20, [('a', 'u1')])
f['tables/square'] = numpy.zeros((2, 2), [('a', 'u1')])

# ragged
ragged = f.create_dataset('ragged/lists', (3,), h5py.vlen_dtype('f4'))
ragged[0], ragged[2] = [1, 2.5], [numpy.nan]
square = f.create_dataset('ragged/square', (2, 2), h5py.vlen_dtype('i4'))
square[0, 1] = [7]
single = f.create_dataset('ragged/scalar', (), h5py.vlen_dtype('u1'))
single[()] = numpy.array([1, 2], 'u1')
f.create_dataset('ragged/none', (0,), h5py.vlen_dtype('i4'))
rec = f.create_dataset('ragged/records', (600,), numpy.dtype([('id', 'i4'), ('sites', h5py.vlen_dtype('u2'))]))
rec[:] = numpy.array([(i, numpy.arange(i % 3, dtype='u2')) for i in range(600)], rec.dtype)

# the rest that .npy can hold
arr = h5py.h5t.array_create(h5py.h5t.NATIVE_INT16, (2, 3))
d = h5py.h5d.create(f.id, b'array_type', arr, h5py.h5s.create_simple((4,)))
keep('array_type', f['array_type'][()].astype('<i2'))
add('opaque', numpy.array([b'\0\1\2', b'abc'], 'V3'))
times = numpy.array(['2020-01-01', '2021-02-03T04:05'], 'M8[ns]')
add('times', times.astype(h5py.opaque_dtype(times.dtype)), times)
f['null'] = h5py.Empty('f4')
keep('null', numpy.zeros(0, 'f4'))
bits = h5py.h5d.create(f.id, b'bitfield', h5py.h5t.STD_B16LE, h5py.h5s.create_simple((3,)))
bits.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.array([1, 2, 0x8000], '<u2'), h5py.h5t.STD_B16LE)
keep('bitfield', numpy.array([1, 2, 0x8000], '<u2'))
odd = h5py.h5t.STD_U16LE.copy()
odd.set_precision(12)
d = h5py.h5d.create(f.id, b'twelve_bits', odd, h5py.h5s.create_simple((3,)))
d.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.array([1, 2, 4095], '<u2'))
keep('twelve_bits', numpy.array([1, 2, 4095], '<u2'))
packed = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
packed.set_chunk((100,))
packed.set_filter(h5py.h5z.FILTER_NBIT, 0)
d = h5py.h5d.create(f['storage'].id, b'nbit', odd, h5py.h5s.create_simple((1000,)), packed)
d.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.arange(1000, dtype='<u2'))
keep('storage/nbit', numpy.arange(1000, dtype='<u2'))

# what it cannot
f.create_dataset('unshown/lists_of_references', (2,), h5py.vlen_dtype(h5py.ref_dtype))
f['unshown/reference'] = f['opaque'].ref
f['unshown/datatype'] = numpy.dtype('f4')
zfp = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
zfp.set_chunk((1000,))
zfp.set_filter(32013, h5py.h5z.FLAG_OPTIONAL, (3,))
h5py.h5d.create(f['unshown'].id, b'zfp', h5py.h5t.IEEE_F64LE, h5py.h5s.create_simple((1000,)), zfp)
f.create_dataset('unshown/external', (10,), 'f4', external=[('other.raw', 0, 40)])
far = h5py.VirtualLayout(shape=(6,), dtype='f4')
far[:] = h5py.VirtualSource('../other.hdf5', 'x', shape=(6,))
f.create_virtual_dataset('unshown/virtual', far)

# names
f['names/100%'] = 1
f['names/a\nb'] = 1
f['names/x.npy/y'] = 1
f['names/x'] = 1
f['names/' + 'é' * 200] = 1
f['inputs/x'] = 1
f['attrs'] = '{}'
names = f['names']
names.id.links.create_soft(b'..', b'/opaque')

# links
f['links/deep/soft'] = h5py.SoftLink('/storage/contiguous')
f['links/relative'] = h5py.SoftLink('deep/soft')
f['links/group'] = h5py.SoftLink('/records')
f['links/json'] = h5py.SoftLink('/strings/json')
f['links/dangling'] = h5py.SoftLink('/no/such/thing')
f['links/round'] = h5py.SoftLink('/links/about')
f['links/about'] = h5py.SoftLink('/links/round')
f['links/deep/up'] = f['links']
f['links/deep/root'] = f['/']
f['links/again'] = f['numbers']
f['links/same'] = f['opaque']
f['links/other'] = h5py.ExternalLink('calc_2.hdf5', '/sub/x')
f['links/other_group'] = h5py.ExternalLink(os.path.join(top, 'calc_2.hdf5'), '/sub')
f['links/elsewhere'] = h5py.ExternalLink('/etc/passwd', '/x')
f['links/itself'] = h5py.ExternalLink('calc_2.hdf5', '/back')
with h5py.File(os.path.join(top, 'calc_2.hdf5'), 'w') as other:
    other['sub/x'] = numpy.arange(3)
    other['back'] = h5py.ExternalLink('calc_1.hdf5', '/links/itself')

# attributes
f.attrs['version'] = '3.23'
f.attrs['date'] = numpy.bytes_('2020')
d = f['storage/contiguous']
d.attrs['json'] = '{"shape_descr": ["site_id"]}'
d.attrs['int'], d.attrs['f4'], d.attrs['nan'], d.attrs['bool'] = 42, numpy.float32(.1), numpy.nan, True
d.attrs['list'], d.attrs['texts'] = [[1, 2], [3, 4]], ['a', 'bé']
d.attrs['record'] = records[:1]
d.attrs['empty'] = h5py.Empty('f4')
d.attrs['ragged'] = numpy.array([numpy.arange(2), numpy.arange(3)], dtype=object).astype(h5py.vlen_dtype('i4'))
d.attrs['u8'], d.attrs['z'] = numpy.uint64(2**64 - 1), 1 + 2j
f['records'].attrs['__pdcolumns__'] = 'a b'
f.close()

# each way of the newest format to find a chunk, after bytes that are not HDF5's
expected = os.path.join(top, 'expected_3')
f = h5py.File(os.path.join(top, 'calc_3.hdf5'), 'w', libver='latest', userblock_size=1024)
numbers = numpy.arange(10_000.).reshape(100, 100)
for name, most in dict(fixed=None, longer=(None, 100), larger=(None, None)).items():
    add(name, numbers, chunks=(9, 30), maxshape=most, compression='gzip', shuffle=True)
    add(name + '_plain', numbers, chunks=(9, 30), maxshape=most)
add('one', numbers, chunks=(100, 100), compression='gzip')
plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
plist.set_chunk((9, 30))
plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
early = h5py.h5d.create(f.id, b'early', h5py.h5t.IEEE_F64LE, h5py.h5s.create_simple((100, 100)), plist)
early.write(h5py.h5s.ALL, h5py.h5s.ALL, numbers)
keep('early', numbers)
f.close()

# the second and the fourth of five chunks are damaged
target = os.path.join(top, 'calc_4.hdf5')
with h5py.File(target, 'w') as f:
    n, bad, places = 200_000, (200_000, 600_000), {}
    numbers = rng.integers(0, 9, 5 * n).astype('<f8')
    for way in ['gzip', 'fletcher32', 'shuffle_fletcher32', 'all']:
        d = f.create_dataset(way, data=numbers, chunks=(n,), **ways[way])
        places[way] = [d.id.get_chunk_info_by_coord((start,)) for start in bad]
    wrong = dict(long=zlib.compress(bytes(10 ** 8)), short=zlib.compress(bytes(8 * n - 1)),
                 cut=zlib.compress(numbers[:n].tobytes())[:-50], swollen=rng.bytes(10 ** 7))
    for name, raw in wrong.items():
        d = f.create_dataset(name, data=numbers, chunks=(n,), compression='gzip')
        for start in bad:
            d.id.write_direct_chunk((start,), raw)
    keep('../expected_4/numbers', numbers)
with open(target, 'r+b') as raw:
    for way, chunks in places.items():
        for chunk in chunks:
            raw.seek(chunk.byte_offset + chunk.size // 2)
            raw.write(b'damage, damage, damage')
