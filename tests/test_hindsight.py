"""The score is right against scikit-learn's, its interval encloses every reading, and the forecast tables hang together."""

from __future__ import annotations

import pandas as pd
import pytest
import sco
from hypothesis import given
from hypothesis import strategies as st
from sco.forecast import BANDS, VALUES, brier, reference, scorable, score
from sklearn.metrics import brier_score_loss

UNIT = st.floats(0, 1)
CASES = st.lists(st.tuples(UNIT, UNIT, st.sampled_from([0, 1]), UNIT), min_size=1, max_size=30)


@given(st.lists(st.tuples(UNIT, st.sampled_from([0, 1])), min_size=1, max_size=30))
def test_points_score_as_scikit_learn_scores_them(cases: list[tuple[float, int]]) -> None:
    p, y = [c[0] for c in cases], [c[1] for c in cases]
    expected = brier_score_loss(y, p, pos_label=1, labels=[0, 1])
    ours = brier(p, p, y)
    assert ours.n == len(cases)
    assert ours.best == pytest.approx(expected) == ours.middle == ours.worst


@given(CASES)
def test_the_interval_is_what_the_two_ends_allow(cases: list[tuple[float, float, int, float]]) -> None:
    low, high, y = [min(c[:2]) for c in cases], [max(c[:2]) for c in cases], [c[2] for c in cases]
    ours = brier(low, high, y)
    near = [h if o else lo for lo, h, o in zip(low, high, y, strict=True)]
    far = [lo if o else h for lo, h, o in zip(low, high, y, strict=True)]
    assert ours.best == pytest.approx(brier_score_loss(y, near, pos_label=1, labels=[0, 1]))
    assert ours.worst == pytest.approx(brier_score_loss(y, far, pos_label=1, labels=[0, 1]))
    inside = [lo + (h - lo) * c[3] for lo, h, c in zip(low, high, cases, strict=True)]
    assert ours.best - 1e-12 <= brier(inside, inside, y).middle <= ours.worst + 1e-12


def test_a_band_around_an_outcome_in_part_scores_nothing_at_best() -> None:
    ours = brier([0.45], [0.55], [0.5])
    assert (ours.best, ours.middle) == (0, pytest.approx(0))
    assert ours.worst == pytest.approx(0.05**2)


def test_the_references_are_those_of_constant_forecasters() -> None:
    y = [1, 1, 1, 0]
    assert reference(y) == {"half": pytest.approx(0.25), "share": pytest.approx(0.75 * 0.25)}
    assert reference(y)["share"] == pytest.approx(brier_score_loss(y, [0.75] * 4))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [], []), "no forecast"),
        (([0.1], [0.2, 0.3], [1]), "differ in length"),
        (([0.3], [0.2], [1]), "from 0.3 to 0.2"),
        (([0.3], [1.2], [1]), "high has 1.2"),
        (([0.3], [0.4], [float("nan")]), "outcome has nan"),
    ],
)
def test_what_cannot_be_scored_is_named(arguments: tuple[list[float], ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        brier(*arguments)


def test_codes_are_scored_by_band_and_outcome() -> None:
    codes = pd.DataFrame({"forecast_id": ["a", "b"], "band": ["80-95", "20-45"], "outcome": ["came-true", "partly"]})
    assert score(codes).worst == pytest.approx((0.2**2 + 0.3**2) / 2)
    assert score(codes, partly=1).worst == pytest.approx((0.2**2 + 0.8**2) / 2)
    assert score(codes, stronger=["a"]).worst == pytest.approx((0.05**2 + 0.3**2) / 2)
    with pytest.raises(ValueError, match=r"b has the outcome 'void'.*there are: came-true partly did-not"):
        score(codes.assign(outcome=["came-true", "void"]))


def test_bands_cover_the_scale_without_gap_or_overlap() -> None:
    ends = list(BANDS.values())
    assert [a for a, _ in ends[1:]] == [b for _, b in ends[:-1]]
    assert [f"{a * 100:02.0f}-{b * 100:02.0f}" for a, b in ends] == list(BANDS)


# -- the tables ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def register() -> pd.DataFrame:
    return sco.load("forecasts").set_index("forecast_id")


@pytest.fixture(scope="module")
def codes() -> pd.DataFrame:
    return sco.load("forecast_codes")


def test_every_coder_covers_the_register(register: pd.DataFrame, codes: pd.DataFrame) -> None:
    for coder in ("A", "B", "settled"):
        assert sorted(codes.loc[codes["coder"] == coder, "forecast_id"]) == sorted(register.index)


def test_a_forecast_stands_on_the_page_that_its_key_names(register: pd.DataFrame) -> None:
    assert [int(key[1:4]) for key in register.index] == register["page"].tolist()
    assert register["wording"].str.split().str.len().max() <= 4


def test_a_forecast_rests_on_claims_of_its_pages(register: pd.DataFrame) -> None:
    assert register["claims"].notna().all()
    for key, row in register.iterrows():
        pages = {int(row["page"]), *map(int, str(row["also"]).split() if isinstance(row["also"], str) else [])}
        assert {int(claim[1:4]) for claim in row["claims"].split()} <= pages | {p + 1 for p in pages}, key


def test_a_repetition_names_an_earlier_forecast_with_the_same_outcome(
    register: pd.DataFrame, codes: pd.DataFrame
) -> None:
    outcome = codes[codes["coder"] == "settled"].set_index("forecast_id")["outcome"].astype(str)
    for key, first in register["restates"].dropna().items():
        assert first in register.index and first < key
        assert pd.isna(register.loc[first, "restates"])
        assert outcome[key] == outcome[first]


def test_what_is_vague_told_in_a_scenario_or_said_before_is_not_scored() -> None:
    every = pd.DataFrame(
        {
            "outcome": ["came-true", "did-not", "partly", "void", "unscorable", "open", "came-true", "came-true"],
            "band": ["80-95", "01-05", "45-55", "80-95", "80-95", "80-95", "none", "80-95"],
            "restates": [pd.NA] * 7 + ["f000-01"],
        }
    )
    assert scorable(every).index.tolist() == [0, 1, 2]


def test_what_is_scored_names_a_source(codes: pd.DataFrame) -> None:
    settled = codes[codes["coder"] == "settled"]
    scored = settled[settled["outcome"].isin([*VALUES, "void"])]
    assert scored["references"].notna().all()


def test_where_the_coders_agree_nothing_is_settled_otherwise(codes: pd.DataFrame) -> None:
    wide = codes.astype({"band": str, "outcome": str}).pivot(
        index="forecast_id", columns="coder", values=["band", "outcome"]
    )
    for column in ("band", "outcome"):
        same = wide[wide[column]["A"] == wide[column]["B"]][column]
        assert (same["settled"] == same["A"]).all()
        apart = wide[wide[column]["A"] != wide[column]["B"]][column]
        assert all(row["settled"] in {row["A"], row["B"]} for _, row in apart.iterrows())


def test_rules_and_outcomes_fit(register: pd.DataFrame, codes: pd.DataFrame) -> None:
    settled = codes[codes["coder"] == "settled"].set_index("forecast_id")
    vague = register["resolution"].str.endswith("unscorable.")
    assert (settled.loc[vague[vague].index, "outcome"] == "unscorable").all()
    assert (settled.loc[vague[~vague].index, "outcome"] != "unscorable").all()
    void = settled.index[settled["outcome"] == "void"]
    assert register.loc[void, "condition"].notna().all()
    scenario = register["scenario"].notna()
    assert (settled.loc[scenario[scenario].index, "band"] == "none").all()
    assert (settled.loc[scenario[~scenario].index, "band"] != "none").all()


def test_sources_are_no_older_than_the_forecasts(register: pd.DataFrame, codes: pd.DataFrame) -> None:
    vintage = sco.load("references").set_index("ref_id")["vintage"]
    settled = codes[(codes["coder"] == "settled") & codes["outcome"].isin(list(VALUES))]
    for row in settled.itertuples():
        years = vintage[row.references.split()].dropna()
        assert years.max() >= 2004, row.forecast_id
