"""Record which files a notebook opens; scripts/build.py has each kernel run this file first.

The record is the kernel's own: whatever opens a file (a loader, a foreign key, a cache in the
module, pandas itself) passes Python's audit events, so no table can be used without being seen.
"""


def watch() -> None:
    """Append every path that is opened or listed from now on to the file that SCO_READS names."""
    import os
    import sys

    name = os.environ.pop("SCO_READS", None)
    if name is None:
        return
    record = os.open(name, os.O_WRONLY | os.O_APPEND)
    absolute, decode, write, frame = os.path.abspath, os.fsdecode, os.write, sys._getframe

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event not in {"open", "os.listdir", "os.scandir"} or isinstance(arguments[0], int):
            return
        # An import lists the folders it searches; that is no use of what lies there.
        if event == "open" or "importlib" not in frame(1).f_code.co_filename:
            write(record, absolute(decode(arguments[0] or ".")).encode("utf-8", "surrogateescape") + b"\0")

    sys.addaudithook(note)


watch()
del watch
