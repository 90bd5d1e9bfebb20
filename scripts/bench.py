"""Time what may grow, each as a ratio of two runs taken side by side: ``make bench``.

A ratio says the same on a fast machine and a slow one; times do not, so none is asserted anywhere.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from itertools import islice
from math import inf
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "notebooks"), str(ROOT / "tests")]

from sco import audit  # noqa: E402
from sco.crossimpact import CrossImpact  # noqa: E402

REPEATS = 5


def ratio(first: Callable[[], object], second: Callable[[], object]) -> float:
    """How much longer the first takes: the shortest of a few runs of each, in turn, after one that does not count.

    It is processor time, which other work on the machine does not stretch.
    """
    shortest = {first: inf, second: inf}
    for lap in range(REPEATS + 1):
        for run in (first, second):
            start = time.process_time()
            run()
            if lap:
                shortest[run] = min(shortest[run], time.process_time() - start)
    return shortest[first] / shortest[second]


def synthetic(tables: audit.Tables, size: int) -> audit.Tables:
    """As many claims as asked for: the book's first thousand, again and again under other subjects."""
    claims = []
    for number in range(size):
        lap, place = divmod(number, 1_000)
        claim = audit.Row(tables.claims[place])
        if lap:
            claim["claim_id"], claim["subject"] = f"{claim.claim_id}x{lap}", f"{claim.subject}.x{lap}"
        claims.append(claim)
    parts = {
        name: getattr(tables, name)
        for name in ("references", "units", "events", "footnotes", "memberships", "states", "questions")
    }
    return audit.Tables(claims=claims, **parts)


def audit_growth() -> tuple[str, float, str]:
    """Ten thousand claims against one thousand."""
    tables = audit.Tables.load()
    few, many = synthetic(tables, 1_000), synthetic(tables, 10_000)
    grown = ratio(lambda: audit.verdicts(many), lambda: audit.verdicts(few))
    return "audit: 10,000 claims against 1,000", grown, "at most 11"


def enumeration() -> tuple[str, float, str]:
    """Ten descriptors of three variants, all 59,049 scenarios, by prophesy-cib and by this book.

    The other side is timed on a share of its scenarios in its own order, and the share is scaled up.
    """
    from prophesy_cib.scenario_gen import enumerate_all_scenarios
    from prophesy_cib.succession import compute_scenario_consistency
    from test_crossimpact import other_model, random_long

    long = random_long(10, 3, 1)
    model, _ = other_model(long)
    share = 600

    def other() -> None:
        for scenario in islice(enumerate_all_scenarios(model, None), share):
            compute_scenario_consistency(scenario, model)

    faster = ratio(other, lambda: CrossImpact(long).consistent()) * 3**10 / share
    return "cross-impact: prophesy-cib against sco, 59,049 scenarios", faster, "at least 10"


def scenarios_growth() -> tuple[str, float, str]:
    """Fourteen descriptors of three variants against twelve: nine times the scenarios."""
    from test_crossimpact import random_long

    small, large = CrossImpact(random_long(12, 3, 2)), CrossImpact(random_long(14, 3, 2))
    grown = ratio(large.consistent, small.consistent)
    return "cross-impact: 4.8 million scenarios against 0.5 million", grown, "at most 11"


def loading() -> tuple[str, float, str]:
    """Every table of the data package against plain pandas reading of the same files."""
    import sco

    def checked() -> None:
        for name in sco.tables():
            sco.load(name)

    def plain() -> None:
        for name in sco.tables():
            pd.read_csv(ROOT / "data" / f"{name}.csv", dtype=str)

    return "loading: every table checked against plain reading", ratio(checked, plain), "none set"


def main() -> int:
    print(f"{'what':<58}{'ratio':>8}  limit")
    for measure in (audit_growth, enumeration, scenarios_growth, loading):
        name, measured, limit = measure()
        print(f"{name:<58}{measured:>8.1f}  {limit}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
