"""Stop a build at each change that it makes on the disk; test_builds.py runs this in a small checkout.

Runs and pages are stand-ins that take no time: a run gives the text of a table, a page shows what
the cache holds. All else is the build's own code, in a process that ends without any clean-up.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(sys.argv[1])
sys.path.insert(0, str(ROOT / "scripts"))
import build  # noqa: E402
import nbformat  # noqa: E402

TABLE = ROOT / "data" / "states.csv"
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree", "sqlite3.connect"}
Tree = dict[str, str]


def run(path: str) -> build.Run:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text=TABLE.read_text(encoding="utf-8"))]
    return build.Run(path, notebook, 0.0, None, ["data/states.csv"])


def pages(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
    html = Path(command[command.index("--path-output") + 1]) / "_build" / "html"
    (html / "notebooks").mkdir(parents=True)
    for number, path in enumerate(sorted(build.CACHE.rglob("*.ipynb"))):
        text = "".join(cell.outputs[0].text for cell in nbformat.read(path, as_version=4).cells)
        (html / "notebooks" / f"{number}.html").write_text(text, encoding="utf-8")
    (html / "index.html").write_text("front", encoding="utf-8")
    return subprocess.CompletedProcess(command, 0, "")


def broken_pages(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess(command, 1, "a page is broken")


def stop_at(number: int, torn: bool) -> None:
    """End this process just before its change of that number; if torn, with a file half written.

    The exit code is 8 where the change is a file that is opened for writing, else 9.
    """
    left = number

    def note(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        opened = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
        inside = not isinstance(arguments[0], int) if arguments else False
        if not (opened or event in CHANGES) or not inside or str(ROOT) not in str(arguments[0]):
            return
        left -= 1
        if left == 0:
            if torn and opened:
                handle = os.open(arguments[0], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.write(handle, b'{"key": "')
            os._exit(8 if opened else 9)

    sys.addaudithook(note)


def attempt(pages_step: object, number: int = 0, torn: bool = False) -> int:
    """Build in a process of its own; its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            if pages_step is broken_pages:
                os.dup2(silent, 2)
            build.run, build.subprocess.run = run, pages_step  # type: ignore[attr-defined]
            sys.argv[1:] = ["--workers", "1"]
            if number:
                stop_at(number, torn)
            code = build.main()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def book() -> Tree:
    return {p.relative_to(build.HTML).as_posix(): p.read_text() for p in build.HTML.rglob("*") if p.is_file()}


def main() -> int:
    build.os.environ.update(build.ENVIRONMENT)
    kept = ROOT / "kept"
    before = TABLE.read_text(encoding="utf-8")
    build.fill_cache([])  # and what is loaded only when it is used, once for all the processes
    nbformat.read(build.notebooks()[0], as_version=4)
    build.environment()
    assert attempt(pages) == 0
    old = book()
    shutil.copytree(build.BUILD, kept)
    TABLE.write_text(before + "\n", encoding="utf-8")
    assert attempt(pages) == 0
    new = book()
    assert new != old and set(new) == set(old) and len(new) == 3

    def reset() -> None:
        shutil.rmtree(build.BUILD)
        shutil.copytree(kept, build.BUILD)

    number, code = 0, 9
    while code:
        number += 1
        for torn in (False, True):
            if torn and code != 8:
                continue
            reset()
            code = attempt(pages, number, torn)
            if code == 0:
                break
            assert code in (8, 9), (number, torn, code)
            assert book() in (old, new) or not build.HTML.exists(), (number, torn, "half a book")
            if not build.HTML.exists():
                again = attempt(broken_pages)
                assert again == 1 and book() == old, (number, torn, "a failed build after a stopped one lost the book")
            assert attempt(pages) == 0 and book() == new, (number, torn, "not the same book")
            assert not list(build.BUILD.glob("next*")), (number, torn, "something is left")
    print(number - 1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
