"""The page for teachers: every exercise says what it teaches and how long it takes, and has a hidden, checked solution."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).resolve().parents[1] / "book" / "teachers.ipynb"
CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
SOURCES = ["".join(cell["source"]) for cell in CELLS]
EXERCISES = [i for i, source in enumerate(SOURCES) if re.search(r"^### \d\.\d ", source, re.M)]


def test_three_exercises_for_each_chapter() -> None:
    """Chapters 1 to 5, the documents and hindsight have three exercises each, numbered in order."""
    numbers = [re.search(r"^### (\d\.\d) ", SOURCES[i], re.M)[1] for i in EXERCISES]
    assert numbers == [f"{chapter}.{n}" for chapter in range(1, 8) for n in (1, 2, 3)]


@pytest.mark.parametrize("at", EXERCISES)
def test_each_exercise_has_time_aim_and_solution(at: int) -> None:
    """The solution stands in the next cell, is hidden under a label of its own, and its output is compared."""
    assert re.search(r"^### .* \(\d+ minutes(, code)?\)$", SOURCES[at], re.M)
    assert "*Learns:*" in SOURCES[at]
    solution = CELLS[at + 1]
    assert solution["cell_type"] == "code"
    assert solution["metadata"]["tags"] == ["hide-cell"]
    assert solution["metadata"]["mystnb"]["code_prompt_show"] == "Show the solution"
    assert SOURCES[at + 1].startswith("# NBVAL_CHECK_OUTPUT")


def test_exercises_of_the_plans_exist() -> None:
    """The plans for a session and for four weeks name no exercise that is not there."""
    plans = "\n".join(s for s in SOURCES if "90 minutes" in s)
    named = set(re.findall(r"\b[1-7]\.[1-3]\b", plans))
    there = {re.search(r"^### (\d\.\d) ", SOURCES[i], re.M)[1] for i in EXERCISES}
    assert named and named <= there
