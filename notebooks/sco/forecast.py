"""Forecasts in words: probability bands, outcomes, and a Brier score that is an interval because the bands are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

# Bands of ICD 203 (US intelligence community directive on analytic standards, 2015): ends of the probability.
BANDS = {
    "01-05": (0.01, 0.05),
    "05-20": (0.05, 0.20),
    "20-45": (0.20, 0.45),
    "45-55": (0.45, 0.55),
    "55-80": (0.55, 0.80),
    "80-95": (0.80, 0.95),
    "95-99": (0.95, 0.99),
}
NAMES = dict(
    zip(
        BANDS,
        [
            "almost no chance",
            "very unlikely",
            "unlikely",
            "roughly even",
            "likely",
            "very likely",
            "almost certain",
        ],
        strict=True,
    )
)
# What an outcome counts as; an outcome that is not here is not scored.
VALUES = {"came-true": 1.0, "partly": 0.5, "did-not": 0.0}


class BrierScore(NamedTuple):
    """A mean Brier score over `n` forecasts; 0 is perfect, 1 is worst."""

    n: int
    best: float
    middle: float
    worst: float


def brier(low: Sequence[float], high: Sequence[float], outcome: Sequence[float]) -> BrierScore:
    """Mean squared distance of forecast and outcome, as the interval that bands of probability allow.

    Parameters
    ----------
    low, high : sequence of float, length n
        Ends of the band of each forecast, probabilities from 0 to 1.
    outcome : sequence of float, length n
        1 for what came true, 0 for what did not, a number between for what came true in part.

    Returns
    -------
    BrierScore
        `best` takes in every band the probability nearest to the outcome, `worst` the farthest,
        `middle` the midpoint of the band. Any one reading of the bands scores between best and worst.

    Raises
    ------
    ValueError
        If there is nothing to score, the lengths differ, a number is outside 0 to 1 or missing,
        or a band's lower end is above its upper end.

    Notes
    -----
    With low equal to high this is the score of Brier, "Verification of forecasts expressed in terms
    of probability", Monthly Weather Review 78 (1950), in its form for two outcomes.
    """
    arrays = {name: np.asarray(x, dtype=float) for name, x in (("low", low), ("high", high), ("outcome", outcome))}
    sizes = {name: x.size for name, x in arrays.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"low, high and outcome differ in length: {sizes}")
    if not sizes["low"]:
        raise ValueError("there is no forecast to score")
    for name, x in arrays.items():
        bad = x[~((x >= 0) & (x <= 1))]
        if bad.size:
            raise ValueError(f"{name} has {bad[0]:g}; it must be a number from 0 to 1")
    a, b, y = arrays["low"], arrays["high"], arrays["outcome"]
    if (a > b).any():
        i = int(np.argmax(a > b))
        raise ValueError(f"forecast {i} has a band from {a[i]:g} to {b[i]:g}; the lower end comes first")
    nearest = np.clip(y, a, b)
    farthest = np.where(y - a > b - y, a, b)
    scores = [float(np.mean((p - y) ** 2)) for p in (nearest, (a + b) / 2, farthest)]
    return BrierScore(y.size, *scores)


def reference(outcome: Sequence[float]) -> dict[str, float]:
    """What two forecasters without any knowledge of the subject would have scored.

    Parameters
    ----------
    outcome : sequence of float
        As in `brier`.

    Returns
    -------
    dict
        ``half``: always one half. ``share``: always the share that came true, which nobody could
        know beforehand, so that it is the harder of the two to beat.

    Raises
    ------
    ValueError
        As `brier` does.
    """
    share = float(np.mean(np.asarray(outcome, dtype=float))) if len(outcome) else 0.0
    return {
        name: brier([p] * len(outcome), [p] * len(outcome), outcome).middle
        for name, p in (("half", 0.5), ("share", share))
    }


def scorable(forecasts: pd.DataFrame) -> pd.DataFrame:
    """The forecasts that count for a score: with an outcome and a band, and not said before.

    Parameters
    ----------
    forecasts : pandas.DataFrame
        One coding of each forecast: columns ``outcome`` and ``band`` of the codes, ``restates`` of the register.

    Returns
    -------
    pandas.DataFrame
        A copy of the rows whose outcome is a key of `VALUES`, whose band is one of `BANDS` (it is ``none`` for what
        is told inside a scenario) and which restate no earlier forecast.
    """
    known = forecasts["outcome"].isin(list(VALUES)) & forecasts["band"].isin(list(BANDS))
    return forecasts[known & forecasts["restates"].isna()].copy()


def score(codes: pd.DataFrame, *, partly: float = 0.5, stronger: Sequence[str] = ()) -> BrierScore:
    """Score coded forecasts.

    Parameters
    ----------
    codes : pandas.DataFrame
        Columns ``forecast_id``, ``band`` (a key of `BANDS`) and ``outcome`` (a key of `VALUES`).
    partly : float
        What an outcome that came true in part counts as.
    stronger : sequence of str
        Forecasts whose band is read as 95-99 whatever it says.

    Returns
    -------
    BrierScore

    Raises
    ------
    ValueError
        If a band or an outcome cannot be scored; the message names the forecast and lists what there is.
    """
    values = {**VALUES, "partly": partly}
    for column, known in (("band", BANDS), ("outcome", values)):
        for row in codes[~codes[column].isin(list(known))].to_dict("records"):
            raise ValueError(
                f"{row['forecast_id']} has the {column} {row[column]!r}, which has no number; "
                f"there are: {' '.join(known)}"
            )
    bands = [
        BANDS["95-99" if name in set(stronger) else band]
        for name, band in zip(codes["forecast_id"], codes["band"], strict=True)
    ]
    return brier([b[0] for b in bands], [b[1] for b in bands], [values[o] for o in codes["outcome"]])
