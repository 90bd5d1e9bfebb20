"""What is drawn is what the data say: marks at their dates, words in their boxes, lines of the right kind."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

import pandas as pd
import pytest
import sco
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation
from sco import figures, layered, svg
from sco.argument import ArgumentMap
from test_argument import build


@pytest.fixture(scope="module")
def whole() -> ArgumentMap:
    """The map of the whole thesis."""
    return ArgumentMap(sco.load("argument_nodes"), sco.load("argument_edges"))


@pytest.fixture(scope="module")
def labels(whole: ArgumentMap) -> pd.Series:
    return whole.evaluate()


def words(fig: Figure) -> list[str]:
    return [t.get_text() for t in fig.axes[0].texts]


# -- charts ----------------------------------------------------------------------------------


def test_a_day_on_the_axis_is_the_middle_of_what_its_date_may_mean() -> None:
    """A partial date stands at the middle of its span, counted in days as matplotlib counts them."""
    from matplotlib.dates import date2num

    assert figures.days("2001-06-15") == date2num(pd.Timestamp("2001-06-15"))
    assert figures.days("2001") == date2num(pd.Timestamp("2001-07-02"))
    assert figures.days("2001-06-14/2001-06-15") == date2num(pd.Timestamp("2001-06-14 12:00"))


def test_a_timeline_runs_from_the_earliest_on_top_and_names_its_groups() -> None:
    """Rows follow the dates whatever the order given; labels stay with their marks; groups get a legend."""
    fig = figures.timeline(["2003", "1996-04-26", "2001-06"], ["c", "a", "b"], groups=["late", "early", "late"])
    ax = fig.axes[0]
    marks = [t for t in ax.texts if isinstance(t, Annotation)]
    assert [t.get_text() for t in marks] == ["a", "b", "c"]
    assert [t.xy for t in marks] == [(figures.days(d), i) for i, d in enumerate(["1996-04-26", "2001-06", "2003"])]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert {t.get_text() for t in fig.legends[0].get_texts()} == {"late", "early"}
    assert not figures.timeline(["2003"], ["a"]).legends


def test_a_label_stands_on_the_side_that_has_room() -> None:
    """Words go right of an early mark and left of a late one, so that they stay on the page."""
    early, late = figures.timeline(["1996", "2003"], ["a", "b"]).axes[0].texts
    assert (early.get_ha(), late.get_ha()) == ("left", "right")


def test_a_grid_fills_what_is_not_nought_and_writes_only_there() -> None:
    """One shape a shade, blank cells without words, rows and columns named as in the table."""
    cells = pd.DataFrame({"x": [0.0, 1.0], "y": [0.5, 1.0]}, index=["r", "s"])
    fig = figures.grid(cells, pd.DataFrame({"x": ["no", "1"], "y": ["2", "3"]}, index=cells.index))
    ax = fig.axes[0]
    assert sorted((t.get_text(), *t.get_position()) for t in ax.texts) == [("1", 0, 1), ("2", 1, 0), ("3", 1, 1)]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["x", "y"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["r", "s"]
    shades = [p.get_alpha() for p in ax.patches if p.get_facecolor()[3]]
    assert sorted(shades) == pytest.approx([0.7, 1.0])
    assert not figures.grid(cells).axes[0].texts


def test_boxes_hold_their_words_and_lines_join_their_middles() -> None:
    """A chart of an organisation: each box at its place, a line from the middle of one to that of the other."""
    fig = figures.boxes({"a": (1, 1), "b": (3, 2)}, {"a": "above", "b": "below"}, [("a", "b")], dashed=["b"])
    ax = fig.axes[0]
    assert words(fig) == ["above", "below"]
    [line] = ax.lines
    assert line.get_xydata()[[0, -1]].tolist() == [[1, 1], [3, 2]]
    assert [p.get_linestyle() for p in ax.patches] == ["-", "--"]
    for patch, text in zip(ax.patches, ax.texts, strict=True):
        assert isinstance(patch, Rectangle) and patch.get_center() == pytest.approx(text.get_position())


def test_the_region_tints_the_states_named_and_keeps_its_scale() -> None:
    """Members have the tint of members, others that of land; a degree of longitude is shortened at 42 degrees north."""
    shapes = sco.load("map")
    fig, ax = figures.region(shapes, ["KAZ"])
    tints = {tuple(p.get_facecolor()[:3]) for p in ax.patches}
    assert len(tints) == 2 and fig.axes == [ax]
    land = shapes[shapes["kind"] == "land"]
    assert len(ax.patches) == land["shape"].nunique()
    tinted = [p for p in ax.patches if p.get_facecolor()[:3] == figures.mpl.colors.to_rgb(figures.MEMBER)]
    assert len(tinted) == land.loc[land["name"] == "KAZ", "shape"].nunique() > 0
    assert ax.get_aspect() == pytest.approx(1 / 0.7431, rel=1e-3)


# -- argument maps ---------------------------------------------------------------------------


def test_every_map_is_drawn_with_all_its_words_inside_boxes_that_do_not_touch(
    whole: ArgumentMap, labels: pd.Series
) -> None:
    """In each picture of the book every node's sign and text stands inside its own box, and no two boxes overlap."""
    for key in dict.fromkeys(whole.nodes["map"]):
        m = whole.of(key)
        fig = m.draw(labels)
        said = "".join("".join(words(fig)).split())
        for node in m.graph:
            text = f"{layered.SIGN[labels[node]]} {m.nodes.at[node, 'text']}"
            assert "".join(text.split()) in said, node
        frames = [p.get_extents().transformed(fig.axes[0].transData.inverted()) for p in fig.axes[0].patches]
        big = [f for f in frames if abs(f.height) > 2 * layered.PAD and abs(f.width) > 1.5]
        boxes = [f for f in big if not any(f is not g and _within(f, g) for g in big)]  # without double lines
        assert len(boxes) == len(m.graph), key
        assert not [1 for a, b in combinations(boxes, 2) if a.overlaps(b)], key
        limit = fig.axes[0].get_xlim()[1], fig.axes[0].get_ylim()[0]
        assert all(b.x0 >= 0 and b.x1 <= limit[0] and min(b.y0, b.y1) >= 0 for b in boxes), key
        assert all(max(b.y0, b.y1) <= limit[1] for b in boxes), key


def _within(inner, outer) -> bool:  # type: ignore[no-untyped-def]
    return bool(
        outer.x0 < inner.x0
        and inner.x1 < outer.x1
        and min(outer.y0, outer.y1) < min(inner.y0, inner.y1)
        and max(inner.y0, inner.y1) < max(outer.y0, outer.y1)
    )


def test_supports_are_full_lines_attacks_dashed_and_mutual_attacks_one() -> None:
    """One line an edge, its style by its kind; two nodes that attack each other share one line with two bars."""
    m = build("p1 i1", "p2 i1", "i1 c1", "r1 c1 rebut", "c1 r1 rebut", "r2 i1 undercut", "p3 r2 undermine")
    lines = layered.draw(m, m.evaluate()).axes[0].lines
    bars = [x for x in lines if x.get_linewidth() == 2.2]
    dashed = [x for x in lines if x.get_linestyle() == "--"]
    full = [x for x in lines if x.get_linestyle() == "-" and x not in bars]
    assert (len(full), len(dashed), len(bars)) == (3, 3, 4)


def test_labels_can_be_told_without_colour() -> None:
    """Standing, fallen and undecided nodes have three different outlines, and nodes of other sections a bar."""
    ax = layered.legend().axes[0]
    outlines = {p.get_linestyle() for p in ax.patches if p.get_linewidth() >= 0.9}
    assert {"-", "--", ":"} <= outlines
    assert sum(p.get_width() == pytest.approx(0.07) for p in ax.patches if isinstance(p, Rectangle)) == 1


def test_a_map_is_shown_with_what_it_concludes_and_turns_on(whole: ArgumentMap, labels: pd.Series) -> None:
    """The sentence above a picture names each last conclusion, and the words for the blind name every inference."""
    view = layered.show(whole, labels, "1.3")
    assert view.text.startswith("Concludes: c") and "Pivotal: " in view.text
    assert 'id="figure-w-4-1-3"' in view.html.lower()
    m = whole.of("1.3")
    for node, kind in m.graph.nodes(data="kind"):
        if kind == "inference":
            assert f"by {node.removeprefix('1.3-')}, lead to" in view.html


@pytest.mark.parametrize(
    ("edges", "rejected", "said"),
    [
        (("p1 i1", "i1 c1"), (), "At rest its conclusion stands. Pivotal: c1 turns on p1."),
        (("p1 i1", "i1 c1", "p2 i2", "i2 c1"), (), "c1 turns on no one premise but on one pair."),
        (("p1 i1", "i1 c1", "p2 i2", "i2 c1", "p3 i2"), (), "but on two pairs."),
        (("p1 i1", "i1 c1", "p2 i2", "i2 c1", "p3 i3", "i3 c1"), (), "on no one premise and on no two."),
        (("p1 i1", "i1 c1", "p2 i2", "i2 c2"), (), "At rest both conclusions stand."),
        (("p1 i1", "i1 c1", "p2 i2", "i2 c2", "p3 i3", "i3 c3"), (), "At rest all three conclusions stand."),
        (("p1 i1", "i1 c1", "p2 i2", "i2 c2"), ["p1"], "At rest c1 falls; the rest stands."),
        (("p1 i1", "i1 c1", "r1 c1 rebut", "c1 r1 rebut"), (), "At rest c1 is left undecided."),
    ],
)
def test_the_sentence_above_a_map(edges: tuple[str, ...], rejected: list[str], said: str) -> None:
    """What stands at rest, and the fewest premises on which each conclusion turns, in words."""
    m = build(*edges)
    assert said in layered.reading(m, m.evaluate(rejected=rejected))


def test_attacks_are_told_in_words() -> None:
    """The text for those who do not see a map says which attack each one is."""
    m = build("p1 i1", "i1 c1", "r1 c1 rebut", "r2 i1 undercut", "r3 p1 undermine")
    told = layered.described(m, m.evaluate(), "1.1")
    assert "r1 rebuts c1." in told and "r2 undercuts i1." in told and "r3 undermines p1." in told
    assert "Argument map 1.1 with 6 nodes," in told and "c1: c1, which falls." in told


def test_curves_keep_their_form_when_paths_are_shortened() -> None:
    """Path data with curves are rounded to a tenth of a point and otherwise left as they are."""
    assert svg.path("M 1.23456 2 C 3.04 4.06 5.55 6.66 7 8") == "M1.2 2C3 4.1 5.5 6.7 7 8"


def test_a_line_that_goes_nowhere_leaves_a_path_that_browsers_read() -> None:
    """After rounding, both ends of a short line can fall together; a browser refuses a command without numbers."""
    assert svg.path("M 1.01 2 L 1.02 2 M 3 4 L 5 6") == "M1 2M3 4l2 2"
    assert svg.path("M 384.3 75.2 L 384.31 75.21") == "M384.3 75.2"


def test_a_mark_is_clipped_where_it_leaves_the_axes_and_nowhere_else() -> None:
    """A clip on <use> itself would move with the mark and hide it."""
    fig, ax = figures.canvas(3, 2)
    ax.plot([1, 2, 9], [1, 2, 9], "o", color=figures.BLUE)
    ax.set(xlim=(0, 3), ylim=(0, 3))
    drawn = svg.markup(fig, "three marks", "figure-x")
    root = ElementTree.fromstring(drawn)
    mark = next(path.get("id") for path in root.iter("path") if "--sco-blue" in path.get("stroke", ""))
    groups = [(g.get("clip-path"), len(g.findall(f"use[@href='#{mark}']"))) for g in root.iter("g")]
    assert [(bool(clip), n) for clip, n in groups if n] == [(False, 2), (True, 1)]
    assert not [use for use in root.iter("use") if use.get("clip-path")]
