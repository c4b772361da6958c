"""Seismic-hazard calculations as a file system: the program `oqfs`, installed with this package.

>>> import oqfs
>>> oqfs.binary().name
'oqfs'
"""

import os
import shutil
import sysconfig
from importlib.metadata import version
from pathlib import Path

__all__ = ["__version__", "binary"]

__version__: str = version("oqfs")


def binary() -> Path:
    """The path of the program: the one that was installed with this package, else the first on `$PATH`.

    Raises FileNotFoundError if there is none.
    """
    schemes = [sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user")]
    for scheme in schemes:
        program = Path(sysconfig.get_path("scripts", scheme)) / "oqfs"
        if os.access(program, os.X_OK):
            return program
    if found := shutil.which("oqfs"):
        return Path(found)
    raise FileNotFoundError("the program oqfs is neither beside this Python nor on $PATH; install it with: pip install oqfs")
