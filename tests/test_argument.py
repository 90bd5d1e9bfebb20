"""Arguments: hand-made cases, two independent solvers, and what must hold for every map."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest
import sco
from hypothesis import given, settings
from hypothesis import strategies as st
from sco import audit, layered
from sco.argument import ArgumentMap, contradicted, grounded

KIND = {"p": "premise", "i": "inference", "c": "conclusion", "r": "rebuttal"}


def build(*edges: str, alone: str = "") -> ArgumentMap:
    """A map from edges such as ``"p1 i1"`` (support) or ``"r1 i1 undercut"``."""
    rows = []
    for edge in edges:
        source, target, *attack = edge.split()
        rows.append((source, target, f"attack-{attack[0]}" if attack else "support"))
    names = dict.fromkeys([n for s, t, _ in rows for n in (s, t)] + alone.split())
    nodes = pd.DataFrame(
        [(n, KIND[n[0]], n, "1.1", "1.1") for n in names], columns=["node", "kind", "text", "section", "map"]
    )
    return ArgumentMap(nodes, pd.DataFrame(rows, columns=["source", "target", "kind"]))


@pytest.fixture(scope="module")
def whole() -> ArgumentMap:
    return ArgumentMap(sco.load("argument_nodes"), sco.load("argument_edges"))


# -- labels by hand ------------------------------------------------------------------------------


def test_an_inference_needs_all_its_premises() -> None:
    m = build("p1 i1", "p2 i1", "i1 c1")
    assert m.evaluate()["c1"] == "in"
    assert m.evaluate(rejected=["p2"])["c1"] == "out"
    assert m.evaluate(undecided=["p2"])["c1"] == "undecided"
    assert m.evaluate(rejected=["p1"], undecided=["p2"])["c1"] == "out"


def test_a_conclusion_needs_one_of_its_inferences() -> None:
    m = build("p1 i1", "i1 c1", "p2 i2", "i2 c1")
    assert m.evaluate(rejected=["p1"])["c1"] == "in"
    assert m.evaluate(rejected=["p1"], undecided=["p2"])["c1"] == "undecided"
    assert m.evaluate(rejected=["p1", "p2"])["c1"] == "out"


def test_the_three_attacks() -> None:
    assert build("p1 i1", "i1 c1", "r1 p1 undermine").evaluate().to_dict() == {
        "p1": "out",
        "i1": "out",
        "c1": "out",
        "r1": "in",
    }
    assert build("p1 i1", "i1 c1", "r1 i1 undercut").evaluate()[["p1", "i1", "c1"]].tolist() == ["in", "out", "out"]
    mutual = build("p1 i1", "i1 c1", "r1 c1 rebut", "c1 r1 rebut")
    assert mutual.evaluate()[["i1", "c1", "r1"]].tolist() == ["in", "undecided", "undecided"]
    assert mutual.evaluate(rejected=["r1"])["c1"] == "in"
    assert mutual.evaluate(rejected=["p1"])["r1"] == "in"


def test_an_answered_rebuttal_does_no_harm() -> None:
    m = build("p1 i1", "i1 c1", "r1 i1 undercut", "p2 r1 undermine")
    assert m.evaluate()[["c1", "r1"]].tolist() == ["in", "out"]
    assert m.evaluate(rejected=["p2"])["c1"] == "out"


def test_doubt_does_not_lift_what_is_out() -> None:
    m = build("p1 i1", "i1 c1", "r1 p1 undermine")
    assert m.evaluate(undecided=["p1"])["p1"] == "out"


# -- what a conclusion turns on -------------------------------------------------------------------


def test_single_and_joint_flips() -> None:
    m = build("p1 i1", "i1 c1", "p2 i2", "i2 c1", "p3 i2")
    flips = m.pivotal("c1")
    assert list(flips["flip"]) == ["p1 p2", "p1 p3"]
    assert set(flips["before"]) == {"in"} and set(flips["after"]) == {"out"}
    assert list(m.pivotal("c1", rejected=["p1"])["flip"]) == ["p2", "p3"]
    assert m.pivotal("c1", size=1).empty


def test_a_rebuttal_can_be_pivotal() -> None:
    flips = build("p1 i1", "i1 c1", "r1 c1 rebut", "c1 r1 rebut").pivotal("c1")
    assert dict(zip(flips["flip"], flips["after"], strict=True)) == {"p1": "out", "r1": "in"}


def test_every_flip_does_what_it_says(whole: ArgumentMap) -> None:
    for conclusion in ("1.3-c2", "4.1-c3", "5.0-c1", "5.0-c11"):
        for row in whole.pivotal(conclusion).itertuples():
            assert whole.evaluate()[conclusion] == row.before
            assert whole.evaluate(rejected=row.flip.split())[conclusion] == row.after


def test_grounds_are_the_premises_under_a_node() -> None:
    m = build("p1 i1", "i1 c1", "c1 i2", "p2 i2", "i2 c2", "r1 i2 undercut")
    assert m.grounds("c2") == ["p1", "p2"]
    assert m.grounds("c1") == ["p1"]


# -- errors ------------------------------------------------------------------------------------------


def test_errors_name_what_is_wrong_and_list_what_there_is(whole: ArgumentMap) -> None:
    with pytest.raises(KeyError, match=r"no node 'x'; there are: p1 i1 c1"):
        build("p1 i1", "i1 c1").evaluate(rejected=["x"])
    with pytest.raises(KeyError, match=r"no node 'p9'"):
        whole.pivotal("p9")
    with pytest.raises(KeyError, match=r"no section or map '9\.9'; there are: 0\.0 1\.0"):
        whole.of("9.9")
    with pytest.raises(ValueError, match=r"circle: .*c1"):
        build("c1 i1", "i1 c1")
    with pytest.raises(ValueError, match=r"p1 -> c1: attack-undercut points at a conclusion; it may at inference"):
        build("p1 c1 undercut")
    with pytest.raises(ValueError, match=r"no known kind: 'attack-bite'"):
        build("p1 c1 bite")
    nodes = pd.DataFrame({"node": ["a", "a"], "kind": "premise", "text": ""})
    empty = pd.DataFrame(columns=["source", "target", "kind"])
    with pytest.raises(ValueError, match="'a' stands twice"):
        ArgumentMap(nodes, empty)
    with pytest.raises(ValueError, match=r"no known kind: 'guess'; there are: premise"):
        ArgumentMap(nodes.iloc[:1].assign(kind="guess"), empty)
    with pytest.raises(ValueError, match="lack the columns text"):
        ArgumentMap(nodes[["node", "kind"]], empty)
    with pytest.raises(ValueError, match="no verdict 'wrong'; there are: agrees"):
        contradicted(sco.load("argument_nodes"), audit.verdicts(), "wrong")


# -- oracles -----------------------------------------------------------------------------------------


def pyarg(attackers: dict[str, list[str]]) -> set[str]:
    """The grounded extension by PyArg."""
    from py_arg.abstract_argumentation_classes import abstract_argumentation_framework as frames
    from py_arg.abstract_argumentation_classes.argument import Argument
    from py_arg.abstract_argumentation_classes.defeat import Defeat
    from py_arg.algorithms.semantics import get_grounded_extension as solver

    known = {a: Argument(a) for a in attackers}
    defeats = [Defeat(known[b], known[a]) for a, others in attackers.items() for b in others]
    return {
        a.name
        for a in solver.get_grounded_extension(frames.AbstractArgumentationFramework("", list(known.values()), defeats))
    }


def pygarg(attackers: dict[str, list[str]]) -> set[str]:
    """The grounded extension by pygarg."""
    from pygarg.dung import solver

    attacks = [[b, a] for a, others in attackers.items() for b in others]
    return set(solver.compute_some_extension(list(attackers), attacks, "GR"))


def accepted(attackers: dict[str, list[str]]) -> set[str]:
    return {a for a, label in grounded(attackers).items() if label == "in"}


FRAMES = (
    st.integers(1, 9)
    .flatmap(lambda n: st.lists(st.lists(st.integers(0, n - 1), max_size=3, unique=True), min_size=n, max_size=n))
    .map(lambda rows: {f"a{i}": [f"a{j}" for j in row] for i, row in enumerate(rows)})
)


@settings(max_examples=60)
@given(FRAMES)
def test_grounded_agrees_with_two_solvers(attackers: dict[str, list[str]]) -> None:
    assert accepted(attackers) == pyarg(attackers) == pygarg(attackers)


def test_the_real_maps_agree_with_two_solvers(whole: ArgumentMap) -> None:
    for section in dict.fromkeys(whole.nodes["map"]):
        frame = whole.of(section).framework()
        assert accepted(frame) == pyarg(frame) == pygarg(frame), section
    assert accepted(whole.framework()) == pyarg(whole.framework())


# -- the translation against trees of ASPIC+ -------------------------------------------------------


def by_trees(m: ArgumentMap, rejected: set[str]) -> set[str]:
    """The nodes for which ASPIC+ has an accepted argument, by building every argument as a tree of nodes."""
    trees: dict[str, list[frozenset[str]]] = {}

    def arguments(node: str) -> list[frozenset[str]]:
        if node not in trees:
            below = [arguments(s) for s in m.supports.predecessors(node)]
            if node in rejected:
                trees[node] = []
            elif not below:
                trees[node] = [frozenset([node])]
            elif m.graph.nodes[node]["kind"] == "inference":
                trees[node] = [frozenset([node]).union(*parts) for parts in product(*below)]
            else:
                trees[node] = [tree | {node} for options in below for tree in options]
        return trees[node]

    named = {(n, i): tree for n in m.graph for i, tree in enumerate(arguments(n))}
    attacks = {(a, b) for a, b, k in m.graph.edges(data="kind") if k != "support"}
    attackers = {
        f"{n}:{i}": [f"{a}:{j}" for a, j in named if any((a, x) in attacks for x in tree)]
        for (n, i), tree in named.items()
    }
    return {a.split(":")[0] for a in accepted(attackers)}


def test_the_translation_equals_aspic_trees_on_the_real_maps(whole: ArgumentMap) -> None:
    for section in dict.fromkeys(whole.nodes["map"]):
        m = whole.of(section)
        for rejected in [set(), *({n} for n in m.given())]:
            labels = m.evaluate(rejected=rejected)
            assert set(labels.index[labels == "in"]) == by_trees(m, rejected), (section, rejected)


@st.composite
def maps(draw: st.DrawFn, attacks: bool = True) -> ArgumentMap:
    """Small maps: premises, up to three steps that may build on one another, perhaps attacked."""
    steps = draw(st.integers(1, 3))
    premises = [f"p{i}" for i in range(draw(st.integers(1, 4)))]
    edges, have = [], list(premises)
    for i in range(steps):
        grounds = draw(st.lists(st.sampled_from(have), min_size=1, max_size=3, unique=True))
        edges += [f"{g} i{i}" for g in grounds] + [f"i{i} c{i}"]
        have.append(f"c{i}")
    if attacks:
        for i in range(draw(st.integers(0, 3))):
            hit = draw(st.sampled_from([*have, *(f"i{k}" for k in range(steps))]))
            word = {"p": "undermine", "i": "undercut", "c": "rebut"}[hit[0]]
            edges.append(f"r{i} {hit} {word}")
            if hit[0] == "c" and draw(st.booleans()):
                edges.append(f"{hit} r{i} rebut")
            if draw(st.booleans()):
                edges.append(f"{draw(st.sampled_from(premises))} r{i} undermine")
    return build(*edges, alone=" ".join(premises))


@settings(max_examples=80)
@given(maps(), st.data())
def test_the_translation_equals_aspic_trees_on_generated_maps(m: ArgumentMap, data: st.DataObject) -> None:
    rejected = set(data.draw(st.lists(st.sampled_from(m.given()), unique=True)))
    labels = m.evaluate(rejected=rejected)
    assert set(labels.index[labels == "in"]) == by_trees(m, rejected)


@settings(max_examples=80)
@given(maps(), st.data())
def test_labels_are_those_of_the_framework_that_can_be_read(m: ArgumentMap, data: st.DataObject) -> None:
    rejected, undecided = (data.draw(st.lists(st.sampled_from(list(m.graph)), unique=True)) for _ in range(2))
    labels = grounded(m.framework(rejected, undecided))
    assert m.evaluate(rejected, undecided).to_dict() == {n: labels[n] for n in m.graph}


@settings(max_examples=60)
@given(FRAMES, st.randoms())
def test_grounded_is_one_whatever_the_order(attackers: dict[str, list[str]], random: object) -> None:
    names = list(attackers)
    random.shuffle(names)  # type: ignore[attr-defined]
    labels = grounded(attackers)
    assert grounded({n: attackers[n] for n in names}) == labels
    for a, others in attackers.items():
        got = {labels[b] for b in others}
        assert labels[a] == ("out" if "in" in got else "in" if got <= {"out"} else "undecided")


@settings(max_examples=60)
@given(maps(attacks=False), st.data())
def test_without_attacks_more_premises_never_take_a_conclusion_away(m: ArgumentMap, data: st.DataObject) -> None:
    fewer = set(data.draw(st.lists(st.sampled_from(m.given()), unique=True)))
    more = fewer | set(data.draw(st.lists(st.sampled_from(m.given()), unique=True)))
    order = {"out": 0, "undecided": 1, "in": 2}
    with_more, with_fewer = m.evaluate(rejected=more), m.evaluate(rejected=fewer)
    assert "undecided" not in set(with_more)
    assert all(order[with_more[n]] <= order[with_fewer[n]] for n in m.graph)


# -- the maps of the thesis ---------------------------------------------------------------------------


def test_every_section_has_a_map_and_no_picture_is_crowded(whole: ArgumentMap) -> None:
    assert set(sco.load("sections")["section"]) == set(whole.nodes["section"].astype(str))
    for key in dict.fromkeys(whole.nodes["map"]):
        assert 5 <= len(whole.of(key).graph) <= 15, key


def test_inferences_have_premises_and_conclusions_inferences(whole: ArgumentMap) -> None:
    for node, kind in whole.graph.nodes(data="kind"):
        if kind in {"inference", "conclusion"}:
            assert whole.supports.in_degree(node), f"{node} hangs in the air"
        if kind == "inference":
            assert whole.supports.out_degree(node), f"{node} leads nowhere"
        if kind == "rebuttal":
            assert whole.graph.out_degree(node), f"{node} attacks nothing"
            assert whole.supports.out_degree(node) == 0


def test_only_chapter_5_reaches_across_sections(whole: ArgumentMap) -> None:
    home = whole.nodes["section"].astype(str)
    for a, b in whole.graph.edges:
        assert home[a] == home[b] or (home[b] == "5.0" and whole.graph.nodes[a]["kind"] == "conclusion"), (a, b)


def test_no_two_boxes_share_a_cell(whole: ArgumentMap) -> None:
    for key in dict.fromkeys(whole.nodes["map"]):
        m = whole.of(key)
        cells = layered._place(m)
        assert set(cells) == set(m.graph) and len(set(cells.values())) == len(cells), key


def test_a_map_is_told_in_words_node_by_node(whole: ArgumentMap) -> None:
    """Whoever does not see a map gets the text of every node and which ones do not stand."""
    labels = whole.evaluate()
    for key in dict.fromkeys(whole.nodes["map"]):
        m = whole.of(key)
        told = layered.described(m, labels, key)
        for node, text in m.nodes["text"].items():
            said = {"in": ".", "out": ", which falls.", "undecided": ", which is left undecided."}[labels[node]]
            assert f": {text}{said}" in told, (key, node)


def test_the_strike_rule(whole: ArgumentMap) -> None:
    nodes = pd.DataFrame(
        {
            "node": ["p1", "p2", "r1", "i1"],
            "kind": ["premise", "premise", "rebuttal", "inference"],
            "claims": ["a b", None, "b", "b"],
        }
    )
    words = pd.Categorical(["agrees", "differs"], categories=audit.VERDICTS)
    verdicts = pd.DataFrame({"claim_id": ["a", "b"], "verdict": words})
    assert contradicted(nodes, verdicts, "differs") == ["p1", "r1"]
    assert contradicted(nodes, verdicts, "conflicts") == []
