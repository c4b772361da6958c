"""What scripts/bench_fs.sh runs: make the data, and measure each bar on mounts of it.

usage: bench_fs.py make DIR [GIB]
       bench_fs.py measure DIR OQFS REPETITIONS [PATTERN]

DIR/data is the data directory; DIR/real has hard links to its files, so that they can be read beside the mount.
"""
import os
import random
import re
import statistics
import subprocess
import sys
import time

import h5py
import numpy

MIB = 1 << 20
# what is sparse on disk, so that 10 GB need no room
LARGE = 10 * 10 ** 9


def make(top):
    data, real = os.path.join(top, 'data'), os.path.join(top, 'real')
    spool = os.path.join(data, '.oqfs', 'new')
    os.makedirs(spool)
    os.makedirs(real)
    rng = numpy.random.default_rng(1)
    with h5py.File(os.path.join(data, 'calc_1.hdf5'), 'w') as f:
        values = f.create_dataset('gib', (1 << 27,), 'f8')
        for start in range(0, 1 << 27, 1 << 24):
            values[start:start + (1 << 24)] = rng.random(1 << 24)
    with h5py.File(os.path.join(data, 'calc_1.hdf5')) as f:
        numpy.save(os.path.join(real, 'gib.npy'), f['gib'][()])
    with h5py.File(os.path.join(data, 'calc_2.hdf5'), 'w') as f:
        for i in range(10_000):
            f[f'group{i // 100:02}/dataset{i:04}'] = numpy.arange(3.)
    with h5py.File(os.path.join(data, 'calc_3.hdf5'), 'w') as f:
        # hazard curves: (sites, realizations, intensity measures, levels), falling with the level
        levels = numpy.geomspace(.005, 2, 20)
        curves = rng.random((20_000, 16, 4, 1)) * .1 / (.02 + levels ** 1.5)
        curves = (1 - numpy.exp(-curves)).astype('f4')
        for name, options in FILTERS.items():
            f.create_dataset(name, data=curves, chunks=(500, 16, 4, 20), **options)
    with h5py.File(os.path.join(data, 'calc_4.hdf5'), 'w') as f:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        space = h5py.h5s.create_simple((LARGE // 8,))
        h5py.h5d.create(f.id, b'contiguous', h5py.h5t.IEEE_F64LE, space, plist)
        one = f.create_dataset('one', data=rng.random(MIB // 8), chunks=(MIB // 8,), compression='gzip')
        packed = one.id.read_direct_chunk((0,))[1]
        gzip = f.create_dataset('gzip', (LARGE // 8,), 'f8', chunks=(MIB // 8,), compression='gzip')
        # the same chunk in many places, some of them not there
        for start in range(0, LARGE // 8, 5 * MIB // 8):
            gzip.id.write_direct_chunk((start,), packed)
    with open(os.path.join(data, 'plain'), 'wb') as f:
        for _ in range(1024):
            f.write(rng.bytes(MIB))
    os.link(os.path.join(data, 'plain'), os.path.join(spool, 'plain'))
    for name in ['calc_1.hdf5', 'calc_3.hdf5', 'plain']:
        os.link(os.path.join(data, name), os.path.join(real, name))
    os.sync()


FILTERS = {
    'gzip': dict(compression='gzip'),
    'gzip_shuffle': dict(compression='gzip', shuffle=True),
    'gzip_shuffle_fletcher32': dict(compression='gzip', shuffle=True, fletcher32=True),
    'shuffle_fletcher32': dict(shuffle=True, fletcher32=True),
}


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def take_memory():
    """Takes as much memory as a timed reading needs, and frees it: what a hypervisor or DAMON had taken from this machine
    comes back at a fraction of the speed of reading, on whichever side of a ratio asks first."""
    numpy.empty(3 << 27).fill(1)


def sequential(path):
    """Reads a file as cp and cat do."""
    with open(path, 'rb', buffering=0) as f:
        buffer = bytearray(MIB)
        while f.readinto(buffer):
            pass


class Mount:
    """A fresh mount: the kernel has nothing of it in its cache."""

    def __init__(self, top, oqfs):
        self.data, self.oqfs = os.path.join(top, 'data'), oqfs

    def __enter__(self):
        subprocess.run([self.oqfs, 'mount', self.data], check=True, timeout=60)
        # /proc/PID/fd/N: what the daemon calls the directory beneath
        self.pid = int(os.getxattr(self.data, 'user.oqfs.beneath').split(b'/')[2])
        return self

    def __exit__(self, *_):
        subprocess.run([self.oqfs, 'umount', self.data], check=True, timeout=60)

    def path(self, name):
        return os.path.join(self.data, name)

    def peak(self):
        """The most memory the daemon had, in MB: the process in charge, and the serving one, its child."""
        with open(f'/proc/{self.pid}/task/{self.pid}/children') as children:
            pids = [self.pid, *children.read().split()]
        total = 0
        for pid in pids:
            with open(f'/proc/{pid}/status') as status:
                total += int(re.search(r'VmHWM:\s+(\d+) kB', status.read())[1]) * 1024 / 1e6
        return total


class Bench:
    def __init__(self, top, oqfs, repetitions, pattern):
        self.top, self.oqfs, self.repetitions, self.pattern = top, oqfs, repetitions, re.compile(pattern)
        self.missed = 0
        print(f'{"what":<66} {"measured":>16} {"bar":>10}')

    def mount(self):
        return Mount(self.top, self.oqfs)

    def real(self, name):
        return os.path.join(self.top, 'real', name)

    def wants(self, name):
        return self.pattern.search(name)

    def row(self, what, measured, unit, bar, at_least, note=''):
        ok = measured >= bar if at_least else measured <= bar
        self.missed += not ok
        sign = '>=' if at_least else '<='
        print(f'{what:<66} {measured:>10.4g} {unit:<5} {sign} {bar:<7g} {"ok" if ok else "NOT"}  {note}', flush=True)

    def run(self):
        for name in ['arrays', 'sequential', 'passthrough', 'listing', 'filters', 'stat', 'memory']:
            if self.wants(name):
                getattr(self, name)()
        return self.missed

    def arrays(self):
        def h5():
            with h5py.File(self.real('calc_1.hdf5')) as f:
                f['gib'][()]

        h5()
        seconds = {'h5py': [], 'first': [], 'again': [], 'real': []}
        for _ in range(self.repetitions):
            with self.mount() as mount:
                npy = mount.path('calc_1/gib.npy')
                take_memory()
                seconds['first'].append(timed(lambda: numpy.load(npy)))
                seconds['h5py'].append(timed(h5))
                seconds['again'].append(timed(lambda: numpy.load(npy)))
                seconds['real'].append(timed(lambda: numpy.load(self.real('gib.npy'))))
        h5, first, again, real = (statistics.median(seconds[k]) for k in seconds)
        whole = lambda s: f'{(1 << 30) / s / 1e9:.2f} GB/s, h5py {(1 << 30) / h5 / 1e9:.2f} GB/s'
        self.row('numpy.load of 1 GiB contiguous, first time / h5py', h5 / first, 'x', .8, True, whole(first))
        # what no file system can surpass: one copy by the kernel into memory that it has to clear first, as for h5py
        self.row('numpy.load of 1 GiB contiguous, again / h5py', h5 / again, 'x', 2, True,
                 f'{whole(again)}, a real .npy file {(1 << 30) / real / 1e9:.2f} GB/s')

    def against(self, what, bar, ours, theirs):
        """The speed of reading a file of a fresh mount, by that of reading another of another fresh mount."""
        seconds = ([], [])
        # of one file, it differs by a factor of two from one time to the next
        for _ in range(4 * self.repetitions):
            for path, taken in zip((ours, theirs), seconds):
                with self.mount() as mount:
                    at = path(mount)
                    take_memory()
                    taken.append(timed(lambda: sequential(at)))
        a, b = map(statistics.median, seconds)
        self.row(what, b / a, 'x', bar, True, f'{(1 << 30) / a / 1e9:.2f} GB/s, {(1 << 30) / b / 1e9:.2f} GB/s')

    def sequential(self):
        # what is in new/ is served by the daemon, never by the kernel alone
        self.against('that .npy read in order, first time / a plain file by the daemon', .9,
                     lambda mount: mount.path('calc_1/gib.npy'), lambda mount: mount.path('new/plain'))

    def passthrough(self):
        if os.geteuid() != 0:
            print('a mirrored file through the kernel alone: for root only')
            return
        for name in ['plain', 'calc_1.hdf5']:
            sequential(self.real(name))
        self.against('a mirrored file read in order (kernel passthrough) / the real file', .9,
                     lambda mount: mount.path('plain'), lambda mount: self.real('plain'))
        self.against('output.hdf5 read in order (kernel passthrough) / the real file', .9,
                     lambda mount: mount.path('calc_1/output.hdf5'), lambda mount: self.real('calc_1.hdf5'))

    def listing(self):
        seconds = []
        for _ in range(self.repetitions):
            with self.mount() as mount:
                listed = lambda: subprocess.run(['ls', '-lR', mount.path('calc_2')], check=True, stdout=subprocess.DEVNULL)
                seconds.append(timed(listed))
        self.row('ls -lR of a calculation with 10,000 datasets, first time', statistics.median(seconds), 's', 1, False)

    def filters(self):
        for name in FILTERS:
            def h5():
                with h5py.File(self.real('calc_3.hdf5')) as f:
                    f[name][()]

            h5()
            seconds = ([], [])
            for _ in range(self.repetitions):
                with self.mount() as mount:
                    npy = mount.path(f'calc_3/{name}.npy')
                    take_memory()
                    seconds[0].append(timed(lambda: numpy.load(npy)))
                    seconds[1].append(timed(h5))
            ours, theirs = map(statistics.median, seconds)
            size = 20_000 * 16 * 4 * 20 * 4
            self.row(f'numpy.load of {name.replace("_", " + ")}, first time / h5py', theirs / ours, 'x', 1, True,
                     f'{size / ours / 1e9:.2f} GB/s, h5py {size / theirs / 1e9:.2f} GB/s')

    def stat(self):
        with self.mount() as mount:
            paths = [mount.path(f'calc_2/group{i // 100:02}/dataset{i:04}.npy') for i in range(10_000)]
            rates = []
            for _ in range(self.repetitions + 1):
                rates.append(len(paths) / timed(lambda: [os.stat(path) for path in paths]))
        self.row('stat of files that the kernel knows', statistics.median(rates[1:]), '/s', 100_000, True)

    def memory(self):
        with self.mount() as mount:
            sequential(mount.path('calc_4/contiguous.npy'))
            with open(mount.path('calc_4/gzip.npy'), 'rb', buffering=0) as f:
                numbers = random.Random(1)
                for _ in range(200):
                    f.seek(numbers.randrange(LARGE))
                    f.read(100)
                f.seek(0)
                for _ in range(1500):
                    f.read(MIB)
            self.row('most memory of the daemon serving datasets of 10 GB', mount.peak(), 'MB', 100, False)


if __name__ == '__main__':
    command, top, *rest = sys.argv[1:]
    if command == 'make':
        make(top)
    else:
        oqfs, repetitions, pattern = rest
        sys.exit(1 if Bench(top, oqfs, int(repetitions), pattern).run() else 0)
