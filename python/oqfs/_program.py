"""The program `oqfs`: where it is, and what it says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any, Union

PathLike = Union[str, "os.PathLike[str]"]


class Error(Exception):
    """What the program says when it refuses or fails."""


def binary() -> Path:
    """The path of the program: the one that was installed with this package, else the first on `$PATH`.

    Raises FileNotFoundError if there is none.

    >>> binary().name
    'oqfs'
    """
    for scripts in sysconfig.get_path("scripts"), sysconfig.get_path("scripts", "posix_user"):
        program = Path(scripts) / "oqfs"
        if os.access(program, os.X_OK):
            return program
    if found := shutil.which("oqfs"):
        return Path(found)
    raise FileNotFoundError("the program oqfs is neither beside this Python nor on $PATH; install it with: pip install oqfs")


def start(*args: str, datadir: PathLike | None = None) -> subprocess.Popen[bytes]:
    """The program at work, with its output to be read; with $OQ_DATADIR, or with another data directory."""
    environment = dict(os.environ)
    if datadir is not None:
        environment["OQ_DATADIR"] = absolute(datadir)
    return subprocess.Popen(
        [os.fspath(binary()), *args],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def output(*args: str, datadir: PathLike | None = None) -> bytes:
    """What the program prints. Raises Error, with what it says, if it fails; ends it if Python is interrupted."""
    with start(*args, datadir=datadir) as process:
        try:
            printed, said = process.communicate()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode != 0:
        raise Error(message(said, process.returncode))
    return printed


def answer(*args: str, datadir: PathLike | None = None) -> Any:
    """What the program prints as JSON."""
    return json.loads(output(*args, datadir=datadir))


def message(said: bytes, code: int) -> str:
    """The text of an error of the program."""
    lines = said.decode(errors="replace").strip().split("\n")
    text = "\n".join(line[len("oqfs: ") :] if line.startswith("oqfs: ") else line for line in lines)
    return text or f"oqfs ended with status {code}"


def absolute(path: PathLike) -> str:
    """An absolute path, for a process that may be elsewhere; no file system is asked."""
    return os.path.abspath(os.path.expanduser(os.fspath(path)))
