"""Compile the pinned requirements from pyproject.toml; ``--check`` says whether they are up to date."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMPILE = [
    "uv",
    "pip",
    "compile",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
]
COMPILE += ["--no-header", "--quiet"]
HEADER = "# Made by `make lock` from pyproject.toml; do not edit.\n"


def compile_to(folder: Path, upgrade: bool) -> None:
    """Write both requirement files into `folder`, keeping the pins there unless `upgrade`."""
    more = ["--upgrade"] if upgrade else []
    launch, dev = folder / "requirements.txt", folder / "requirements-dev.txt"
    run = [sys.executable, "-m", *COMPILE, *more, str(ROOT / "pyproject.toml")]
    subprocess.run([*run, "--output-file", str(launch)], check=True, cwd=ROOT)
    subprocess.run(
        [*run, "--group", "dev", "--constraint", str(launch), "--output-file", str(dev)], check=True, cwd=ROOT
    )
    for path in (launch, dev):
        text = path.read_text(encoding="utf-8").replace(f"{folder}/", "")
        path.write_text(HEADER + text.removeprefix(HEADER), encoding="utf-8")


def main() -> int:
    if "--check" not in sys.argv:
        compile_to(ROOT, "--upgrade" in sys.argv)
        return 0
    with tempfile.TemporaryDirectory() as name:
        for file in ("requirements.txt", "requirements-dev.txt"):
            (Path(name) / file).write_text((ROOT / file).read_text(encoding="utf-8"), encoding="utf-8")
        compile_to(Path(name), False)
        drifted = [
            f
            for f in ("requirements.txt", "requirements-dev.txt")
            if (Path(name) / f).read_text() != (ROOT / f).read_text()
        ]
    for file in drifted:
        print(f"{file} does not follow from pyproject.toml; run make lock", file=sys.stderr)
    return int(bool(drifted))


if __name__ == "__main__":
    sys.exit(main())
