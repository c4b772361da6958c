"""A calculation as a mapping: its datasets by their keys."""

from __future__ import annotations

import dataclasses
import difflib
import json
import os
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy

from . import _program
from ._array import Array, named, printable, said_of
from ._files import ENDINGS, AnyArray, Entry, Files, FolderFiles, PrintedFiles
from ._status import Status

if TYPE_CHECKING:
    import xarray

#: What the folder of a calculation has that is no dataset and no group.
NO_DATASETS = frozenset(["attrs.json", "job.json", "provenance.json", "export", "inputs", "objects"])
#: The folders of the hazard at places and of pictures. A file that has none may have groups of these names.
MADE = frozenset(["at", "plots"])
#: The attribute that names the columns of a table.
COLUMNS = "__pdcolumns__"
#: What the folder of a calculation is called.
CALC = r"calc_[0-9]+|last"
#: So many names are shown at most.
MOST_NAMES = 50


@dataclasses.dataclass
class Item:
    """What a key stands for: a folder, or files by their endings."""

    folder: str | None = None
    files: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def is_object(self) -> bool:
        """Whether it is a group or a dataset."""
        return self.folder is not None or any(ending != ".csv" for ending in self.files)

    @property
    def is_array(self) -> bool:
        """Whether it is a dataset that is no text."""
        return ".npy" in self.files and not self.files.keys() & {".json", ".txt"}


class Group(Mapping[str, Any]):
    """A group of datasets: a mapping from keys to what they hold.

    A key may be a path. It gives a Group or a Table, an Array, what a JSON text says, a text, or lists where a dataset is made of lists
    of any length; a NaN in these is the text "NaN".

    >>> import oqfs
    >>> trees = oqfs.open()["full_lt"]
    >>> list(trees)
    ['gsim_lt', 'rlzs', 'sm_data', 'source_model_lt']
    >>> trees["gsim_lt"]["uncertainty"]
    array([b'[BooreAtkinson2008]'], dtype='|S19')
    """

    def __init__(self, files: Files, path: str, name: str, whole: str) -> None:
        self._files = files
        self._path = path
        self._whole = whole
        self._known: tuple[list[Entry], dict[str, Item]] = [], {}
        #: Its key in the calculation; empty for the calculation.
        self.name = name

    @property
    def attrs(self) -> dict[str, Any]:
        """The HDF5 attributes."""
        return dict(self._files.attributes().get(f"/{self.name}", {}))

    def _items(self) -> dict[str, Item]:
        entries = self._files.entries(self._path)
        # the same list is given again of what does not change any more
        if self._known[0] is not entries:
            self._known = entries, self._items_of(entries)
        return self._known[1]

    def _items_of(self, entries: list[Entry]) -> dict[str, Item]:
        found: dict[str, Item] = {}
        for entry in entries:
            if not self._path and (entry.name in NO_DATASETS or self._is_made(entry)):
                continue
            ending = next((ending for ending in ENDINGS if entry.name.endswith(ending)), "")
            if entry.is_folder:
                found.setdefault(unescaped(entry.name), Item()).folder = entry.name
            elif ending:
                found.setdefault(unescaped(entry.name[: -len(ending)]), Item()).files[ending] = entry.name
        return {key: item for key, item in sorted(found.items()) if item.is_object}

    def _is_made(self, entry: Entry) -> bool:
        """Whether it is one of the folders that are made: those have a README, which no group has, because files of datasets have endings."""
        may_be = entry.name in MADE and entry.is_folder
        return may_be and any(found.name == "README" and not found.is_folder for found in self._files.entries(entry.name))

    def _at(self, name: str) -> str:
        return f"{self._path}/{name}" if self._path else name

    def _find(self, key: str) -> tuple[Group, str, Item | None]:
        """The group in which the last name of a key is looked for, that name, and what it stands for; or the first name that is missing."""
        group = self
        *above, last = [name for name in key.split("/") if name] or [""]
        for name in above:
            item = group._items().get(name)
            if item is None or item.folder is None:
                return group, name, None
            group = group._group(name, item)
        return group, last, group._items().get(last)

    def _group(self, key: str, item: Item) -> Group:
        kind = Table if ".csv" in item.files else Group
        return kind(self._files, self._at(item.folder or ""), f"{self.name}/{key}".lstrip("/"), self._whole)

    def _value(self, key: str, item: Item) -> Any:
        if item.folder is not None:
            return self._group(key, item)
        if ".json" in item.files:
            return json.loads(self._files.read(self._at(item.files[".json"])))
        if ".txt" in item.files:
            return self._files.read(self._at(item.files[".txt"])).decode(errors="replace")
        return Array(self._files, self._at(item.files[".npy"]), f"{self.name}/{key}".lstrip("/"))

    def _arrays(self) -> Iterator[Array]:
        """Those of its datasets that are arrays."""
        for key, item in self._items().items():
            if item.folder is None and item.is_array:
                yield self._value(key, item)

    def __getitem__(self, key: str) -> Any:
        group, name, item = self._find(key)
        if item is None:
            group._miss(name)
        return group._value(name, item)

    def _miss(self, name: str) -> NoReturn:
        where = f"{self._whole}/{self.name}" if self.name else self._whole
        said = self._files.attributes().get(f"/{self.name}/{name}" if self.name else f"/{name}", {})
        if "oqfs:not_shown" in said:
            raise KeyError(f"{where}: {name} cannot be shown: {said['oqfs:not_shown']}")
        if "oqfs:link" in said:
            raise KeyError(f"{where}: {name} is a link that leads nowhere: {said['oqfs:link']}")
        near = difflib.get_close_matches(name, self)
        raise KeyError(f"{where}: there is no {name}" + (f"; did you mean {', '.join(near)}?" if near else ""))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._find(key)[2] is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._items())

    def __len__(self) -> int:
        return len(self._items())

    # two groups are the same if they are one: comparing what they hold would read all of it
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def _head(self) -> str:
        return f"<Group {printable(self.name)} of {printable(self._whole)}>"

    def __repr__(self) -> str:
        items = self._items()
        shown = [(printable(key), self._said_of(key, item)) for key, item in list(items.items())[:MOST_NAMES]]
        width = max((len(key) for key, _ in shown), default=0)
        lines = [self._head(), *(f"  {key:{width}}  {said}" for key, said in shown)]
        if len(items) > MOST_NAMES:
            lines.append(f"  ... and {len(items) - MOST_NAMES} more")
        return "\n".join(lines)

    def _said_of(self, key: str, item: Item) -> str:
        """What a key stands for, in a line, without its elements being read."""
        if item.folder is not None:
            group = self._group(key, item)
            return f"table of {named(group.columns)}" if isinstance(group, Table) else "group"
        if ".npy" not in item.files:
            return "lists"
        if ".json" in item.files or ".txt" in item.files:
            return "JSON" if ".json" in item.files else "text"
        array = self._value(key, item)
        try:
            return said_of(array)
        except (OSError, ValueError, _program.Error):
            return "cannot be read"


class Table(Group):
    """A group whose datasets are the columns of a table: a mapping from their names to arrays of one length.

    >>> import oqfs
    >>> sites = oqfs.open().sites
    >>> sites
    <Table sitecol of calc_1>
      sids   uint32, 1
      lon    float64, 1
      lat    float64, 1
      depth  float64, 1
      vs30   float64, 1
    >>> sites.columns
    ('sids', 'lon', 'lat', 'depth', 'vs30')
    >>> sites.records()[["lon", "lat"]].tolist()
    [(15.3, 40.9)]
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in the order of the table."""
        return tuple(self)

    def _items_of(self, entries: list[Entry]) -> dict[str, Item]:
        found = super()._items_of(entries)
        order = {name: at for at, name in enumerate(self._named_columns())}
        return dict(sorted(found.items(), key=lambda pair: order.get(pair[0], len(order))))

    def _named_columns(self) -> list[str]:
        names = self.attrs.get(COLUMNS)
        return names.split() if isinstance(names, str) else []

    def records(self) -> AnyArray:
        """The rows, as an array of records with a field for each column. `pandas.DataFrame` takes it."""
        columns = {name: self[name].values for name in self}
        rows = len(next(iter(columns.values()), ()))
        array = numpy.empty(rows, [(name, column.dtype, column.shape[1:]) for name, column in columns.items()])
        for name, column in columns.items():
            array[name] = column
        return array

    def _head(self) -> str:
        return f"<Table {printable(self.name)} of {printable(self._whole)}>"


class Calculation(Group):
    """A calculation, or an HDF5 file: a mapping from keys to its datasets and groups, as `oqfs.open` gives it.

    Where a mount shows it, arrays are memory-mapped; else the program reads them when they are first used.

    >>> import oqfs
    >>> calc = oqfs.open("last")
    >>> calc.id, calc.status.state, "hcurves-stats" in calc
    (1, 'complete', True)
    >>> calc["oqparam"]["investigation_time"]
    50
    >>> calc["full_lt/rlzs"]["weight"]
    array([1.])
    >>> calc["hcurve-stats"]
    Traceback (most recent call last):
    KeyError: 'calc_1: there is no hcurve-stats; did you mean hcurves-stats, hcurves-rlzs?'
    >>> [name for name in calc.files("export") if name.startswith("hazard_curve")]
    ['hazard_curve-mean-PGA_1.csv']
    >>> print(calc.read("export/hazard_curve-mean-PGA_1.csv").decode().splitlines()[1])
    lon,lat,depth,poe-0.1000000,poe-0.2000000
    """

    def __init__(self, files: Files, status: Status) -> None:
        super().__init__(files, "", "", status.folder.name)
        #: Its number; None of a file that is no calculation of a data directory.
        self.id = status.id
        #: Its folder, or the path of the file.
        self.folder = status.folder
        self._mounted = isinstance(files, FolderFiles)

    @property
    def status(self) -> Status:
        """How it stands now."""
        if self.id is not None:
            return Status.of_row(_program.answer("status", "--json", "--", os.fspath(self.folder)))
        return Status(None, "complete", self.folder, self._mounted)

    @property
    def sites(self) -> Any:
        """The sites with their parameters: the table `sitecol`."""
        return self["sitecol"]

    def files(self, folder: str = "") -> list[str]:
        """What is in a folder of the calculation, as a mount shows it: `export`, `inputs`."""
        return [entry.name for entry in self._files.entries(folder.strip("/"))]

    def read(self, path: str) -> bytes:
        """The bytes of a file of the calculation, as a mount shows it: `log`, `job.ini`, an export."""
        return self._files.read(path.strip("/"))

    def rerun(self, **parameters: object) -> Calculation:
        """Run it again from its own inputs, with other parameters: a new calculation. Rates that are kept are not computed again.

        >>> import oqfs
        >>> again = oqfs.open("last").rerun(investigation_time=1)
        >>> again.id, again["oqparam"]["investigation_time"]
        (2, 1)
        """
        settings = [f"--set={name}={value}" for name, value in parameters.items()]
        return of_output(_program.output("rerun", *settings, "--", os.fspath(self.folder)))

    def to_xarray(self) -> xarray.Dataset:
        """The arrays of its first level as a Dataset of xarray, which must be installed.

        Sites have their places and parameters as coordinates; `iml` has the levels of each intensity measure.
        """
        from ._xarray import dataset

        return dataset(self)

    def _head(self) -> str:
        how = " (mounted)" if self._mounted else ""
        if self.id is None:
            return f"<File {printable(str(self.folder))}{how}>"
        status = self.status
        title = f": {' '.join(status.description.split())}" if status.description else ""
        error = f"\n{status.error}" if status.error else ""
        return f"<Calculation {self.id}, {status.state}{title}>\n{printable(str(self.folder))}{how}{error}"


def unescaped(name: str) -> str:
    """The name of an object by that of its file. One that was cut short stays as it is."""
    return name if "%~" in name else urllib.parse.unquote(name, errors="surrogateescape")


def open(calc: int | _program.PathLike = "last", *, datadir: _program.PathLike | None = None) -> Calculation:
    """Open a calculation, or any HDF5 file.

    `calc` is a number (`3`, `"calc_3"`), `"last"` or `-1`, the path of a calculation's folder, in a mount or not, or the path of an
    HDF5 file. The data directory is `datadir`, else `$OQ_DATADIR`, else the one in whose mount the working directory is, else `~/oqdata`.

    What a calculation that is over has is looked up once; open it again if somebody changed the file.

    >>> import oqfs
    >>> oqfs.open(1).id, oqfs.open("calc_1").id, oqfs.open(-1).id
    (1, 1, 1)
    >>> oqfs.open(oqfs.open(1).folder / "output.hdf5")["hcurves-stats"].shape
    (1, 1, 1, 2)
    >>> oqfs.open(7)
    Traceback (most recent call last):
    oqfs.Error: there is no calculation 7 in ...
    """
    text = str(calc) if isinstance(calc, (int, numpy.integer)) else os.fspath(calc)
    by_number = re.fullmatch(r"(calc_)?[0-9]+|last|-1", text)
    if by_number and not isinstance(calc, os.PathLike):
        named_so = "last" if text == "-1" else text
        return of_row(_program.answer("status", "--json", "--", named_so, datadir=datadir))
    path = _program.absolute(text)
    above, name = os.path.split(path)
    if name == "output.hdf5" and re.fullmatch(CALC, os.path.basename(above)):
        path = above
    if re.fullmatch(CALC, os.path.basename(path)):
        return of_row(_program.answer("status", "--json", "--", path))
    if os.path.isfile(os.path.join(path, "attrs.json")):
        return Calculation(FolderFiles(Path(path), is_final=True), Status(None, "complete", Path(path), True))
    files = PrintedFiles(path, is_final=True)
    there = {entry.name for entry in files.entries("")}
    if "status" not in there:
        raise _program.Error(f"{path}: neither a calculation nor an HDF5 file")
    if "attrs.json" not in there:
        raise _program.Error(f"{path}: cannot be read: {files.read('status').decode().strip()}")
    return Calculation(files, Status(None, "complete", Path(path)))


def of_row(row: dict[str, Any]) -> Calculation:
    """The calculation of which the program says how it stands."""
    status = Status.of_row(row)
    files: Files = PrintedFiles(os.fspath(status.folder), status.is_final)
    if status.mounted:
        files = FolderFiles(status.folder, status.is_final)
    return Calculation(files, status)


def run(job: _program.PathLike, *, datadir: _program.PathLike | None = None, reuse: bool = True) -> Calculation:
    """Run a job, a `job.ini` or a zip archive with all files, and give its calculation when it is complete.

    Raises Error, with what the program says, if the job is refused or the calculation fails. Without `reuse` everything is computed, what
    was computed before too. An interrupted Python cancels the calculation.

    >>> import oqfs
    >>> oqfs.run("nowhere/job.ini")
    Traceback (most recent call last):
    oqfs.Error: .../nowhere/job.ini: cannot be read: No such file or directory (os error 2)
    """
    options = [] if reuse else ["--no-reuse"]
    return of_output(_program.output("run", *options, "--", _program.absolute(job), datadir=datadir))


def of_output(printed: bytes) -> Calculation:
    """The calculation whose datastore the program names when it has run a job."""
    return open(Path(os.fsdecode(printed).rstrip("\n")).parent)
