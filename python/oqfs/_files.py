"""Where the files of a calculation come from: a folder that a mount shows, or the program, which reads the HDF5 file.

Both give the same names and the same bytes.
"""

from __future__ import annotations

import ast
import json
import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

import numpy
import numpy.typing

from . import _program

AnyArray = numpy.typing.NDArray[Any]
Attributes = dict[str, dict[str, Any]]

#: The endings of files that are made of datasets.
ENDINGS = (".npy", ".json", ".txt", ".csv")
#: The longest header of an array that is read: a record may have many fields.
HEADER_MAX = 1 << 24


class Header(NamedTuple):
    """What is known of an array before its elements are read."""

    shape: tuple[int, ...]
    dtype: numpy.dtype[Any]
    fortran_order: bool


class Entry(NamedTuple):
    """A name in a folder."""

    name: str
    is_folder: bool


class Files(Protocol):
    """The files of a calculation, or of an HDF5 file, by their paths in its folder."""

    def entries(self, folder: str) -> list[Entry]:
        """What is in a folder, sorted by name."""

    def read(self, path: str) -> bytes:
        """The bytes of a file."""

    def header(self, path: str) -> Header:
        """The header of an array."""

    def array(self, path: str) -> AnyArray:
        """An array, which nobody may change."""

    def attributes(self) -> Attributes:
        """The HDF5 attributes of each object that has some, by its path; none where there is no datastore yet."""


class KeptFiles(ABC):
    """Names and attributes, which are looked up once of a calculation that is over; of one that runs, each time."""

    def __init__(self, is_final: bool) -> None:
        self._is_final = is_final
        self._entries: dict[str, list[Entry]] = {}
        self._attributes: Attributes | None = None

    def entries(self, folder: str) -> list[Entry]:
        """What is in a folder, sorted by name."""
        found = self._entries.get(folder)
        if found is None:
            found = self._list(folder)
            if self._is_final:
                self._entries[folder] = found
        return found

    def attributes(self) -> Attributes:
        """The HDF5 attributes of each object that has some, by its path; none where there is no datastore yet."""
        found = self._attributes
        if found is None:
            is_there = any(entry.name == "attrs.json" for entry in self.entries(""))
            found = json.loads(self.read("attrs.json")) if is_there else {}
            if self._is_final:
                self._attributes = found
        return found

    @abstractmethod
    def _list(self, folder: str) -> list[Entry]:
        """What is in a folder now."""

    @abstractmethod
    def read(self, path: str) -> bytes:
        """The bytes of a file."""


class FolderFiles(KeptFiles):
    """A folder that is there: in a mount, or a copy made by `oqfs cp`. Arrays are memory-mapped."""

    def __init__(self, path: Path, is_final: bool) -> None:
        super().__init__(is_final)
        self._path = path

    def _list(self, folder: str) -> list[Entry]:
        with os.scandir(self._path / folder) as found:
            return sorted(Entry(entry.name, entry.is_dir()) for entry in found)

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        return (self._path / path).read_bytes()

    def header(self, path: str) -> Header:
        """The header of an array."""
        with open(self._path / path, "rb") as file:
            return read_header(file, path)

    def array(self, path: str) -> AnyArray:
        """An array, which nobody may change."""
        header = self.header(path)
        # nothing can be mapped of an array without elements
        mode: Any = "r" if 0 not in header.shape and header.dtype.itemsize else None
        array = numpy.load(self._path / path, mmap_mode=mode, allow_pickle=False, max_header_size=HEADER_MAX)
        return locked(numpy.asarray(array))


class PrintedFiles(KeptFiles):
    """What `oqfs ls` and `oqfs cat` print, without a mount."""

    def __init__(self, place: str, is_final: bool) -> None:
        super().__init__(is_final)
        self._place = place
        self._headers: dict[str, Header] = {}

    def _at(self, path: str) -> str:
        return f"{self._place}/{path}" if path else self._place

    def _rows(self, path: str) -> list[dict[str, str]]:
        lines = _program.output("ls", "--json", "--", self._at(path)).decode()
        return [json.loads(line) for line in lines.split("\n") if line]

    def _list(self, folder: str) -> list[Entry]:
        found = []
        for row in self._rows(folder):
            name = row["path"].rsplit("/", 1)[-1]
            if "npy" in row:
                self._headers[f"{folder}/{name}" if folder else name] = parse_header(row["npy"])
            # a link that is called as no dataset leads to a group, unless it leads nowhere
            leads_to_group = row["kind"] == "link" and not name.endswith(ENDINGS) and not row["link"].startswith("%dangling/")
            found.append(Entry(name, row["kind"] == "directory" or leads_to_group))
        return found

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        return _program.output("cat", "--", self._at(path))

    def header(self, path: str) -> Header:
        """The header of an array."""
        if path not in self._headers:
            [row] = self._rows(path)
            if "npy" not in row:
                raise _program.Error(f"{self._at(path)}: the array cannot be read")
            self._headers[path] = parse_header(row["npy"])
        return self._headers[path]

    def array(self, path: str) -> AnyArray:
        """An array, which nobody may change."""
        with _program.start("cat", "--", self._at(path)) as process:
            assert process.stdout is not None and process.stderr is not None
            try:
                return read_array(process.stdout, path)
            except (EOFError, ValueError) as error:
                process.stdout.close()
                said = process.stderr.read()
                if process.wait() == 0:
                    raise _program.Error(f"{self._at(path)}: {error}") from error
                raise _program.Error(_program.message(said, process.returncode)) from None
            except BaseException:
                process.kill()
                raise


def parse_header(text: str) -> Header:
    """The header of an `.npy` file."""
    try:
        said = ast.literal_eval(text)
        return Header(said["shape"], numpy.lib.format.descr_to_dtype(said["descr"]), said["fortran_order"])
    except (SyntaxError, KeyError, TypeError) as error:
        raise ValueError(f"not the header of an array: {text!r}") from error


def read_header(file: IO[bytes], path: str) -> Header:
    """The header at the beginning of an `.npy` file, from a file or a pipe."""
    start = file.read(8)
    if len(start) < 8:
        raise EOFError("it ends within its header")
    if start[:6] != b"\x93NUMPY" or not 1 <= start[6] <= 3:
        raise ValueError(f"{path}: not an .npy file")
    size = 2 if start[6] == 1 else 4
    said = file.read(size)
    length = int.from_bytes(said, "little")
    if length > HEADER_MAX:
        raise ValueError(f"{path}: its header has {length} bytes, more than {HEADER_MAX}")
    text = file.read(length)
    if len(said) < size or len(text) < length:
        raise EOFError("it ends within its header")
    return parse_header(text.decode("latin-1" if start[6] < 3 else "utf-8"))


def read_array(file: IO[bytes], path: str) -> AnyArray:
    """An array from a pipe, which numpy.load cannot read: straight into its memory."""
    header = read_header(file, path)
    if header.dtype.hasobject:
        raise ValueError(f"{path}: it holds objects of Python, which are not read")
    shape = header.shape[::-1] if header.fortran_order else header.shape
    array: AnyArray = numpy.empty(shape, header.dtype)
    if array.nbytes:
        rest = memoryview(array.reshape(-1).view(numpy.uint8).data)
        while rest:
            count = file.readinto(rest)  # type: ignore[attr-defined]
            if not count:
                raise EOFError(f"{path}: it ends {len(rest)} bytes too early")
            rest = rest[count:]
    return locked(array.T if header.fortran_order else array)


def locked(array: AnyArray) -> AnyArray:
    """The array, not to be changed: others have it too."""
    array.flags.writeable = False
    return array
