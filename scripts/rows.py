"""Count the rows of every table anew and write them into data/datapackage.json: ``make rows``.

The count is what tells a file that lost its end from a whole one, so each change of it is printed
and should be looked at. ``--check`` changes nothing and fails where a count is out of date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "notebooks"))

from sco.tables import DataError, row_count  # noqa: E402


def recount(folder: Path) -> tuple[str, list[str]]:
    """The description with counts that fit the files, and a line for each count that was changed."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    changes = []
    for resource in package["resources"]:
        before, now = resource.get("sco:rows"), row_count(resource["name"], folder)
        if before != now:
            resource["sco:rows"] = now
            changes.append(f"{resource['name']}: {'no count' if before is None else before} -> {now} rows")
    return json.dumps(package, indent=1, ensure_ascii=False) + "\n", changes


def main() -> int:
    folder = ROOT / "data"
    try:
        text, changes = recount(folder)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(changes) or "The row counts fit the files.")
    if "--check" in sys.argv:
        return int(bool(changes))
    (folder / "datapackage.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
