"""A table or description that was kept is the one that its checks would give, and none else is ever taken."""

import importlib
import os
import pickle
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import sco
from sco import kept

tables = importlib.import_module("sco.tables")  # the package has a function of that name
ROOT = tables.DATA.parent


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A copy of the book's tables in the place of its own, and an empty folder to keep them in."""
    data = shutil.copytree(tables.DATA, tmp_path / "data")
    monkeypatch.setattr(tables, "DATA", data)
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "kept")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return data


def forbid(monkeypatch):
    """From now on a table that is not found kept is an error."""

    def checked(root, resource):
        raise AssertionError(f"{resource['name']} was not kept")

    monkeypatch.setattr(tables, "_checked", checked)


def test_every_table_is_kept_as_it_was_checked(book, monkeypatch):
    checked = {name: sco.load(name) for name in sco.tables()}
    forbid(monkeypatch)
    for name, frame in checked.items():
        again = sco.load(name)
        pd.testing.assert_frame_equal(again, frame, check_exact=True)
        assert list(map(type, again.dtypes)) == list(map(type, frame.dtypes)), name


def test_the_description_is_kept_as_it_was_checked_until_it_changes(book, monkeypatch):
    checked = tables._package(book)
    tables._read_package.cache_clear()
    monkeypatch.setattr(tables, "_flaws", lambda resource, resources: ["looked at again"])
    assert tables._package(book) == checked
    (book / "datapackage.json").write_bytes((book / "datapackage.json").read_bytes() + b"\n")
    with pytest.raises(sco.DataError, match="looked at again"):
        tables._package(book)


def test_what_was_changed_while_it_was_checked_is_not_kept(book, monkeypatch):
    """Else its first state, should it ever return, would be read as the second."""
    first, check = (book / "states.csv").read_bytes(), tables._checked

    def changed(root, resource):
        (root / "states.csv").write_bytes(first.replace(b"Russia", b"Rossiya"))
        return check(root, resource)

    monkeypatch.setattr(tables, "_checked", changed)
    assert "Rossiya" in set(sco.load("states")["name"])
    monkeypatch.setattr(tables, "_checked", check)
    (book / "states.csv").write_bytes(first)
    assert "Rossiya" not in set(sco.load("states")["name"])


def test_what_is_done_to_a_table_does_not_reach_the_next_reader(book):
    first = sco.load("states")
    first.loc[:, "name"] = "nowhere"
    assert "nowhere" not in set(sco.load("states")["name"])


@pytest.mark.parametrize("name", ["claims.csv", "states.csv", "datapackage.json"])
def test_a_change_of_anything_that_a_table_follows_from_is_seen(book, monkeypatch, name):
    """The table itself, one that it refers to, and its description."""
    sco.load("memberships"), sco.load("claims")
    forbid(monkeypatch)
    sco.load("memberships"), sco.load("claims")
    with (book / name).open("ab") as file:
        file.write(b"\n" if name.endswith("json") else b"x\n")
    with pytest.raises(AssertionError, match="was not kept"):
        sco.load("claims" if name == "claims.csv" else "memberships")


def test_a_damaged_table_is_refused_though_a_good_one_was_kept(book):
    sco.load("states")
    whole = (book / "states.csv").read_bytes()
    (book / "states.csv").write_bytes(whole.rpartition(b"\n")[0][:-4])
    with pytest.raises(sco.DataError, match="truncated"):
        sco.load("states")
    (book / "states.csv").unlink()
    with pytest.raises(sco.DataError, match="cannot be read"):
        sco.load("states")


@pytest.mark.parametrize(
    "harm", [lambda b: b[:-7], lambda b: b[:200] + b"?" + b[201:], lambda b: b"", lambda b: b[32:]]
)
def test_a_kept_table_that_was_harmed_is_not_taken(book, harm, monkeypatch):
    frame = sco.load("states")
    path = kept.FOLDER / "states.kept"
    path.write_bytes(harm(path.read_bytes()))
    pd.testing.assert_frame_equal(sco.load("states"), frame)
    forbid(monkeypatch)
    pd.testing.assert_frame_equal(sco.load("states"), frame)  # it was kept anew


def test_a_foreign_object_under_another_seal_is_never_opened(book):
    """No pickle is opened before its seal and digest agree."""
    kept.FOLDER.mkdir()
    bomb = pickle.dumps(pytest.fail)
    (kept.FOLDER / "states.kept").write_bytes(b"0" * kept.SIZE + kept.digest(bomb) + bomb)
    assert isinstance(sco.load("states"), pd.DataFrame)


def test_nothing_is_kept_where_python_keeps_nothing_or_for_another_folder(book, monkeypatch, tmp_path):
    sco.load("states", shutil.copytree(book, tmp_path / "other"))
    assert not kept.FOLDER.exists()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    sco.load("states")
    assert not kept.FOLDER.exists()


def test_a_place_that_cannot_be_written_is_no_error(book, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "file" / "kept")
    assert len(sco.load("states")) == len(sco.load("states"))


def test_many_at_once_leave_whole_tables(book):
    """Processes that keep the same tables at the same time, as the kernels of a build do."""
    code = (
        "import sys; from pathlib import Path; import sco; from sco import kept; tables = sys.modules['sco.tables']\n"
        "tables.DATA, kept.FOLDER = map(Path, sys.argv[1:])\n"
        "for _ in range(3):\n"
        "    for name in ('states', 'events', 'memberships'): print(name, len(sco.load(name)))"
    )
    normal = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", code, str(book), str(kept.FOLDER)]
    running = [
        subprocess.Popen(command, cwd=ROOT / "notebooks", env=normal, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = {process.communicate()[0] for process in running}
    assert len(said) == 1 and all(process.returncode == 0 for process in running)
    whole = ["datapackage.json.kept", "events.kept", "memberships.kept", "states.kept"]
    assert sorted(p.name for p in kept.FOLDER.iterdir()) == whole
