"""Chapter 4b: the judgements follow their rules, the settled values follow from the two codings, the exhibits have their rows."""

from __future__ import annotations

import math

import pandas as pd
import pytest
import sco
from sco.crossimpact import CrossImpact, matching

PAIR = ["source_descriptor", "source_variant", "target_descriptor", "target_variant"]
PAGES = {84, 87, *range(91, 124)}


@pytest.fixture(scope="module")
def variants() -> dict[str, list[str]]:
    """The variants of each descriptor in the order of the table."""
    table = sco.load("cib_variants")
    return {
        d: list(table.loc[table["descriptor"] == d, "variant"].astype(str))
        for d in sco.load("cib_descriptors")["descriptor"]
    }


@pytest.fixture(scope="module")
def judgements() -> pd.DataFrame:
    return sco.load("cib_judgements").astype(dict.fromkeys([*PAIR, "coder"], "str") | {"value": "int"})


def cells(judgements: pd.DataFrame, coder: str, variants: dict[str, list[str]]) -> dict[tuple[str, ...], int]:
    """A coder's value by pair, written out anew: strongest plus and minus added, two-variant targets folded."""
    values: dict[tuple[str, ...], list[int]] = {}
    for row in judgements[judgements["coder"] == coder].itertuples():
        target, value = row.target_variant, row.value
        options = variants[row.target_descriptor]
        if len(options) == 2 and target == options[1]:
            target, value = options[0], -value
        values.setdefault((row.source_descriptor, row.source_variant, row.target_descriptor, target), []).append(value)
    return {pair: max(0, *v) + min(0, *v) for pair, v in values.items()}


def test_every_judgement_names_what_exists_and_cites_the_coded_pages(
    judgements: pd.DataFrame, variants: dict[str, list[str]]
) -> None:
    for row in judgements.itertuples():
        assert row.source_variant in variants[row.source_descriptor], row.judgement_id
        assert row.target_variant in variants[row.target_descriptor], row.judgement_id
        assert row.source_descriptor != row.target_descriptor, row.judgement_id
        assert row.value != 0, row.judgement_id
        assert {int(p) for p in row.pages.split()} <= PAGES, row.judgement_id


def test_the_codebook_limits_hold_for_both_coders(judgements: pd.DataFrame) -> None:
    for coder in ("A", "B"):
        rows = judgements[judgements["coder"] == coder]
        assert rows["wording"].notna().all() and rows["voice"].notna().all()
        assert (rows["reading"].str.split().str.len() <= 20).all()
        assert list(rows["pages"].astype(int)) == sorted(rows["pages"].astype(int))


def test_settled_values_follow_from_the_two_codings(judgements: pd.DataFrame, variants: dict[str, list[str]]) -> None:
    a, b = (cells(judgements, coder, variants) for coder in ("A", "B"))
    due = {pair: math.trunc((a.get(pair, 0) + b.get(pair, 0)) / 2) for pair in {*a, *b}}
    settled = judgements[judgements["coder"] == "settled"].set_index(PAIR)["value"]
    assert settled.to_dict() == {pair: value for pair, value in due.items() if value}


def test_influences_are_the_judgements_by_page(judgements: pd.DataFrame, variants: dict[str, list[str]]) -> None:
    table = sco.load("influences")
    assert len(table) >= 90  # about a hundred statements
    assert set(table["page"]) <= PAGES
    for coder, column in (("A", "value_a"), ("B", "value_b")):
        due = {}
        for page in sorted(PAGES):
            for pair, value in cells(judgements[judgements["pages"] == str(page)], coder, variants).items():
                due[(page, *pair)] = value
        rows = table.dropna(subset=[column]).astype(dict.fromkeys(PAIR, "str"))
        assert {(r.page, *(getattr(r, p) for p in PAIR)): getattr(r, column) for r in rows.itertuples()} == due
    signs = table[["value_a", "value_b"]].bfill(axis=1).iloc[:, 0] > 0
    assert list(signs) == list(table["sign"] == "+")


def test_influences_rest_on_claims_of_their_page() -> None:
    for row in sco.load("influences").dropna(subset=["claims"]).itertuples():
        # the page is that on which the sentence begins; its end may stand on the next
        assert all(int(claim[1:4]) - row.page in {0, 1} for claim in row.claims.split()), row.influence_id


def test_exhibits_have_their_rows() -> None:
    assert len(sco.load("scenarios")) == 3
    assert len(sco.load("scenario_factors")) == 6
    assert len(sco.load("drivers")) >= 4
    settings = sco.load("scenario_settings")
    assert len(settings) == 3 * len(sco.load("cib_descriptors"))
    assert (settings["variant"].notna() == settings["pages"].notna()).all()
    assert list(sco.load("scenario_factors")["descriptor"]) == list(
        sco.load("cib_descriptors").query("number <= 6")["descriptor"]
    )


def test_drivers_cite_claims_of_their_page() -> None:
    for row in sco.load("drivers").itertuples():
        assert {int(c[1:4]) for c in row.claims.split()} == {row.page}


def test_all_three_scenarios_have_a_consistent_completion_for_either_coder(
    judgements: pd.DataFrame, variants: dict[str, list[str]]
) -> None:
    settings = sco.load("scenario_settings").dropna(subset=["variant"])
    for coder in ("A", "B", "settled"):
        rows = [(*pair, value) for pair, value in cells(judgements, coder, variants).items()]
        found = CrossImpact(pd.DataFrame(rows, columns=[*PAIR, "value"]), variants).consistent()
        for scenario, group in settings.groupby("scenario", observed=True):
            part = dict(zip(group["descriptor"].astype(str), group["variant"].astype(str), strict=True))
            assert matching(found, part).any(), (coder, scenario)


def test_switching_every_influence_of_a_factor_off_leaves_the_others(
    judgements: pd.DataFrame, variants: dict[str, list[str]]
) -> None:
    rows = judgements[judgements["coder"] == "settled"]
    matrix = CrossImpact(rows, variants)
    for descriptor in variants:
        kept = matrix.without(source=descriptor).long
        assert len(kept) == (rows["source_descriptor"] != descriptor).sum()
