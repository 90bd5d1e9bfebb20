"""The pictures that several notebooks draw, in one style.

Colours are Okabe and Ito's, which readers with any colour vision can tell apart. Ink, paper and
each hue are written as the page's own colours when a figure is shown, so that they follow light
and dark mode.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import cos, radians
from textwrap import fill
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from sco.audit import span

INK, PAPER, FAINT, LAND, MEMBER = "#101112", "#fdfefe", "#c3c7cb", "#eceff1", "#d6e4ef"
BLUE, ORANGE, GREEN, RED, PURPLE = "#0072b2", "#b85c00", "#00795a", "#b3261e", "#8a4f7d"
HUES = [BLUE, ORANGE, GREEN, RED, PURPLE]
# What each colour becomes on a page; the fallback serves where no style sheet is at hand.
THEME = {
    INK: "currentColor",
    PAPER: "var(--sco-paper, #ffffff)",
    FAINT: "var(--sco-faint, #c3c7cb)",
    LAND: "var(--sco-land, #eceff1)",
    MEMBER: "var(--sco-member, #d6e4ef)",
    BLUE: "var(--sco-blue, #0072b2)",
    ORANGE: "var(--sco-orange, #b85c00)",
    GREEN: "var(--sco-green, #00795a)",
    RED: "var(--sco-red, #b3261e)",
    PURPLE: "var(--sco-purple, #8a4f7d)",
}
STYLE: Any = {
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "font.size": 9.0,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "hatch.color": PAPER,
    "hatch.linewidth": 0.8,
    "legend.frameon": False,
    "savefig.bbox": "tight",
    "savefig.facecolor": "none",
    "text.color": INK,
    "text.parse_math": False,  # two dollar signs in a label are money
    "xtick.color": INK,
    "ytick.color": INK,
}


mpl.rcParams.update(STYLE)


def canvas(width: float = 6.8, height: float = 3.4, **subplots: Any) -> tuple[Figure, Any]:
    """A figure in the book's style, with its axes.

    Parameters
    ----------
    width, height : float
        Inches; 6.8 fills the page's column.
    **subplots
        Passed to `matplotlib.figure.Figure.subplots`.

    Returns
    -------
    Figure, Axes or array of Axes
    """
    fig = Figure(figsize=(width, height), layout="constrained")
    return fig, fig.subplots(**subplots)


def bare(ax: Axes) -> None:
    """Take spines and ticks off, for pictures that have no axes."""
    ax.set_axis_off()


def days(text: str) -> float:
    """The middle of a partial ISO date, in days since 1970, for placing it on a time axis."""
    first, last = span(text)
    return (first.toordinal() + last.toordinal()) / 2 - 719163


def timeline(
    dates: Sequence[str], labels: Sequence[str], *, groups: Sequence[str] | None = None, width: float = 6.8
) -> Figure:
    """Events on a time axis, a row each, earliest on top, the label beside its mark.

    Parameters
    ----------
    dates : sequence of str
        Partial ISO dates or spans.
    labels : sequence of str
    groups : sequence of str, optional
        A word per event; each gets a mark of its own, named in the legend.

    Returns
    -------
    Figure
    """
    order = sorted(range(len(dates)), key=lambda i: span(dates[i]))
    kinds = list(dict.fromkeys(groups or [""] * len(dates)))
    fig, ax = canvas(width, 0.7 + 0.3 * len(dates))
    x = [days(dates[i]) for i in order]
    middle = (x[0] + x[-1]) / 2
    for row, i in enumerate(order):
        kind = kinds.index(groups[i]) if groups else 0
        ax.axhline(row, color=FAINT, linewidth=0.5, zorder=0)
        ax.plot(x[row], row, marker="osD^vP"[kind % 6], color=HUES[kind % len(HUES)], markersize=6, linestyle="none")
        left = x[row] > middle
        place = {"ha": "right", "xytext": (-7, 0)} if left else {"ha": "left", "xytext": (7, 0)}
        ax.annotate(
            labels[i], (x[row], row), textcoords="offset points", va="center", backgroundcolor=PAPER, zorder=1, **place
        )
    ax.set_ylim(len(dates) - 0.4, -0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.xaxis_date()
    for kind, name in enumerate(kinds):
        ax.plot([], [], marker="osD^vP"[kind % 6], color=HUES[kind % len(HUES)], linestyle="none", label=name)
    if len(kinds) > 1:
        fig.legend(loc="outside upper left", ncols=len(kinds))
    return fig


def grid(
    cells: pd.DataFrame, texts: pd.DataFrame | None = None, *, width: float = 6.8, row_height: float = 0.3
) -> Figure:
    """A matrix of filled cells: a row per index, a column per column, text inside what is filled.

    Parameters
    ----------
    cells : pandas.DataFrame
        Numbers from 0 (left blank) to 1 (full colour).
    texts : pandas.DataFrame, optional
        What is written into each filled cell, of the same shape.

    Returns
    -------
    Figure
    """
    fig, ax = canvas(width, 0.6 + row_height * len(cells))
    filled: dict[float, list[Rectangle]] = {}
    for (row, column), value in np.ndenumerate(cells.to_numpy(dtype=float)):
        filled.setdefault(round(value, 2), []).append(Rectangle((column - 0.47, row - 0.44), 0.94, 0.88))
        if value > 0 and texts is not None:
            ax.text(column, row, str(texts.iloc[row, column]), ha="center", va="center", color=PAPER, fontsize=8)
    for value, rectangles in filled.items():
        look = (
            {"facecolor": BLUE, "alpha": 0.4 + 0.6 * value}
            if value > 0
            else {"facecolor": "none", "edgecolor": FAINT, "lw": 0.5}
        )
        outline = Path.make_compound_path(*(r.get_transform().transform_path(r.get_path()) for r in rectangles))
        ax.add_patch(PathPatch(outline, clip_on=False, linewidth=look.pop("lw", 0), **look))
    ax.set_xlim(-0.5, len(cells.columns) - 0.5)
    ax.set_ylim(len(cells) - 0.5, -0.5)
    ax.set_xticks(range(len(cells.columns)), [str(c) for c in cells.columns])
    ax.set_yticks(range(len(cells)), [str(i) for i in cells.index])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return fig


def boxes(
    places: Mapping[str, tuple[float, float]],
    texts: Mapping[str, str],
    links: Iterable[tuple[str, str]],
    *,
    size: tuple[float, float] = (1.7, 0.62),
    wrap: int = 24,
    width: float = 6.8,
    dashed: Iterable[str] = (),
) -> Figure:
    """Boxes with text, joined by lines: organization charts and schemes.

    Parameters
    ----------
    places : mapping of name to (x, y)
        Centres in inches, y downwards.
    texts : mapping of name to str
        What each box says.
    links : iterable of (name, name)
        Pairs to join, upper one first.
    size : (float, float)
        Width and height of a box in inches.
    wrap : int
        Letters per line.
    dashed : iterable of str
        Boxes with a dashed outline.

    Returns
    -------
    Figure
    """
    across, down = size
    fig, ax = canvas(width, max(y for _, y in places.values()) + down / 2 + 0.1)
    for upper, lower in links:
        (x1, y1), (x2, y2) = places[upper], places[lower]
        middle = (y1 + y2) / 2
        ax.plot([x1, x1, x2, x2], [y1, middle, middle, y2], color=INK, linewidth=0.8, zorder=0)
    broken = set(dashed)
    for name, (x, y) in places.items():
        style = "--" if name in broken else "-"
        corner = (x - across / 2, y - down / 2)
        ax.add_patch(Rectangle(corner, across, down, facecolor=MEMBER, edgecolor=INK, linestyle=style))
        ax.text(x, y, fill(texts[name], wrap), ha="center", va="center", fontsize=8)
    ax.set_xlim(
        min(x for x, _ in places.values()) - across / 2 - 0.05, max(x for x, _ in places.values()) + across / 2 + 0.05
    )
    ax.set_ylim(
        max(y for _, y in places.values()) + down / 2 + 0.05, min(y for _, y in places.values()) - down / 2 - 0.05
    )
    bare(ax)
    return fig


def region(
    shapes: pd.DataFrame, filled: Iterable[str], *, limits: tuple[float, float, float, float] = (45, 137, 27, 57)
) -> tuple[Figure, Axes]:
    """A base map of the region: land, the states in `filled` in a tint of their own.

    Parameters
    ----------
    shapes : pandas.DataFrame
        The table ``map``: outlines as points in degrees east and north.
    filled : iterable of str
        State codes.
    limits : tuple of float
        West, east, south, north in degrees.

    Returns
    -------
    Figure, Axes
        An equirectangular map whose scale is right at its middle latitude.
    """
    west, east, south, north = limits
    chosen = set(filled)
    fig, ax = canvas(6.8, 3.3)
    for _, outline in shapes[shapes["kind"] == "land"].groupby("shape", sort=False):
        colour = MEMBER if outline["name"].iloc[0] in chosen else LAND
        ax.fill(outline["lon"], outline["lat"], facecolor=colour, edgecolor=FAINT, linewidth=0.6)
    ax.set_xlim(west, east)
    ax.set_ylim(south, north)
    middle = (south + north) / 2
    ax.set_aspect(1 / cos(radians(middle)))
    bare(ax)
    return fig, ax
