"""Writes what numpy.save makes of each dataset of an HDF5 file, as h5py reads it.

usage: expected.py FILE DIR: DIR/PATH.npy; prints the paths that no .npy file can hold
"""
import os
import sys

import h5py
import numpy

source, target = sys.argv[1:]


def bare(dtype):
    """Without h5py's notes, which numpy.save cannot say."""
    if dtype.subdtype:
        return numpy.dtype((bare(dtype.base), dtype.shape))
    if dtype.names:
        fields = [dtype.fields[name] for name in dtype.names]
        return numpy.dtype({'names': dtype.names, 'formats': [bare(field[0]) for field in fields],
                            'offsets': [field[1] for field in fields], 'itemsize': dtype.itemsize})
    return numpy.dtype(dtype.str)


def plain(array, dtype):
    """Without strings of any length, which become the longest's."""
    if h5py.check_string_dtype(dtype) and h5py.check_string_dtype(dtype).length is None:
        texts = [t.encode() if isinstance(t, str) else t for t in numpy.ravel(array)]
        return numpy.array(texts or [b''], 'S')[:len(texts)].reshape(numpy.shape(array))
    if not dtype.hasobject:
        return numpy.asarray(array).astype(bare(numpy.asarray(array).dtype))
    fields = {name: plain(array[name], dtype[name]) for name in dtype.names}
    packed = numpy.dtype([(name, field.dtype, field.shape[numpy.ndim(array):]) for name, field in fields.items()])
    result = numpy.zeros(numpy.shape(array), packed)
    for name in fields:
        result[name] = fields[name]
    return result


def holds_lists(dtype):
    if dtype.names:
        return any(holds_lists(dtype[name]) for name in dtype.names)
    return not h5py.check_string_dtype(dtype) and bool(h5py.check_vlen_dtype(dtype) or h5py.check_ref_dtype(dtype))


def visit(name, item):
    if not isinstance(item, h5py.Dataset):
        return
    if holds_lists(item.dtype):
        print('/' + name)
        return
    value = item[()]
    array = numpy.zeros(0, item.dtype) if isinstance(value, h5py.Empty) else plain(value, item.dtype)
    path = os.path.join(target, name.replace('%', '%25') + '.npy')
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as out:
        numpy.lib.format.write_array(out, array, allow_pickle=False)


with h5py.File(source) as f:
    f.visititems(visit)
