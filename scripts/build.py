"""Run every notebook of the book on the cores there are, then build the pages.

Notebooks whose code, data and module are unchanged are taken from the cache. The new book takes
the place of the old one only when all of it was built.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import nbformat
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
CACHE = BUILD / ".jupyter_cache"
# Pages whose notebook has run since the book was last built; the Sphinx extension reads it.
OUTDATED = BUILD / ".outdated"
TIMEOUT = 300
# Kernels that write no log and keep no history: a locked history file would speak in a page.
QUIET = ["--IPKernelApp.log_level=40", "--HistoryManager.enabled=False"]
# The same pages wherever and whenever they are built.
ENVIRONMENT = {
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "1767225600",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


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


def inputs() -> str:
    """A digest of what every notebook reads: the module, the data, the environment."""
    digest = hashlib.sha256()
    files = [*ROOT.glob("notebooks/sco/*.py"), *ROOT.glob("data/*"), ROOT / "requirements.txt"]
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def run(path: str) -> tuple[str, nbformat.NotebookNode, float, str | None]:
    """Run one notebook in its own folder; the last item says what went wrong, and where."""
    notebook = nbformat.read(path, as_version=4)
    folder = {"metadata": {"path": str(Path(path).parent)}}
    # No timing: the cache knows a notebook by its cells with their metadata, and times would be part of them.
    client = NotebookClient(notebook, timeout=TIMEOUT, resources=folder, extra_arguments=QUIET, record_timing=False)
    start = time.perf_counter()
    try:
        client.execute()
        error = None
    except CellTimeoutError:
        error = f"{_cell(notebook)}: ran longer than {TIMEOUT} s"
    except CellExecutionError as failure:
        error = f"{_cell(notebook)}: {failure.ename}: {failure.evalue}"
    except DeadKernelError:
        error = f"{_cell(notebook)}: the kernel died"
    return path, notebook, time.perf_counter() - start, error


def _cell(notebook: nbformat.NotebookNode) -> str:
    """Name the cell at which a run stopped: the one with an error, else the first without a count."""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code" and any(o.output_type == "error" for o in cell.outputs):
            return f"cell {number} ({cell.id})"
    started = [n for n, c in enumerate(notebook.cells, 1) if c.cell_type == "code" and c.execution_count]
    return f"cell {started[-1] if started else 1}"


def run_all(paths: list[Path]) -> bool:
    """Run what the cache does not hold; False if a notebook failed."""
    stamp = BUILD / ".inputs"
    digest = inputs()
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(CACHE, ignore_errors=True)
    cache = get_cache(CACHE)
    stamp.write_text(digest)
    waiting = [p for p in paths if not _cached(cache, p)]
    if waiting:
        print(f"Running {len(waiting)} of {len(paths)} notebooks ...", flush=True)
    good = True
    with ProcessPoolExecutor(min(len(waiting) or 1, os.cpu_count() or 1)) as pool:
        for done, job in enumerate(as_completed([pool.submit(run, str(p)) for p in waiting]), 1):
            path, notebook, seconds, error = job.result()
            name = Path(path).relative_to(ROOT)
            print(f"  {done}/{len(waiting)} {name} {f'{seconds:.1f} s' if error is None else 'failed'}", flush=True)
            if error:
                print(f"make: {name}, {error}", file=sys.stderr)
                good = False
            else:
                bundle = CacheBundleIn(notebook, path, data={"execution_seconds": seconds})
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
                with OUTDATED.open("a", encoding="utf-8") as file:
                    file.write(name.with_suffix("").as_posix() + "\n")
    return good


def _cached(cache: object, path: Path) -> bool:
    try:
        cache.match_cache_notebook(nbformat.read(path, as_version=4))  # type: ignore[attr-defined]
    except KeyError:
        return False
    return True


def build_pages() -> bool:
    """Build the pages beside the old ones and put them in their place."""
    print("Building the pages ...", flush=True)
    next_book = BUILD / "next"
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(ROOT), "--path-output", str(next_book)]
    done = subprocess.run(
        [*command, "--warningiserror", "--keep-going", "-q"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        print("make: the pages could not be built; the reason stands above", file=sys.stderr)
        return False
    fresh, place, old = BUILD / "fresh", BUILD / "html", BUILD / "old"
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(next_book / "_build" / "html", fresh)
    if place.exists():
        place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)
    OUTDATED.unlink(missing_ok=True)
    return True


def main() -> int:
    os.environ.update(ENVIRONMENT)
    BUILD.mkdir(exist_ok=True)
    if not run_all(notebooks()) or not build_pages():
        return 1
    print(f"The book is ready: {(BUILD / 'html' / 'index.html').as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
