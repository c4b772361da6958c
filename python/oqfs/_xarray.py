"""Arrays and calculations for xarray, where that is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from ._array import AXES, Array

if TYPE_CHECKING:
    import xarray

    from ._calculation import Calculation


def _xarray() -> Any:
    try:
        import xarray
    except ImportError as error:
        raise ImportError("to_xarray needs the package xarray; install it with: pip install xarray") from error
    return xarray


def data_array(array: Array) -> xarray.DataArray:
    """An array with its axes and attributes."""
    made: xarray.DataArray = _xarray().DataArray(
        array.values, dims=array.dims, coords=array.coords, name=array.name, attrs=_attrs(array)
    )
    return made


def dataset(calc: Calculation) -> xarray.Dataset:
    """The arrays of numbers of the first level. An axis that has other values in one array than in those before is named after both."""
    module = _xarray()
    variables: dict[str, tuple[tuple[str, ...], Any, dict[str, Any]]] = {}
    extents: dict[str, int] = {}
    coords: dict[str, Any] = {}
    for array in calc._arrays():
        if array.dtype.kind not in "biufcmM":
            continue
        name = array.name
        dims: list[str] = []
        for axis, extent in zip(array.dims, array.shape):
            along = array.coords.get(axis)
            known = coords.get(axis)
            named_otherwise = known is not None and along is not None and not numpy.array_equal(known, along)
            differs = extents.get(axis, extent) != extent or named_otherwise
            dim = f"{name}_{axis}" if differs or axis.startswith("dim_") else axis
            extents[dim] = extent
            if along is not None:
                coords[dim] = along
            dims.append(dim)
        variables[name] = tuple(dims), array.values, _attrs(array)
    made: xarray.Dataset = module.Dataset(
        variables, {**coords, **_sites(calc, extents), **_levels(calc, extents, coords)}, _plain(calc.attrs)
    )
    return made


def _sites(calc: Calculation, extents: dict[str, int]) -> dict[str, Any]:
    """Where the sites are and what ground they have, along `site_id`."""
    from ._calculation import Table

    sites = calc.get("sitecol")
    if "site_id" not in extents or not isinstance(sites, Table):
        return {}
    columns = ((name, sites[name]) for name in sites.columns if name not in extents)
    return {name: ("site_id", column.values) for name, column in columns if column.shape == (extents["site_id"],)}


def _levels(calc: Calculation, extents: dict[str, int], coords: dict[str, Any]) -> dict[str, Any]:
    """The levels of each intensity measure, as `iml` along `imt` and `lvl`."""
    job = calc.get("oqparam")
    levels = job.get("hazard_imtls") if isinstance(job, dict) else None
    if not isinstance(levels, dict) or "imt" not in coords or "lvl" not in extents or "iml" in extents:
        return {}
    rows = [levels.get(str(imt)) for imt in coords["imt"]]
    fits = all(isinstance(row, list) and len(row) == extents["lvl"] for row in rows)
    return {"iml": (("imt", "lvl"), numpy.array(rows, float))} if fits else {}


def _attrs(array: Array) -> dict[str, Any]:
    """Its attributes but for that which the axes are made of."""
    return _plain({name: value for name, value in array.attrs.items() if name != AXES})


def _plain(attrs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attrs.items() if not name.startswith("oqfs:")}
