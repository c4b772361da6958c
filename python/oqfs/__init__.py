"""Seismic-hazard calculations as Python mappings of numpy arrays, and the program `oqfs`, installed with this package.

>>> import oqfs
>>> oqfs.open("last")
<Calculation 1, complete: One source near Avellino>
...
  0                 group
  full_lt           group
  hcurves-rlzs      float32, site_id 1 × rlz_id 1 × imt 1 × lvl 2
  hcurves-stats     float32, site_id 1 × stat 1 × imt 1 × lvl 2
  oqparam           JSON
  performance_data  2 records of operation, time_sec, counts
  sitecol           table of sids, lon, lat, depth, vs30
  source_info       1 record of source_id, grp_id, code, num_ctxs, num_ruptures, trt
  source_mfd        9 records of mag, rate
  source_outlines   1 record of kind, first, end
  source_shapes     1 record of trt, first_part, end_part, first_bin, end_bin, factor, weight
  source_vertices   1 record of lon, lat
  weights           float32, 1

`oqfs.open` finds a calculation by its number or path, and opens any HDF5 file. `oqfs.run` runs a job and gives its calculation;
`oqfs.status` says how all calculations stand. Arrays have the names of their axes, and `.to_xarray()`.
"""

from importlib.metadata import PackageNotFoundError, version

from ._array import Array
from ._calculation import Calculation, Group, Table, open, run
from ._program import Error, binary
from ._status import Status, status

__all__ = ["Array", "Calculation", "Error", "Group", "Status", "Table", "binary", "open", "run", "status"]

for _public in Array, Calculation, Error, Group, Status, Table, binary, open, run, status:
    _public.__module__ = __name__

try:
    __version__: str = version("oqfs")
except PackageNotFoundError:  # a source tree that is not installed
    __version__ = "unknown"
