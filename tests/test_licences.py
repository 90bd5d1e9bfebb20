"""The book builds on free packages only, and the check that says so can fail."""

from __future__ import annotations

from email.message import Message

import licences
import pytest


class Package:
    """As much of a distribution as the check asks for."""

    def __init__(self, *fields: tuple[str, str]) -> None:
        self.metadata = Message()
        for name, value in fields:
            self.metadata[name] = value


def test_every_package_of_the_launch_environment_is_free(capsys) -> None:
    assert licences.main() == 0
    listed = capsys.readouterr().out
    assert len(listed.splitlines()) > 100
    assert [name for name in licences.packages() if name not in listed] == []


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("MIT", True),
        ("BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", True),
        ("Apache-2.0 OR Proprietary", True),
        ("GNU General Public License (GPL) OR BSD License", True),
        ("MIT AND Proprietary", False),
        ("MIT AND (Proprietary OR Secret)", False),
        ("Other/Proprietary License", False),
        ("Apache", False),
        ("not stated", False),
        ("", False),
    ],
)
def test_what_counts_as_free(text: str, free: bool) -> None:
    assert licences.is_free(text) is free


def test_the_most_exact_statement_of_a_package_counts() -> None:
    named = ("Classifier", "License :: OSI Approved :: MIT License")
    assert licences.licence(Package(("License-Expression", "ISC"), named)) == "ISC"
    assert licences.licence(Package(("License", "see the file"), named)) == "MIT License"
    assert licences.licence(Package(("License", "MIT\nand much more"))) == "MIT"
    assert licences.licence(Package()) == "not stated"


def test_a_package_that_is_not_free_is_named(monkeypatch, capsys) -> None:
    package = Package(("License", "All rights kept"))
    package.version = "1"
    monkeypatch.setattr(licences, "packages", lambda: ["closed"])
    monkeypatch.setattr(licences, "distribution", lambda name: package)
    assert licences.main() == 1
    assert "make: not known to be a free licence: closed: All rights kept" in capsys.readouterr().err
