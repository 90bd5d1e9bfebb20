"""How alike two profiles are, and how well two coders agree: agreement first, then S, kappa, pi and alpha.

A measure that its formula leaves undefined stays undefined: it is ``nan`` and the `Score` says why.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval"]
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval")
NAN = float("nan")


class Score(NamedTuple):
    """A measure with what it rests on.

    Attributes
    ----------
    value : float
        ``nan`` where the measure is undefined.
    items : int
        How many were compared.
    reason : str
        Why the value is undefined, or forced; empty otherwise.
    """

    value: float
    items: int
    reason: str = ""


class Agreement(NamedTuple):
    """Raw agreement: ``same`` of ``items`` have the same value on both sides."""

    same: int
    items: int

    @property
    def share(self) -> float:
        """Agreement from 0 to 1; ``nan`` where nothing was compared."""
        return self.same / self.items if self.items else NAN


class Interval(NamedTuple):
    """A bootstrap interval; ``undefined`` of ``draws`` resamples had no defined value and are left out."""

    low: float
    high: float
    draws: int
    undefined: int


# -- selecting -------------------------------------------------------------------------------


def pick(kind: str, wanted: Iterable[Hashable] | None, known: Iterable[Hashable]) -> list[Hashable]:
    """The wanted keys, or all there are.

    Raises
    ------
    KeyError
        If one is not there; the message names it and lists what there is.
    """
    there = list(dict.fromkeys(known))
    chosen = there if wanted is None else list(wanted)
    for key in chosen:
        if key not in there:
            raise KeyError(f"no {kind} {key!r}; there are: {' '.join(map(str, there))}")
    return chosen


def profiles(
    coding: pd.DataFrame,
    coder: str,
    *,
    rows: str = "state",
    columns: str = "domain",
    value: str = "intensity",
    states: Iterable[str] | None = None,
    domains: Iterable[str] | None = None,
) -> pd.DataFrame:
    """One coder's rows as a matrix.

    Parameters
    ----------
    coding : pandas.DataFrame
        A row per coder, `rows` and `columns`, such as the table ``interests``.
    coder : str
        Whose rows.
    rows, columns, value : str
        Names of the columns that make the matrix.
    states, domains : iterable of str, optional
        Which rows and columns of the matrix; all by default, in the order of the table.

    Returns
    -------
    pandas.DataFrame of float
        ``nan`` where the coder left the value empty.

    Raises
    ------
    KeyError
        If there is no such coder, state or domain; the message lists what there is.
    """
    pick("coder", [coder], coding["coder"])
    mine = coding[coding["coder"].astype("str") == coder].astype({rows: "str", columns: "str"})
    chosen = pick(rows, states, mine[rows]), pick(columns, domains, mine[columns])
    matrix = mine.pivot(index=rows, columns=columns, values=value)
    return matrix.reindex(index=chosen[0], columns=chosen[1]).astype("Float64").astype("float64")


def ratings(
    coding: pd.DataFrame,
    coders: Iterable[str],
    *,
    rows: str = "state",
    columns: str = "domain",
    value: str = "intensity",
    domains: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Several coders' values for the same units: a row per coder, a column per unit, as `alpha` takes them.

    Parameters
    ----------
    coding, rows, columns, value, domains
        As in `profiles`.
    coders : iterable of str
        Whose rows.

    Returns
    -------
    pandas.DataFrame of float

    Raises
    ------
    KeyError
        If there is no such coder or domain; the message lists what there is.
    ValueError
        If no coder is named.
    """
    chosen = None if domains is None else list(domains)
    parts = {c: profiles(coding, c, rows=rows, columns=columns, value=value, domains=chosen) for c in coders}
    if not parts:
        raise ValueError("no coder is named")
    first = next(iter(parts.values()))
    units = pd.MultiIndex.from_product([first.index, first.columns])
    flat = {c: part.reindex(index=first.index, columns=first.columns).to_numpy().ravel() for c, part in parts.items()}
    return pd.DataFrame(flat, index=units).T


# -- two profiles ----------------------------------------------------------------------------


def _both(x: Iterable[Any], y: Iterable[Any]) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Both sides as numbers and where both have one."""
    a, b = (np.asarray(pd.Series(list(side), dtype="Float64").to_numpy("float64", NAN)) for side in (x, y))
    if len(a) != len(b):
        raise ValueError(f"the two sides differ in length: {len(a)} and {len(b)}")
    return a, b, ~(np.isnan(a) | np.isnan(b))


def agreement(x: Iterable[Any], y: Iterable[Any], *, silence: bool = False) -> Agreement:
    """Raw agreement of two sequences of numbers.

    Parameters
    ----------
    x, y : iterables of numbers of equal length
        Missing values are ``nan`` or ``NA``.
    silence : bool
        Whether a missing value is a value of its own, so that two of them agree. By default items
        that either side leaves empty are left out.

    Returns
    -------
    Agreement

    Raises
    ------
    ValueError
        If the sides differ in length.
    """
    a, b, spoken = _both(x, y)
    same = int((a[spoken] == b[spoken]).sum())
    if not silence:
        return Agreement(same, int(spoken.sum()))
    return Agreement(same + int((np.isnan(a) & np.isnan(b)).sum()), len(a))


def s_score(
    x: Iterable[Any], y: Iterable[Any], *, low: float, high: float, weights: Iterable[float] | None = None
) -> Score:
    """S of Signorino and Ritter: 1 for equal profiles, -1 where they are as far apart as the scale allows.

    ``S = 1 - 2 * sum(w * |x - y|) / (sum(w) * (high - low))``: absolute differences, each item's distance as a
    share of the scale's length. Unlike tau-b, kappa and pi it is defined for constant profiles, and it
    makes no allowance for chance.

    Parameters
    ----------
    x, y : iterables of numbers of equal length
        Items that either side leaves empty are left out.
    low, high : float
        Ends of the scale.
    weights : iterable of float, optional
        A weight per item, none below zero; equal by default.

    Returns
    -------
    Score
        Undefined where no item with a weight is left.

    Raises
    ------
    ValueError
        If the sides or weights differ in length, a value lies outside the scale, or a weight is negative.

    Notes
    -----
    C. S. Signorino and J. M. Ritter, "Tau-b or Not Tau-b", International Studies Quarterly 43 (1999), 115-144.
    """
    a, b, spoken = _both(x, y)
    w = np.ones(len(a)) if weights is None else np.asarray(list(weights), dtype=float)
    if len(w) != len(a):
        raise ValueError(f"there are {len(w)} weights for {len(a)} items")
    if np.isnan(w).any() or (w < 0).any():
        raise ValueError(f"weights must be numbers from zero up: {w.tolist()}")
    if not low < high:
        raise ValueError(f"the scale from {low:g} to {high:g} has no length")
    for value in np.concatenate([a, b]):
        if not np.isnan(value) and not low <= value <= high:
            raise ValueError(f"{value:g} is outside the scale from {low:g} to {high:g}")
    used = spoken & (w > 0)
    if not used.any():
        return Score(NAN, 0, "no item with a weight has a value on both sides")
    share = w[used] / w[used].sum()  # first, so that very small weights do not vanish
    distance = float((share * (np.abs(a - b)[used] / (high - low))).sum())
    return Score(1 - 2 * min(distance, 1.0), int(used.sum()))


def _table(x: Iterable[Any], y: Iterable[Any], categories: Sequence[float]) -> Floats:
    """Counts of pairs: a row per category of `x`, a column per category of `y`."""
    a, b, spoken = _both(x, y)
    order = {float(c): i for i, c in enumerate(categories)}
    if len(order) < len(categories):
        raise ValueError(f"a category is listed twice: {list(categories)}")
    counts = np.zeros((len(order), len(order)))
    for one, other in zip(a[spoken], b[spoken], strict=True):
        for value in (one, other):
            if float(value) not in order:
                raise ValueError(f"{value:g} is no category; there are: {' '.join(f'{c:g}' for c in categories)}")
        counts[order[float(one)], order[float(other)]] += 1
    return counts


def _corrected(counts: Floats, expected: Floats, distance: Floats, name: str) -> Score:
    """One minus observed over expected disagreement."""
    n = int(counts.sum())
    if n == 0:
        return Score(NAN, 0, "no item has a value on both sides")
    chance = float((expected * distance).sum())
    if chance == 0:
        return Score(NAN, n, f"all values are the same: chance alone gives full agreement, and {name} is 0/0")
    forced = ""
    if name == "kappa" and (np.count_nonzero(counts.sum(0)) == 1 or np.count_nonzero(counts.sum(1)) == 1):
        forced = "one side is constant: kappa is zero whatever the other side does"
    return Score(0.0 if forced else 1 - float((counts * distance).sum()) / n / chance, n, forced)


def kappa(
    x: Iterable[Any], y: Iterable[Any], *, categories: Sequence[float], weights: Literal["linear"] | None = None
) -> Score:
    """Cohen's kappa: agreement beyond what each side's own frequencies lead one to expect.

    Parameters
    ----------
    x, y : iterables of numbers of equal length
        Items that either side leaves empty are left out.
    categories : sequence of float
        All values there may be, in order.
    weights : "linear", optional
        Count a disagreement by the number of steps between its categories; by default all count alike.

    Returns
    -------
    Score
        Undefined where all values on both sides are the same; zero, with a reason, where one side is constant.

    Raises
    ------
    ValueError
        If the sides differ in length, a value is no category, or the weights are of an unknown kind.

    Notes
    -----
    J. Cohen, "A Coefficient of Agreement for Nominal Scales", Educational and Psychological Measurement 20
    (1960), 37-46; weighted: Psychological Bulletin 70 (1968), 213-220.
    """
    counts = _table(x, y, categories)
    steps = np.abs(np.subtract.outer(np.arange(len(counts)), np.arange(len(counts)))).astype(float)
    if weights not in (None, "linear"):
        raise ValueError(f"no weights {weights!r}; there are: linear, or None")
    n = max(counts.sum(), 1)
    expected = np.outer(counts.sum(1), counts.sum(0)) / n**2
    return _corrected(counts, expected, steps if weights else (steps > 0).astype(float), "kappa")


def pi(x: Iterable[Any], y: Iterable[Any], *, categories: Sequence[float]) -> Score:
    """Scott's pi: as `kappa`, but chance is taken from the frequencies of both sides together.

    Parameters
    ----------
    x, y, categories
        As in `kappa`.

    Returns
    -------
    Score
        Undefined where all values on both sides are the same.

    Raises
    ------
    ValueError
        If the sides differ in length or a value is no category.

    Notes
    -----
    W. A. Scott, "Reliability of Content Analysis", Public Opinion Quarterly 19 (1955), 321-325.
    """
    counts = _table(x, y, categories)
    pooled = (counts.sum(0) + counts.sum(1)) / max(2 * counts.sum(), 1)
    return _corrected(counts, np.outer(pooled, pooled), 1 - np.eye(len(counts)), "pi")


def pairs(
    matrix: pd.DataFrame, measure: Callable[[pd.Series, pd.Series], Score | Agreement], *, between: str = "state"
) -> pd.DataFrame:
    """A measure for every pair of rows.

    Parameters
    ----------
    matrix : pandas.DataFrame
        A row per state, as `profiles` gives it.
    measure : callable
        Takes two rows; for example ``lambda x, y: s_score(x, y, low=0, high=3)``.
    between : str
        What the rows are; the result's first two columns are named after it.

    Returns
    -------
    pandas.DataFrame
        A row per pair with the two keys and the fields of what `measure` returns.
    """
    rows = [
        {f"{between}_a": a, f"{between}_b": b, **measure(matrix.loc[a], matrix.loc[b])._asdict()}
        for a, b in combinations(matrix.index, 2)
    ]
    return pd.DataFrame(rows)


def weights_for(domains: Iterable[str], chosen: Mapping[str, float] | Iterable[str]) -> list[float]:
    """Weights in the order of the domains: those chosen, all others zero.

    Parameters
    ----------
    domains : iterable of str
        Columns of the profiles.
    chosen : mapping of str to float, or iterable of str
        Weights by domain, or the domains that count alike.

    Raises
    ------
    KeyError
        If a domain is not there; the message lists what there is.
    """
    known = list(domains)
    given = dict(chosen) if isinstance(chosen, Mapping) else dict.fromkeys(chosen, 1.0)
    pick("domain", given, known)
    return [float(given.get(domain, 0)) for domain in known]


# -- coders ----------------------------------------------------------------------------------


def _coincidences(values: pd.DataFrame) -> tuple[Floats, Floats]:
    """Each unit's share of the coincidence matrix (units x categories x categories), and the categories."""
    table = values.to_numpy("float64", na_value=NAN)
    categories = np.unique(table[~np.isnan(table)])
    counts = np.asarray((table[:, :, None] == categories).sum(axis=0), dtype=float)
    counts = counts[counts.sum(1) > 1]  # a unit that only one coder rated pairs with nothing
    own = counts[:, :, None] * np.eye(len(categories))
    each = (counts[:, :, None] * counts[:, None, :] - own) / (counts.sum(1) - 1)[:, None, None]
    return each, categories


def _alpha(coincidence: Floats, categories: Floats, level: Level) -> Floats:
    """Alpha of coincidence matrices (any shape, then categories x categories); undefined without variation."""
    n_c = coincidence.sum(-2)
    rank = n_c.cumsum(-1) - n_c / 2 if level == "ordinal" else categories
    apart = rank[..., :, None] - rank[..., None, :]
    metric = (apart != 0).astype(float) if level == "nominal" else apart**2
    expected = (n_c[..., :, None] * n_c[..., None, :] * metric).sum((-2, -1))
    observed = (coincidence * metric).sum((-2, -1))
    value: Floats = 1 - (n_c.sum(-1) - 1) * observed / np.where(expected > 0, expected, NAN)
    return value


def alpha(values: pd.DataFrame, level: Level) -> Score:
    """Krippendorff's alpha for any number of coders, with missing values.

    Parameters
    ----------
    values : pandas.DataFrame of float
        A row per coder, a column per unit; ``nan`` where a coder did not rate a unit.
    level : "nominal", "ordinal" or "interval"
        How the distance of two values is measured.

    Returns
    -------
    Score
        With the number of units that two coders or more have rated. Undefined where there is none,
        or where all ratings are the same.

    Raises
    ------
    ValueError
        If the level is unknown; the message lists what there is.

    Notes
    -----
    K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).
    """
    if level not in LEVELS:
        raise ValueError(f"no level {level!r}; there are: {' '.join(LEVELS)}")
    each, categories = _coincidences(values)
    if not len(each):
        return Score(NAN, 0, "no unit has been rated by two coders")
    value = float(_alpha(each.sum(0), categories, level))
    reason = "all ratings are the same: there is no variation to agree on" if np.isnan(value) else ""
    return Score(value, len(each), reason)


def alpha_interval(
    values: pd.DataFrame, level: Level, *, draws: int = 2000, seed: int = 0, share: float = 0.95
) -> Interval:
    """A bootstrap interval for `alpha`: units are drawn anew with replacement, coders kept.

    Parameters
    ----------
    values, level
        As in `alpha`.
    draws : int
        Number of resamples.
    seed : int
        Makes the result repeatable.
    share : float
        Share of the resamples that the interval covers, between its two equal tails.

    Returns
    -------
    Interval
        Percentiles of the resamples in which alpha is defined. Both ends are ``nan`` where it is
        defined in fewer than half of them. Where the coders never differ both ends are 1: the
        sample then holds no error to draw, which does not show that there is none.

    Raises
    ------
    ValueError
        If the level is unknown, there are no draws, or the share is not between 0 and 1.
    """
    if level not in LEVELS:
        raise ValueError(f"no level {level!r}; there are: {' '.join(LEVELS)}")
    if draws < 1 or not 0 < share < 1:
        raise ValueError(f"needs at least one draw and a share between 0 and 1: {draws} and {share:g}")
    each, categories = _coincidences(values)
    if not len(each):
        return Interval(NAN, NAN, draws, draws)
    units, size = len(each), len(categories)
    times = np.random.default_rng(seed).multinomial(units, np.full(units, 1 / units), size=draws)
    sums = (times @ each.reshape(units, -1)).reshape(draws, size, size)
    found = _alpha(sums, categories, level)
    kept = found[~np.isnan(found)]
    if 2 * len(kept) < draws:
        return Interval(NAN, NAN, draws, draws - len(kept))
    low, high = np.quantile(kept, [(1 - share) / 2, (1 + share) / 2])
    return Interval(float(low), float(high), draws, draws - len(kept))
