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
        array = numpy.asarray(f[name][()])
        if array.dtype.kind == 'O':
            array = numpy.array([text for text in array.flat], 'S').reshape(array.shape)
        path = os.path.join('expected', name + '.npy')
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # h5py notes the encoding of strings in the dtypes of fields, which numpy.save cannot say
        numpy.save(path, array.astype(element) if array.dtype.names else array)


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

# sources of virtual datasets
text = h5py.string_dtype()
with h5py.File('parts/a.hdf5', 'w') as a:
    a['x'] = numpy.arange(6.)
    a['floats'] = rng.random((40, 50))
    a['bytes'] = numpy.arange(40 * 50, dtype='u1').reshape(40, 50)
    a.create_dataset('deep/packed', data=rng.integers(0, 9, (40, 50)), chunks=(7, 9), compression='gzip', shuffle=True)
    a['small'] = numpy.arange(3.)
    a['scalar'] = 42.
    a['group/x'] = 1
    a['deep/soft'] = h5py.SoftLink('./packed')
    a['soft'] = h5py.SoftLink('/deep/soft')
    a['dangling'] = h5py.SoftLink('/nothing')
    a['round'] = h5py.SoftLink('/round')
    a['further'] = h5py.ExternalLink('b.hdf5', '/deep/x')
    a['records'] = records
    a['texts'] = numpy.array(['a', 'Népal', ''], text)
    a.create_dataset('raw', (20,), '<f4', external=[(os.path.join(top, 'short.raw'), 4, rest)])
    a.create_dataset('lists', (3,), h5py.vlen_dtype('i4'))[0] = [1, 2]
    a.create_dataset('grows', data=numpy.arange(21.).reshape(7, 3), maxshape=(None, 3), chunks=(2, 3))
with h5py.File('parts/b.hdf5', 'w') as b:
    b['deep/x'] = numpy.arange(6.) + 10
    b['y'] = numpy.arange(40 * 50, dtype='>i4').reshape(40, 50)
    b.create_dataset('wide', data=rng.random((3, 300_000)), chunks=(1, 30_000), compression='gzip')
    b.create_dataset('unwritten', (6,), 'f8', fillvalue=5)
for n in range(3):
    with h5py.File(f'parts/step{n}.hdf5', 'w') as step:
        step['d'] = numpy.full((2, 3), n, 'f8')
os.symlink('parts/a.hdf5', 'a_link.hdf5')
os.symlink('/etc/passwd', 'out.hdf5')
open('garbage.hdf5', 'w').write('garbage' * 100)
A, B = 'parts/a.hdf5', 'parts/b.hdf5'


def source(file, name, shape):
    return h5py.VirtualSource(file, name, shape=shape)


def virtual(f, name, shape, dtype, *parts, fill=-1):
    layout = h5py.VirtualLayout(shape=shape, dtype=dtype)
    for where, what in parts:
        layout[where] = what
    f.create_virtual_dataset(name, layout, fillvalue=fill)


def slab(dims, most, start, count, stride=None, block=None):
    space = h5py.h5s.create_simple(dims, most)
    space.select_hyperslab(start, count, stride, block)
    return space


def endless(f, name, dims, most, *mappings):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_fill_value(numpy.array(-1.))
    for whole, file, path, part in mappings:
        plist.set_virtual(whole, file.encode(), path.encode(), part)
    h5py.h5d.create(f.id, name.encode(), h5py.h5t.IEEE_F64LE, h5py.h5s.create_simple(dims, most), plist)


every, U, s_ = slice(None), rest, numpy.s_
with h5py.File('calc_1.hdf5', 'a', libver='latest') as f:
    f['own'] = numpy.arange(100, 106.)
    f.create_group('virtual')

    def made(name, *args, **options):
        shown.append('virtual/' + name)
        virtual(f, 'virtual/' + name, *args, **options)

    made('whole', (40, 50), 'f8', (every, source(A, 'floats', (40, 50))))
    made('absolute', (6,), 'f8', (every, source(os.path.join(top, A), 'x', (6,))))
    made('moved', (6,), 'f8', (every, source(os.path.join(top, 'nowhere/a_link.hdf5'), 'x', (6,))))
    made('by_symlink', (6,), 'f8', (every, source('a_link.hdf5', 'x', (6,))))
    made('two_with_a_gap', (100, 50), 'f8', (s_[:40], source(A, 'floats', (40, 50))), (s_[60:], source(B, 'y', (40, 50))))
    made('strided', (13, 10), 'f4', (s_[1::3, ::2], source(A, 'floats', (40, 50))[3:28:7, 10:35:5]),
         (s_[0::3, 1::4], source(B, 'y', (40, 50))[:5, 47:]))
    made('packed', (40, 50), 'i8', (every, source(A, 'deep/packed', (40, 50))))
    made('order', (40, 50), '>i4', (s_[:20], source(A, 'bytes', (40, 50))[20:]), (s_[20:], source(B, 'y', (40, 50))[:20]))
    made('to_small', (6,), 'u1', (every, source(B, 'deep/x', (6,))))
    made('other_rank', (3, 20), 'i4', (s_[1], source(A, 'bytes', (40, 50))[7, :20]), (s_[2, :15], source(A, 'bytes', (40, 50))[:3, :5]))
    made('from_scalar', (3,), 'f8', (s_[1:2], source(A, 'scalar', ())))
    made('over', (6,), 'f8', (every, source(A, 'x', (6,))), (s_[2:4], source(B, 'deep/x', (6,))[:2]))
    made('here_and_there', (4, 6), 'f8', (s_[0], source('.', 'own', (6,))), (s_[1], source(A, 'x', (6,))),
         (s_[3], source('./calc_1.hdf5', 'own', (6,))))
    made('soft', (40, 50), 'i8', (every, source(A, 'soft', (40, 50))))
    made('linked', (6,), 'f8', (every, source(A, 'further', (6,))))
    made('no_file', (6,), 'f8', (s_[:3], source('nowhere.hdf5', 'x', (3,))), (s_[4:], source(A, 'x', (6,))[:2]))
    made('unwritten', (6,), 'f8', (every, source(B, 'unwritten', (6,))))
    made('records', (50,), element, (s_[10:], source(A, 'records', (50,))[:40]), fill=records[3])
    made('texts', (5,), text, (s_[1:4], source(A, 'texts', (3,))), fill=None)
    made('texts_over', (3,), text, (every, source(A, 'texts', (3,))), (s_[:2], source(A, 'texts', (3,))[1:]), fill=None)
    made('raw', (20,), '>f8', (s_[::2], source(A, 'raw', (20,))[::2]))
    made('wide', (300_000, 2), 'f4', (s_[:, 0], source(B, 'wide', (3, 300_000))[1]), (s_[:, 1], source(B, 'wide', (3, 300_000))[2]))
    made('nothing', (3, 4), 'f8')
    made('none', (0, 4), 'f8', fill=None)
    made('one', (), 'f8')
    made('many', (1000, 6), 'f8', *[(s_[n], source((A, B)[n % 2], ('x', 'deep/x')[n % 2], (6,))) for n in range(1000)])

    def goes_on(name, *args):
        shown.append('virtual/' + name)
        endless(f, 'virtual/' + name, *args)

    grows = slab((7, 3), (U, 3), (0, 0), (U, 3))
    goes_on('endless', (2, 3), (U, 3), (slab((2, 3), (U, 3), (0, 0), (U, 3)), A, 'grows', grows))
    goes_on('endless_strided', (2, 3), (U, 3), (slab((2, 3), (U, 3), (1, 0), (U, 1), (4, 3), (3, 3)), A, 'grows', grows))
    goes_on('endless_part', (2, 3), (U, 3), (slab((2, 3), (U, 3), (0, 0), (U, 3)), A, 'grows', slab((7, 3), (U, 3), (1, 0), (U, 1), (3, 3), (2, 3))))
    goes_on('endless_two', (2, 6), (U, 6), (slab((2, 6), (U, 6), (0, 0), (U, 3)), A, 'grows', grows),
            (slab((2, 6), (U, 6), (5, 3), (U, 3)), A, 'grows', grows))
    goes_on('endless_and_not', (20, 3), (U, 3), (slab((20, 3), (U, 3), (0, 0), (U, 3)), A, 'grows', grows),
            (slab((20, 3), (U, 3), (18, 0), (2, 3)), 'parts/step1.hdf5', 'd', slab((2, 3), (2, 3), (0, 0), (2, 3))))
    goes_on('endless_no_file', (2, 3), (U, 3), (slab((2, 3), (U, 3), (0, 0), (U, 3)), 'nowhere.hdf5', 'grows', grows))
    step = slab((2, 3), (2, 3), (0, 0), (2, 3))
    goes_on('steps', (2, 3), (U, 3), (slab((2, 3), (U, 3), (0, 0), (U, 1), (2, 3), (2, 3)), 'parts/step%b.hdf5', 'd', step))
    goes_on('steps_apart', (2, 3), (U, 3), (slab((2, 3), (U, 3), (1, 0), (U, 1), (3, 3), (2, 3)), 'parts/step%b.hdf5', 'd', step))
    goes_on('no_steps', (2, 3), (U, 3), (slab((2, 3), (U, 3), (1, 0), (U, 1), (3, 3), (2, 3)), 'parts/stop%b.hdf5', 'd', step))
    made('of_virtual', (50, 50), 'f8', (s_[:40], source('.', 'virtual/whole', (40, 50))), (s_[40:], source('./calc_1.hdf5', 'virtual/order', (40, 50))[::4]))
    made('of_raw', (10, 50), 'f8', (every, source('.', 'external/whole', (50, 100))[:20:2, ::2]))
    # lists are text
    virtual(f, 'lists', (3,), h5py.vlen_dtype('i4'), (every, source(A, 'lists', (3,))), fill=None)
    # what is not read
    for name, file in dict(out='../out.hdf5', etc='/etc/out.hdf5', way_out='out.hdf5', numbered='../out%b.hdf5').items():
        if name == 'numbered':
            endless(f, 'unshown/virtual_numbered', (2, 3), (U, 3), (slab((2, 3), (U, 3), (0, 0), (U, 1), (2, 3), (2, 3)), file, 'd', step))
        else:
            virtual(f, 'unshown/virtual_' + name, (6,), 'f8', (s_[:3], source(A, 'x', (6,))[:3]), (s_[3:], source(file, 'x', (3,))))
    endless(f, 'unshown/virtual_endless', (2, 3), (U, 3), (slab((2, 3), (U, 3), (0, 0), (U, 3)), A, 'nothing', grows))
    virtual(f, 'unshown/virtual_itself', (6,), 'f8', (every, source('.', 'unshown/virtual_itself', (6,))))
    # what is an error when it is read
    virtual(f, 'errors/small', (6,), 'f8', (every, source(A, 'small', (6,))))
    virtual(f, 'errors/rank', (6,), 'f8', (every, source(A, 'floats', (6,))))
    virtual(f, 'errors/type', (3,), 'f8', (every, source(A, 'texts', (3,))))
    for name, path in dict(nothing='nothing', deep='nothing/at/all', dangling='dangling', group='group', through='x/y').items():
        virtual(f, 'errors/no_dataset_' + name, (6,), 'f8', (every, source(A, path, (6,))), fill=None)
    virtual(f, 'errors/no_dataset_here', (6,), 'f8', (s_[:3], source('.', 'own', (6,))[:3]), (s_[3:], source('.', 'nothing', (3,))))
    virtual(f, 'errors/garbage', (6,), 'f8', (every, source('garbage.hdf5', 'x', (6,))))
    virtual(f, 'errors/round', (6,), 'f8', (every, source('./calc_1.hdf5', 'errors/round', (6,))))
    virtual(f, 'errors/many_rounds', (600,), 'f8', *[(s_[n], source('./calc_1.hdf5', 'errors/many_rounds', (600,))[599 - n]) for n in range(600)])

with h5py.File('calc_1.hdf5') as f:
    keep(f, shown)
