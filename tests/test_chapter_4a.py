"""Chapter 4a: the tables of the triangle say what the ledger says, and the counts are those of the pages."""

from __future__ import annotations

import re

import pandas as pd
import pytest
import sco
from sco import audit

TABLES = ["transitions", "us_interests", "ties", "new_threats", "us_options", "offers"]
TIE_PAGES = {93, 94, 95, 96, 97, 109}


@pytest.fixture(scope="module")
def claims() -> pd.DataFrame:
    return sco.load("claims").set_index("claim_id")


def pages_of(text: str) -> set[int]:
    """Pages of a list such as ``"46 47-48"``."""
    numbers = set()
    for part in text.split():
        first, _, last = part.partition("-")
        numbers |= set(range(int(first), int(last or first) + 1))
    return numbers


@pytest.mark.parametrize("table", TABLES)
def test_the_claims_of_a_row_stand_on_its_pages(table: str, claims: pd.DataFrame) -> None:
    for row in sco.load(table).to_dict("records"):
        stated = {int(claims.loc[c, "page"]) for c in row["claims"].split()}
        assert stated <= pages_of(str(row.get("pages", row.get("page")))), row


@pytest.mark.parametrize(
    ("table", "where", "rows"),
    [
        ("transitions", "number > 0", 3),
        ("us_interests", "rank == 'primary'", 4),
        ("ties", "side == 'binds'", 8),
        ("ties", "side == 'strains'", 6),
        ("new_threats", "listed", 5),
        ("us_options", "page == 103 and role == 'option'", 3),
        ("us_options", "page == 113 and role == 'option'", 2),
    ],
)
def test_the_number_of_rows_is_that_of_the_pages(table: str, where: str, rows: int) -> None:
    assert len(sco.load(table).query(where)) == rows


def test_the_counts_are_those_that_the_ledger_holds(claims: pd.DataFrame) -> None:
    interests, options = sco.load("us_interests"), sco.load("us_options")
    threats, transitions = sco.load("new_threats"), sco.load("transitions")
    primary = interests[interests["rank"] == "primary"].groupby("page").size()
    counted = options[options["role"] == "option"].groupby("page").size()
    assert claims.loc["c091-09", "value"] == primary[91]
    assert claims.loc["c102-06", "value"] == primary[102]
    assert claims.loc["c103-13", "value"] == counted[103]
    assert claims.loc["c113-07", "value"] == counted[113]
    assert claims.loc["c098-03", "value"] == threats["listed"].sum()
    assert claims.loc["c091-05", "value"] == len(transitions)
    assert set(claims.loc["c098-03", "operands"].split()) == set(threats.loc[threats["listed"], "threat"])


def test_the_pages_of_a_tie_are_those_of_its_claims(claims: pd.DataFrame) -> None:
    for row in sco.load("ties").itertuples():
        stated = {int(claims.loc[c, "page"]) for c in row.claims.split()}
        assert stated == pages_of(row.pages), row.item
        assert stated <= TIE_PAGES, row.item


def test_no_stated_influence_on_the_partnership_is_left_out_or_on_the_wrong_side(claims: pd.DataFrame) -> None:
    """The ledger notes which claims say that something raises or lowers the ties of the two powers."""
    ties = sco.load("ties")
    stated = claims[claims["page"].isin(TIE_PAGES) & claims["note"].str.contains("to=sino-russian-ties", na=False)]
    assert len(stated) > 10
    for claim, note in stated["note"].items():
        side = "binds" if re.search(r"sign=\+", note) else "strains"
        mine = ties[ties["claims"].str.contains(claim)]
        assert len(mine) and set(mine["side"]) == {side}, claim


def test_one_interest_alone_is_named_in_both_places() -> None:
    interests = sco.load("us_interests")
    primary = interests[interests["rank"] == "primary"]
    first, second = (set(g["interest"]) for _, g in primary.groupby("page"))
    assert first & second == {"energy"}
    assert not set(interests["interest"]) - set(primary["interest"]) & second


def test_the_feared_course_is_an_option_on_the_later_page_only() -> None:
    options = sco.load("us_options").astype({"troops": "str", "ties": "str"})
    courses = {
        page: set(zip(g["troops"], g["ties"], strict=True))
        for page, g in options[options["role"] == "option"].groupby("page")
    }
    feared = options[options["role"] == "feared"].iloc[0]
    pair = (feared["troops"], feared["ties"])
    assert pair not in courses[103]
    assert pair in courses[113]
    assert courses[103] & courses[113] == {("leave", "none")}


def test_the_dates_of_the_chronology_are_compared_with_the_independent_ones() -> None:
    events = sco.load("events").set_index("event_id")
    dates = sco.load("references").set_index("ref_id")["date"]
    expected = {
        "constructive-partnership-1994": "agrees",
        "strategic-partnership-1996": "agrees",
        "china-us-declaration-1997": "agrees",
        "sino-russian-treaty-2001": "differs",
        "nato-russia-council": "differs",
    }
    for event, outcome in expected.items():
        printed = audit.span(events.loc[event, "date"])
        for name in events.loc[event, "references"].split():
            assert audit.compare_dates(printed, audit.span(dates[name])) == outcome, event


def test_undated_steps_keep_their_gap() -> None:
    events = sco.load("events").set_index("event_id")
    for event in ("nato-enlargement-east", "sino-russian-partnership-terms"):
        assert pd.isna(events.loc[event, "date"])


def test_offers_name_the_three_powers_and_joint_ones_stand_under_both() -> None:
    offers = sco.load("offers")
    assert set(offers["power"].astype("str")) == {"RUS", "CHN", "USA"}
    joint = offers[offers["note"].str.startswith("Named for Russia and China together", na=False)]
    by_power = {p: set(g["claims"]) for p, g in joint.groupby(joint["power"].astype("str"))}
    assert by_power["RUS"] == by_power["CHN"]
