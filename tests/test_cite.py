"""How to cite: the page says what CITATION.cff says, and the addresses that it gives as examples exist."""

from __future__ import annotations

import re

import pytest
import yaml
from sco.audit import in_words

from conftest import HTML, ROOT

CFF = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
PAGE = (ROOT / "book" / "cite.md").read_text(encoding="utf-8")
AUTHORS = [a.get("name") or f"{a['family-names']}, {a['given-names']}" for a in CFF["authors"]]
EDITION = f"Version {CFF['version']}, {in_words(str(CFF['date-released']))}"


def test_the_plain_citation_follows_from_the_citation_file() -> None:
    """Authors, year, title, version and date as in CITATION.cff, at the head and in the example."""
    plain = f"{'; '.join(AUTHORS)} ({str(CFF['date-released'])[:4]}). *{CFF['title']}*. {EDITION}."
    assert PAGE.count(plain) == 2


def test_the_bibtex_entry_follows_from_the_citation_file() -> None:
    """Each field of the entry is that of CITATION.cff, and an address or a DOI that is there is not left out."""
    year = str(CFF["date-released"])[:4]
    fields = {
        "author": "{" + "} and {".join(AUTHORS) + "}",
        "title": "{" + CFF["title"] + "}",
        "year": year,
        "note": EDITION,
    }
    fields |= {key: CFF[source] for key, source in (("url", "url"), ("doi", "doi")) if source in CFF}
    lines = ",\n".join(f"  {key} = {{{value}}}" for key, value in fields.items())
    assert f"```bibtex\n@misc{{sco-rerun-{year},\n{lines}\n}}\n```" in PAGE


def test_one_version_everywhere() -> None:
    """The version of the citation file is that of the project and of the data package."""
    import json
    import tomllib

    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == CFF["version"]
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["version"] == CFF["version"]
    assert [licence["name"] for licence in package["licenses"]] == ["CC-BY-4.0"] and "CC BY 4.0" in PAGE


@pytest.mark.book
def test_the_addresses_exist() -> None:
    """Every address that the page gives is that of something in the built book."""
    addresses = re.findall(r"`((?:notebooks|book)/[\w-]+\.html)#([\w-]+)`", PAGE)
    assert len(addresses) >= 4
    for path, anchor in addresses:
        assert f'id="{anchor}"' in (HTML / path).read_text(encoding="utf-8"), f"{path}#{anchor}"
