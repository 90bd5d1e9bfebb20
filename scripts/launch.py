"""Measure the launch environment: packages, size, and the wait for the first cell: ``make launch``.

A new environment is made from ``requirements.txt`` alone, as Binder makes it; ``--write`` puts what was
found into ``book/_bench/launch.csv``, which the page on speed shows.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "book" / "_bench" / "launch.csv"
START = ROOT / "notebooks" / "01-introduction.ipynb"
FIRST = """
import sys, time
from jupyter_client.manager import start_new_kernel
start = time.perf_counter()
manager, client = start_new_kernel(kernel_name="python3", cwd=sys.argv[1])
reply = client.execute_interactive(sys.stdin.read(), timeout=120, output_hook=lambda message: None)
print(reply["content"]["status"], time.perf_counter() - start)
manager.shutdown_kernel(now=True)
"""


def asked() -> list[str]:
    """The packages that the launch environment is for, as pyproject.toml names them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [str(name) for name in project["dependencies"]]


def megabytes(folder: Path) -> float:
    """The size of all files below a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def first_cell(python: Path, folder: Path) -> float:
    """Seconds from the start of a kernel to the end of the first code cell of the first chapter."""
    cells = nbformat.read(START, as_version=4).cells
    source = next(cell.source for cell in cells if cell.cell_type == "code")
    command = [str(python), "-c", FIRST, str(folder)]
    done = subprocess.run(command, input=source, check=True, capture_output=True, text=True)
    status, seconds = done.stdout.split()
    if status != "ok":
        raise RuntimeError(f"the first cell of {START.name} ended with {status!r}")
    return float(seconds)


def measure() -> list[tuple[str, str]]:
    """What a launch brings, in a new environment that is thrown away afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = Path(folder) / "bin" / "python"
        pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
        site = next(Path(folder).glob("lib/python*/site-packages"))
        before = megabytes(site)
        start = time.perf_counter()
        pins = ["--require-hashes", "-r", str(ROOT / "requirements.txt")]
        subprocess.run([*pip, "install", "--quiet", *pins], check=True)
        installed = time.perf_counter() - start
        listed = subprocess.run([*pip, "list", "--format=freeze"], check=True, capture_output=True, text=True).stdout
        packages = [line for line in listed.splitlines() if line.partition("==")[0] not in {"pip", "setuptools"}]
        size = megabytes(site) - before
        fresh = Path(folder) / "checkout"  # nothing compiled or kept yet
        for part in ("notebooks", "data"):
            shutil.copytree(ROOT / part, fresh / part, ignore=shutil.ignore_patterns("__pycache__"))
        waits = [first_cell(python, fresh / "notebooks") for _ in range(4)]
    return [
        ("Packages asked for", str(len(asked()))),
        ("Packages in all, with what these need", str(len(packages))),
        ("Size of the packages", f"{size:.0f} MB"),
        ("Time to install them, from a package index nearby", f"{installed:.0f} s"),
        ("From kernel start to the end of the first cell of chapter 1, first time", f"{waits[0]:.1f} s"),
        ("The same, later starts", f"{min(waits[1:]):.1f} s"),
    ]


def main(arguments: list[str]) -> int:
    found = measure()
    for what, value in found:
        print(f"{what:<72}{value:>8}")
    if arguments == ["--write"]:
        with RESULTS.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([("What", "Measured"), *found])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
