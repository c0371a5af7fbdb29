"""Whoever writes a name that the public language had before is told the new one; the table is CHANGELOG.md's."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from explorer import Model, Result
from explorer.errors.renamed import LEFT, RENAMED, renamed

CHANGELOG = (Path(__file__).resolve().parents[2] / "CHANGELOG.md").read_text()
HOLDERS = {"m": Model, "result": Result}


def test_the_table_is_the_changelogs() -> None:
    told = {old: new for new, old in re.findall(r"`@?([\w.]+)`[^`]*?\(was\s`@?([\w.]+)`\)", CHANGELOG)}
    assert told == RENAMED
    assert all(f"`{name}()` has left the language" in CHANGELOG for name in LEFT)


@pytest.mark.parametrize("old", RENAMED)
def test_old_names_are_told(old: str) -> None:
    holder, _, name = old.partition(".")
    made = Model() if holder == "m" else object.__new__(HOLDERS[holder])
    new = RENAMED[old].partition(".")[2]
    assert not hasattr(type(made), name) and (hasattr(type(made), new) or hasattr(made, new))
    with pytest.raises(Exception, match=re.escape(renamed(old))):
        getattr(made, name)


@pytest.mark.parametrize("module", ("explorer", "explorer.language"))
@pytest.mark.parametrize("name", LEFT)
def test_what_has_left_is_told(module: str, name: str) -> None:
    with pytest.raises(ImportError, match=re.escape(LEFT[name])):
        getattr(import_module(module), name)
