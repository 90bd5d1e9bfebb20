"""Run every notebook of the book on the cores there are, then build the pages.

A notebook runs again only when its code, the module, the environment or a file that its last run
opened has changed. After any change the pages are all built anew, in a folder of their own, and the new book
takes the place of the old one only when all of it was built. Each step leaves either what was
there before or what comes after it, so that a build may be stopped at any moment.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

import nbformat
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
HTML = BUILD / "html"
# One file a notebook: its outputs, the files it opened and the digest of all that they follow from.
RUNS = BUILD / "runs"
# What the book in place was made from, and what it is; written last.
STAMP = BUILD / "book.json"
# Where the pages find the outputs; filled from RUNS for each build.
CACHE = BUILD / ".jupyter_cache"
TIMEOUT = 300
# Kernels that write no log and keep no history (a locked history file would speak in a page) and
# that record what they open.
QUIET = ["--IPKernelApp.log_level=40", "--HistoryManager.enabled=False"]
RECORD = f"--IPKernelApp.exec_files={Path(__file__).with_name('reads.py')}"
# The same pages wherever, whenever and by whomever they are built.
ENVIRONMENT = {
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "LANGUAGE": "en",
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "1767225600",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "IPYTHONDIR": str(BUILD / ".ipython"),
    "MATPLOTLIBRC": os.devnull,
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "JUPYTER_PREFER_ENV_PATH": "1",
    "SCO_STYLED": "1",  # the pages have a style sheet
}
# Files that count for every notebook, and folders that count for none.
COMMON = ("notebooks/sco/*.py", "data/datapackage.json", "requirements.txt", "scripts/build.py", "scripts/reads.py")
ASIDE = {"_build", "__pycache__"}


class Run(NamedTuple):
    """One run of a notebook; ``error`` says what went wrong, and where."""

    path: str
    notebook: nbformat.NotebookNode
    seconds: float
    error: str | None
    reads: list[str]


# -- what there is to run ----------------------------------------------------------------------


def notebooks() -> list[Path]:
    """The notebooks that the table of contents names, in its order."""
    found: list[Path] = []

    def visit(node: object) -> None:
        if isinstance(node, dict):
            for key in ("root", "file"):
                if key in node and (path := ROOT / f"{node[key]}.ipynb").exists():
                    found.append(path)
            for value in node.values():
                visit(value)
        elif isinstance(node, list):
            for value in node:
                visit(value)

    visit(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))
    return found


def snapshot() -> dict[str, str]:
    """The digest of every file of the checkout; of a folder, the digest of its list of names.

    It is taken before anything runs: a file that changes during a run counts as changed afterwards.
    """
    state: dict[str, str] = {}
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if f not in ASIDE and not f.startswith("."))
        files = sorted(f for f in files if not f.startswith("."))
        at = Path(folder).relative_to(ROOT)
        state[at.as_posix()] = hashlib.sha256(
            "\0".join([*folders, *files]).encode("utf-8", "surrogateescape")
        ).hexdigest()
        for file in files:
            state[(at / file).as_posix()] = hashlib.sha256((ROOT / at / file).read_bytes()).hexdigest()
    return state


@cache
def environment() -> list[str]:
    """Python and the packages of the launch environment, as they are installed."""
    listed = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M))
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in listed}
    found = {(re.sub(r"[-_.]+", "-", d.name).lower(), d.version) for d in distributions()}
    return [sys.version, *sorted(f"{name} {version}" for name, version in found if name in names)]


def _common() -> Iterator[Path]:
    """The files that every run follows from."""
    return (p for pattern in COMMON for p in ROOT.glob(pattern))


def key(path: Path, reads: Iterable[str], state: dict[str, str]) -> str:
    """A digest of all that the outputs of a notebook follow from."""
    notebook = nbformat.read(path, as_version=4)
    code = [(c.source, c.metadata) for c in notebook.cells if c.cell_type == "code"]
    files = {p.relative_to(ROOT).as_posix() for p in _common()} | set(reads)
    parts = [environment(), notebook.metadata.get("kernelspec"), code, [(f, state.get(f)) for f in sorted(files)]]
    return _digest(parts)


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


# -- running -----------------------------------------------------------------------------------


def run(path: str) -> Run:
    """Run one notebook in its own folder."""
    notebook = nbformat.read(path, as_version=4)
    folder = {"metadata": {"path": str(Path(path).parent)}}
    # No timing: the cache knows a notebook by its cells with their metadata, and times would be part of them.
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        resources=folder,
        extra_arguments=[*QUIET, RECORD],
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
    )
    start = time.perf_counter()
    error = None
    with tempfile.NamedTemporaryFile(prefix="sco-reads-") as record:
        try:
            client.execute(env={**os.environ, "SCO_READS": record.name})
        except CellTimeoutError:
            error = f"{_cell(notebook)}: ran longer than {TIMEOUT} s"
        except CellExecutionError as failure:
            error = f"{_cell(notebook)}: {failure.ename}: {failure.evalue}"
        except DeadKernelError:
            error = f"{_cell(notebook)}: the kernel died"
        except RuntimeError as failure:  # a kernel that did not start
            error = f"{_cell(notebook)}: {failure}"
        reads = _inside(Path(record.name).read_bytes())
    _settle(notebook)
    return Run(path, notebook, time.perf_counter() - start, error, reads)


def _settle(notebook: nbformat.NotebookNode) -> None:
    """Drop the address of a widget, random and dead with its kernel, where the output has HTML beside it."""
    for output in (o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs):
        if "text/html" in output.get("data", {}):
            output.data.pop("application/vnd.jupyter.widget-view+json", None)


def _cell(notebook: nbformat.NotebookNode) -> str:
    """Name the cell at which a run stopped: the one with an error, else the last that started."""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code" and any(o.output_type == "error" for o in cell.outputs):
            return f"cell {number} ({cell.id})"
    started = [n for n, c in enumerate(notebook.cells, 1) if c.cell_type == "code" and c.execution_count]
    return f"cell {started[-1] if started else 1}"


def _inside(record: bytes) -> list[str]:
    """The recorded paths that lie in the checkout, relative to it, without those that every run follows from.

    Which of several kernels finds a module uncompiled, and reads it, is a matter of chance.
    """
    paths = {Path(p.decode("utf-8", "surrogateescape")) for p in record.split(b"\0") if p}
    inside = {p.relative_to(ROOT) for p in paths - set(_common()) if p.is_relative_to(ROOT)}
    return sorted(p.as_posix() for p in inside if not any(part in ASIDE or part[:1] == "." for part in p.parts))


def run_all(paths: list[Path], workers: int, state: dict[str, str]) -> bool:
    """Run the notebooks whose stored run does not hold any more; False if one failed."""
    waiting = [p for p in paths if not _holds(p, state)]
    if waiting:
        print(f"Running {len(waiting)} of {len(paths)} notebooks ...", flush=True)
    good = True
    # Threads: the kernels are processes already, and one process gives no port to two of them.
    with ThreadPoolExecutor(workers) as pool:
        for number, job in enumerate(as_completed([pool.submit(run, str(p)) for p in waiting]), 1):
            done = job.result()
            name = Path(done.path).relative_to(ROOT)
            took = "failed" if done.error else f"{done.seconds:.1f} s"
            print(f"  {number}/{len(waiting)} {name} {took}", flush=True)
            if done.error:
                print(f"make: {name}, {done.error}", file=sys.stderr)
                good = False
            else:
                _store(done, state)
    return good


def _stored(path: Path) -> Path:
    return (RUNS / path.relative_to(ROOT)).with_suffix(".json")


def _holds(path: Path, state: dict[str, str]) -> bool:
    try:
        stored = json.loads(_stored(path).read_text(encoding="utf-8"))
        return bool(stored["key"] == key(path, stored["reads"], state))
    except (OSError, ValueError, KeyError, TypeError):  # there is none, or none that can be read
        return False


def _store(done: Run, state: dict[str, str]) -> None:
    """Keep a run: whole or not at all."""
    path = Path(done.path)
    content = {"key": key(path, done.reads, state), "reads": done.reads, "notebook": done.notebook}
    target = _stored(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.write_text(json.dumps(content, indent=1), encoding="utf-8")
    part.replace(target)


def fill_cache(paths: list[Path]) -> None:
    """Give the stored runs, and nothing else, to the pages."""
    shutil.rmtree(CACHE, ignore_errors=True)
    cache = get_cache(CACHE)
    for path in paths:
        notebook = nbformat.from_dict(json.loads(_stored(path).read_text(encoding="utf-8"))["notebook"])
        cache.cache_notebook_bundle(CacheBundleIn(notebook, str(path)), check_validity=False, overwrite=True)


# -- the pages ---------------------------------------------------------------------------------


def stamp(state: dict[str, str]) -> dict[str, str]:
    """What the book is made from, and what stands in its place."""
    pages = sorted(p for p in HTML.rglob("*") if p.is_file())
    found = [(p.relative_to(HTML).as_posix(), hashlib.sha256(p.read_bytes()).hexdigest()) for p in pages]
    return {"inputs": _digest([environment(), state]), "pages": _digest(found)}


def is_current(state: dict[str, str]) -> bool:
    """Whether the book in place is whole and nothing of the checkout has changed since it was built."""
    try:
        return bool(json.loads(STAMP.read_text(encoding="utf-8")) == stamp(state))
    except (OSError, ValueError):
        return False


def build_pages() -> bool:
    """Build the pages beside the old ones and put them in their place."""
    print("Building the pages ...", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="next-", dir=BUILD))
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(ROOT), "--path-output", str(folder)]
    done = subprocess.run(
        [*command, "--warningiserror", "--keep-going", "-q"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        cwd=ROOT,
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        print("make: the pages could not be built; the reason stands above", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        return False
    if HTML.exists():
        HTML.rename(folder / "old")
    (folder / "_build" / "html").rename(HTML)
    shutil.rmtree(folder, ignore_errors=True)
    return True


def clear_up() -> None:
    """Take away what a stopped build left, but put the last book back if it was just being replaced."""
    for folder in sorted(BUILD.glob("next*")):
        if not HTML.exists() and (folder / "old").exists():
            (folder / "old").rename(HTML)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the book into _build/html/.")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    parser.add_argument("--workers", type=int, default=cores, help="notebooks that run at a time (%(default)s)")
    workers = parser.parse_args().workers
    os.environ.update(ENVIRONMENT)
    BUILD.mkdir(exist_ok=True)
    with (BUILD / ".lock").open("w") as lock:
        try:
            # Not flock: this one is not inherited, and ends with this process however it ends.
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Another build of this checkout is running; waiting for it ...", flush=True)
            fcntl.lockf(lock, fcntl.LOCK_EX)
        clear_up()
        paths, state = notebooks(), snapshot()
        if not run_all(paths, workers, state):
            return 1
        if not is_current(state):
            fill_cache(paths)
            if not build_pages():
                return 1
            STAMP.write_text(json.dumps(stamp(state)), encoding="utf-8")
    print(f"The book is ready: {(HTML / 'index.html').as_uri()}")
    return 0


if __name__ == "__main__":
    try:
        code = main()
    except KeyboardInterrupt:
        print("make: stopped; the last book is still in place", file=sys.stderr)
        code = 130
        os._exit(code)  # running kernels are not waited for: they end with this process
    sys.exit(code)
