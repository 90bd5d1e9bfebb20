"""Cross-impact balance analysis: which combinations of developments support themselves.

A *descriptor* is a factor, a *variant* one of the ways it may turn out, a *scenario* one variant of
each. A judgement says how strongly a variant of one descriptor promotes (+) or hinders (-) a variant
of another. The judgements on one descriptor that the variants of a scenario make add up to its
*impact balance*; a scenario is consistent where every variant chosen has the highest sum of its
descriptor. Method: W. Weimer-Jehle, "Cross-impact balances", Technological Forecasting and Social
Change 73 (2006), pp. 334-361.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

Array = np.ndarray[Any, Any]
Judgement = tuple[str, str, str, str, Any]
Scenario = Mapping[str, str]
Loop = tuple[tuple[int, ...], ...]
COLUMNS = ["source_descriptor", "source_variant", "target_descriptor", "target_variant", "value"]
BLOCK = 16_384  # scenarios looked at together
BOUND = 3**17  # scenarios up to which every one is looked at
MOST = 1_000_000  # consistent scenarios that are listed
NEAR = 1e-9  # sums that differ by less are equal, where judgements are fractions


class Succession(NamedTuple):
    """Where global succession leads from a scenario.

    Attributes
    ----------
    path : pandas.DataFrame
        A row a step, a column a descriptor; the start is the first row.
    attractor : pandas.DataFrame
        The rows that repeat for ever: one for a fixed point, more for a cycle.
    fixed : bool
        Whether the attractor is a single scenario, which then is consistent.
    """

    path: pd.DataFrame
    attractor: pd.DataFrame
    fixed: bool


class CrossImpact:
    """A cross-impact matrix.

    Parameters
    ----------
    long : pandas.DataFrame
        A row a judgement: ``source_descriptor, source_variant, target_descriptor, target_variant,
        value``. A pair without a row is 0, no influence. The order of rows has no meaning.
    variants : mapping of str to sequence of str, optional
        The variants of each descriptor, in the order wanted. By default those that occur in `long`,
        sorted.
    limit : float, optional
        The largest absolute value that a judgement may have; None for no limit.

    Raises
    ------
    ValueError
        If a column is missing, a descriptor or variant is unknown, a pair is judged twice, a value is
        missing or beyond the limit, or a descriptor is said to influence itself.
    """

    def __init__(
        self, long: pd.DataFrame, variants: Mapping[str, Sequence[str]] | None = None, *, limit: float | None = 3
    ) -> None:
        absent = [c for c in COLUMNS if c not in long.columns]
        if absent:
            raise ValueError(f"judgements lack the columns {', '.join(absent)}; there are: {', '.join(long.columns)}")
        rows: list[Judgement] = [
            (str(a), str(b), str(c), str(d), v) for a, b, c, d, v in long[COLUMNS].itertuples(index=False)
        ]
        self._lay_out({str(d): [str(v) for v in vs] for d, vs in (variants or _found(rows)).items()})
        self.limit = limit
        self._matrix = self._filled(rows)

    def _lay_out(self, variants: dict[str, list[str]]) -> None:
        """Give every variant its row and column."""
        for descriptor, names in variants.items():
            if not names or len(set(names)) < len(names):
                raise ValueError(f"descriptor {descriptor!r} has no variants or one twice: {', '.join(names)}")
        self.variants = variants
        self._sizes = [len(v) for v in variants.values()]
        self._first = np.concatenate([[0], np.cumsum(self._sizes)]).astype(int)
        self._at = {p: i for i, p in enumerate((d, v) for d, vs in variants.items() for v in vs)}

    def _altered(self, matrix: Array, judged: Array, variants: dict[str, list[str]] | None = None) -> CrossImpact:
        """A matrix made from this one, without going over its judgements again."""
        other = object.__new__(CrossImpact)
        other._lay_out(variants or self.variants)
        other.limit, other._matrix, other._judged = self.limit, matrix, judged
        return other

    def _filled(self, rows: list[Judgement]) -> Array:
        """The matrix with a row a source variant and a column a target variant."""
        matrix = np.full((len(self._at), len(self._at)), np.nan)
        for source, source_variant, target, target_variant, value in rows:
            pair = f"{source}:{source_variant} on {target}:{target_variant}"
            i, j = self._index(source, source_variant), self._index(target, target_variant)
            if source == target:
                raise ValueError(f"judgement {pair}: a descriptor does not influence itself")
            if not isinstance(value, (int, float, np.integer, np.floating)) or np.isnan(value):
                raise ValueError(f"judgement {pair}: {value!r} is not a number")
            if self.limit is not None and abs(float(value)) > self.limit:
                raise ValueError(f"judgement {pair}: {value} lies outside -{self.limit} to +{self.limit}")
            if not np.isnan(matrix[i, j]):
                raise ValueError(f"judgement {pair} is made twice: {matrix[i, j]:g} and {value}")
            matrix[i, j] = value
        self._judged = ~np.isnan(matrix)
        matrix[~self._judged] = 0
        return matrix

    def _index(self, descriptor: str, variant: str) -> int:
        if descriptor not in self.variants:
            raise ValueError(f"no descriptor {descriptor!r}; there are: {', '.join(self.variants)}")
        if (descriptor, variant) not in self._at:
            known = ", ".join(self.variants[descriptor])
            raise ValueError(f"descriptor {descriptor!r} has no variant {variant!r}; there are: {known}")
        return self._at[descriptor, variant]

    # -- the matrix ----------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """The number of scenarios that there are."""
        return prod(self._sizes)

    @property
    def long(self) -> pd.DataFrame:
        """The judgements as a table, in the order of descriptors and variants."""
        pairs = list(self._at)
        rows = [(*pairs[i], *pairs[j], self._matrix[i, j]) for i, j in np.argwhere(self._judged)]
        return pd.DataFrame(rows, columns=COLUMNS)

    def standardised(self) -> pd.DataFrame:
        """The matrix with the mean of each source variant's row within a section taken off.

        Returns
        -------
        pandas.DataFrame
            A row a source variant, a column a target variant, both as (descriptor, variant). Adding a
            constant to such a row changes no balance, so this matrix has the same scenarios.
        """
        matrix = self._matrix.copy()
        for k in range(len(self._sizes)):
            part = slice(self._first[k], self._first[k + 1])
            matrix[:, part] -= matrix[:, part].mean(axis=1, keepdims=True)
        labels = pd.MultiIndex.from_tuples(list(self._at), names=["descriptor", "variant"])
        return pd.DataFrame(matrix, index=labels, columns=labels)

    def active_passive(self) -> pd.DataFrame:
        """How much each descriptor moves others and is moved.

        Returns
        -------
        pandas.DataFrame
            Index descriptor; ``active`` and ``passive`` are sums of the absolute standardised
            judgements that it makes and receives.
        """
        weights = self.standardised().abs()
        active = weights.T.groupby(level=0, sort=False).sum().T.groupby(level=0, sort=False).sum()
        return pd.DataFrame({"active": active.sum(axis=1), "passive": active.sum(axis=0)}).rename_axis("descriptor")

    def without(self, source: str | None = None, target: str | None = None) -> CrossImpact:
        """The same matrix with judgement sections switched off.

        Parameters
        ----------
        source, target : str, optional
            Descriptors: both for one section, one of them for all that it exerts or receives.

        Raises
        ------
        ValueError
            If neither is given or one is unknown.
        """
        if source is None and target is None:
            raise ValueError("name a source or a target descriptor, or both")
        for name in (source, target):
            if name is not None and name not in self.variants:
                raise ValueError(f"no descriptor {name!r}; there are: {', '.join(self.variants)}")
        owner = np.repeat(list(self.variants), self._sizes)
        gone = np.outer((owner == source) | (source is None), (owner == target) | (target is None))
        return self._altered(np.where(gone, 0, self._matrix), self._judged & ~gone)

    def fixed(self, descriptor: str, variant: str) -> CrossImpact:
        """The same matrix with one descriptor set from outside; what acts on it no longer counts."""
        chosen = self._index(descriptor, variant)
        kept = [i for (d, _), i in self._at.items() if d != descriptor or i == chosen]
        variants = {d: [variant] if d == descriptor else v for d, v in self.variants.items()}
        return self._altered(self._matrix[np.ix_(kept, kept)], self._judged[np.ix_(kept, kept)], variants)

    # -- scenarios -----------------------------------------------------------------------------

    def _codes(self, scenario: Scenario) -> Array:
        """A scenario as positions of the variants."""
        absent = [d for d in self.variants if d not in scenario]
        if absent:
            raise ValueError(f"the scenario says nothing of {', '.join(absent)}")
        for d in scenario:
            self._index(str(d), str(scenario[d]))
        codes: Array = np.array([self._index(d, str(scenario[d])) for d in self.variants]) - self._first[:-1]
        return codes

    def _frame(self, codes: Array) -> pd.DataFrame:
        """Rows of positions as rows of variant names."""
        columns: dict[str, Any] = {
            d: np.array(v, dtype=object)[codes[:, k]] if len(codes) else []
            for k, (d, v) in enumerate(self.variants.items())
        }
        return pd.DataFrame(columns, columns=list(self.variants), dtype=object)

    def _scores(self, codes: Array) -> Array:
        """Impact sums (scenarios x variants) of scenarios given as positions."""
        scores = np.zeros((len(codes), len(self._at)))
        for k in range(len(self._sizes)):
            scores += self._matrix[self._first[k] + codes[:, k]]
        return scores

    def balance(self, scenario: Scenario) -> pd.DataFrame:
        """The impact balance of a scenario.

        Parameters
        ----------
        scenario : mapping of descriptor to variant
            A variant of every descriptor.

        Returns
        -------
        pandas.DataFrame
            ``descriptor, variant, score, chosen, best``: the sum of judgements that the scenario's
            variants make on each variant, whether it is the scenario's own and whether none of its
            descriptor is higher.

        Raises
        ------
        ValueError
            If a descriptor is missing or unknown, or a variant is unknown.
        """
        codes = self._codes(scenario)
        scores = self._scores(codes[None])[0]
        frame = pd.DataFrame(list(self._at), columns=["descriptor", "variant"])
        frame["score"] = scores
        frame["chosen"] = [scenario[d] == v for d, v in self._at]
        frame["best"] = scores >= frame.groupby("descriptor", sort=False)["score"].transform("max") - NEAR
        return frame

    def margins(self, scenarios: pd.DataFrame) -> pd.DataFrame:
        """How consistent scenarios are.

        Parameters
        ----------
        scenarios : pandas.DataFrame
            A row a scenario, a column a descriptor, as `consistent` returns them.

        Returns
        -------
        pandas.DataFrame
            With the index of `scenarios`. ``margin``: the smallest lead of a chosen variant over the
            best other variant of its descriptor, negative where the scenario is inconsistent (infinite
            if no descriptor has a choice); ``weakest``: the descriptor where that is; ``ties``:
            descriptors that the balance leaves open, the chosen variant level with another; ``firm``:
            the smallest lead among the rest; ``total``: the sum of the chosen variants' scores.
        """
        if not len(scenarios):
            return pd.DataFrame(columns=["margin", "weakest", "ties", "firm", "total"], index=scenarios.index)
        codes = np.array([self._codes(row) for row in scenarios.to_dict("records")])
        leads, chosen = self._leads(codes)
        weakest = np.array(list(self.variants), dtype=object)[leads.argmin(axis=1)]
        level = np.abs(leads) <= NEAR
        firm = np.where(level, np.inf, leads).min(axis=1)
        columns = {"margin": leads.min(axis=1), "weakest": weakest, "ties": level.sum(axis=1), "firm": firm}
        return pd.DataFrame({**columns, "total": chosen.sum(axis=1)}, index=scenarios.index)

    def _leads(self, codes: Array) -> tuple[Array, Array]:
        """Lead over the best rival, and own score (both scenarios x descriptors)."""
        scores, rows = self._scores(codes), np.arange(len(codes))
        leads, chosen = np.full(codes.shape, np.inf), np.zeros(codes.shape)
        for k, size in enumerate(self._sizes):
            part = scores[:, self._first[k] : self._first[k + 1]]
            chosen[:, k] = part[rows, codes[:, k]]
            if size > 1:
                rivals = part.copy()
                rivals[rows, codes[:, k]] = -np.inf
                leads[:, k] = chosen[:, k] - rivals.max(axis=1)
        return leads, chosen

    def consistent(self, slack: float = 0, *, starts: int = 5_000, seed: int = 0) -> pd.DataFrame:
        """Every consistent scenario.

        All scenarios are looked at, in blocks, so that memory does not grow with their number. Past
        `BOUND` scenarios a warning says so and the fixed points that global succession reaches from
        random starts are returned instead: each of them is consistent, but some may be missing.

        Parameters
        ----------
        slack : float
            How far a chosen variant may stay below the highest of its descriptor; 0 is strict.
        starts, seed : int
            For the search past the bound.

        Returns
        -------
        pandas.DataFrame
            A row a scenario, a column a descriptor, in the order of the variants. `margins` tells how
            firmly each one holds.

        Raises
        ------
        ValueError
            If `slack` is negative, if more than `MOST` scenarios are consistent, or if slack is wanted
            past the bound.
        """
        return self._frame(self._consistent(slack, starts, seed))

    def _consistent(self, slack: float = 0, starts: int = 5_000, seed: int = 0) -> Array:
        """What `consistent` returns, as positions (scenarios x descriptors)."""
        if slack < 0:
            raise ValueError(f"slack is a tolerance and not negative: {slack}")
        if self.size <= BOUND:
            return np.concatenate([np.empty((0, len(self._sizes)), int), *self._enumerated(slack)])
        told = f"{self.size:,} scenarios are more than the {BOUND:,} that are looked at one by one"
        if slack:
            raise ValueError(f"{told}; with slack there is no other way, so fix a descriptor")
        warnings.warn(f"{told}; searched by succession from {starts:,} random starts instead", stacklevel=3)
        points = [loop[0] for loop, _ in self._attractors(starts, seed) if len(loop) == 1]
        return np.array(points, int).reshape(-1, len(self._sizes))

    def _enumerated(self, slack: float) -> Iterator[Array]:
        """Positions of consistent scenarios: the last descriptors vary inside a block, the first outside."""
        whole = bool((self._matrix == np.round(self._matrix)).all() and np.abs(self._matrix).sum(0).max() < 2**13)
        matrix = self._matrix.astype(np.int16) if whole else self._matrix
        slack = int(slack) if whole else slack + NEAR
        cut = len(self._sizes) - 1
        while cut > 0 and prod(self._sizes[cut - 1 :]) <= BLOCK:
            cut -= 1
        inner = np.indices(self._sizes[cut:]).reshape(len(self._sizes) - cut, -1)
        base = self._sums(matrix, cut)
        ahead = self._rival_leads(base, cut)
        count = 0
        for outer in product(*(range(s) for s in self._sizes[:cut])):
            chosen = self._first[:cut] + np.array(outer, int)
            given = matrix[chosen].sum(axis=0, dtype=matrix.dtype)
            rivals = [(v, w) for v in chosen for w in ahead[int(v)]]
            # a rival that leads more than the outer choices can make good rules the whole block out
            if any(ahead[int(v)][w][1] > given[v] - given[w] + slack for v, w in rivals):
                continue
            alive = np.ones(inner.shape[1], bool)
            for v, w in rivals:
                alive &= ahead[int(v)][w][0] <= given[v] - given[w] + slack
            left = self._inner(np.flatnonzero(alive), inner, base, given, cut, slack)
            if len(left):
                count += len(left)
                if count > MOST:
                    raise ValueError(f"more than {MOST:,} scenarios are consistent: the matrix hardly constrains them")
                yield np.column_stack([np.tile(np.array(outer, int), (len(left), 1)), inner[:, left].T])

    def _sums(self, matrix: Array, cut: int = 0) -> Array:
        """What every combination of the descriptors from `cut` on adds up to (variants x combinations)."""
        sums = np.zeros((len(matrix), 1), matrix.dtype)
        for k in range(cut, len(self._sizes)):
            given = matrix[self._first[k] : self._first[k + 1]].T
            sums = (sums[:, :, None] + given[:, None, :]).reshape(len(matrix), -1)
        return sums

    def _rival_leads(self, base: Array, cut: int) -> dict[int, dict[int, tuple[Array, Any]]]:
        """For each outer variant and each rival: the rival's lead from the inner choices, and the least of it."""
        ahead: dict[int, dict[int, tuple[Array, Any]]] = {}
        for k in range(cut):
            options = range(self._first[k], self._first[k + 1])
            for v in options:
                ahead[v] = {}
                for w in options:
                    if w != v:
                        lead = base[w] - base[v]
                        ahead[v][w] = (lead, lead.min())
        return ahead

    def _inner(self, left: Array, inner: Array, base: Array, given: Array, cut: int, slack: float) -> Array:
        """Those of a block's scenarios whose inner descriptors are consistent too."""
        for k in range(cut, len(self._sizes)):
            if not len(left):
                break
            part = slice(self._first[k], self._first[k + 1])
            scores = base[part][:, left] + given[part, None]
            own = scores[inner[k - cut][left], np.arange(len(left))]
            left = left[own + slack >= reduce(np.maximum, scores)]
        return left

    # -- succession ----------------------------------------------------------------------------

    def _next(self, codes: Array, scores: Array | None = None) -> Array:
        """One step of global succession: every descriptor takes its best variant, its own if that ties."""
        columns = np.arange(len(codes))
        scores = np.ascontiguousarray(self._scores(codes).T) if scores is None else scores
        after = codes.copy()
        for k in range(len(self._sizes)):
            part = scores[self._first[k] : self._first[k + 1]]
            high = reduce(np.maximum, part) - NEAR  # row by row: quicker than along an axis of two or three
            moved = np.flatnonzero(part[codes[:, k], columns] < high)
            after[moved, k] = (part[:, moved] >= high[moved]).argmax(axis=0)
        return after

    def _everywhere(self) -> tuple[Array, Array]:
        """Every scenario, in the place of its number, and the number of the one that succession leads to."""
        [states] = self._starts(None, 0)
        return states, self._next(states, self._sums(self._matrix)) @ self._radix()

    def succession(self, scenario: Scenario) -> Succession:
        """Follow global succession from a scenario until it rests or repeats.

        At each step every descriptor moves at once to its variant with the highest score. Where its
        own variant is among the highest it stays; otherwise the first of the highest is taken.

        Parameters
        ----------
        scenario : mapping of descriptor to variant

        Returns
        -------
        Succession
        """
        path = [self._codes(scenario)]
        seen = {tuple(path[0]): 0}
        while True:
            after = self._next(path[-1][None])[0]
            key = tuple(after)
            if key in seen:
                frame = self._frame(np.array(path))
                loop = frame.iloc[seen[key] :].reset_index(drop=True)
                return Succession(frame, loop, len(loop) == 1)
            seen[key] = len(path)
            path.append(after)

    def attractors(self, *, starts: int | None = None, seed: int = 0) -> pd.DataFrame:
        """Where global succession ends, from every scenario or from random ones.

        Parameters
        ----------
        starts : int, optional
            Number of random starts, drawn with replacement; by default every scenario is a start.
        seed : int
            Of the random starts.

        Returns
        -------
        pandas.DataFrame
            A row a scenario of an attractor, a column a descriptor, then ``attractor`` (a number, the
            largest basin first), ``period`` (1 for a fixed point) and ``basin`` (starts that end there).

        Raises
        ------
        ValueError
            If every scenario is to be a start and there are more than `BOUND`.
        """
        if starts is None:
            self._bound()
        ranked = self._attractors(starts, seed)
        periods = [len(loop) for loop, _ in ranked]
        frame = self._frame(np.array([state for loop, _ in ranked for state in loop]))
        frame["attractor"] = np.repeat(np.arange(1, len(ranked) + 1), periods)
        frame["period"], frame["basin"] = np.repeat(periods, periods), np.repeat([n for _, n in ranked], periods)
        return frame

    def _bound(self) -> None:
        if self.size > BOUND:
            raise ValueError(f"{self.size:,} scenarios are more than the bound of {BOUND:,}; give a number of starts")

    def _attractors(self, starts: int | None, seed: int) -> list[tuple[Loop, int]]:
        """The states of each attractor as positions, and the starts that end there, the most first."""
        states, weights, after = self._reached(starts, seed)
        basins: dict[Loop, int] = {}
        for loop, n in _loops(after, weights):
            path = [tuple(states[i].tolist()) for i in loop]
            turn = path.index(min(path))
            key = (*path[turn:], *path[:turn])
            basins[key] = basins.get(key, 0) + int(n)
        return sorted(basins.items(), key=lambda item: (-item[1], item[0]))

    def _reached(self, starts: int | None, seed: int) -> tuple[Array, Array, Array]:
        """Scenarios from the first step on, the starts that lead to each at once, and the place of its successor."""
        if starts is None and self.size <= BLOCK:
            states, after = self._everywhere()
            return states, np.ones(self.size), after
        radix = self._radix()

        def merged(states: Array, weights: Array) -> tuple[Array, Array, Array]:
            numbers, at, inverse = np.unique(states @ radix, return_index=True, return_inverse=True)
            return numbers, states[at], np.bincount(inverse, weights)

        numbers, states, weights = merged(np.empty((0, len(self._sizes)), int), np.empty(0))
        for codes in self._starts(starts, seed):
            found = self._next(codes)
            both = np.concatenate([states, found]), np.concatenate([weights, np.ones(len(found))])
            numbers, states, weights = merged(*both)
        while True:
            after = self._next(states)
            known = len(states)
            at = np.searchsorted(numbers, after @ radix)
            both = np.concatenate([states, after]), np.concatenate([weights, np.zeros(known)])
            numbers, states, weights = merged(*both)
            if len(states) == known:
                return states, weights, at

    def _radix(self) -> Array:
        """What the positions of a scenario are multiplied by to give its number, exact however many there are."""
        radix = np.array([prod(self._sizes[k + 1 :]) for k in range(len(self._sizes))], object)
        return radix.astype(np.int64) if self.size < 2**63 else radix

    def ends(self, descriptor: str) -> pd.Series:
        """The share of all scenarios from which succession ends at each variant of a descriptor.

        Parameters
        ----------
        descriptor : str

        Returns
        -------
        pandas.Series
            Index variant, in the order of the matrix; a cycle counts for each of its scenarios in equal parts.

        Raises
        ------
        ValueError
            If the descriptor is unknown, or there are more than `BOUND` scenarios.
        """
        if descriptor not in self.variants:
            raise ValueError(f"no descriptor {descriptor!r}; there are: {', '.join(self.variants)}")
        self._bound()
        place, variants = list(self.variants).index(descriptor), self.variants[descriptor]
        weights = np.zeros(len(variants))
        for loop, basin in self._attractors(None, 0):
            for state in loop:
                weights[state[place]] += basin / len(loop)
        return pd.Series(weights / weights.sum(), pd.Index(variants, name=descriptor))

    def steered(self, descriptor: str, variant: str) -> pd.Series:
        """The share of scenarios that end at a variant when another descriptor is fixed, as by `fixed` and `ends`.

        Parameters
        ----------
        descriptor, variant : str
            What is watched.

        Returns
        -------
        pandas.Series
            Index (descriptor, variant): what is fixed, every variant of every other descriptor.

        Raises
        ------
        ValueError
            As `ends` does, or if the variant is unknown.
        """
        chosen = self._index(descriptor, variant)
        fixed = [pair for pair in self._at if pair[0] != descriptor]
        index = pd.MultiIndex.from_tuples(fixed, names=["descriptor", "variant"])
        if self.size > BLOCK:
            return pd.Series([self.fixed(*pair).ends(descriptor)[variant] for pair in fixed], index)
        states, after = self._everywhere()
        place = list(self.variants).index(descriptor)
        hits, radix, shares = states[:, place] == chosen - self._first[place], self._radix(), []
        for name, one in fixed:
            k = list(self.variants).index(name)
            position = self._at[name, one] - self._first[k]
            held = after + (position - after // radix[k] % self._sizes[k]) * radix[k]  # the rest moves, this one stays
            starts = states[:, k] == position
            shares.append(sum(n * hits[loop].mean() for loop, n in _loops(held, starts) if n) / starts.sum())
        return pd.Series(shares, index)

    def _starts(self, starts: int | None, seed: int) -> Iterator[Array]:
        random = np.random.default_rng(seed)
        total = self.size if starts is None else starts
        for first in range(0, total, BLOCK):
            n = min(BLOCK, total - first)
            if starts is None:
                yield np.column_stack(np.unravel_index(np.arange(first, first + n), self._sizes))
            else:
                yield np.column_stack([random.integers(0, s, n) for s in self._sizes])

    # -- uncertainty ---------------------------------------------------------------------------

    def drawn(self, draws: int, seed: int, *, step: float = 1, silent: bool = False) -> Iterator[CrossImpact]:
        """Matrices in which every judgement may be off.

        Parameters
        ----------
        draws : int
            How many.
        seed : int
            Of the random numbers; the same seed gives the same matrices.
        step : float
            Each judgement changes by ``-step``, 0 or ``+step``, with equal chance, within the limit.
        silent : bool
            False: pairs with a judgement change. True: these stay, and the pairs without one change.

        Yields
        ------
        CrossImpact
        """
        random = np.random.default_rng(seed)
        owner = np.repeat(np.arange(len(self._sizes)), self._sizes)
        open_pairs = (owner[:, None] != owner[None, :]) & (self._judged != silent)
        for _ in range(draws):
            matrix = self._matrix + open_pairs * step * random.integers(-1, 2, self._matrix.shape)
            matrix = matrix if self.limit is None else matrix.clip(-self.limit, self.limit)
            yield self._altered(matrix, self._judged | open_pairs)

    def robustness(
        self,
        draws: int,
        seed: int,
        *,
        scenarios: Iterable[Scenario] | None = None,
        step: float = 1,
        silent: bool = False,
    ) -> pd.DataFrame:
        """In what share of uncertain matrices scenarios stay consistent.

        Parameters
        ----------
        draws, seed, step, silent
            As in `drawn`.
        scenarios : iterable of mappings, optional
            Scenarios, whole or in part; a part holds when at least one consistent scenario contains it.
            By default the consistent scenarios of this matrix.

        Returns
        -------
        pandas.DataFrame
            A row a scenario, in the order given: ``held`` (draws), ``share`` (0 to 1) and the 95 per
            cent Wilson interval ``low`` to ``high``, which covers the sampling of draws alone.

        Raises
        ------
        ValueError
            If `draws` is not positive, or a scenario names what does not exist.
        """
        if draws < 1:
            raise ValueError(f"draws must be at least 1: {draws}")
        wanted = self.consistent().to_dict("records") if scenarios is None else [dict(s) for s in scenarios]
        parts = [[self._index(str(d), str(v)) for d, v in part.items()] for part in wanted]
        held = np.zeros(len(parts), int)
        for matrix in self.drawn(draws, seed, step=step, silent=silent):
            chosen = np.zeros((len(found := matrix._consistent()), len(self._at)), bool)
            np.put_along_axis(chosen, found + self._first[:-1], True, axis=1)
            held += np.array([chosen[:, part].all(axis=1).any() for part in parts], int)
        low, high = wilson(held, draws)
        return pd.DataFrame({"held": held, "share": held / draws, "low": low, "high": high})


def _loops(after: Array, weights: Array) -> Iterator[tuple[list[int], float]]:
    """Where following `after` from place to place ends: the places of each loop, and the weight of all that get there.

    A loop may come several times, each time from another of its places.
    """
    end = after
    for _ in range(len(after).bit_length()):  # each time twice as far: past every place, so into the loops
        end = end[end]
    reached = np.bincount(end, weights, len(after))
    for point in np.flatnonzero(np.bincount(end, minlength=len(after))).tolist():
        loop = [point]
        while (following := int(after[loop[-1]])) != point:
            loop.append(following)
        yield loop, float(reached[point])


def matching(scenarios: pd.DataFrame, part: Scenario) -> pd.Series:
    """Which rows of a table of scenarios contain a scenario given whole or in part.

    Parameters
    ----------
    scenarios : pandas.DataFrame
        A row a scenario, a column a descriptor.
    part : mapping of descriptor to variant

    Returns
    -------
    pandas.Series of bool
    """
    fits = pd.Series(True, index=scenarios.index, dtype=bool)
    for descriptor, variant in part.items():
        fits &= scenarios[descriptor] == variant
    return fits


def wilson(held: Array, draws: int, z: float = 1.96) -> tuple[Array, Array]:
    """The Wilson score interval of shares (E. B. Wilson, JASA 22 (1927), pp. 209-212).

    Parameters
    ----------
    held : array of int
        Successes.
    draws : int
        Trials, at least 1.
    z : float
        Normal quantile; 1.96 for 95 per cent.

    Returns
    -------
    (array, array)
        Lower and upper end, from 0 to 1.
    """
    share = np.asarray(held) / draws
    middle = (share + z * z / (2 * draws)) / (1 + z * z / draws)
    half = z / (1 + z * z / draws) * np.sqrt(share * (1 - share) / draws + (z / (2 * draws)) ** 2)
    return np.maximum(middle - half, 0), np.minimum(middle + half, 1)


def _found(rows: Iterable[Judgement]) -> dict[str, list[str]]:
    """The descriptors and variants that occur, sorted."""
    pairs = {pair for a, b, c, d, _ in rows for pair in ((a, b), (c, d))}
    return {d: sorted(v for e, v in pairs if e == d) for d in sorted({d for d, _ in pairs})}
