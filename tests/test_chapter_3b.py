"""Chapter 3b: its tables agree with the ledger and with one another, and its functions refuse what they must."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sco
from sco import audit

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "03b-balance.ipynb"

# Rows that the pages support, by table.
SIZES = {
    "non_resistance": 4,
    "uzb_attendance": 8,
    "iraq_positions": 16,
    "mechanisms": 6,
    "restraints": 6,
    "obstacles": 11,
    "candidates": 11,
    "survival_grounds": 9,
    "adjustments": 10,
    "adjustment_links": 8,
    "us_presence_sides": 10,
    "instability": 4,
    "balance": 25,
}


def cells() -> list[str]:
    """Sources of the notebook's code cells."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]


def defined(name: str, **known: Any) -> Callable[..., Any]:
    """A function of the notebook, from the cell that defines it."""
    source = next(c for c in cells() if f"def {name}(" in c)
    space: dict[str, Any] = dict(known)
    exec("import pandas as pd\nimport sco\nfrom datetime import date\nfrom sco import audit, page\n" + source, space)
    function: Callable[..., Any] = space[name]
    return function


@pytest.fixture(scope="module")
def members() -> Callable[..., list[str]]:
    return defined("members", mechanisms=sco.load("mechanisms").set_index("mechanism"))


@pytest.fixture(scope="module")
def balance() -> Callable[..., tuple[int, int, int]]:
    return defined("balance", items=sco.load("balance"))


def pages_of(text: str) -> set[int]:
    spans = [part.partition("-") for part in text.split()]
    return {n for first, _, last in spans for n in range(int(first), int(last or first) + 1)}


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_the_tables_have_the_rows_that_the_pages_support(name: str, size: int) -> None:
    assert len(sco.load(name)) == size


@pytest.mark.parametrize("name", SIZES)
def test_every_row_stands_on_claims_of_its_own_pages(name: str) -> None:
    frame = sco.load(name)
    for row in frame.to_dict("records"):
        printed = pages_of(str(row.get("pages") or row["page"]))
        used = {int(claim[1:4]) for claim in row["claims"].split()}
        assert used <= printed, f"{name}: {row['claims']} outside pages {sorted(printed)}"


def test_numbered_lists_count_what_the_claims_count() -> None:
    value = sco.load("claims").set_index("claim_id")["value"]
    assert value["c069-04"] == len(sco.load("non_resistance"))
    assert value["c079-06"] <= sco.load("mechanisms")["counted"].sum() == 4
    assert value["c078-02"] == sco.load("states")["sco_member_2001"].sum()
    assert value["c074-03"] == 1


def test_every_restraint_and_adjustment_of_a_link_exists_and_only_stated_links_claim_to_be_whole() -> None:
    links = sco.load("adjustment_links")
    assert set(links["restraint"]) <= set(sco.load("restraints")["restraint"])
    assert set(links["adjustment"]) <= set(sco.load("adjustments")["adjustment"])
    assert set(links.loc[links["reach"] == "whole", "basis"]) == {"stated"}


def test_the_eight_neighbours_of_page_81_are_candidates() -> None:
    candidates = sco.load("candidates")
    listed = candidates[candidates["claims"].str.contains("c081-01")]["state"].astype(str)
    assert sorted(listed) == ["AFG", "AZE", "GEO", "IND", "IRN", "MNG", "PAK", "TKM"]


def test_the_balance_has_both_sides_without_a_claim_on_both() -> None:
    items = sco.load("balance")
    sides = items.assign(claim=items["claims"].str.split()).explode("claim")
    assert (items["side"] == "credit").sum() >= 6 and (items["side"] == "debit").sum() >= 7
    assert not sides["claim"].duplicated().any(), "a claim counts once"


def test_members_follow_the_dated_memberships(members: Callable[..., list[str]]) -> None:
    assert members("sco", 1995) == []
    assert members("sco", 1996) == ["CHN", "RUS", "KAZ", "KGZ", "TJK"]
    assert "UZB" in members("sco", 2001)
    assert "UZB" in members("cst", 1998) and "UZB" not in members("cst", 1999)
    assert members("cst", 2002) == members("cst", 2001), "the organization takes over from the treaty without a gap"
    assert "TJK" not in members("pfp", 2001) and "TJK" in members("pfp", 2002)
    assert members("us", 2000) == [] and "UZB" in members("us", 2001)
    assert "UZB" in members("guuam", 1999) and "UZB" not in members("guuam", 1998)


@pytest.mark.parametrize("year", [1990, 2005, 1066])
def test_a_year_outside_the_range_is_named(members: Callable[..., list[str]], year: int) -> None:
    with pytest.raises(ValueError, match=str(year)):
        members("sco", year)


def test_an_unknown_mechanism_is_named_with_those_that_there_are(members: Callable[..., list[str]]) -> None:
    with pytest.raises(ValueError, match=r"seato.*pfp"):
        members("seato", 2000)


def test_striking_an_item_moves_the_balance_by_one(balance: Callable[..., tuple[int, int, int]]) -> None:
    plus, minus, net = balance()
    assert net == plus - minus
    for item, side in sco.load("balance")[["item", "side"]].itertuples(index=False):
        assert balance([item])[2] == net + (1 if side == "debit" else -1)
    assert balance(sco.load("balance")["item"].tolist()) == (0, 0, 0)


def test_striking_what_is_not_there_is_refused(balance: Callable[..., tuple[int, int, int]]) -> None:
    with pytest.raises(KeyError, match=r"weather.*iraq-silence"):
        balance(["weather"])


def test_independent_dates_in_the_table_of_instability_are_those_of_the_references() -> None:
    dates = sco.load("references").set_index("ref_id")["date"]
    found = sco.load("instability").set_index("state")["found"]
    for state, key in (("KAZ", "BAL001"), ("KAZ", "BAL002"), ("TKM", "BAL004"), ("TKM", "BAL004b")):
        assert audit.in_words(dates[key]) in found[state]


def test_every_exhibit_of_the_chapter_is_shown() -> None:
    source = "\n".join(cells())
    exhibits = sco.load("exhibits")["exhibit"]
    own = ["3.9", *(f"3.{n}" for n in range(11, 22))]
    assert set(own) <= set(exhibits)
    assert [e for e in own if f'"{e}"' not in source] == []
    assert pd.Series(own).is_unique
