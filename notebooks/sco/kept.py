"""Keep tables and their description once they passed their checks, as Python keeps the modules that it compiled.

What is kept lies where compiled modules lie, is trusted and written as these are (not at all under
``PYTHONDONTWRITEBYTECODE``) and may be deleted at any time. It begins with the seal that `sco.tables`
makes of everything it follows from, so that what is out of date is not found.
"""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

FOLDER = Path(__file__).with_name("__pycache__")
SIZE = 32  # bytes of a digest


def digest(content: bytes) -> bytes:
    """A digest of `SIZE` bytes."""
    return blake2b(content, digest_size=SIZE).digest()


def get(name: str, seal: bytes) -> Any:
    """What is kept under a name, or None unless it has this seal and is whole."""
    try:
        kept = (FOLDER / f"{name}.kept").read_bytes()
    except OSError:
        return None
    content = kept[2 * SIZE :]
    if kept[: 2 * SIZE] != seal + digest(content):
        return None
    return pickle.loads(content)


def put(name: str, seal: bytes, made: Any) -> None:
    """Keep something, if there is a place for it; another process sees it whole or not at all."""
    if sys.dont_write_bytecode:
        return
    content = pickle.dumps(made, protocol=5)
    with suppress(OSError):
        FOLDER.mkdir(exist_ok=True)
        with NamedTemporaryFile(dir=FOLDER, delete=False) as file:
            file.write(seal + digest(content) + content)
        Path(file.name).replace(FOLDER / f"{name}.kept")
