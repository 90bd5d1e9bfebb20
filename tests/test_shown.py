"""What a cell makes for the reader is shown: it is the value of the cell's last line, or displayed."""

import ast
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("book/*.ipynb")])
MAKERS = {"Prose", "View", "table", "figure", "ledger", "show", "verdict_counts", "Explorer"}


def lost(source: str) -> list[str]:
    """Statements that make a piece of a page and drop it."""
    body = ast.parse(source).body
    dropped = [s.value for s in body[:-1] if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)]
    return [ast.unparse(c)[:60] for c in dropped if ast.unparse(c.func).rpartition(".")[2] in MAKERS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_piece_of_a_page_is_made_and_dropped(path):
    cells = nbformat.read(path, as_version=4).cells
    assert not [found for cell in cells if cell.cell_type == "code" for found in lost(cell.source)]


def test_a_dropped_piece_would_be_found():
    assert lost("page.Prose('x')\nassert True") == ["page.Prose('x')"]
    assert not lost("assert True\npage.Prose('x')")
