"""Builds that are stopped, fail, move or repeat: the book comes out the same, or the last good one stays.

They build a small book (a front page and three notebooks made here) from copies of this checkout.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
import sco
from reproduce import FOLDERS, WORKERS, circumstances, differing, digests, protect, where
from sco import audit

from conftest import ROOT

COPIED = ["book/_ext", "book/_static", "data", "notebooks/sco", "scripts"]
COPIED += ["_config.yml", "requirements.txt", "CITATION.cff", "book/references.bib"]
NOTEBOOKS = {
    "direct": 'import pandas as pd\nimport sco\nlen(sco.load("memberships")), len(pd.read_csv("../data/region.csv"))',
    "verdicts": 'from sco import audit\naudit.verdicts()["verdict"].value_counts()',
    "plain": "from sco.explore import Explorer\nfrom sco.page import Prose\n"
    'print(1)\nprint(2)\nExplorer("which", "Which?", {"one": Prose("1"), "two": Prose("2")})',
}
BLOCK = """
import os, sys
def block(event, arguments):
    if event == "socket.connect":
        address = arguments[1]
        far = isinstance(address, tuple) and not str(address[0]).startswith(("127.", "::1", "localhost"))
    elif event == "socket.getaddrinfo":
        far = arguments[0] not in (None, "", "localhost", "127.0.0.1", "::1", b"localhost", b"127.0.0.1")
    else:
        return
    if far:
        with open(os.environ["NETWORK_LOG"], "a") as log:
            log.write(f"{event} {arguments}\\n")
        raise OSError("the network is cut")
sys.addaudithook(block)
"""


def checkout(folder: Path) -> Path:
    """A copy of this checkout with a small book."""
    for name in COPIED:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(
            ROOT / name,
            target,
            **({"ignore": shutil.ignore_patterns("__pycache__")} if copy is shutil.copytree else {}),
        )
    (folder / "book" / "redirects.csv").write_text("old,new\n")
    (folder / "book" / "index.md").write_text("# The front\n\nTo [a notebook](../notebooks/direct.ipynb).\n")
    for name, code in NOTEBOOKS.items():
        write_notebook(folder / "notebooks" / f"{name}.ipynb", code)
    files = "".join(f"  - file: notebooks/{name}\n" for name in NOTEBOOKS)
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: book/index\nchapters:\n{files}")
    return folder


def write_notebook(path: Path, code: str) -> None:
    cells = [nbformat.v4.new_markdown_cell(f"# {path.stem}", id="c01"), nbformat.v4.new_code_cell(code, id="c02")]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def start(folder: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    """Start a build."""
    return run_python(folder / "scripts" / "build.py", *options, **environment)


def run_python(script: Path, *options: str | Path, **environment: str) -> subprocess.Popen[str]:
    """Start a script in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-u", str(script), *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **environment},
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    output = process.communicate(timeout=300)[0]
    assert process.returncode == 0, output
    return output


def wait_for(process: subprocess.Popen[str], text: str) -> None:
    for line in process.stdout:
        if text in line:
            return
    pytest.fail(f"the build ended without saying {text!r}")


def module(folder: Path) -> ModuleType:
    """The build script of a checkout, which works on that checkout."""
    spec = importlib.util.spec_from_file_location(f"build_{folder.name}", folder / "scripts" / "build.py")
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture(scope="session")
def cut(tmp_path_factory) -> dict[str, str]:
    """Settings under which no Python process of a build reaches another machine; attempts are logged."""
    folder = tmp_path_factory.mktemp("cut")
    (folder / "sitecustomize.py").write_text(BLOCK)
    return {"PYTHONPATH": str(folder), "NETWORK_LOG": str(folder / "log")}


@pytest.fixture(scope="session")
def built(tmp_path_factory, cut) -> tuple[Path, Path]:
    """The small book, built twice under circumstances as different as can be."""
    base = tmp_path_factory.mktemp("twice")
    plain, strange = (checkout(base / folder) for folder in FOLDERS)
    one, other = circumstances(base / "home")
    protect(strange / "data")
    first = start(plain, "--workers", WORKERS[0], **cut, **one)
    second = start(strange, "--workers", WORKERS[1], **other)
    said = [finish(first), finish(second)]
    assert all("Running 3 of 3 notebooks" in text for text in said)
    protect(strange / "data", writable=True)
    return plain, strange


@pytest.fixture(scope="module", autouse=True)
def stops(tmp_path_factory) -> Iterator[subprocess.Popen[str]]:
    """The many stopped builds of stopped_builds.py, under way while the other tests build."""
    folder = checkout(tmp_path_factory.mktemp("stops"))
    for path in (folder / "data").iterdir():  # the stand-ins read one table; the rest would only take time
        if path.name not in {"states.csv", "datapackage.json"}:
            path.unlink()
    toc = folder / "_toc.yml"
    toc.write_text(toc.read_text().replace("  - file: notebooks/verdicts\n", ""))
    process = run_python(ROOT / "tests" / "stopped_builds.py", folder)
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def small(built, tmp_path: Path) -> Path:
    """A copy of the small checkout with its built book; its runs hold."""
    return Path(shutil.copytree(built[0], tmp_path / "small"))


def test_two_builds_give_the_same_pages(built) -> None:
    """Path, time zone, locale, hash seed, workers, home folder and read-only data leave no trace in any file."""
    plain, strange = (folder / "_build" / "html" for folder in built)
    assert len(digests(plain)) > 50 and (plain / "notebooks" / "verdicts.html").stat().st_size > 10_000
    assert differing(plain, strange) == []


def test_the_comparison_notices_what_differs(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        (folder / "sub").mkdir(parents=True)
        (folder / "sub" / "same").write_text("same")
    assert differing(one, other) == []
    (one / "sub" / "page").write_text("a time: 12:00")
    assert differing(one, other) == ["sub/page"] and where(one / "sub/page", other / "sub/page") == "only in one book"
    (other / "sub" / "page").write_text("a time: 12:01")
    assert differing(one, other) == ["sub/page"]
    assert where(one / "sub/page", other / "sub/page").startswith("byte 12: ")


def test_two_builds_give_the_same_outputs(built) -> None:
    """The executed notebooks are the same too, to the last byte."""
    plain, strange = (folder / "_build" / "runs" for folder in built)
    assert set(digests(plain)) == {f"notebooks/{name}.json" for name in NOTEBOOKS}
    assert differing(plain, strange) == []
    output = json.loads((plain / "notebooks" / "direct.json").read_text())["notebook"]["cells"][1]["outputs"]
    assert output[0]["data"]["text/plain"].startswith("(")


def test_the_build_leaves_the_sources_alone(built) -> None:
    """Nothing but _build/ (and Python's own cache) is written, and no file of data/ is touched."""
    for folder in built:
        assert differing(folder / "data", ROOT / "data") == []
        made = {name.split("/")[0] for name in set(digests(folder)) - set(digests(checkout_names(folder)))}
        assert made <= {"_build", "notebooks", "book"}
        assert not [n for n in digests(folder) if n.endswith((".part", ".log", ".err"))]


def checkout_names(folder: Path) -> Path:
    """A fresh copy beside a built one, to compare names with."""
    fresh = folder.parent / f"{folder.name}-fresh"
    return fresh if fresh.exists() else checkout(fresh)


def test_a_build_needs_no_network(built, cut) -> None:
    """The first of the two builds ran with the network cut; no process so much as tried to reach it."""
    log = Path(cut["NETWORK_LOG"])
    assert not log.exists(), log.read_text()
    probe = (
        "import socket\ntry:\n    socket.create_connection(('192.0.2.1', 80), 1)\nexcept OSError as e:\n    print(e)"
    )
    said = subprocess.run([sys.executable, "-c", probe], env={**os.environ, **cut}, capture_output=True, text=True)
    assert "the network is cut" in said.stdout and log.exists(), "the cut itself does not work"
    log.unlink()


def test_a_stopped_build_is_followed_by_the_same_book(built, tmp_path: Path) -> None:
    """Killed with its children while notebooks run, and without them while pages are built."""
    import fcntl

    folder = checkout(tmp_path / "stopped")
    (folder / "_build").mkdir()
    with (folder / "_build" / ".lock").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        process = start(folder)
        wait_for(process, "Another build of this checkout is running")
    wait_for(process, "1/")  # one run is stored, the others are going on
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process = start(folder)
    wait_for(process, "Building the pages")
    time.sleep(3)
    process.kill()  # the page builder goes on without its parent
    process.wait()
    assert not (folder / "_build" / "html").exists() and list((folder / "_build").glob("next-*"))
    said = finish(start(folder))
    assert "of 3 notebooks" not in said, "the runs of the stopped build were all stored"
    assert differing(folder / "_build" / "html", built[0] / "_build" / "html") == []
    assert differing(folder / "_build" / "runs", built[0] / "_build" / "runs") == []
    assert not list((folder / "_build").glob("next-*"))


def test_a_build_stopped_at_any_change_on_the_disk_is_followed_by_the_same_book(stops) -> None:
    """Before every file that it writes, moves or removes, and with the file half written."""
    said = finish(stops)
    assert int(said) > 25, "fewer changes than a build makes: the stops do not work"


def test_a_failing_notebook_is_named_and_the_last_book_stays(small: Path) -> None:
    before = digests(small / "_build" / "html")
    write_notebook(small / "notebooks" / "plain.ipynb", 'print("so far")\n1 / 0')
    write_notebook(small / "notebooks" / "direct.ipynb", "import os\nos._exit(3)")
    process = start(small)
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 1
    assert "make: notebooks/plain.ipynb, cell 2 (c02): ZeroDivisionError: division by zero" in said
    assert re.search(r"make: notebooks/direct\.ipynb, cell \d+.*: the kernel died", said)
    assert "Traceback" not in said
    assert digests(small / "_build" / "html") == before


def test_pages_with_a_warning_fail_and_the_last_book_stays(small: Path) -> None:
    """Nothing is kept of such pages, so that the next build does not forget what this one complained of."""
    before = digests(small / "_build" / "html")
    (small / "book" / "index.md").write_text("# The front\n\nTo [nowhere](../notebooks/nowhere.ipynb).\n")
    process = start(small)
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 1 and "nowhere" in said and "of 3 notebooks" not in said
    assert digests(small / "_build" / "html") == before
    assert {p.name for p in (small / "_build").iterdir()} == {
        ".ipython",
        ".jupyter_cache",
        ".lock",
        "book.json",
        "html",
        "runs",
    }


def outdated(folder: Path) -> set[str]:
    """The notebooks whose stored run does not hold any more."""
    build = module(folder)
    state = build.snapshot()
    return {path.stem for path in build.notebooks() if not build._holds(path, state)}


def tables_read(folder: Path, name: str) -> set[str]:
    stored = json.loads((folder / "_build" / "runs" / "notebooks" / f"{name}.json").read_text())
    return {r.removeprefix("data/").removesuffix(".csv") for r in stored["reads"] if r.endswith(".csv")}


def test_a_run_records_what_not_every_run_follows_from() -> None:
    """The book's modules and description count for every run; those of another text are that notebook's own."""
    build = module(ROOT)
    own = "examples/polk-1848/data/datapackage.json"
    common = ["notebooks/sco/audit.py", "data/datapackage.json", "scripts/reads.py"]
    record = b"\0".join(str(build.ROOT / name).encode() for name in [*common, own, "data/states.csv"])
    assert build._inside(record) == ["data/states.csv", own]


def test_a_table_outdates_the_notebooks_that_read_it(small: Path) -> None:
    """Each table in turn; a run that opened it, be it for a foreign key, holds no more, and no other."""
    build = module(small)
    readers = {name: tables_read(small, name) for name in NOTEBOOKS}
    assert readers["plain"] == set() and {"memberships", "region", "states"} <= readers["direct"]
    for table in sco.tables():
        path = small / "data" / f"{table}.csv"
        text = path.read_bytes()
        path.write_bytes(text + b"\n")
        state = build.snapshot()
        found = {p.stem for p in build.notebooks() if not build._holds(p, state)}
        assert found == {name for name in NOTEBOOKS if table in readers[name]}, table
        path.write_bytes(text)
    assert outdated(small) == set()


def test_no_table_that_matters_is_missed(small: Path) -> None:
    """An oracle that asks the loader, not the record: loading needs no table but those that the run opened."""

    def direct() -> None:
        sco.load("memberships", small / "data")
        (small / "data" / "region.csv").read_bytes()

    needs = {"direct": direct, "verdicts": lambda: audit.Tables.load(small / "data")}
    for name, work in needs.items():
        spare = [small / "data" / f"{table}.csv" for table in set(sco.tables()) - tables_read(small, name)]
        assert len(spare) > 50
        aside = [path.rename(path.with_suffix(".aside")) for path in spare]
        work()
        for path in aside:
            path.rename(path.with_suffix(".csv"))


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("data/datapackage.json", set(NOTEBOOKS)),
        ("notebooks/sco/svg.py", set(NOTEBOOKS)),
        ("requirements.txt", set(NOTEBOOKS)),
        ("scripts/build.py", set(NOTEBOOKS)),
        ("book/index.md", set()),
        ("book/references.bib", set()),
    ],
)
def test_what_a_change_outdates(small: Path, file: str, expected: set[str]) -> None:
    with (small / file).open("a") as handle:
        handle.write("\n")
    assert outdated(small) == expected


def test_a_new_module_file_outdates_everything(small: Path) -> None:
    (small / "notebooks" / "sco" / "more.py").write_text("")
    assert outdated(small) == set(NOTEBOOKS)


def test_a_changed_notebook_alone_runs_again(small: Path, capsys) -> None:
    """Its code, not its prose; and while it runs a table changes, which the next build does not miss."""
    build = module(small)
    prose = nbformat.read(small / "notebooks" / "direct.ipynb", as_version=4)
    prose.cells[0].source += " of another title"
    nbformat.write(prose, small / "notebooks" / "direct.ipynb")
    assert outdated(small) == set()
    code = "import pathlib\nf = pathlib.Path('../data/region.csv')\nt = f.read_bytes()\nf.write_bytes(t + b' ')\nlen(t)"
    write_notebook(small / "notebooks" / "plain.ipynb", code)
    assert build.run_all(build.notebooks(), 2, build.snapshot())
    said = capsys.readouterr().out
    assert "Running 1 of 3 notebooks" in said and "notebooks/plain.ipynb" in said
    assert outdated(small) == {"plain", "direct"}


def test_a_build_with_nothing_changed_leaves_the_book_as_it_is(small: Path) -> None:
    """No page is written again; a page that is damaged, added or lost, or any change of a source, is noticed."""
    build, html = module(small), small / "_build" / "html"
    before = {path: path.stat().st_mtime_ns for path in html.rglob("*")}
    said = finish(start(small))
    assert "Building the pages" not in said and "The book is ready" in said
    assert {path: path.stat().st_mtime_ns for path in html.rglob("*")} == before
    state = build.snapshot()
    assert build.is_current(state)
    assert not build.is_current({**state, "book/index.md": "another"})
    page = html / "notebooks" / "plain.html"
    text = page.read_text()
    page.write_text(text[:-1])
    assert not build.is_current(state)
    page.unlink()
    assert not build.is_current(state)
    page.write_text(text)
    (html / "more.html").write_text("")
    assert not build.is_current(state)


def test_a_damaged_run_is_run_again(small: Path) -> None:
    """A stored run that cannot be read counts as none."""
    stored = small / "_build" / "runs" / "notebooks" / "plain.json"
    for text in ("", "{", "[]", "{}"):
        stored.write_text(text)
        assert outdated(small) == {"plain"}
