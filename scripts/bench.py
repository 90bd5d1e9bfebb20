"""Time what may grow, each as a ratio of two runs taken side by side: ``make bench``.

A ratio says the same on a fast machine and a slow one; times do not, so none is asserted anywhere.
Names of measures as arguments pick some of them; ``--quick`` leaves out those that run every notebook;
``--write`` puts what was measured into ``book/_bench/results.csv``, which a page of the book shows.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from math import inf
from pathlib import Path
from statistics import median
from typing import NamedTuple

import nbformat
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "notebooks"), str(ROOT / "tests"), str(ROOT / "scripts")]

import build  # noqa: E402
import sco  # noqa: E402
from sco import audit  # noqa: E402
from sco.argument import ArgumentMap  # noqa: E402
from sco.crossimpact import CrossImpact  # noqa: E402

RESULTS = ROOT / "book" / "_bench" / "results.csv"
REPEATS = 5
STARTS = 20  # a start takes about a second, and its time varies by a tenth


class Limit(NamedTuple):
    """A ratio that is at most or at least a number, or has no limit."""

    number: float | None = None
    least: bool = False

    def __str__(self) -> str:
        return "none" if self.number is None else f"at {'least' if self.least else 'most'} {self.number:g}"

    def standing(self, measured: float) -> str:
        if self.number is None:
            return "–"
        return "within" if (measured >= self.number if self.least else measured <= self.number) else "beyond"


class Result(NamedTuple):
    what: str
    ratio: float
    limit: Limit
    note: str = ""

    def row(self) -> list[str]:
        return [self.what, f"{self.ratio:.2f}", str(self.limit), self.limit.standing(round(self.ratio, 2)), self.note]


def shortest(run: Callable[[], object], repeats: int = REPEATS) -> float:
    """The least processor time of a few runs; other work on the machine does not stretch it."""
    best = inf
    for _ in range(repeats):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


def ratio(first: Callable[[], object], second: Callable[[], object]) -> float:
    """How much longer the first takes: the shortest of a few runs of each, in turn, after one that does not count."""
    best = {first: inf, second: inf}
    for lap in range(REPEATS + 1):
        for run in (first, second):
            seconds = shortest(run, 1)
            if lap:
                best[run] = min(best[run], seconds)
    return best[first] / best[second]


# -- growth: the real size, ten times and a hundred times as much ------------------------------


def grown_audit(times: int) -> Callable[[], object]:
    """The book's claims, events and questions, again and again under other names; references are shared."""
    tables = audit.Tables.load()
    claims, events, questions = [], {}, {}
    for lap in range(times):
        end = f".x{lap}" if lap else ""
        events |= {f"{name}{end}": row for name, row in tables.events.items()}
        questions |= {f"{name}{end}": row for name, row in tables.questions.items()}
        for claim in tables.claims:
            copy = audit.Row(vars(claim))
            copy.claim_id, copy.subject = f"{claim.claim_id}{end}", f"{claim.subject}{end}"
            if claim.check in audit.ARITHMETIC:
                copy.operands = " ".join(f"{operand}{end}" for operand in claim.operands.split())
            claims.append(copy)
    shared = {name: getattr(tables, name) for name in ("references", "units", "footnotes", "memberships", "states")}
    many = audit.Tables(claims=claims, events=events, questions=questions, **shared)
    return lambda: audit.verdicts(many)


def grown_argument(times: int) -> Callable[[], object]:
    """The map of the whole thesis, again and again; every copy's first conclusion attacks that of the next."""
    nodes, edges = sco.load("argument_nodes"), sco.load("argument_edges")[["source", "target", "kind"]].astype(str)
    first = nodes.loc[nodes["kind"] == "conclusion", "node"].iloc[0]
    many_nodes, many_edges = [], []
    for lap in range(times):
        many_nodes.append(nodes.assign(node=nodes["node"] + f"x{lap}"))
        many_edges.append(edges.assign(source=edges["source"] + f"x{lap}", target=edges["target"] + f"x{lap}"))
    chain = [(f"{first}x{lap}", f"{first}x{lap + 1}", "attack-rebut") for lap in range(times - 1)]
    many_edges.append(pd.DataFrame(chain, columns=["source", "target", "kind"]))
    whole = ArgumentMap(pd.concat(many_nodes, ignore_index=True), pd.concat(many_edges, ignore_index=True))
    return whole.evaluate


def settled() -> CrossImpact:
    """The thesis's own matrix."""
    variants = sco.load("cib_variants").groupby("descriptor", sort=False)["variant"].agg(list)
    return CrossImpact(sco.load("cib_judgements").query("coder == 'settled'"), variants.to_dict())


def grown_crossimpact(times: int) -> Callable[[], object]:
    """The thesis's matrix with a further descriptor of as many variants, which the first descriptor moves."""
    real = settled()
    if times == 1:
        return real.consistent
    source, own = next(iter(real.variants.items()))
    names = [f"v{i}" for i in range(times)]
    rows = [(source, v, "more", n, (i + k) % 3 - 1) for i, v in enumerate(own) for k, n in enumerate(names)]
    long = pd.concat([real.long, pd.DataFrame(rows, columns=real.long.columns)], ignore_index=True)
    return CrossImpact(long, {**real.variants, "more": names}).consistent


GROWN = {
    "audit": (grown_audit, "every claim judged"),
    "argument": (grown_argument, "every node labelled"),
    "cross-impact": (grown_crossimpact, "every scenario looked at"),
}


def child(subject: str, times: int) -> None:
    """The memory that one subject took at one size in a process of its own, and its time against the real size.

    The two are timed in turn, the small one as often as the large one is larger, and the middle one of the ratios
    counts: other work on the machine then meets both alike, and a burst of it meets one ratio of many.
    """
    run = GROWN[subject][0](times)
    run()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, kilobytes elsewhere
    found = {"peak": peak / unit}
    if times > 1:
        once, spent, laps = GROWN[subject][0](1), 0.0, list[float]()
        while spent < 1 or len(laps) < 3:
            large, small = shortest(run, 1), shortest(lambda: [once() for _ in range(times)], 1)
            laps.append(times * large / small)
            spent += large
        found["ratio"] = median(laps)
    print(json.dumps(found))


def growth(subject: str, sizes: tuple[int, ...] = (1, 10, 100)) -> list[Result]:
    """How time grows with size; linear growth and a tenth more is the limit. Memory is told beside it."""
    found = {}
    for times in sizes:
        command = [sys.executable, str(Path(__file__).resolve()), "--child", subject, str(times)]
        found[times] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [
        Result(
            f"{subject}: {times} times the book's size, {GROWN[subject][1]}",
            found[times]["ratio"],
            Limit(1.1 * times),
            f"peak memory {found[times]['peak']:.0f} MB, at the book's size {found[1]['peak']:.0f} MB",
        )
        for times in sizes[1:]
    ]


# -- against others ----------------------------------------------------------------------------


def enumeration() -> list[Result]:
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
    return [Result("cross-impact: prophesy-cib against sco, 59,049 scenarios", faster, Limit(10, least=True))]


def scenarios() -> list[Result]:
    """Fourteen descriptors of three variants against twelve: nine times the scenarios."""
    from test_crossimpact import random_long

    small, large = CrossImpact(random_long(12, 3, 2)), CrossImpact(random_long(14, 3, 2))
    grown = ratio(large.consistent, small.consistent)
    return [Result("cross-impact: 4.8 million scenarios against 0.5 million", grown, Limit(11))]


def loading() -> list[Result]:
    """Every table checked, against plain pandas reading of the same files: a copy of them, of which nothing is kept."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(shutil.copytree(ROOT / "data", Path(folder) / "data"))

        def checked() -> None:
            for name in sco.tables(data):
                sco.load(name, data)

        def plain() -> None:
            for name in sco.tables(data):
                pd.read_csv(data / f"{name}.csv", dtype=str)

        return [Result("loading: every table checked, against plain reading", ratio(checked, plain), Limit())]


def starting() -> list[Result]:
    """Importing the module and loading every table, against importing pandas: new processes, their processor time.

    The lap that does not count compiles the modules and keeps the tables, as the first start anywhere does; of the
    others' ratios the middle one is taken.
    """

    def started(code: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT / "notebooks")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    ours, floor = "import sco\nfor name in sco.tables():\n    sco.load(name)", "import pandas"
    grown = median([started(ours) / started(floor) for _ in range(STARTS + 1)][1:])
    return [Result("starting: import sco and load every table, against import pandas", grown, Limit(1.15))]


# -- the whole book: long runs, on a machine that does nothing else ------------------------------

FLOOR = "import ipywidgets\nimport matplotlib.pyplot as plt\nimport pandas\n\nfig, ax = plt.subplots()\nfig"


def run_notebooks(paths: list[Path]) -> tuple[float, dict[str, float]]:
    """Seconds to run notebooks on all cores, and those of each one."""
    start = time.perf_counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        done = list(pool.map(build.run, map(str, paths)))
    failed = [f"{run.path}, {run.error}" for run in done if run.error]
    if failed:
        raise RuntimeError("; ".join(failed))
    return time.perf_counter() - start, {Path(run.path).stem: run.seconds for run in done}


def notebooks(paths: list[Path] | None = None) -> list[Result]:
    """All notebooks against the least that as many can take: kernels that import the packages and draw nothing.

    The two are run in turn, and the lap with the middle one of the ratios counts.
    """
    real = build.notebooks() if paths is None else paths
    with tempfile.TemporaryDirectory() as folder:
        floor = [Path(folder) / f"floor-{n:02}.ipynb" for n in range(len(real))]
        for path in floor:
            nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(FLOOR)]), path)
        laps = [(run_notebooks(floor)[0], *run_notebooks(real)) for _ in range(REPEATS)]
    least, whole, each = sorted(laps, key=lambda lap: lap[1] / lap[0])[REPEATS // 2]
    longest = sorted(each.items(), key=lambda item: -item[1])[:4]
    told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in longest)
    note = f"{whole:.0f} s against {least:.0f} s on {os.cpu_count()} cores; longest: {told}"
    return [Result(f"notebooks: all {len(real)} against as many that only start", whole / least, Limit(1.25), note)]


def rebuilding(root: Path = ROOT) -> list[Result]:
    """A build with nothing changed against the first, in a copy of the repository."""
    leave = shutil.ignore_patterns("_build", ".venv", ".git", ".*_cache", ".hypothesis", "__pycache__")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(root, Path(folder) / "book", ignore=leave))
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            command = [sys.executable, str(copy / "scripts" / "build.py")]
            subprocess.run(command, check=True, cwd=copy, stdout=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - start)
    first, second = seconds
    note = f"{second:.0f} s against {first:.0f} s"
    return [Result("building: nothing changed, against the first build", second / first, Limit(0.2), note)]


QUICK: dict[str, Callable[[], list[Result]]] = {
    **{subject: lambda subject=subject: growth(subject) for subject in GROWN},  # type: ignore[misc]
    "scenarios": scenarios,
    "enumeration": enumeration,
    "loading": loading,
    "starting": starting,
}
LONG: dict[str, Callable[[], list[Result]]] = {"notebooks": notebooks, "rebuilding": rebuilding}
HEADS = ["What", "Ratio", "Limit", "Standing", "Note"]


def write(found: dict[str, list[Result]]) -> None:
    """Put results into the table of the book; what was not measured this time stays as it was."""
    rows: dict[str, list[list[str]]] = {}
    if RESULTS.exists():
        with RESULTS.open(encoding="utf-8", newline="") as file:
            for name, *row in islice(csv.reader(file), 1, None):
                rows.setdefault(name, []).append(row)
    rows |= {name: [result.row() for result in results] for name, results in found.items()}
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["Measure", *HEADS])
        out.writerows([name, *row] for name in (QUICK | LONG) for row in rows.get(name, []))


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--child"]:
        child(arguments[1], int(arguments[2]))
        return 0
    parser = argparse.ArgumentParser(description="Measure speed, as ratios taken side by side.")
    parser.add_argument("names", nargs="*", help=f"measures: {' '.join(QUICK | LONG)}; all of them by default")
    parser.add_argument("--quick", action="store_true", help="leave out the notebooks and the builds")
    parser.add_argument("--write", action="store_true", help="store the results for the page on speed")
    given = parser.parse_args(arguments)
    chosen = given.names or list(QUICK if given.quick else QUICK | LONG)
    if unknown := [name for name in chosen if name not in QUICK | LONG]:
        print(f"no measure {unknown[0]!r}; there are: {' '.join(QUICK | LONG)}", file=sys.stderr)
        return 2
    os.environ.update(build.ENVIRONMENT)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # Python's own default: compiled modules and tables are kept
    found = {}
    print(f"{HEADS[0]:<68}{HEADS[1]:>8}  {HEADS[2]:<14}{HEADS[3]:<10}{HEADS[4]}")
    for name in chosen:
        found[name] = (QUICK | LONG)[name]()
        for what, measured, limit, standing, note in (result.row() for result in found[name]):
            print(f"{what:<68}{measured:>8}  {limit:<14}{standing:<10}{note}", flush=True)
    if given.write:
        write(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
