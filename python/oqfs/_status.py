"""How calculations stand."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from . import _program


@dataclasses.dataclass(frozen=True)
class Status:
    """How a calculation stands.

    >>> import oqfs
    >>> [one] = oqfs.status()
    >>> one
    <Status 1: complete, 'One source near Avellino'>
    >>> one.id, one.state, one.is_final, one.progress, one.error
    (1, 'complete', True, 1.0, None)
    """

    #: The number of the calculation; None of a file that is no calculation of a data directory.
    id: int | None
    #: `waiting`, `checking`, `queued`, `executing`, `complete`, `failed`, `cancelled`, or `unknown` where it cannot be told now.
    state: str
    #: Its folder, as a mount shows it or would show it; or the path of the file.
    folder: Path
    #: Whether a mount shows it there.
    mounted: bool = False
    #: The part done, 0 to 1.
    progress: float = 0.0
    #: What is being done, in a word or two.
    stage: str = ""
    #: Seconds since the start.
    elapsed: float = 0.0
    #: Seconds left, as estimated.
    left: float | None = None
    #: Why it failed.
    error: str | None = None
    #: The description of the job.
    description: str = ""

    @property
    def is_final(self) -> bool:
        """Whether the calculation will not change any more."""
        return self.state in ("complete", "failed", "cancelled")

    def __repr__(self) -> str:
        done = f" {self.progress:.0%} {self.stage}".rstrip() if self.state == "executing" else ""
        error = f", {self.error!r}" if self.error else ""
        return f"<Status {self.id}: {self.state}{done}, {self.description!r}{error}>"

    @classmethod
    def of_row(cls, row: dict[str, Any]) -> Status:
        """What the program says as JSON."""
        known = {field.name for field in dataclasses.fields(cls)}
        said: dict[str, Any] = {name: value for name, value in row.items() if name in known}
        return cls(**{**said, "folder": Path(row["folder"])})


def status(datadir: _program.PathLike | None = None) -> list[Status]:
    """How all calculations of the data directory stand, the first one first.

    The data directory is that of the argument, else `$OQ_DATADIR`, else the one in whose mount the working directory is, else `~/oqdata`.

    >>> import oqfs
    >>> [(one.id, one.state) for one in oqfs.status()]
    [(1, 'complete')]
    """
    return [Status.of_row(row) for row in _program.answer("status", "--json", datadir=datadir)]
