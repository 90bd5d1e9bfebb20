"""Draw an argument map: premises left, inferences in the middle, conclusions right.

Shape tells the kind, a sign and the outline tell the label, and the line tells what an edge does;
colour tells nothing that these do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import networkx as nx
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Polygon, Rectangle

from sco.figures import FAINT, INK, LAND, MEMBER, PAPER, RED
from sco.page import View, figure, listing, number

if TYPE_CHECKING:
    from sco.argument import ArgumentMap

SIGN = {"in": "✓", "out": "✗", "undecided": "?"}
GAP, LINE, PAD, LETTERS, LANE = 0.46, 0.145, 0.1, 27, 0.075


@dataclass
class _Box:
    column: int
    row: int
    lines: list[str]
    top: float = 0.0
    left: float = 0.0

    @property
    def height(self) -> float:
        return len(self.lines) * LINE + 2 * PAD

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass
class _Table:
    """Cells of three columns that are taken."""

    cells: dict[str, tuple[int, int]] = field(default_factory=dict)
    taken: set[tuple[int, int]] = field(default_factory=set)

    def put(self, node: str, column: int, row: int, clear: Iterable[int] = ()) -> int:
        """Place a node in the first free row from `row` on where the columns `clear` are free too."""
        while any((c, row) in self.taken for c in (column, *clear)):
            row += 1
        self.cells[node] = (column, row)
        self.taken.add((column, row))
        return row


def _place(m: ArgumentMap) -> dict[str, tuple[int, int]]:
    """Column and row of every node: a block of rows per inference, rebuttals below what they attack."""
    table, kind = _Table(), dict(m.graph.nodes(data="kind"))
    order = list(nx.lexicographical_topological_sort(m.supports, key=list(m.graph).index))
    attacks = {n: [a for a in m.graph.predecessors(n) if not m.supports.has_edge(a, n)] for n in m.graph}
    row = 0

    def against(node: str, row: int) -> None:
        column = table.cells[node][0]
        for rebuttal in attacks[node]:
            if kind[rebuttal] == "rebuttal" and rebuttal not in table.cells:
                clear = (1,) if column == 2 else ()
                at = table.put(rebuttal, column, row + 1, clear)
                table.taken |= {(c, at) for c in clear}
                for other in [*attacks[rebuttal], *m.supports.predecessors(rebuttal)]:
                    if other not in table.cells and kind[other] != "inference" and not _inner(m, other):
                        table.put(other, 0, at)

    for step in [n for n in order if kind[n] == "inference"]:
        row = 1 + max((r for _, r in table.cells.values()), default=-1)
        table.put(step, 1, row)
        for premise in m.supports.predecessors(step):
            if premise not in table.cells and not _inner(m, premise):
                against_row = table.put(premise, 0, row)
                against(premise, against_row)
        for conclusion in m.supports.successors(step):
            if conclusion not in table.cells:
                table.put(conclusion, 2, row)
        against(step, row)
        for conclusion in m.supports.successors(step):
            against(conclusion, table.cells[conclusion][1])
    for node in order:
        if node not in table.cells:
            table.put(node, 0, 1 + max((r for _, r in table.cells.values()), default=-1))
    return table.cells


def _inner(m: ArgumentMap, node: str) -> bool:
    return bool(m.supports.in_degree(node) > 0 and m.graph.nodes[node]["kind"] == "conclusion")


def draw(m: ArgumentMap, labels: pd.Series, *, width: float = 6.8) -> Figure:
    """Draw an argument map with its labels.

    Parameters
    ----------
    m : ArgumentMap
        At most about fifteen nodes.
    labels : pandas.Series
        A label per node, as `ArgumentMap.evaluate` returns them; those of a larger map will do.
    width : float
        Inches.

    Returns
    -------
    Figure
    """
    home = m.nodes["section"].astype(str).mode()[0] if "section" in m.nodes else ""
    boxes = {}
    for node, (column, row) in _place(m).items():
        name = node.removeprefix(f"{home}-")
        text = f"{name} {SIGN[labels[node]]} {m.nodes.at[node, 'text']}"
        boxes[node] = _Box(column, row, wrap(text, LETTERS))
    top = 0.06
    for row in range(1 + max(b.row for b in boxes.values())):
        inside = [b for b in boxes.values() if b.row == row]
        tall = max((b.height for b in inside), default=0.0)
        for box in inside:
            box.top = top + (tall - box.height) / 2
        top += tall + 0.2 if inside else 0.0
    foreign = {node for node in boxes if home and not node.startswith(f"{home}-")}
    return _picture(m, boxes, labels, foreign, (width, top))


def _picture(
    m: ArgumentMap,
    boxes: dict[str, _Box],
    labels: pd.Series | Mapping[str, str],
    foreign: set[str],
    size: tuple[float, float],
) -> Figure:
    """Boxes whose rows have their heights, set into three columns and joined."""
    width, height = size
    across = (width - 0.1 - 2 * GAP - 2 * 0.12) / 3
    for box in boxes.values():
        box.left = 0.17 + box.column * (across + GAP)
    fig = Figure(figsize=size)
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    _edges(ax, m, boxes, across)
    for node, box in boxes.items():
        _shape(ax, m.graph.nodes[node]["kind"], labels[node], box, across, node in foreign)
    ax.set_axis_off()
    return fig


def _shape(ax: Axes, kind: str, label: str, box: _Box, across: float, foreign: bool) -> None:
    x, y, w, h = box.left, box.top, across, box.height
    look: dict[str, Any] = {
        "facecolor": {"in": MEMBER, "undecided": LAND, "out": PAPER}[label],
        "edgecolor": INK if label != "out" else RED,
        "linestyle": {"in": "-", "undecided": "--", "out": ":"}[label],
        "linewidth": 0.9 if label != "out" else 1.3,
    }
    if kind == "inference":
        rounded = f"round,pad=0,rounding_size={min(0.2, h / 2)}"
        ax.add_artist(FancyBboxPatch((x, y), w, h, boxstyle=rounded, mutation_aspect=1, **look))
    elif kind == "rebuttal":
        c = 0.1
        corners = [(x + c, y), (x + w - c, y), (x + w, y + c), (x + w, y + h - c)]
        corners += [(x + w - c, y + h), (x + c, y + h), (x, y + h - c), (x, y + c)]
        ax.add_artist(Polygon(corners, closed=True, **look))
    else:
        ax.add_artist(Rectangle((x, y), w, h, **look))
        if kind == "conclusion":
            ax.add_artist(
                Rectangle(
                    (x + 0.035, y + 0.035), w - 0.07, h - 0.07, fill=False, edgecolor=INK, linewidth=0.6, zorder=1.1
                )
            )
    if foreign:
        ax.add_artist(Rectangle((x - 0.07, y), 0.07, h, facecolor=FAINT, edgecolor=INK, linewidth=0.6))
    for i, line in enumerate(box.lines):
        at = y + PAD + (i + 0.5) * LINE
        ax.text(x + 0.09, at, line, ha="left", va="center_baseline", fontsize=7.6)


def _edges(ax: Axes, m: ArgumentMap, boxes: dict[str, _Box], across: float) -> None:
    """Lines from box to box; those that join before one target run in one lane."""
    lanes: dict[float, list[tuple[float, float, str]]] = {}

    def lane(side: float, first: float, last: float, bus: str) -> int:
        """A track beside a column that no other bus uses between two heights."""
        low, high = sorted((first, last))
        used = lanes.setdefault(side, [])
        for number in range(12):
            tag = f"{number}|"
            others = [(a, b, t) for a, b, t in used if t.startswith(tag) and t != tag + bus]
            if all(high < a - 0.02 or low > b + 0.02 for a, b, _ in others):
                used.append((low, high, tag + bus))
                return number
        return 12

    ports: dict[tuple[str, str], dict[str, int]] = {}

    def port(node: str, side: str, bus: str) -> float:
        """The height at which a bus meets a side of a box: a little apart from the others."""
        known = ports.setdefault((node, side), {})
        number = known.setdefault(bus, len(known))
        return boxes[node].middle + (0, 0.1, -0.1, 0.18, -0.18)[min(number, 4)]

    done: set[frozenset[str]] = set()
    heads: set[tuple[float, float]] = set()
    for source, target, kind in sorted(m.graph.edges(data="kind"), key=lambda e: _reach(boxes, e[0], e[1])):
        attack = kind != "support"
        mutual = attack and m.graph.has_edge(target, source) and m.graph.edges[target, source]["kind"] != "support"
        if mutual and frozenset((source, target)) in done:
            continue
        done.add(frozenset((source, target)))
        a, b = boxes[source], boxes[target]
        linked = m.graph.nodes[target]["kind"] == "inference" and not attack
        bus = f"{target}{'' if linked else source}{kind}"
        between = [c for c in boxes.values() if c.column == a.column and min(a.row, b.row) < c.row < max(a.row, b.row)]
        if a.column == b.column and not between:
            x = a.left + across / 2
            down = a.row < b.row
            path = [(x, a.top + a.height if down else a.top), (x, b.top if down else b.top + b.height)]
        elif a.column == b.column:
            left = a.column == 0
            edge = a.left if left else a.left + across
            y1, y2 = port(source, "lr"[not left], bus), port(target, "lr"[not left], bus)
            step = 0.05 + LANE * lane(edge, y1, y2, bus)
            x = edge - min(step, 0.15) if left else edge + step
            path = [(edge, y1), (x, y1), (x, y2), (edge, y2)]
        else:
            right = a.column < b.column
            start, end = (a.left + across, b.left) if right else (a.left, b.left + across)
            y1, y2 = (
                port(source, "r" if right else "l", bus if not linked else "support"),
                port(target, "l" if right else "r", bus),
            )
            if abs(y1 - y2) < 0.005:
                path = [(start, y1), (end, y2)]
            elif a.row == b.row and abs(y1 - y2) < 0.06 and not linked:
                path = [(start, y2), (end, y2)]
            else:
                gap = start if right else start - GAP
                number = lane(gap, y1, y2, bus)
                x = gap + 0.09 + LANE * number if right else gap + GAP - 0.09 - LANE * number
                path = [(start, y1), (x, y1), (x, y2), (end, y2)]
        _line(ax, path, attack, mutual, heads)


def _reach(boxes: dict[str, _Box], source: str, target: str) -> tuple[int, int]:
    a, b = boxes[source], boxes[target]
    return abs(a.row - b.row), abs(a.column - b.column)


def _line(
    ax: Axes, path: list[tuple[float, float]], attack: bool, mutual: bool, heads: set[tuple[float, float]]
) -> None:
    style: dict[str, Any] = {"linestyle": "--", "color": RED} if attack else {"linestyle": "-", "color": INK}
    ax.plot(*zip(*path, strict=True), linewidth=1.1 if attack else 0.9, zorder=0.5, solid_capstyle="butt", **style)
    for (x1, y1), (x2, y2) in [(path[-2], path[-1])] + ([(path[1], path[0])] if mutual else []):
        long = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1.0
        ux, uy = (x2 - x1) / long, (y2 - y1) / long
        if attack:
            x, y = x2 - 0.05 * ux, y2 - 0.05 * uy
            ax.plot(
                [x - 0.07 * uy, x + 0.07 * uy], [y - 0.07 * ux, y + 0.07 * ux], color=RED, linewidth=2.2, zorder=0.6
            )
        elif (x2, y2) not in heads:  # lines that join have one head
            heads.add((x2, y2))
            x, y = x2 - 0.09 * ux, y2 - 0.09 * uy
            head = [(x2, y2), (x - 0.04 * uy, y - 0.04 * ux), (x + 0.04 * uy, y + 0.04 * ux)]
            ax.add_artist(Polygon(head, closed=True, facecolor=INK, edgecolor="none", zorder=0.6))


def legend(width: float = 6.8) -> Figure:
    """The key to the pictures: a small map with every shape, label and line."""
    from sco.argument import ArgumentMap

    texts = {
        "premise": "premise: rectangle. ✓ and a full line: it stands",
        "second": "premise from another section: bar on its left",
        "inference": "inference: rounded. It needs all the lines that join before it",
        "conclusion": "conclusion: double line. Each arrow alone can carry it",
        "undercut": "rebuttal: cut corners. ? and dashes: left undecided",
        "rebuttal": "✗ and dots: it falls. Red dashes with a bar: attack; bars at both ends: mutual",
    }
    cells = {"premise": (0, 0), "second": (0, 1), "inference": (1, 0), "conclusion": (2, 0)}
    cells |= {"undercut": (1, 1), "rebuttal": (2, 1)}
    boxes = {n: _Box(*cell, wrap(texts[n], LETTERS), 0.06 + cell[1] * 0.9) for n, cell in cells.items()}
    kinds = {"premise": "premise", "second": "premise", "inference": "inference", "conclusion": "conclusion"}
    kinds |= {"undercut": "rebuttal", "rebuttal": "rebuttal"}
    nodes = pd.DataFrame([(n, k, "") for n, k in kinds.items()], columns=["node", "kind", "text"])
    edges = [
        ("premise", "inference", "support"),
        ("second", "inference", "support"),
        ("inference", "conclusion", "support"),
        ("undercut", "inference", "attack-undercut"),
        ("rebuttal", "conclusion", "attack-rebut"),
        ("conclusion", "rebuttal", "attack-rebut"),
    ]
    m = ArgumentMap(nodes, pd.DataFrame(edges, columns=["source", "target", "kind"]))
    labels = dict.fromkeys(boxes, "in") | {"undercut": "undecided", "rebuttal": "out"}
    return _picture(m, boxes, labels, {"second"}, (width, 1.75))


STANDS = {"in": "stands", "out": "falls", "undecided": "is left undecided"}
SAID = {label: f"{SIGN[label]} {words.removeprefix('is ')}" for label, words in STANDS.items()}
VERB = {"attack-rebut": "rebuts", "attack-undercut": "undercuts", "attack-undermine": "undermines"}


def show(whole: ArgumentMap, labels: pd.Series, key: str) -> View:
    """One section's map, and above it what it concludes, whether that stands and what it turns on.

    Parameters
    ----------
    whole : ArgumentMap
        The map of the whole thesis.
    labels : pandas.Series
        The labels of its nodes at rest.
    key : str
        A section or map, as for `ArgumentMap.of`.

    Returns
    -------
    View

    Raises
    ------
    KeyError
        If there is no such section or map.
    """
    m = whole.of(key)
    pages = " ".join(dict.fromkeys(m.nodes["pages"]))
    said = reading(m, labels)
    title = f"Argument map {key}"
    shown = figure(m.draw(labels), "W.4", part=f"-{key}", alt=described(m, labels, key), title=title, pages=pages)
    return View(f"<p>{escape(said)}</p>{shown.html}", f"{said}\n{shown.text}")


def _home(m: ArgumentMap) -> str:
    return str(m.nodes["section"].astype(str).mode()[0])


def reading(m: ArgumentMap, labels: pd.Series) -> str:
    """In words: what a map concludes, whether it stands, and the premises on which each conclusion turns."""
    home = _home(m)
    own = [n for n, k in m.graph.nodes(data="kind") if k == "conclusion" and m.supports.in_degree(n)]
    last = [n for n in own if not m.supports.out_degree(n)]
    texts = listing(f"{n.removeprefix(home + '-')} “{m.nodes.at[n, 'text']}”" for n in last)
    weak = [f"{n.removeprefix(home + '-')} {STANDS[labels[n]]}" for n in own if labels[n] != "in"]
    if not weak:
        many = "its conclusion stands" if len(own) == 1 else "both conclusions stand"
        state = many if len(own) <= 2 else f"all {number(len(own))} conclusions stand"
    else:
        state = listing(weak) + ("; the rest stands" if len(weak) < len(own) else "")
    given = m.given()
    doubt, gone = ([n for n in given if labels[n] == w and m.graph.in_degree(n) == 0] for w in ("undecided", "out"))
    turns = []
    for n in own:
        flips = m.pivotal(n, 2, gone, doubt)
        single = [f.removeprefix(home + "-") for f in flips.loc[flips["size"] == 1, "flip"]]
        pairs = len(flips) - len(single)
        said = "on no one premise and on no two"
        if single:
            said = f"on {listing(single)}"
        elif pairs:
            said = f"on no one premise but on {number(pairs)} pair{'s' * (pairs > 1)}"
        turns.append(f"{n.removeprefix(home + '-')} turns {said}")
    return f"Concludes: {texts}. At rest {state}. Pivotal: {'; '.join(turns)}."


def described(m: ArgumentMap, labels: pd.Series, key: str) -> str:
    """A map in words, for those who do not see it."""
    home = _home(m)

    def short(node: str) -> str:
        return node.removeprefix(home + "-")

    kinds = m.nodes["kind"].astype(str)
    parts = [f"Argument map {key} with {len(m.graph)} nodes, which stand unless it is said otherwise."]
    for n in m.graph:
        said = "" if labels[n] == "in" else f", which {STANDS[labels[n]]}"
        parts.append(f"{short(n)}: {m.nodes.at[n, 'text']}{said}.")
    for n in (n for n in m.graph if kinds[n] == "inference"):
        start, end = (listing(map(short, f(n))) for f in (m.supports.predecessors, m.supports.successors))
        verb = "leads" if m.supports.in_degree(n) == 1 else "lead"
        parts.append(f"{start}, by {short(n)}, {verb} to {end}.")
    attacks = [(a, b, k) for a, b, k in m.graph.edges(data="kind") if k != "support"]
    parts += [f"{short(a)} {VERB[k]} {short(b)}." for a, b, k in attacks]
    return " ".join(parts)
