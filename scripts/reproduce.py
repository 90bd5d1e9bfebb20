"""Build the book twice under different circumstances and compare every file of the two.

The second build has another path (with blanks and letters of three scripts), time zone, locale,
hash seed, home folder and number of workers, and data that cannot be written.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("plain", "far away/Шёлковый путь – 上海 (é)")
WORKERS = ("1", "3")
# Settings of another user that must not show: a kernel that speaks, figures in other letters.
PROFILE = 'print("a word from the profile")\n'
MATPLOTLIBRC = "font.size: 30\nsvg.fonttype: none\n"


def circumstances(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The environments of the two builds; the second has a home in `folder`."""
    startup, matplotlib = folder / ".ipython" / "profile_default" / "startup", folder / ".config" / "matplotlib"
    for path, text in ((startup / "0.py", PROFILE), (matplotlib / "matplotlibrc", MATPLOTLIBRC)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    one = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1", "PYTHONDONTWRITEBYTECODE": ""}
    other = {"TZ": "Pacific/Kiritimati", "LC_ALL": "POSIX", "LANGUAGE": "ru", "PYTHONHASHSEED": "4242"}
    return one, {**other, "HOME": str(folder), "COLUMNS": "40", "PYTHONDONTWRITEBYTECODE": "1"}


def protect(data: Path, writable: bool = False) -> None:
    """Make a folder and its files read-only, or writable again."""
    for path in (*data.iterdir(), data):
        path.chmod(path.stat().st_mode | 0o200 if writable else path.stat().st_mode & ~0o222)


def digests(folder: Path) -> dict[str, str]:
    """Every file below `folder` with its digest."""
    files = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def differing(one: Path, other: Path) -> list[str]:
    """The files that are not the same below both folders, or below one of them only."""
    return sorted({name for name, _ in digests(one).items() ^ digests(other).items()})


def where(one: Path, other: Path) -> str:
    """The first place at which two files differ."""
    if not (one.exists() and other.exists()):
        return "only in one book"
    first, second = one.read_bytes(), other.read_bytes()
    at = next((n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))
    return f"byte {at}: {first[max(at - 40, 0) : at + 60]!r} and {second[max(at - 40, 0) : at + 60]!r}"


def build(folder: Path, environment: dict[str, str], workers: str) -> bool:
    """Copy the checkout to `folder` and build its book there."""
    ignore = shutil.ignore_patterns(".*", "_build", "__pycache__")
    shutil.copytree(ROOT, folder, ignore=ignore)
    protect(folder / "data")
    start = time.perf_counter()
    command = [sys.executable, str(folder / "scripts" / "build.py"), "--workers", workers]
    done = subprocess.run(command, env={**os.environ, **environment}, cwd=folder)
    protect(folder / "data", writable=True)
    print(f"{folder.name}: {time.perf_counter() - start:.0f} s", flush=True)
    return done.returncode == 0


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="sco-reproduce-") as name:
        base = Path(name)
        folders = [base / folder for folder in FOLDERS]
        for folder, environment, workers in zip(folders, circumstances(base / "home"), WORKERS, strict=True):
            if not build(folder, environment, workers):
                return 1
        found = 0
        for part in ("_build/html", "_build/runs"):
            one, other = (folder / part for folder in folders)
            for file in differing(one, other):
                print(f"{part}/{file} differs, {where(one / file, other / file)}", file=sys.stderr)
                found += 1
            print(f"{part}: {len(digests(one))} files compared")
    print(f"{found} files differ" if found else "The two books are the same, byte for byte.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
