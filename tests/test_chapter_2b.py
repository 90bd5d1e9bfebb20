"""Chapter 2b: both codings are whole, settled values follow from them by rule, and the answer to the preface's question holds."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from sco import load, page, similarity

ROOT = Path(__file__).resolve().parents[1]
MEMBERS = ["CHN", "KAZ", "KGZ", "RUS", "TJK", "UZB"]
CODINGS = {"interests": ("domain", "intensity", 60), "threats": ("force", "exposure", 18)}


def numbers(pages: str) -> set[int]:
    return {n for part in pages.split() for n in page._range(part)}


@pytest.fixture(scope="module")
def settled() -> pd.DataFrame:
    return similarity.profiles(load("interests"), "settled", domains=load("interest_domains")["domain"])


@pytest.mark.parametrize("name", CODINGS)
def test_every_coder_has_every_cell(name: str) -> None:
    item, _, cells = CODINGS[name]
    table = load(name)
    for coder in ("A", "B", "settled"):
        mine = table[table["coder"] == coder]
        assert len(mine) == cells and sorted(mine["state"].unique()) == MEMBERS
        assert not mine.duplicated(["state", item]).any()


@pytest.mark.parametrize("name", CODINGS)
def test_a_value_has_page_and_evidence_and_silence_has_neither(name: str) -> None:
    _, value, _ = CODINGS[name]
    table = load(name)
    for column in ("pages", "evidence"):
        assert (table[value].notna() == table[column].notna()).all(), column
    settled = table[table["coder"] == "settled"]
    assert (settled[value].notna() == settled["claims"].notna()).all()
    assert (table["evidence"].dropna().str.split().str.len() <= 15).all()


def test_interests_rest_on_section_two_and_threats_on_their_pages() -> None:
    assert set().union(*load("interests")["pages"].dropna().map(numbers)) <= set(range(30, 46))
    named = {11, 31, 34, 36, 37, 38, 39, 41, 42, 58, 105}
    assert set().union(*load("threats")["pages"].dropna().map(numbers)) <= named


@pytest.mark.parametrize("name", CODINGS)
def test_claims_lie_on_the_pages_of_the_section(name: str) -> None:
    for cell in load(name)["claims"].dropna():
        for claim in cell.split():
            assert int(claim[1:4]) in {*range(30, 46), 11, 58, 105}, claim


@pytest.mark.parametrize("name", CODINGS)
def test_settled_values_are_what_both_coders_say_or_what_a_rule_chose(name: str) -> None:
    """Settling never makes up a value, and every disagreement is on the list with its rule, no cell more."""
    item, value, _ = CODINGS[name]
    wide = load(name).pivot(index=["state", item], columns="coder", values=value).astype("Float64").fillna(-1)
    listed = load("settlements").query("coding == @name").set_index(["state", "item"])
    for key, row in wide.iterrows():
        if row["A"] == row["B"]:
            assert row["settled"] == row["A"] and key not in listed.index
        else:
            assert row["settled"] in (row["A"], row["B"])
            shown = listed.loc[key, ["coder_a", "coder_b", "settled"]].astype("Float64").fillna(-1)
            assert shown.tolist() == [row["A"], row["B"], row["settled"]]
    assert len(listed) == (wide["A"] != wide["B"]).sum()


def test_a_rule_that_is_written_is_used() -> None:
    used = {*load("settlements")["rule"], *load("interests")["rule"].dropna()}
    assert used == set(load("coding_rules")["rule"])


def test_the_codebook_page_names_every_domain_and_rule() -> None:
    text = (ROOT / "book" / "codebook.md").read_text(encoding="utf-8").lower()
    for key in [*load("interest_domains")["domain"], *load("coding_rules")["rule"]]:
        assert key.replace("-", " ") in text, key


def test_the_section_on_two_states_is_coded_for_both(settled: pd.DataFrame) -> None:
    """What pp. 36-38 say of Kyrgyzstan and Tajikistan together has the same value for both."""
    same = ["three-forces", "regional-stability", "trade", "energy", "transit"]
    assert settled.loc["KGZ", same].tolist() == settled.loc["TJK", same].tolist()


def test_what_the_thesis_puts_first_is_a_three(settled: pd.DataFrame) -> None:
    first = [("KAZ", "border"), ("RUS", "three-forces"), ("CHN", "three-forces"), ("UZB", "transit"), ("UZB", "trade")]
    assert all(settled.loc[state, domain] == 3 for state, domain in first)
    assert settled.loc["UZB", "border"] == 0 and settled.loc["KGZ", "energy"] == 0


def test_the_only_interest_that_all_six_stress_is_the_same_for_every_coder() -> None:
    for coder in ("A", "B", "settled"):
        stressed = similarity.profiles(load("interests"), coder) >= 2
        assert list(stressed.columns[stressed.all()]) == ["three-forces"]


def test_the_coders_agree_well_beyond_chance() -> None:
    interests = similarity.ratings(load("interests"), ["A", "B"]).fillna(-1)
    threats = similarity.ratings(load("threats"), ["A", "B"], columns="force", value="exposure").fillna(-1)
    for data in (interests, threats):
        assert 0.8 < similarity.alpha(data, "nominal").value < 1


def test_fifteen_pairs_and_no_p_values() -> None:
    text = (ROOT / "notebooks" / "02b-interests.ipynb").read_text(encoding="utf-8")
    assert "p-value" not in text and "significant" not in text
    assert len(similarity.pairs(pd.DataFrame(index=MEMBERS), lambda x, y: similarity.Agreement(0, 0))) == 15
