"""Names of the public language that were others before, as they are written: whoever still writes the old one is told the new."""

from __future__ import annotations

RENAMED = {  # the old name -> the new; CHANGELOG.md has a line for each, `new` (was `old`)
    "m.rule": "m.action",
    "m.rules": "m.actions",
    "result.named": "result.summaries",
    "result.shown": "result.with_runs",
}
LEFT = {  # what has left the language -> why, and what to write instead
    "choose_alike": "choose_alike() left out behaviours on the model's word: write choose(...), among the atoms of a Scalarset; "
    "where these are alike, the search finds it out (docs/symmetry.md)",
}


def renamed(old: str) -> str:
    """What to say to who writes the old name; the empty text for a name that never was."""
    new = RENAMED.get(old)
    return "" if new is None else f"{old} is called {new} now: write {new}"
