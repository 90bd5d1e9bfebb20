"""Chapter 2, first part: the tables say what the claims, the crosswalk and the references say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import sco
from sco import audit

ROOT = Path(__file__).resolve().parents[1]
TABLES = [
    "headings",
    "admission",
    "moscow_summit",
    "early_tests",
    "profiles",
    "uzbek_path",
    "china_interests",
    "territorial_claims",
]
EXHIBITS = ["2.1", "2.2", "2.3", "2.4", "2.5", "2.8", "2.9", "2.10", "2.11"]


@pytest.fixture(scope="module")
def claims() -> pd.DataFrame:
    return sco.load("claims").set_index("claim_id")


@pytest.fixture(scope="module")
def references() -> pd.DataFrame:
    return sco.load("references").set_index("ref_id")


def pages_of(text: str) -> set[int]:
    """The numbers in a list of pages: ``"20-22 27"``."""
    spans = [part.partition("-")[::2] for part in text.split()]
    return {n for first, last in spans for n in range(int(first), int(last or first) + 1)}


def test_every_part_of_the_declaration_stands_under_one_heading_as_the_crosswalk_has_it() -> None:
    headings = sco.load("headings")
    used = sco.load("crosswalk").query("document == 'declaration-2001'")
    used = used[[min(pages_of(p)) >= 20 and max(pages_of(p)) <= 27 for p in used["body_pages"]]]
    under = {c: row.pages for row in headings.itertuples() for c in row.clauses.split()}
    assert len(headings) == 9
    assert sum(len(c.split()) for c in headings["clauses"]) == len(under) == 16, "a part stands under two headings"
    assert set(used["clause"]) == set(under)
    for row in used.itertuples():
        assert pages_of(row.body_pages) <= pages_of(under[row.clause]), row.clause


def test_headings_without_number_are_those_in_the_list_of_slips() -> None:
    headings = sco.load("headings")
    slips = sco.load("slips").query("kind == 'number' and page <= 27")
    lost = headings[headings["printed"].isna()]
    assert [max(pages_of(p)) for p in lost["pages"]] == [24, 27]
    assert list(slips["page"]) == [24, 26]


def test_counts_that_the_exhibits_name() -> None:
    kinds = sco.load("admission")["kind"].value_counts()
    assert kinds["condition"] == 4 and kinds["rule"] == 1
    lists = sco.load("moscow_summit")["list"].value_counts()
    assert lists["goal"] == 10 and lists["result"] == 4
    tests = sco.load("early_tests").groupby("list", observed=True)["number"].nunique()
    assert tests["issue"] == 3 and tests["test"] == 3
    assert sco.load("profiles")["state"].nunique() == 6
    assert sco.load("uzbek_path")["date"].notna().sum() == 9
    assert (sco.load("china_interests")["level"] == "head").sum() == 4
    assert len(sco.load("territorial_claims")) == 3


def test_lists_are_numbered_without_gap() -> None:
    summit = sco.load("moscow_summit")
    for _, items in summit.groupby("list", observed=True):
        assert list(items["number"]) == list(range(1, len(items) + 1))
    answers = {a for cell in summit["answered_by"].dropna() for a in cell.split()}
    assert answers <= set(summit.loc[summit["list"] == "result", "item"])


@pytest.mark.parametrize("name", [t for t in TABLES if t != "profiles"])
def test_claims_stand_on_the_pages_of_their_row(name: str, claims: pd.DataFrame) -> None:
    """A sentence may run over the end of a page, so a neighbouring page is allowed."""
    for row in sco.load(name).to_dict("records"):
        own = pages_of(str(row.get("pages") or row["page"]))
        near = {n + d for n in own for d in (-1, 0, 1)}
        for claim in row["claims"].split():
            assert claims["page"][claim] in near, f"{name}: {claim} is not on {sorted(own)}"


@pytest.mark.parametrize("name", ["admission", "moscow_summit", "early_tests"])
def test_an_outcome_has_a_source_that_gives_its_date(name: str, references: pd.DataFrame) -> None:
    for row in sco.load(name).itertuples():
        if pd.isna(row.outcome):
            assert pd.isna(row.references) and pd.isna(row.outcome_date), row.item
            continue
        assert isinstance(row.references, str), f"{row.item}: an outcome without a source"
        if isinstance(row.outcome_date, str):
            known = set(references.loc[row.references.split(), "date"].dropna())
            assert set(row.outcome_date.split("/")) <= known, f"{row.item}: {row.outcome_date} is in no source"


def test_deadlines_are_those_of_the_claims(claims: pd.DataFrame) -> None:
    for row in sco.load("early_tests").dropna(subset=["deadline"]).itertuples():
        assert row.deadline in set(claims.loc[row.claims.split(), "date"].dropna()), row.item


def test_profiles_point_to_the_claim_on_the_same_state_and_quantity(claims: pd.DataFrame) -> None:
    profiles = sco.load("profiles")
    assert len(profiles) == 24
    for row in profiles.dropna(subset=["claim"]).itertuples():
        subject, value = claims["subject"][row.claim], claims["value"][row.claim]
        assert row.state.lower() in re.split(r"[.-]", subject), subject
        assert subject.startswith((f"{row.quantity}.", f"{row.quantity}-ratio.")), subject
        assert pd.notna(value)
        assert claims["page"][row.claim] in pages_of(row.pages)


def test_steps_of_uzbekistan_carry_the_dates_of_their_claims(claims: pd.DataFrame, references: pd.DataFrame) -> None:
    for row in sco.load("uzbek_path").itertuples():
        stated = [audit.span(d) for d in claims.loc[row.claims.split(), "date"].dropna() if d != "2004"]
        if isinstance(row.date, str):
            assert any(audit.compare_dates(audit.span(row.date), s, 0) == "agrees" for s in stated), row.title
        else:
            assert not stated, f"{row.title}: the thesis has a date"
        if isinstance(row.references, str):
            assert pd.notna(references["date"][row.references])


def test_the_areas_claimed_are_those_of_the_claims(claims: pd.DataFrame) -> None:
    factor = sco.load("units").set_index("unit")["factor"]
    for row in sco.load("territorial_claims").dropna(subset=["area_sq_km"]).itertuples():
        claim = claims.loc[row.area_claim]
        assert row.area_sq_km == claim["value"] * factor[claim["unit"]]


def test_tajik_product_a_head_does_not_follow_from_the_printed_population(claims: pd.DataFrame) -> None:
    """The arithmetic on which the page's finding rests, done here by hand."""
    people = {"KGZ": "c036-02", "TJK": "c036-03"}
    product = {"KGZ": "c036-04", "TJK": "c036-06"}
    head = {"KGZ": "c036-05", "TJK": "c036-07"}
    ratio = {s: claims["value"][product[s]] / claims["value"][people[s]] / claims["value"][head[s]] for s in people}
    assert abs(ratio["KGZ"] - 1) < 0.02
    assert ratio["TJK"] > 1.25


def test_every_exhibit_of_the_page_is_shown_and_described() -> None:
    listed = set(sco.load("exhibits")["exhibit"])
    notebook = json.loads((ROOT / "notebooks" / "02a-objectives.ipynb").read_text(encoding="utf-8"))
    code = "\n".join("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code")
    for exhibit in EXHIBITS:
        assert exhibit in listed
        assert f'"{exhibit}"' in code, f"{exhibit} is not on the page"


def test_new_sources_are_in_the_bibliography() -> None:
    bibliography = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    named = [
        r for t in TABLES for cell in sco.load(t).get("references", pd.Series(dtype=str)).dropna() for r in cell.split()
    ]
    sources = sco.load("references").set_index("ref_id").loc[named, "source"]
    assert [s for s in sources.unique() if f"{{{s}," not in bibliography] == []
