"""Arguments that can be switched off premise by premise.

A map's nodes are premises, inferences, conclusions and rebuttals; its edges support or attack. The
words are those of ASPIC+ (Modgil and Prakken 2014): ordinary premises, defeasible inferences, and
three attacks, on a premise (undermine), an inference (undercut) and a conclusion (rebut). There
are no preferences, so every attack counts. Labels are the grounded ones of Dung (1995).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

import networkx as nx
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ["premise", "inference", "conclusion", "rebuttal"]
# What each kind of edge may point at.
TARGETS = {
    "support": set(KINDS),
    "attack-rebut": {"conclusion", "rebuttal"},
    "attack-undercut": {"inference"},
    "attack-undermine": {"premise", "rebuttal"},
}
LABELS = ["in", "out", "undecided"]


def grounded(attackers: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The grounded labelling of a framework of abstract arguments.

    Parameters
    ----------
    attackers : mapping of str to iterable of str
        For each argument those that attack it.

    Returns
    -------
    dict of str to str
        ``in`` where every attacker is out, ``out`` where one attacker is in, else ``undecided``:
        the least such labelling, and the only one (Dung 1995).
    """
    number, counts, attacked = _numbered(attackers)
    return dict(zip(number, _label(counts, attacked), strict=True))


def _numbered(attackers: Mapping[str, Iterable[str]]) -> tuple[dict[str, int], list[int], list[tuple[int, ...]]]:
    """The number of each argument, how many attack it, and the numbers of those that it attacks."""
    number = {a: n for n, a in enumerate(attackers)}
    counts = [0] * len(number)
    attacked: list[list[int]] = [[] for _ in number]
    for argument, others in attackers.items():
        distinct = set(others)
        counts[number[argument]] = len(distinct)
        for other in distinct:
            attacked[number[other]].append(number[argument])
    return number, counts, [tuple(others) for others in attacked]  # they lie closer together than lists that grew


def _label(
    counts: list[int], attacked: list[tuple[int, ...]], rejected: Iterable[int] = (), undecided: Iterable[int] = ()
) -> list[str]:
    """The grounded labels by number; each rejected or undecided argument counts one attacker more."""
    waiting = counts.copy()
    lost = list(rejected)
    for argument in [*lost, *undecided]:
        waiting[argument] += 1
    labels = ["undecided"] * len(counts)
    ready = [a for a, n in enumerate(waiting) if n == 0]
    while lost or ready:
        if not lost:
            accepted = ready.pop()
            labels[accepted] = "in"
            lost.extend(attacked[accepted])
            continue
        loser = lost.pop()
        if labels[loser] == "undecided":
            labels[loser] = "out"
            for freed in attacked[loser]:
                waiting[freed] -= 1
                if waiting[freed] == 0:
                    ready.append(freed)
    return labels


class ArgumentMap:
    """An argument as a graph.

    The translation into Dung's framework is exact and can be read with `framework`. Every node is
    an abstract argument of the same name, and

    - an attack on a node is an attack on its argument, whatever its kind;
    - an **inference** needs **all** its supports (linked support): for each support *s* there is an
      argument ``without s``, which *s* attacks and which attacks the inference;
    - any other node that has supports needs **one** of them (convergent support): an argument
      ``no ground for n`` is attacked by each support and attacks *n*;
    - a node without supports is an ordinary premise, accepted until attacked or rejected. That
      holds for a premise, for a rebuttal that rests on nothing else, and for a conclusion that was
      drawn in another map and is taken over as given;
    - a rejected node has an attacker that nothing attacks, one left undecided an attacker that
      attacks itself.

    Supports must not run in circles; then a node is ``in`` exactly when ASPIC+ has an argument for
    it, built as a tree from premises and inferences, in the grounded extension.

    Parameters
    ----------
    nodes : pandas.DataFrame
        Columns ``node, kind, text`` and, for `of`, ``section`` and ``map``; see the table
        ``argument_nodes``.
    edges : pandas.DataFrame
        Columns ``source, target, kind``; see the table ``argument_edges``.

    Raises
    ------
    KeyError
        If an edge names a node that is not there.
    ValueError
        If a column is missing, a node stands twice, a kind is unknown, an attack points at the
        wrong kind of node, or supports run in a circle; the message names what is wrong.

    Examples
    --------
    >>> nodes = pd.DataFrame({"node": ["p", "i", "c"], "kind": KINDS[:3], "text": ["it rained", "rain wets", "wet"]})
    >>> edges = pd.DataFrame({"source": ["p", "i"], "target": ["i", "c"], "kind": "support"})
    >>> ArgumentMap(nodes, edges).evaluate(rejected=["p"])["c"]
    'out'
    """

    def __init__(self, nodes: pd.DataFrame, edges: pd.DataFrame) -> None:
        _columns("nodes", nodes, ["node", "kind", "text"])
        _columns("edges", edges, ["source", "target", "kind"])
        twice = nodes.loc[nodes["node"].duplicated(), "node"]
        if len(twice):
            raise ValueError(f"node {twice.iloc[0]!r} stands twice")
        self.nodes = nodes.set_index("node", drop=False)
        self.nodes.index.name = None
        self.edges = edges
        self.graph = nx.DiGraph()
        for node, kind in zip(nodes["node"], nodes["kind"].astype(str), strict=True):
            if kind not in KINDS:
                raise ValueError(f"node {node!r} is of no known kind: {kind!r}; there are: {', '.join(KINDS)}")
            self.graph.add_node(node, kind=kind)
        for source, target, kind in edges[["source", "target", "kind"]].astype(str).itertuples(index=False):
            self._known([source, target])
            if kind not in TARGETS:
                raise ValueError(f"edge {source} -> {target} is of no known kind: {kind!r}; there are: {list(TARGETS)}")
            if (hit := self.graph.nodes[target]["kind"]) not in TARGETS[kind]:
                allowed = " or ".join(sorted(TARGETS[kind]))
                raise ValueError(f"edge {source} -> {target}: {kind} points at a {hit}; it may at {allowed}")
            self.graph.add_edge(source, target, kind=kind)
        self.supports = nx.DiGraph()
        self.supports.add_nodes_from(self.graph)
        self.supports.add_edges_from((a, b) for a, b, kind in self.graph.edges(data="kind") if kind == "support")
        if not nx.is_directed_acyclic_graph(self.supports):
            circle = [a for a, _ in nx.find_cycle(self.supports)]
            raise ValueError(f"supports run in a circle: {' -> '.join([*circle, circle[0]])}")
        self._attackers = self._translate()
        self._number, self._counts, self._attacked = _numbered(self._attackers)

    def _known(self, nodes: Iterable[str]) -> None:
        for node in nodes:
            if node not in self.graph:
                raise KeyError(f"no node {node!r}; there are: {' '.join(self.graph)}")

    def _translate(self) -> dict[str, list[str]]:
        attackers: dict[str, list[str]] = {node: [] for node in self.graph}
        for node, kind in self.graph.nodes(data="kind"):
            attackers[node] = [a for a in self.graph.predecessors(node) if not self.supports.has_edge(a, node)]
            grounds = list(self.supports.predecessors(node))
            if kind == "inference":
                attackers[node] += [f"without {s}" for s in grounds]
                attackers |= {f"without {s}": [s] for s in grounds}
            elif grounds:
                attackers[node].append(f"no ground for {node}")
                attackers[f"no ground for {node}"] = grounds
        return attackers

    def framework(self, rejected: Iterable[str] = (), undecided: Iterable[str] = ()) -> dict[str, list[str]]:
        """Dung's framework of the map: for each abstract argument those that attack it.

        Parameters
        ----------
        rejected, undecided : iterable of str
            As in `evaluate`.

        Returns
        -------
        dict of str to list of str

        Raises
        ------
        KeyError
            If a node is not there; the message lists what there is.
        """
        rejected, undecided = list(rejected), list(undecided)
        self._known([*rejected, *undecided])
        attackers = dict(self._attackers)
        for word, nodes in (("rejected", rejected), ("in doubt", undecided)):
            for node in nodes:
                name = f"{node} is {word}"
                attackers[node] = [*attackers[node], name]
                attackers[name] = [] if word == "rejected" else [name]
        return attackers

    def evaluate(self, rejected: Iterable[str] = (), undecided: Iterable[str] = ()) -> pd.Series:
        """Which nodes stand.

        Parameters
        ----------
        rejected : iterable of str
            Nodes, as a rule premises, that the reader does not accept.
        undecided : iterable of str
            Nodes on which the reader withholds judgement.

        Returns
        -------
        pandas.Series
            For each node ``in``, ``out`` or ``undecided``, in the order of `nodes`.

        Raises
        ------
        KeyError
            If a node is not there; the message lists what there is.
        """
        return pd.Series(
            self._labels(rejected, undecided)[: len(self.nodes)], self.nodes.index, name="label", dtype=object
        )

    def _labels(self, rejected: Iterable[str] = (), undecided: Iterable[str] = ()) -> list[str]:
        """The labels of all arguments of `framework`; the nodes come first, in their order."""
        rejected, undecided = set(rejected), set(undecided)
        self._known([*rejected, *undecided])
        numbers = ([self._number[n] for n in group] for group in (rejected, undecided))
        return _label(self._counts, self._attacked, *numbers)

    def given(self) -> list[str]:
        """The nodes that rest on nothing else: what a reader can accept or reject one by one."""
        return [n for n, k in self.graph.nodes(data="kind") if k != "inference" and self.supports.in_degree(n) == 0]

    def grounds(self, node: str) -> list[str]:
        """The given nodes that carry a node, through any number of steps, in the order of `nodes`.

        Raises
        ------
        KeyError
            If the node is not there; the message lists what there is.
        """
        self._known([node])
        below = nx.ancestors(self.supports, node)
        return [n for n in self.given() if n in below]

    def pivotal(
        self, conclusion: str, size: int = 2, rejected: Iterable[str] = (), undecided: Iterable[str] = ()
    ) -> pd.DataFrame:
        """The given nodes on which a node's label turns.

        Parameters
        ----------
        conclusion : str
            The node whose label is watched.
        size : int
            How many nodes are flipped at once at most; two by default, as the number of joint
            flips grows with its power.
        rejected : iterable of str
            What is rejected to begin with; flipping such a node accepts it.
        undecided : iterable of str
            What is left undecided throughout; it is not flipped.

        Returns
        -------
        pandas.DataFrame
            A row per minimal flip, none of whose parts alone changes the label: ``flip`` (nodes
            separated by blanks), ``size``, ``before`` and ``after``; single flips first. Every
            given node from which a path of supports and attacks leads to the conclusion is tried,
            premises and rebuttals alike.

        Raises
        ------
        KeyError
            If a node is not there; the message lists what there is.
        """
        start, doubt = set(rejected), set(undecided)
        self._known([conclusion, *start, *doubt])
        near = nx.ancestors(self.graph, conclusion) | {conclusion}
        part = self._part(near)
        candidates = [n for n in part.given() if n != conclusion and n not in doubt]
        watched = part._number[conclusion]
        before = part._labels(start & near, doubt & near)[watched]
        rows: list[tuple[str, int, str, str]] = []
        found: list[set[str]] = []
        for count in range(1, size + 1):
            for flip in map(set, combinations(candidates, count)):
                if any(smaller <= flip for smaller in found):
                    continue
                after = part._labels((start & near) ^ flip, doubt & near)[watched]
                if after != before:
                    found.append(flip)
                    rows.append((" ".join(n for n in candidates if n in flip), count, before, after))
        return pd.DataFrame(rows, columns=["flip", "size", "before", "after"])

    def _part(self, nodes: Iterable[str]) -> ArgumentMap:
        kept = set(nodes)
        edges = self.edges[self.edges["source"].isin(kept) & self.edges["target"].isin(kept)]
        return ArgumentMap(self.nodes[self.nodes["node"].isin(kept)], edges)

    def of(self, section: str) -> ArgumentMap:
        """The map of one section, or of one picture of it.

        Parameters
        ----------
        section : str
            A section such as ``"4.1"`` or a map such as ``"4.1a"``.

        Returns
        -------
        ArgumentMap
            The section's nodes with every edge that ends in them, and the nodes of other sections
            from which such edges come. What carries those is left out: they are taken as given.

        Raises
        ------
        KeyError
            If there is no such section or map; the message lists what there is.
        """
        own = self.nodes[(self.nodes["section"].astype(str) == section) | (self.nodes["map"] == section)]
        if own.empty:
            there = dict.fromkeys([*self.nodes["section"].astype(str), *self.nodes["map"]])
            raise KeyError(f"no section or map {section!r}; there are: {' '.join(there)}")
        edges = self.edges[self.edges["target"].isin(own["node"])]
        kept = set(own["node"]) | set(edges["source"])
        return ArgumentMap(self.nodes[self.nodes["node"].isin(kept)], edges)

    def draw(self, labels: pd.Series | None = None, *, width: float = 6.8) -> Figure:
        """The map as a picture; see `sco.layered.draw`."""
        from sco.layered import draw

        return draw(self, self.evaluate() if labels is None else labels, width=width)


def contradicted(nodes: pd.DataFrame, verdicts: pd.DataFrame, *words: str) -> list[str]:
    """The premises and rebuttals that the audit contradicts.

    Parameters
    ----------
    nodes : pandas.DataFrame
        The table ``argument_nodes``.
    verdicts : pandas.DataFrame
        As `sco.audit.verdicts` returns them.
    *words : str
        The verdicts that count against a node, ``"differs"`` or ``"conflicts"``.

    Returns
    -------
    list of str
        Every premise and every rebuttal one of whose claims has such a verdict.

    Raises
    ------
    ValueError
        If a word is no verdict; the message lists what there is.
    """
    known = list(verdicts["verdict"].cat.categories)
    for word in words:
        if word not in known:
            raise ValueError(f"no verdict {word!r}; there are: {', '.join(known)}")
    bad = set(verdicts.loc[verdicts["verdict"].isin(words), "claim_id"])
    stated = nodes[nodes["kind"].isin(["premise", "rebuttal"])]
    return [
        n for n, claims in zip(stated["node"], stated["claims"].fillna(""), strict=True) if bad & set(claims.split())
    ]


def _columns(what: str, frame: pd.DataFrame, needed: list[str]) -> None:
    missing: list[Any] = [c for c in needed if c not in frame.columns]
    if missing:
        raise ValueError(f"the {what} lack the columns {', '.join(missing)}; there are: {', '.join(frame.columns)}")
