#!/usr/bin/env python3
"""Pack published tables of ground motion into crates/oqfs-gsim/src/gsim/tables/*.zip, as crates/oqfs-gsim/src/gsim/packed.rs reads them.

    pack_gsim_tables.py GSIM_FOLDER     the folder openquake/hazardlib/gsim of an engine; needs h5py and numpy

An entry of an archive is a line of JSON (shape, step, axes, imts, ...) and an array of natural logarithms: multiples of
the step, as the differences along each axis of their neighbours, low bytes first, one plane of bytes after the other.
"""
import csv
import json
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np



def entry(ln, header, step):
    numbers = np.rint(ln / step).astype(np.int64)
    for axis in range(numbers.ndim):
        numbers = np.diff(numbers, axis=axis, prepend=0)
    zigzag = np.where(numbers >= 0, 2 * numbers, -2 * numbers - 1).astype("<u4").ravel()
    planes = zigzag.view(np.uint8).reshape(-1, 4).T.tobytes()
    header = {"shape": list(ln.shape), "step": step, **header}
    return json.dumps(header, separators=(",", ":")).encode() + b"\n" + planes


def floats(values):
    return [float(value) for value in values]


def ground_motion(path):
    """A table as HDF5: (imt, magnitude, distance)."""
    with h5py.File(path) as file:
        levels = file["IMLs"]
        is_single = levels["SA"].dtype == np.float32
        imts = [(name, levels[name][:, 0]) for name in ("PGA",) if name in levels]
        imts += [(f"SA({float(str(t)):g})", levels["SA"][:, i]) for i, t in enumerate(levels["T"])]
        imts += [(name, levels[name][:, 0]) for name in ("PGV",) if name in levels]
        distances = file["Distances"][:, 0].T
        if (distances == distances[0]).all():
            distances = distances[:1]
        header = {
            "metric": file["Distances"].attrs["metric"],
            "axes": {"magnitude": floats(file["Mw"]), "distance": floats(distances.ravel())},
            "imts": [name for name, _ in imts],
        }
        if "Total" in file:
            total = file["Total"]
            sigma = {"PGA": total["PGA"][:], "PGV": total["PGV"][:]}
            sigma |= {f"SA({float(str(t)):g})": total["SA"][:, i] for i, t in enumerate(total["T"])}
            assert all((values == values.flat[0]).all() for values in sigma.values()), path
            header["sigma"] = [float(sigma[name].flat[0]) for name, _ in imts]
        # of numbers in single precision the engine takes the logarithm in single precision
        ln = np.array([np.log10(values).astype(float).T * np.log(10) for _, values in imts])
    # those in single precision have errors of their own already
    return entry(ln, header, 1e-7 if is_single or "Backbone" in path.stem else 4e-7)


def coastal_plain(path):
    """Ratios of spectra by thickness of sediments, magnitude and distance."""
    rows = list(csv.reader(open(path)))
    axes = [sorted({float(row[i]) for row in rows[1:]}) for i in range(3)]
    imts = [name.removeprefix("psa_ratio_") for name in rows[0][3:]]
    ln = np.zeros([len(imts)] + [len(axis) for axis in axes])
    for row in rows[1:]:
        at = tuple(axis.index(float(value)) for axis, value in zip(axes, row))
        ln[(slice(None), *at)] = np.log([float(value) for value in row[3:]])
    names = ("depth", "magnitude", "distance")
    return entry(ln, {"axes": dict(zip(names, axes)), "imts": imts}, 4e-7)


def main(gsim):
    target = Path(__file__).resolve().parent.parent / "crates/oqfs-gsim/src/gsim/tables"
    sets = {
        "nbcc_2015": gsim.glob("can15/nbcc2015_tables/*.hdf5"),
        "nga_east": gsim.glob("nga_east_tables/*.hdf5"),
        "canada_shm6": gsim.glob("can20/*/*.hdf5"),
        "aus23": gsim.glob("aus23/*.hdf5"),
        "nga_east_usgs": gsim.glob("usgs_nga_east_tables/*.hdf5"),
    }
    for name, paths in sets.items():
        with zipfile.ZipFile(target / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(paths):
                archive.writestr(zipfile.ZipInfo(path.stem), ground_motion(path), zipfile.ZIP_DEFLATED, 9)
    with zipfile.ZipFile(target / "coastal_plain.zip", "w") as archive:
        ratios = coastal_plain(next(gsim.rglob("chapman_guo_2021_psa_ratios.csv")))
        archive.writestr(zipfile.ZipInfo("ratios"), ratios, zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
