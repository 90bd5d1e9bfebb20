"""Run the notebooks and store just the outputs that the tests compare.

A cell marked ``# NBVAL_CHECK_OUTPUT`` keeps its text; every other output, count and timestamp is
taken out, so that a notebook changes in the repository only when its code or its results do.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from build import ENVIRONMENT, ROOT, notebooks, run

MARK = "# NBVAL_CHECK_OUTPUT"
# nbval compares every kind of output but markup and pictures; a kind that is not stored fails there.
COMPARED = {"text/plain", "text/markdown"}


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Leave text outputs on marked cells and nothing else that a run adds."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        kept = (
            [o for o in cell.outputs if o.output_type in {"display_data", "execute_result"}]
            if MARK in cell.source
            else []
        )
        for output in kept:
            output.data = {kind: text for kind, text in output.data.items() if kind in COMPARED}
            output.metadata = {}
        cell.outputs = kept
        if not kept:
            cell.execution_count = None
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


def main() -> int:
    os.environ.update(ENVIRONMENT)
    failed = False
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in pool.map(run, map(str, notebooks())):
            if done.error:
                print(f"make: {done.path}, {done.error}", file=sys.stderr)
                failed = True
                continue
            tidy(done.notebook)
            nbformat.validate(done.notebook)
            Path(done.path).write_text(nbformat.writes(done.notebook) + "\n", encoding="utf-8")
            print(f"stored {os.path.relpath(done.path, ROOT)}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
