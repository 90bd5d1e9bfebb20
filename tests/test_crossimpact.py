"""Cross-impact balances: exact on the published example, equal to another implementation, and invariant where they must be."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sco import crossimpact
from sco.crossimpact import COLUMNS, CrossImpact, matching, wilson

ORACLES = Path(__file__).parent / "oracles"


def random_long(descriptors: int, variants: int, seed: int) -> pd.DataFrame:
    """A full matrix of random judgements."""
    draw = np.random.default_rng(seed)
    names = [(f"d{i:02}", f"v{a}") for i in range(descriptors) for a in range(variants)]
    rows = [(*p, *q, int(draw.integers(-3, 4))) for p, q in product(names, names) if p[0] != q[0]]
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.fixture(scope="module")
def somewhereland() -> CrossImpact:
    """The published example: six descriptors, 486 scenarios."""
    return CrossImpact(pd.read_csv(ORACLES / "somewhereland_long.csv"))


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return pd.read_csv(ORACLES / "somewhereland_expected.csv").set_index(list("ABCDEF")).sort_index()


def test_somewhereland_has_its_ten_scenarios_scores_and_basins(
    somewhereland: CrossImpact, published: pd.DataFrame
) -> None:
    found = somewhereland.consistent()
    assert somewhereland.size == 486
    assert sorted(found.itertuples(index=False, name=None)) == list(published.index)
    assert len(found) == 10
    told = found.join(somewhereland.margins(found)).set_index(list("ABCDEF")).sort_index()
    assert (told["margin"] == published["consistency_value"]).all()
    assert ((told["ties"] == 0) == (told["margin"] > 0)).all()
    assert (told["total"] == published["total_impact_score"]).all()
    ends = somewhereland.attractors().set_index(list("ABCDEF")).sort_index()
    assert (ends["period"] == 1).all()
    assert (ends["basin"] == published["basin_global_succession"]).all()
    assert ends["basin"].sum() == 486


def test_the_oracle_files_say_the_same() -> None:
    wide = pd.read_csv(ORACLES / "somewhereland.csv").set_index("source").drop(columns=["descriptor", "variant"])
    long = pd.read_csv(ORACLES / "somewhereland_long.csv")
    assert len(long) == wide.notna().sum().sum()
    for row in long.itertuples():
        assert wide.loc[row.source_variant, row.target_variant] == row.value


def test_balance_and_succession_of_one_scenario(somewhereland: CrossImpact) -> None:
    best = dict(zip("ABCDEF", ["A1", "B3", "C1", "D2", "E3", "F3"], strict=True))
    balance = somewhereland.balance(best)
    assert balance.loc[balance["chosen"], "best"].all()
    assert balance.loc[balance["chosen"], "score"].sum() == 21
    rest = somewhereland.succession(best)
    assert rest.fixed and len(rest.path) == 1
    moved = somewhereland.succession({**best, "A": "A3"})
    assert moved.fixed and len(moved.path) > 1
    assert not somewhereland.balance({**best, "A": "A3"}).query("chosen")["best"].all()


def test_slack_admits_what_is_nearly_consistent(somewhereland: CrossImpact) -> None:
    strict, wider = somewhereland.consistent(), somewhereland.consistent(slack=1)
    assert len(wider) > len(strict)
    assert somewhereland.margins(wider)["margin"].min() == -1
    with pytest.raises(ValueError, match="not negative"):
        somewhereland.consistent(slack=-1)


def brute(matrix: CrossImpact) -> list[tuple[str, ...]]:
    """Consistent scenarios by the definition, one by one."""
    found = []
    for combination in product(*matrix.variants.values()):
        balance = matrix.balance(dict(zip(matrix.variants, combination, strict=True)))
        if balance.loc[balance["chosen"], "best"].all():
            found.append(combination)
    return found


@pytest.mark.parametrize("block", [2, 27, 100_000])
def test_every_block_size_finds_what_the_definition_finds(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crossimpact, "BLOCK", block)
    for seed in range(3):
        matrix = CrossImpact(random_long(5, 3, seed))
        assert [tuple(r) for r in matrix.consistent().to_numpy()] == brute(matrix)


def test_fractions_are_compared_with_a_tolerance() -> None:
    long = random_long(5, 3, 7)
    whole, tenths = CrossImpact(long), CrossImpact(long.assign(value=long["value"] / 10))
    assert whole.consistent().equals(tenths.consistent())
    assert whole.consistent(slack=1).equals(tenths.consistent(slack=0.1))


def other_model(long: pd.DataFrame):  # type: ignore[no-untyped-def]
    """The same matrix in the independent implementation."""
    import prophesy_cib as cib

    names = {
        d: sorted(set(long.loc[long["source_descriptor"] == d, "source_variant"]))
        for d in sorted(set(long["source_descriptor"]))
    }
    at = {d: i + 1 for i, d in enumerate(names)}
    descriptors = [
        cib.Descriptor(at[d], d, "nominal", tuple(cib.Variant(i + 1, v) for i, v in enumerate(vs)))
        for d, vs in names.items()
    ]
    impacts = [
        cib.CrossImpact(
            at[r.source_descriptor],
            names[r.source_descriptor].index(r.source_variant) + 1,
            at[r.target_descriptor],
            names[r.target_descriptor].index(r.target_variant) + 1,
            r.value,
        )
        for r in long.itertuples()
    ]
    return cib.Model(descriptors, impacts), names


def other_consistent(long: pd.DataFrame) -> set[tuple[str, ...]]:
    model, names = other_model(long)
    from prophesy_cib.scenario_gen import enumerate_all_scenarios
    from prophesy_cib.succession import compute_scenario_consistency

    found = (s for s in enumerate_all_scenarios(model, None) if compute_scenario_consistency(s, model) == 0)
    return {tuple(vs[s.variant_indices[i + 1] - 1] for i, vs in enumerate(names.values())) for s in found}


@pytest.mark.parametrize(
    ("descriptors", "variants", "seed"), [(4, 3, 0), (5, 3, 1), (7, 2, 2), (4, 4, 3), (6, 2, 4), (5, 3, 5)]
)
def test_equal_to_prophesy_cib_on_random_matrices(descriptors: int, variants: int, seed: int) -> None:
    long = random_long(descriptors, variants, seed)
    ours = {tuple(r) for r in CrossImpact(long).consistent().to_numpy()}
    assert ours == other_consistent(long)


def test_forty_three_million_scenarios_end_with_an_answer() -> None:
    matrix = CrossImpact(random_long(16, 3, 3))
    found = matrix.consistent()
    assert matrix.size == 43_046_721
    assert (matrix.margins(found)["margin"] >= 0).all()


def test_past_the_bound_it_says_so_and_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = CrossImpact(random_long(6, 3, 1))
    whole = {tuple(r) for r in matrix.consistent().to_numpy()}
    monkeypatch.setattr(crossimpact, "BOUND", 100)
    with pytest.warns(UserWarning, match="729 scenarios are more than the 100 .* random starts"):
        found = matrix.consistent(starts=300)
    assert {tuple(r) for r in found.to_numpy()} <= whole
    with pytest.raises(ValueError, match="give a number of starts"):
        matrix.attractors()
    with pytest.raises(ValueError, match="fix a descriptor"):
        matrix.consistent(slack=1)


def test_attractors_are_where_each_start_ends_when_it_is_followed_alone() -> None:
    """Basins counted for all scenarios at once equal those counted by following every single one."""
    for seed in range(4):
        matrix = CrossImpact(random_long(5, 3, seed))
        ends: dict[frozenset[tuple[str, ...]], int] = {}
        for combination in product(*matrix.variants.values()):
            walk = matrix.succession(dict(zip(matrix.variants, combination, strict=True)))
            loop = frozenset(walk.attractor.itertuples(index=False, name=None))
            ends[loop] = ends.get(loop, 0) + 1
        told = {
            frozenset(group[list(matrix.variants)].itertuples(index=False, name=None)): group["basin"].iloc[0]
            for _, group in matrix.attractors().groupby("attractor")
        }
        assert told == ends


def test_shares_of_ends_are_counted_over_all_starts(somewhereland: CrossImpact) -> None:
    """Shares add up to one, follow the published basins, and a variant that nothing leads to has none."""
    found = somewhereland.attractors()
    for descriptor, names in somewhereland.variants.items():
        shares = somewhereland.ends(descriptor)
        assert list(shares.index) == names and shares.sum() == pytest.approx(1)
        for name in names:
            assert shares[name] == pytest.approx(found.loc[found[descriptor] == name, "basin"].sum() / 486)
    steered = somewhereland.steered("A", "A1")
    assert set(steered.index.get_level_values(0)) == set("BCDEF")
    assert steered["B", "B2"] == somewhereland.fixed("B", "B2").ends("A")["A1"]
    with pytest.raises(ValueError, match="no descriptor 'Z'; there are: A, B"):
        somewhereland.ends("Z")
    with pytest.raises(ValueError, match="no variant 'A9'"):
        somewhereland.steered("A", "A9")


def test_a_cycle_ends_in_equal_parts_at_its_scenarios() -> None:
    """A cycle of four passes each variant twice, so each has half of the starts."""
    rows = [("a", "1", "b", "1", 1), ("a", "2", "b", "2", 1), ("b", "1", "a", "2", 1), ("b", "2", "a", "1", 1)]
    assert CrossImpact(pd.DataFrame(rows, columns=COLUMNS)).ends("a").to_dict() == {"1": 0.5, "2": 0.5}


def test_more_scenarios_than_sixty_four_bits_can_number() -> None:
    """Scenarios are told apart however many there are, and what the search returns is consistent."""
    long = random_long(42, 3, 4)
    ahead = long["target_descriptor"].str[1:].astype(int) - long["source_descriptor"].str[1:].astype(int)
    matrix = CrossImpact(long[ahead.isin([1, 2])])  # influence runs one way, so that succession soon rests
    assert matrix.size > 2**64
    assert matrix.attractors(starts=200).drop_duplicates("attractor")["basin"].sum() == 200
    with pytest.warns(UserWarning, match="random starts"):
        found = matrix.consistent(starts=200)
    assert (matrix.margins(found)["margin"] >= 0).all()


def test_a_matrix_that_constrains_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crossimpact, "MOST", 100)
    long = random_long(5, 3, 1)
    with pytest.raises(ValueError, match="hardly constrains"):
        CrossImpact(long.assign(value=0)).consistent()


def test_a_cycle_is_told_from_a_fixed_point() -> None:
    rows = [("a", "1", "b", "1", 1), ("a", "2", "b", "2", 1), ("b", "1", "a", "2", 1), ("b", "2", "a", "1", 1)]
    matrix = CrossImpact(pd.DataFrame(rows, columns=COLUMNS))
    assert len(matrix.consistent()) == 0
    walk = matrix.succession({"a": "1", "b": "1"})
    assert not walk.fixed and len(walk.attractor) == 4
    ends = matrix.attractors()
    assert (ends["period"] == 4).all() and (ends["basin"] == 4).all() and len(ends) == 4


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(seed: int, order) -> None:  # type: ignore[no-untyped-def]
    long = random_long(4, 3, seed)
    rows = list(range(len(long)))
    order.shuffle(rows)
    first, second = CrossImpact(long), CrossImpact(long.iloc[rows])
    assert first.consistent().equals(second.consistent())
    assert first.attractors().equals(second.attractors())
    assert first.active_passive().equals(second.active_passive())
    assert first.robustness(3, 1).equals(second.robustness(3, 1))


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), constant=st.integers(-5, 5), pick=st.integers(0, 11))
def test_a_constant_added_to_a_section_changes_no_result(seed: int, constant: int, pick: int) -> None:
    long = random_long(4, 3, seed)
    source, target = [p for p in product(sorted(set(long["source_descriptor"])), repeat=2) if p[0] != p[1]][pick]
    part = (long["source_descriptor"] == source) & (long["target_descriptor"] == target)
    first = CrossImpact(long, limit=None)
    second = CrossImpact(long.assign(value=long["value"] + constant * part), limit=None)
    assert first.consistent().equals(second.consistent())
    assert first.attractors().equals(second.attractors())
    found = first.consistent()
    assert first.margins(found)["margin"].equals(second.margins(found)["margin"])
    assert np.allclose(first.standardised(), second.standardised())
    assert np.allclose(first.active_passive(), second.active_passive())


def test_switching_off_and_fixing(somewhereland: CrossImpact) -> None:
    off = somewhereland.without("A", "B")
    rows = somewhereland.long
    kept = rows[~((rows["source_descriptor"] == "A") & (rows["target_descriptor"] == "B"))]
    assert off.long.equals(kept.reset_index(drop=True))
    assert off.variants == somewhereland.variants
    assert somewhereland.without(source="A").active_passive().loc["A", "active"] == 0
    assert somewhereland.without(target="A").active_passive().loc["A", "passive"] == 0
    fixed = somewhereland.fixed("A", "A2")
    assert fixed.long.equals(CrossImpact(fixed.long, fixed.variants).long)
    assert (fixed.long[["source_variant", "target_variant"]].isin(["A1", "A3"]).sum() == 0).all()
    assert fixed.size == 486 // 3
    found, whole = fixed.consistent(), somewhereland.consistent()
    assert (found["A"] == "A2").all()
    assert "A" not in set(fixed.margins(found)["weakest"]), "what has no choice has no lead to lose"
    assert set(map(tuple, whole[whole["A"] == "A2"].to_numpy())) <= set(map(tuple, found.to_numpy()))
    with pytest.raises(ValueError, match="source or a target"):
        somewhereland.without()
    with pytest.raises(ValueError, match="no descriptor 'Z'; there are: A, B"):
        somewhereland.without("Z")


def test_robustness_is_repeatable_and_covers_parts(somewhereland: CrossImpact) -> None:
    first = somewhereland.robustness(40, 5)
    assert first.equals(somewhereland.robustness(40, 5))
    assert ((first["low"] <= first["share"]) & (first["share"] <= first["high"])).all()
    assert (somewhereland.robustness(5, 1, step=0)["share"] == 1).all()
    part = somewhereland.robustness(40, 5, scenarios=[{"A": "A1"}, {"A": "A1", "B": "B3"}])
    assert part["held"].iloc[0] >= part["held"].iloc[1]
    with pytest.raises(ValueError, match="at least 1"):
        somewhereland.robustness(0, 1)
    with pytest.raises(ValueError, match="no variant 'A9'"):
        somewhereland.robustness(1, 1, scenarios=[{"A": "A9"}])


def test_uncertain_judgements_stay_in_range_and_silent_pairs_are_told_apart() -> None:
    rows = [("a", "1", "b", "1", 3), ("b", "1", "a", "1", -3)]
    matrix = CrossImpact(pd.DataFrame(rows, columns=COLUMNS), {"a": ["1", "2"], "b": ["1", "2"]})
    for other in matrix.drawn(20, 2):
        assert other.long["value"].abs().max() <= 3
        assert len(other.long) == 2
    values = [other.long.set_index(COLUMNS[:4])["value"] for other in matrix.drawn(20, 2, silent=True)]
    assert all(v["a", "1", "b", "1"] == 3 for v in values)
    assert len({v["a", "2", "b", "1"] for v in values}) == 3


def test_wilson_interval_against_known_values() -> None:
    low, high = wilson(np.array([0, 5, 10]), 10)
    assert np.allclose(low, [0, 0.2366, 0.7225], atol=2e-4)
    assert np.allclose(high, [0.2775, 0.7634, 1], atol=2e-4)


def test_matching_takes_parts(somewhereland: CrossImpact) -> None:
    found = somewhereland.consistent()
    assert matching(found, {}).all()
    assert matching(found, {"A": "A1", "B": "B3"}).sum() == 3


ROW = ("a", "1", "b", "1", 1)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([ROW, ("a", "1", "b", "1", 2)], "a:1 on b:1 is made twice: 1 and 2"),
        ([("a", "1", "b", "1", 4)], "a:1 on b:1: 4 lies outside -3 to [+]3"),
        ([("a", "1", "b", "9", 1)], "descriptor 'b' has no variant '9'; there are: 1, 2"),
        ([("z", "1", "b", "1", 1)], "no descriptor 'z'; there are: a, b"),
        ([("a", "1", "a", "2", 1)], "does not influence itself"),
        ([("a", "1", "b", "1", None)], "is not a number"),
        ([("a", "1", "b", "1", "high")], "'high' is not a number"),
    ],
)
def test_errors_name_what_is_wrong(rows: list[tuple[object, ...]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        CrossImpact(pd.DataFrame(rows, columns=COLUMNS), {"a": ["1", "2"], "b": ["1", "2"]})


def test_wrong_tables_and_scenarios_are_refused(somewhereland: CrossImpact) -> None:
    with pytest.raises(ValueError, match="lack the columns value"):
        CrossImpact(pd.DataFrame([ROW[:4]], columns=COLUMNS[:4]))
    with pytest.raises(ValueError, match="'a' has no variants or one twice: 1, 1"):
        CrossImpact(pd.DataFrame([ROW], columns=COLUMNS), {"a": ["1", "1"], "b": ["1"]})
    with pytest.raises(ValueError, match="says nothing of C, D, E, F"):
        somewhereland.balance({"A": "A1", "B": "B1"})
    with pytest.raises(ValueError, match="no variant 'A7'"):
        somewhereland.succession(dict(zip("ABCDEF", ["A7", "B1", "C1", "D1", "E1", "F1"], strict=True)))
