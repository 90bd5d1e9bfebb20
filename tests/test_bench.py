"""The benchmarks measure what they say, and the table of the book says what was measured."""

from __future__ import annotations

import csv
from pathlib import Path

import bench
import pytest
import sco
from bench import Limit, Result


def test_a_limit_can_be_met_and_missed() -> None:
    """A limit is met on its own side only; where there is none, nothing is said."""
    assert [Limit(1.25).standing(x) for x in (1.2, 1.25, 1.3)] == ["within", "within", "beyond"]
    assert [Limit(10, least=True).standing(x) for x in (9.0, 10.0, 400.0)] == ["beyond", "within", "within"]
    assert Limit().standing(7) == "–"
    assert (str(Limit(1.25)), str(Limit(10, least=True)), str(Limit())) == ("at most 1.25", "at least 10", "none")


def test_the_enlarged_audit_is_the_book_again_and_again() -> None:
    """Three times the claims give three times each verdict, so the rules have the same work on every copy."""
    once, thrice = (bench.grown_audit(n)()["verdict"].value_counts() for n in (1, 3))
    assert (thrice == 3 * once).all() and once.sum() == len(sco.load("claims"))


def test_the_enlarged_map_has_all_nodes_and_the_enlarged_matrix_all_scenarios() -> None:
    """Each size is as many times the real one as it says."""
    assert len(bench.grown_argument(3)()) == 3 * len(sco.load("argument_nodes"))
    assert bench.grown_crossimpact(10).__self__.size == 10 * bench.settled().size


def test_results_are_merged_by_measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new run replaces the rows of its measure and leaves the others, in the order of the script."""
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.csv")
    bench.write({"loading": [Result("loading", 2.0, Limit())], "audit": [Result("audit", 9.0, Limit(11))]})
    bench.write({"audit": [Result("audit", 12.0, Limit(11), "slow")]})
    with (tmp_path / "results.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["Measure", *bench.HEADS]
    assert rows == [
        ["audit", "audit", "12.00", "at most 11", "beyond", "slow"],
        ["loading", "loading", "2.00", "none", "–", ""],
    ]


def test_the_stored_results_are_those_of_the_script() -> None:
    """Every stored line names a measure that there is, and its standing follows from its ratio and its limit."""
    with bench.RESULTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows and [r["Measure"] for r in rows] == sorted(
        (r["Measure"] for r in rows), key=list(bench.QUICK | bench.LONG).index
    )
    for row in rows:
        words = row["Limit"].split()
        limit = Limit() if words == ["none"] else Limit(float(words[2]), least=words[1] == "least")
        assert row["Standing"] == limit.standing(float(row["Ratio"])), row["What"]


def test_an_unknown_measure_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt name ends with what there is, before anything is timed."""
    assert bench.main(["audt"]) == 2
    assert "no measure 'audt'; there are: audit argument" in capsys.readouterr().err
