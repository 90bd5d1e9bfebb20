"""Keep tables that passed their checks, as Python keeps the modules that it compiled.

A kept table lies where compiled modules lie, is trusted and written as these are (not at all under
``PYTHONDONTWRITEBYTECODE``) and may be deleted at any time. It begins with the seal that `sco.tables`
makes of everything the table follows from, so that one which is out of date is not found.
"""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile

import pandas as pd

FOLDER = Path(__file__).with_name("__pycache__")
SIZE = 32  # bytes of a digest


def digest(content: bytes) -> bytes:
    """A digest of `SIZE` bytes."""
    return blake2b(content, digest_size=SIZE).digest()


def get(name: str, seal: bytes) -> pd.DataFrame | None:
    """The table kept under a name, if it has this seal and is whole."""
    try:
        kept = (FOLDER / f"{name}.table").read_bytes()
    except OSError:
        return None
    content = kept[2 * SIZE :]
    if kept[: 2 * SIZE] != seal + digest(content):
        return None
    frame: pd.DataFrame = pickle.loads(content)
    return frame


def put(name: str, seal: bytes, frame: pd.DataFrame) -> None:
    """Keep a table, if there is a place for it; another process sees it whole or not at all."""
    if sys.dont_write_bytecode:
        return
    content = pickle.dumps(frame, protocol=5)
    with suppress(OSError):
        FOLDER.mkdir(exist_ok=True)
        with NamedTemporaryFile(dir=FOLDER, delete=False) as file:
            file.write(seal + digest(content) + content)
        Path(file.name).replace(FOLDER / f"{name}.table")
