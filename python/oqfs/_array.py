"""An array of a calculation, with the names of its axes."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy
from numpy.lib.mixins import NDArrayOperatorsMixin

from ._files import AnyArray, Files, Header

if TYPE_CHECKING:
    import xarray

#: The attribute that names the axes, and the key in it, or the dataset beside the array, that has their names.
AXES = "json"
NAMES = "shape_descr"

#: The names of the axes, and what stands along those of which that is known.
Axes = tuple[tuple[str, ...], dict[str, AnyArray]]


class Array(NDArrayOperatorsMixin):
    """An array of a calculation. Its elements are read when they are first used; where there is a mount, only those that are used.

    It takes part in arithmetic as a numpy array does, and `numpy.asarray` makes one of it.

    >>> import oqfs
    >>> curves = oqfs.open()["hcurves-stats"]
    >>> curves
    <Array hcurves-stats: float32, site_id 1 × stat 1 × imt 1 × lvl 2>
      stat  mean
      imt   PGA
      lvl   0 1
    >>> curves.shape, curves.dtype, curves.dims
    ((1, 1, 1, 2), dtype('float32'), ('site_id', 'stat', 'imt', 'lvl'))
    >>> curves[0, 0, 0].round(4)
    array([0.5412, 0.1862], dtype=float32)
    >>> round(float((1 - curves).min()), 4)
    0.4588
    """

    def __init__(self, files: Files, path: str, name: str) -> None:
        self._files = files
        self._path = path
        #: Its key in the calculation.
        self.name = name

    @functools.cached_property
    def _header(self) -> Header:
        return self._files.header(self._path)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many elements there are along each axis."""
        return self._header.shape

    @property
    def dtype(self) -> numpy.dtype[Any]:
        """The type of an element; a record has named fields."""
        return self._header.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        size = 1
        for extent in self.shape:
            size *= extent
        return size

    @functools.cached_property
    def values(self) -> AnyArray:
        """The elements, as an array that cannot be changed; `.copy()` gives one that can."""
        return self._files.array(self._path)

    @functools.cached_property
    def attrs(self) -> dict[str, Any]:
        """The HDF5 attributes."""
        return dict(self._files.attributes().get(f"/{self.name}", {}))

    @property
    def dims(self) -> tuple[str, ...]:
        """The names of the axes; `dim_0` and so on where nothing says them."""
        return self._axes[0]

    @property
    def coords(self) -> dict[str, AnyArray]:
        """What stands along an axis, by its name, where that is known: intensity measures, statistics, return periods.

        >>> import oqfs
        >>> oqfs.open()["hcurves-stats"].coords["imt"]
        array(['PGA'], dtype='<U3')
        """
        return dict(self._axes[1])

    @functools.cached_property
    def _axes(self) -> Axes:
        said = self._said_of_axes()
        names = tuple(str(name) for name in said.get(NAMES, ()))
        if len(names) != self.ndim or len(set(names)) != self.ndim:
            return tuple(f"dim_{axis}" for axis in range(self.ndim)), {}
        coords = {}
        for name, extent in zip(names, self.shape):
            along = said.get(name)
            if isinstance(along, list) and len(along) == extent:
                coords[name] = numpy.array(along)
        return names, coords

    def _said_of_axes(self) -> dict[str, Any]:
        """What is said of the axes: in an attribute, or, of an array that is called so, in datasets beside it."""
        text = self.attrs.get(AXES)
        if isinstance(text, str):
            said = json.loads(text)
            return said if isinstance(said, dict) else {}
        folder, _, leaf = self._path.rpartition("/")
        if leaf != "array.npy" or not folder:
            return {}
        there = {entry.name for entry in self._files.entries(folder)}
        if f"{NAMES}.npy" not in there:
            return {}
        names = self._beside(folder, NAMES)
        along = {name: self._beside(folder, name) for name in names if f"{name}.npy" in there}
        return {NAMES: names, **along}

    def _beside(self, folder: str, name: str) -> list[Any]:
        found: list[Any] = decoded(self._files.array(f"{folder}/{name}.npy")).reshape(-1).tolist()
        return found

    def to_xarray(self) -> xarray.DataArray:
        """The same as a DataArray of xarray, which must be installed."""
        from ._xarray import data_array

        return data_array(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> AnyArray:
        if dtype is not None and numpy.dtype(dtype) != self.dtype:
            if copy is False:
                raise ValueError(f"{self.name}: {self.dtype} becomes {numpy.dtype(dtype)} in a copy alone")
            return self.values.astype(dtype)
        return self.values.copy() if copy else self.values

    def __array_ufunc__(self, ufunc: numpy.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return getattr(ufunc, method)(*(each.values if isinstance(each, Array) else each for each in inputs), **options)

    def __getitem__(self, index: Any) -> Any:
        return self.values[index]

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"{self.name} is a single value and has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values)

    def __repr__(self) -> str:
        lines = [f"<Array {printable(self.name)}: {said_of(self)}>"]
        width = max((len(name) for name in self.coords), default=0)
        for name, along in self.coords.items():
            shown = printable(" ".join(str(each) for each in along[:MOST_SHOWN]))
            more = f" ... ({len(along)})" if len(along) > MOST_SHOWN else ""
            lines.append(f"  {name:{width}}  {shown}{more}")
        return "\n".join(lines)


#: So many of what stands along an axis, and so many fields and columns, are shown at most.
MOST_SHOWN = 12


def said_of(array: Array) -> str:
    """The type and the axes of an array in a line."""
    dtype = array.dtype
    if array.dims and array.dims[0] == "dim_0":
        extents = " × ".join(str(extent) for extent in array.shape)
    else:
        extents = " × ".join(f"{name} {extent}" for name, extent in zip(array.dims, array.shape))
    if dtype.names:
        return f"{extents or 1} record{'' if array.size == 1 else 's'} of {named(dtype.names)}"
    kind = f"text of {dtype.itemsize} bytes" if dtype.kind == "S" else str(dtype)
    return f"{kind}, {extents}" if extents else kind


def named(names: tuple[str, ...]) -> str:
    """Names in a line, not too many."""
    return printable(", ".join(names[:MOST_SHOWN])) + (f", ... ({len(names)})" if len(names) > MOST_SHOWN else "")


def printable(text: str) -> str:
    """A name that an HDF5 file gives, in a line: what moves the cursor is escaped."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def decoded(array: AnyArray) -> AnyArray:
    """Text as text, where it is bytes."""
    return numpy.char.decode(array, "utf-8", "replace") if array.dtype.kind == "S" else array
