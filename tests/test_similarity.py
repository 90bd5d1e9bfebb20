"""Measures of agreement: identities and examples of the literature, reference packages, undefined stays undefined."""

from __future__ import annotations

import math
import warnings

import krippendorff
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sco import load, similarity
from sklearn.metrics import cohen_kappa_score

SCALE = [0.0, 1.0, 2.0, 3.0]
NAN = float("nan")
# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): his examples A, B and C.
BINARY = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
NOMINAL = [[1, 1, 2, 2, 4, 3, 3, 3, 5, 4, 4, 1], [2, 1, 2, 2, 2, 3, 3, 3, 5, 4, 4, 4]]
MISSING = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
]

values = st.sampled_from(SCALE)
gaps = st.one_of(values, st.just(NAN))


@st.composite
def two(draw: st.DrawFn, item: st.SearchStrategy[float] = values) -> tuple[list[float], list[float]]:
    n = draw(st.integers(1, 14))
    return draw(st.lists(item, min_size=n, max_size=n)), draw(st.lists(item, min_size=n, max_size=n))


@st.composite
def coders(draw: st.DrawFn) -> pd.DataFrame:
    units, raters = draw(st.integers(2, 10)), draw(st.integers(2, 4))
    return pd.DataFrame([draw(st.lists(gaps, min_size=units, max_size=units)) for _ in range(raters)], dtype="float64")


def same(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, abs_tol=1e-9)


# -- examples of the literature ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "level", "expected"),
    [
        (BINARY, "nominal", 0.095),
        (NOMINAL, "nominal", 0.692),
        (MISSING, "nominal", 0.743),
        (MISSING, "ordinal", 0.815),
        (MISSING, "interval", 0.849),
    ],
)
def test_alpha_of_krippendorffs_worked_examples(data: list[list[float]], level: str, expected: float) -> None:
    score = similarity.alpha(pd.DataFrame(data, dtype="float64"), level)
    assert score.value == pytest.approx(expected, abs=5e-4)
    assert score.items == (11 if data is MISSING else len(data[0]))  # his unit 12 has one rating only


def test_kappa_and_pi_of_a_textbook_table() -> None:
    """Twenty and fifteen on the diagonal, five and ten off it: kappa is 0.4, and pi a little less."""
    x = [1] * 25 + [0] * 25
    y = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert similarity.kappa(x, y, categories=[0, 1]).value == pytest.approx(0.4)
    assert similarity.pi(x, y, categories=[0, 1]).value == pytest.approx((0.7 - 0.505) / 0.495)


def test_s_by_hand() -> None:
    """Distances 0, 1, 3 on a scale of length 3: S is 1 - 2 * 4/9; with weights 1, 1, 2 it is 1 - 2 * 7/12."""
    x, y = [1, 2, 0], [1, 3, 3]
    assert similarity.s_score(x, y, low=0, high=3).value == pytest.approx(1 / 9)
    assert similarity.s_score(x, y, low=0, high=3, weights=[1, 1, 2]).value == pytest.approx(-1 / 6)


# -- identities --------------------------------------------------------------------------------


@given(two(st.sampled_from([0.0, 1.0])))
def test_binary_s_is_twice_the_agreement_less_one(sides: tuple[list[float], list[float]]) -> None:
    share = similarity.agreement(*sides).share
    assert similarity.s_score(*sides, low=0, high=1).value == pytest.approx(2 * share - 1)


@given(two())
def test_alpha_of_two_complete_coders_is_pi_with_the_correction_for_small_samples(
    sides: tuple[list[float], list[float]],
) -> None:
    alpha = similarity.alpha(pd.DataFrame(sides), "nominal")
    pi = similarity.pi(*sides, categories=SCALE)
    n = len(sides[0])
    assert same(alpha.value, 1 - (1 - pi.value) * (2 * n - 1) / (2 * n))
    assert bool(alpha.reason) == bool(pi.reason) == math.isnan(pi.value)


@given(two())
def test_equal_frequencies_make_kappa_and_pi_equal(sides: tuple[list[float], list[float]]) -> None:
    x, y = sides[0], sorted(sides[0])
    kappa, pi = similarity.kappa(x, y, categories=SCALE), similarity.pi(x, y, categories=SCALE)
    assert same(kappa.value, pi.value)


@given(two(st.sampled_from([0.0, 1.0])))
def test_levels_do_not_matter_with_two_categories(sides: tuple[list[float], list[float]]) -> None:
    found = [similarity.alpha(pd.DataFrame(sides), level).value for level in similarity.LEVELS]
    assert same(found[0], found[1]) and same(found[0], found[2])


# -- references --------------------------------------------------------------------------------


@given(two(), st.sampled_from([None, "linear"]))
def test_kappa_as_scikit_learn_has_it(sides: tuple[list[float], list[float]], weights: str | None) -> None:
    own = similarity.kappa(*sides, categories=SCALE, weights=weights)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = cohen_kappa_score([str(v) for v in sides[0]], [str(v) for v in sides[1]], labels=[str(v) for v in SCALE], weights=weights)  # fmt: skip
    assert same(own.value, float(theirs))


@settings(deadline=None)
@given(coders(), st.sampled_from(similarity.LEVELS))
def test_alpha_as_the_krippendorff_package_has_it(data: pd.DataFrame, level: str) -> None:
    own = similarity.alpha(data, level)
    paired = data.loc[:, data.notna().sum() > 1]
    assume(paired.stack().nunique() > 1)  # it refuses what is undefined
    theirs = krippendorff.alpha(reliability_data=paired.to_numpy(), level_of_measurement=level)
    assert same(own.value, float(theirs))


# -- properties --------------------------------------------------------------------------------


@given(two(gaps), st.randoms(use_true_random=False))
def test_measures_are_symmetric_and_do_not_depend_on_the_order_of_domains(sides, random) -> None:
    order = list(range(len(sides[0])))
    random.shuffle(order)
    mixed = [[side[i] for i in order] for side in sides]
    for measure in (
        lambda x, y: similarity.s_score(x, y, low=0, high=3),
        lambda x, y: similarity.kappa(x, y, categories=SCALE),
        lambda x, y: similarity.kappa(x, y, categories=SCALE, weights="linear"),
        lambda x, y: similarity.pi(x, y, categories=SCALE),
        lambda x, y: similarity.alpha(pd.DataFrame([x, y]), "ordinal"),
    ):
        first = measure(*sides)
        assert same(first.value, measure(*reversed(sides)).value)
        assert same(first.value, measure(*mixed).value)
        assert first.items == measure(*mixed).items


@given(two(gaps), st.lists(st.floats(0, 1e6), min_size=14, max_size=14))
def test_s_stays_between_its_ends_and_is_one_for_equals(sides, weights) -> None:
    weights = weights[: len(sides[0])]
    score = similarity.s_score(*sides, low=0, high=3, weights=weights)
    assert math.isnan(score.value) == bool(score.reason) == (score.items == 0)
    assert math.isnan(score.value) or -1 <= score.value <= 1
    itself = similarity.s_score(sides[0], sides[0], low=0, high=3, weights=weights)
    assert math.isnan(itself.value) or itself.value == 1


@given(two(), st.integers(1, 1000))
def test_s_does_not_depend_on_the_unit_of_the_weights(sides: tuple[list[float], list[float]], factor: int) -> None:
    one = similarity.s_score(*sides, low=0, high=3, weights=[1.0] * len(sides[0]))
    many = similarity.s_score(*sides, low=0, high=3, weights=[float(factor)] * len(sides[0]))
    assert one.value == pytest.approx(many.value) == pytest.approx(similarity.s_score(*sides, low=0, high=3).value)


def test_s_is_minus_one_at_the_two_ends_of_the_scale() -> None:
    assert similarity.s_score([0, 0, 3], [3, 3, 0], low=0, high=3).value == -1


# -- undefined and forced ----------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["kappa", "pi"])
def test_constant_and_equal_sides_leave_kappa_and_pi_undefined(measure: str) -> None:
    score = getattr(similarity, measure)([2, 2, 2], [2, 2, 2], categories=SCALE)
    assert math.isnan(score.value) and "all values are the same" in score.reason and score.items == 3


def test_one_constant_side_forces_kappa_to_zero_and_says_so() -> None:
    score = similarity.kappa([2, 2, 2], [2, 1, 2], categories=SCALE)
    assert score.value == 0 and "one side is constant" in score.reason
    assert similarity.s_score([2, 2, 2], [2, 1, 2], low=0, high=3).value == pytest.approx(7 / 9)


def test_alpha_without_variation_or_without_pairs_is_undefined() -> None:
    flat = similarity.alpha(pd.DataFrame([[1.0, 1.0], [1.0, 1.0]]), "ordinal")
    assert math.isnan(flat.value) and "no variation" in flat.reason
    alone = similarity.alpha(pd.DataFrame([[1.0, NAN], [NAN, 1.0]]), "ordinal")
    assert math.isnan(alone.value) and "two coders" in alone.reason


def test_nothing_on_both_sides_is_undefined_everywhere() -> None:
    x, y = [1, NAN], [NAN, 2]
    assert math.isnan(similarity.agreement(x, y).share)
    assert math.isnan(similarity.s_score(x, y, low=0, high=3).value)
    assert "both sides" in similarity.kappa(x, y, categories=SCALE).reason
    assert "both sides" in similarity.pi(x, y, categories=SCALE).reason


def test_common_silence_counts_only_when_asked_for() -> None:
    x, y = [1, NAN, NAN, 0], [1, NAN, 2, NAN]
    assert similarity.agreement(x, y) == (1, 1)
    assert similarity.agreement(x, y, silence=True) == (2, 4)


# -- the interval ------------------------------------------------------------------------------


def test_the_interval_is_repeatable_by_seed_and_holds_the_estimate() -> None:
    data = pd.DataFrame(MISSING, dtype="float64")
    one = similarity.alpha_interval(data, "ordinal", draws=400, seed=7)
    assert one == similarity.alpha_interval(data, "ordinal", draws=400, seed=7)
    assert one != similarity.alpha_interval(data, "ordinal", draws=400, seed=8)
    assert one.low < similarity.alpha(data, "ordinal").value < one.high <= 1
    narrow = similarity.alpha_interval(data, "ordinal", draws=400, seed=7, share=0.5)
    assert one.low < narrow.low and narrow.high < one.high


def test_the_interval_counts_undefined_draws() -> None:
    rare = pd.DataFrame([[0.0] * 9 + [1.0], [0.0] * 9 + [1.0]])
    interval = similarity.alpha_interval(rare, "nominal", draws=500, seed=1)
    assert interval[:2] == (1, 1) and 100 < interval.undefined < 250  # about 0.9 ** 10 of them
    flat = similarity.alpha_interval(pd.DataFrame([[1.0] * 5, [1.0] * 5]), "nominal", draws=50)
    assert math.isnan(flat.low) and flat.undefined == 50
    assert math.isnan(similarity.alpha_interval(pd.DataFrame([[1.0], [NAN]]), "nominal", draws=5).low)


# -- selecting and errors ----------------------------------------------------------------------

CODING = pd.DataFrame(
    {
        "coder": list("AAAABBBB"),
        "state": ["CHN", "CHN", "RUS", "RUS"] * 2,
        "domain": ["trade", "energy"] * 4,
        "intensity": pd.array([1, 2, None, 3, 1, 1, None, 3], dtype="Int64"),
    }
)


def test_profiles_and_ratings_keep_gaps_and_the_order_of_the_table() -> None:
    matrix = similarity.profiles(CODING, "A")
    assert list(matrix.columns) == ["trade", "energy"] and math.isnan(matrix.loc["RUS", "trade"])
    assert similarity.profiles(CODING, "B", states=["RUS"], domains=["energy"]).to_numpy().tolist() == [[3]]
    table = similarity.ratings(CODING, ["A", "B"], domains=["energy"])
    assert table.loc["A"].tolist() == [2, 3] and table.loc["B"].tolist() == [1, 3]


def test_weights_are_put_in_the_order_of_the_domains() -> None:
    assert similarity.weights_for(["a", "b", "c"], ["c", "a"]) == [1, 0, 1]
    assert similarity.weights_for(["a", "b"], {"b": 0.5}) == [0, 0.5]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: similarity.profiles(CODING, "C"), "no coder 'C'; there are: A B"),
        (lambda: similarity.profiles(CODING, "A", states=["UZB"]), "no state 'UZB'; there are: CHN RUS"),
        (lambda: similarity.profiles(CODING, "A", domains=["water"]), "no domain 'water'; there are: trade energy"),
        (lambda: similarity.ratings(CODING, ["A", "Z"]), "no coder 'Z'; there are: A B"),
        (lambda: similarity.weights_for(["trade"], {"water": 1}), "no domain 'water'; there are: trade"),
    ],
)
def test_what_the_data_do_not_have_is_named_with_what_there_is(call, message: str) -> None:
    with pytest.raises(KeyError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: similarity.ratings(CODING, []), "no coder is named"),
        (lambda: similarity.agreement([1, 2], [1]), "differ in length: 2 and 1"),
        (lambda: similarity.s_score([1], [4], low=0, high=3), "4 is outside the scale from 0 to 3"),
        (lambda: similarity.s_score([1], [1], low=3, high=3), "has no length"),
        (lambda: similarity.s_score([1], [1], low=0, high=3, weights=[1, 1]), "2 weights for 1 items"),
        (lambda: similarity.s_score([1], [1], low=0, high=3, weights=[-1]), "from zero up"),
        (lambda: similarity.kappa([1], [9], categories=SCALE), "9 is no category; there are: 0 1 2 3"),
        (lambda: similarity.kappa([1], [1], categories=[1, 1]), "listed twice"),
        (lambda: similarity.kappa([1], [1], categories=SCALE, weights="cubic"), "no weights 'cubic'"),
        (lambda: similarity.alpha(pd.DataFrame(MISSING), "ratio"), "no level 'ratio'; there are: nominal"),
        (lambda: similarity.alpha_interval(pd.DataFrame(MISSING), "ratio"), "no level 'ratio'"),
        (lambda: similarity.alpha_interval(pd.DataFrame(MISSING), "nominal", draws=0), "at least one draw"),
    ],
)
def test_wrong_input_is_refused_with_its_name(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_pairs_of_the_real_profiles() -> None:
    matrix = similarity.profiles(load("interests"), "settled")
    found = similarity.pairs(matrix, lambda x, y: similarity.s_score(x, y, low=0, high=3))
    assert len(found) == 15 and found["value"].between(-1, 1).all()
    assert list(found.columns) == ["state_a", "state_b", "value", "items", "reason"]
