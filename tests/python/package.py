"""Tests of the Python package, with a mount and without: package.py JOBS ZOO

JOBS is a data directory with the small job as its one calculation, ZOO one with the files of zoo.py. Both are mounted, or neither is;
only the tests without a mount run the examples of the documentation. The program is the first on $PATH.
"""
import doctest
import mmap
import os
import shutil
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import h5py
import numpy
from numpy.lib.recfunctions import repack_fields

import oqfs
import oqfs._files

JOBS, ZOO = (Path(arg) for arg in sys.argv[1:3])
MOUNTED = oqfs.status(JOBS)[0].mounted


def is_mapped(array):
    while array is not None:
        if isinstance(array, mmap.mmap):
            return True
        array = getattr(array, 'base', None)
    return False


def packed(array):
    """The bytes of an array without what is between the fields of a record."""
    return (repack_fields(array, recurse=True) if array.dtype.names else array).tobytes()


class Opening(unittest.TestCase):
    def test_every_way_to_name_a_calculation_is_the_same_one(self):
        folder = JOBS / 'calc_1'
        ways = [1, '1', 'calc_1', 'last', -1, '-1', numpy.int64(1)]
        calcs = [oqfs.open(way, datadir=JOBS) for way in ways]
        calcs += [oqfs.open(path) for path in [folder, str(folder), JOBS / 'last', folder / 'output.hdf5']]
        with mock.patch.dict(os.environ, OQ_DATADIR=str(JOBS)):
            calcs += [oqfs.open(), oqfs.open(1)]
        here = os.getcwd()
        os.chdir(JOBS)
        try:
            calcs += [oqfs.open(Path('calc_1')), oqfs.open('../oqdata/calc_1')]
        finally:
            os.chdir(here)
        for calc in calcs:
            self.assertEqual((calc.id, calc.folder), (1, folder))
            self.assertEqual(calc.status.state, 'complete')
            self.assertEqual(is_mapped(calc['hcurves-stats'].values), MOUNTED)
            self.assertEqual(' (mounted)' in repr(calc), MOUNTED)

    def test_what_is_not_there_is_an_error_of_the_program(self):
        with self.assertRaisesRegex(oqfs.Error, '^there is no calculation 7 in '):
            oqfs.open(7, datadir=JOBS)
        with self.assertRaisesRegex(oqfs.Error, 'there is no such calculation and no such file'):
            oqfs.open('/no/such/file.hdf5')
        for path in [JOBS / 'calc_1' / 'job.ini', __file__]:
            with self.assertRaises(oqfs.Error):
                oqfs.open(path)

    def test_a_calculation_without_a_datastore_is_empty(self):
        with tempfile.TemporaryDirectory() as top:
            Path(top, 'calc_3').mkdir()
            Path(top, 'calc_3', 'job.json').write_text('{"state": "failed", "error": "no\\nsites"}')
            calc = oqfs.open(3, datadir=top)
            self.assertEqual((list(calc), calc.attrs, calc.status.state, calc.status.error), ([], {}, 'failed', 'no\nsites'))
            self.assertIn('calculation 3, failed', repr(calc).lower())
            with self.assertRaisesRegex(KeyError, 'there is no hcurves-stats'):
                calc['hcurves-stats']
            Path(top, 'cut.hdf5').write_bytes(Path(ZOO, 'calc_1.hdf5').read_bytes()[:5000])
            with self.assertRaises(oqfs.Error):
                oqfs.open(Path(top, 'cut.hdf5'))

    def test_any_hdf5_file_is_a_mapping(self):
        with tempfile.TemporaryDirectory() as top:
            path = Path(top, 'a b.h5')
            with h5py.File(path, 'w') as file:
                file['group/x'] = numpy.arange(6.).reshape(2, 3)
                file['group/x'].attrs['unit'] = 'g'
                file.attrs['title'] = 'some'
            file = oqfs.open(path)
            self.assertEqual((list(file), list(file['group']), file.attrs), (['group'], ['x'], {'title': 'some'}))
            self.assertEqual(file['/group/x'].attrs, {'unit': 'g'})
            self.assertEqual(file['group']['x'].values.tolist(), [[0, 1, 2], [3, 4, 5]])
            self.assertEqual((file.id, file.status.state), (None, 'complete'))
            # a folder that was copied out of a mount is one too
            copy = Path(top, 'copy')
            os.system(f'oqfs cp -r "{path}" {copy}')
            self.assertEqual(oqfs.open(copy)['group/x'][1].tolist(), [3, 4, 5])

    def test_what_is_made_is_no_group_and_a_group_of_that_name_is_one(self):
        for name, file in [('at', 'sites.csv'), ('plots', 'sites.svg')]:
            self.assertNotIn(name, oqfs.open(1, datadir=JOBS))
            self.assertIn(file, oqfs.open(1, datadir=JOBS).files(name))
        with tempfile.TemporaryDirectory() as top:
            with h5py.File(Path(top, 'x.h5'), 'w') as f:
                f['at/x'] = f['plots/x'] = [1.5]
            for name in ['at/x', 'plots/x']:
                self.assertEqual(oqfs.open(Path(top, 'x.h5'))[name].values.tolist(), [1.5])

    def test_what_a_running_calculation_writes_appears(self):
        with tempfile.TemporaryDirectory() as top:
            path = Path(top, 'calc_2.hdf5')
            with h5py.File(path, 'w') as file:
                file['x'] = 1
            # as of a calculation that runs, and of one that is over
            runs, over = (oqfs.Calculation(oqfs._files.PrintedFiles(str(path), is_final), oqfs.Status(None, 'executing', path))
                          for is_final in [False, True])
            self.assertEqual([list(runs), list(over)], [['x'], ['x']])
            with h5py.File(path, 'a') as file:
                file['y'] = [1, 2]
                file['y'].attrs['json'] = '{"shape_descr": ["lvl"], "lvl": [3, 4]}'
            self.assertEqual([list(runs), list(over)], [['x', 'y'], ['x']])
            self.assertEqual((runs['y'].dims, runs['y'].coords['lvl'].tolist()), (('lvl',), [3, 4]))

    def test_axes_that_are_named_beside_an_array_are_known(self):
        with tempfile.TemporaryDirectory() as top:
            path = Path(top, 'a.hdf5')
            with h5py.File(path, 'w') as file:
                file['rates/array'] = numpy.zeros((2, 3))
                file['rates/shape_descr'] = [b'src_id', b'imt']
                file['rates/src_id'] = ['a', '\xe9']
                file['odd'] = numpy.zeros(2)
                for name, said in [('twice', '{"shape_descr": ["a", "a"]}'), ('few', '{"shape_descr": ["a"]}'), ('no', '[]')]:
                    file[name] = numpy.zeros((2, 2))
                    file[name].attrs['json'] = said
            file = oqfs.open(path)
            rates = file['rates/array']
            self.assertEqual(rates.dims, ('src_id', 'imt'))
            self.assertEqual({name: along.tolist() for name, along in rates.coords.items()}, {'src_id': ['a', '\xe9']})
            for name in ['twice', 'few', 'no']:
                self.assertEqual((file[name].dims, file[name].coords), (('dim_0', 'dim_1'), {}))

    def test_nothing_is_read_before_it_is_used(self):
        path = JOBS / 'calc_5.hdf5'
        with h5py.File(path, 'w', locking=False) as file:
            early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
            early.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
            h5py.h5d.create(file.id, b'hole', h5py.h5t.IEEE_F64LE, h5py.h5s.create_simple((1 << 31,)), early)
        try:
            hole = oqfs.open(5, datadir=JOBS)['hole']
            self.assertEqual((hole.shape, hole.size, hole.dtype, hole.dims), ((1 << 31,), 1 << 31, 'f8', ('dim_0',)))
            self.assertIn('float64, 2147483648', repr(hole))
            if MOUNTED:
                self.assertEqual(hole[-1], 0)
        finally:
            path.unlink()


class Datasets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.zoo = oqfs.open(1, datadir=ZOO)

    def test_every_dataset_is_what_numpy_saves_of_it(self):
        expected = ZOO / 'expected'
        paths = sorted(expected.rglob('*.npy'))
        self.assertGreater(len(paths), 100)
        for path in paths:
            group = self.zoo
            *folders, name = path.relative_to(expected).with_suffix('').parts
            # a scalar text is a text or what it says as JSON; the array is beside it
            for folder in folders:
                group = group[oqfs._calculation.unescaped(folder)]
            key = oqfs._calculation.unescaped(name)
            found = group[key]
            if isinstance(found, oqfs.Array):
                wanted = numpy.load(path)
                self.assertEqual((found.dtype, found.shape), (wanted.dtype, wanted.shape), path)
                self.assertEqual(packed(found.values), packed(wanted), path)
                self.assertFalse(found.values.flags.writeable)
            else:
                self.assertEqual(numpy.load(path).shape, ())

    def test_texts_and_lists_are_what_they_say(self):
        strings = self.zoo['strings']
        with h5py.File(ZOO / 'calc_1.hdf5', 'r', locking=False) as file:
            self.assertEqual(strings['scalar'], file['strings/scalar'][()].decode())
            lists = [['NaN' if numpy.isnan(x) else x for x in each.tolist()] for each in file['ragged/lists']]
            self.assertEqual(self.zoo['ragged/lists'], lists)
        self.assertIsInstance(strings['json'], (dict, list))

    def test_names_of_every_kind_are_keys(self):
        self.assertLessEqual({'a\nb', '100%', 'x.npy', 'x', '..'}, set(self.zoo['names']))
        self.assertIn('attrs', self.zoo)
        self.assertIn('inputs/x', self.zoo)
        self.assertIn('names/a\nb', self.zoo)
        for absent in ['', '/', 'no', 'names/no', 'no/x', '..', 'names/../attrs', 'output.hdf5', 'status', 7]:
            self.assertNotIn(absent, self.zoo)

    def test_links_lead_where_they_lead(self):
        self.assertEqual(self.zoo['links/relative'].values.tobytes(), self.zoo['storage/contiguous'].values.tobytes())
        self.assertEqual(list(self.zoo['links/group']), list(self.zoo['records']))
        with self.assertRaisesRegex(KeyError, 'dangling is a link that leads nowhere: /no/such/thing'):
            self.zoo['links/dangling']

    def test_what_cannot_be_shown_is_told_with_the_reason(self):
        with self.assertRaisesRegex(KeyError, 'zfp cannot be shown: compressed with filter 32013'):
            self.zoo['unshown/zfp']
        self.assertIsNone(self.zoo.get('unshown/zfp'))

    def test_tables_are_groups_and_records(self):
        sites = self.zoo['tables/sites']
        self.assertIsInstance(sites, oqfs.Table)
        rows = sites.records()
        self.assertEqual(rows.dtype.names, sites.columns)
        for name in sites:
            self.assertEqual(rows[name].tobytes(), sites[name].values.tobytes())

    def test_everything_can_be_looked_at(self):
        def look(group):
            self.assertEqual(len(repr(group).splitlines()) - repr(group).count(' more'), len(group) + 1)
            for value in group.values():
                if isinstance(value, oqfs.Group):
                    look(value)
                else:
                    self.assertTrue(repr(value))
        # links/deep is a group in itself, a hundred times
        for name in ['names', 'records', 'strings', 'shapes', 'tables', 'ragged', 'unshown']:
            look(self.zoo[name])

    def test_arrays_take_part_in_arithmetic(self):
        curves = oqfs.open(1, datadir=JOBS)['hcurves-stats']
        self.assertEqual((curves * 2 - curves).tobytes(), curves.values.tobytes())
        self.assertEqual(numpy.log(curves).shape, curves.shape)
        self.assertEqual(numpy.asarray(curves, 'f8').dtype, 'f8')
        self.assertEqual([len(curves), len(list(curves))], [1, 1])
        with self.assertRaises(ValueError):
            curves.values[:] = 0

    def test_a_file_that_is_cut_is_an_error(self):
        whole = b'\x93NUMPY\x01\x00\x3a\x00' + b"{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}".ljust(57) + b'\n' + bytes(24)
        with tempfile.TemporaryFile(buffering=0) as file:
            file.write(whole)
            for end in range(len(whole)):
                file.truncate(end)
                file.seek(0)
                with self.assertRaises((EOFError, ValueError), msg=end):
                    oqfs._files.read_array(file, 'x.npy')
                file.seek(0)
                file.write(whole)
            file.seek(0)
            self.assertEqual(oqfs._files.read_array(file, 'x.npy').tolist(), [0, 0, 0])


class Running(unittest.TestCase):
    def test_a_job_runs_and_a_wrong_one_is_told(self):
        with tempfile.TemporaryDirectory() as top:
            shutil.copytree(JOBS / 'calc_1' / 'inputs', Path(top, 'job'))
            data = Path(top, 'a b\nc')
            calc = oqfs.run(Path(top, 'job', 'job.ini'), datadir=data)
            self.assertEqual((calc.id, calc.folder), (1, data / 'calc_1'))
            self.assertEqual(calc['hcurves-stats'].values.tobytes(), oqfs.open(1, datadir=JOBS)['hcurves-stats'].values.tobytes())
            again = calc.rerun(investigation_time=1)
            self.assertEqual((again.id, again['oqparam']['investigation_time']), (2, 1))
            self.assertEqual([one.id for one in oqfs.status(data)], [1, 2])
            with self.assertRaisesRegex(oqfs.Error, 'there is no parameter investigation_tme'):
                calc.rerun(investigation_tme=1)
            job = Path(top, 'job', 'job.ini')
            job.write_text(job.read_text().replace('BooreAtkinson2008', 'BooreAtkinson2009'))
            with self.assertRaisesRegex(oqfs.Error, 'job.ini.*BooreAtkinson2009'):
                oqfs.run(job, datadir=data)
            self.assertEqual(len(oqfs.status(data)), 2)

    def test_status_is_that_of_the_program(self):
        one = oqfs.status(JOBS)[0]
        self.assertEqual((one.id, one.state, one.is_final, one.mounted), (1, 'complete', True, MOUNTED))
        self.assertEqual(one.folder, JOBS / 'calc_1')
        with tempfile.TemporaryDirectory() as top:
            self.assertEqual(oqfs.status(Path(top, 'nowhere')), [])


class Xarray(unittest.TestCase):
    def test_without_xarray_the_package_is_named(self):
        with mock.patch.dict(sys.modules, xarray=None):
            calc = oqfs.open(1, datadir=JOBS)
            for made in calc.to_xarray, calc['hcurves-stats'].to_xarray:
                with self.assertRaisesRegex(ImportError, 'to_xarray needs the package xarray; install it with: pip install xarray'):
                    made()

    def test_arrays_and_calculations_have_their_coordinates(self):
        try:
            import xarray
        except ImportError:
            self.skipTest('no xarray')
        calc = oqfs.open(1, datadir=JOBS)
        curves = calc['hcurves-stats'].to_xarray()
        self.assertEqual((curves.dims, curves.name), (('site_id', 'stat', 'imt', 'lvl'), 'hcurves-stats'))
        numpy.testing.assert_array_equal(curves.sel(stat='mean', imt='PGA').squeeze(), calc['hcurves-stats'][0, 0, 0])
        every = calc.to_xarray()
        self.assertIsInstance(every, xarray.Dataset)
        self.assertEqual(every['hcurves-stats'].sel(imt='PGA').iml.values.tolist(), [0.1, 0.2])
        self.assertEqual((every.lon.dims, every.lon.values.tolist()), (('site_id',), [15.3]))


def documentation():
    """The examples of the documentation, each module in a new copy of the data directory."""
    suite = unittest.TestSuite()
    for name in ['', '._program', '._files', '._status', '._array', '._calculation']:
        data = tempfile.mkdtemp(dir=JOBS.parent)
        patch = mock.patch.dict(os.environ, OQ_DATADIR=data)

        def begin(_, data=data, patch=patch):
            shutil.rmtree(data)
            shutil.copytree(JOBS, data)
            patch.start()

        suite.addTest(doctest.DocTestSuite('oqfs' + name, setUp=begin, tearDown=lambda _, patch=patch: patch.stop(),
                                           optionflags=doctest.ELLIPSIS))
    return suite


def load_tests(loader, tests, _):
    if not MOUNTED:
        tests.addTests(documentation())
    return tests


unittest.main(argv=sys.argv[:1])
