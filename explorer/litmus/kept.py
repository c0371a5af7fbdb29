"""Tables of litmus tests that were filled before, kept by what they were made from: the text of the test, the tool, what the test
is run on, and the values of all rules that were read meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.cache import content, kept
from explorer.language.rules import Rules
from explorer.language.values import value_text
from explorer.litmus.observe import Observation, Row, observe
from explorer.litmus.program import Program

KIND = "litmus"
MOST = 64  # tables of one test


class Tables:
    """The tables of one test. Only whole ones are kept: every run was followed."""

    def __init__(self, program: Program, parts: str) -> None:
        """`parts`: the digest of all that a test is run on, beside the tool. A test without text has no tables."""
        self.program = program
        self.key = content.digest(content.tool(), parts, program.text) if program.text and parts else ""
        self.known: list[Any] = (kept.recall_json(KIND, self.key) if self.key else None) or []

    def find(self, kernel: Rules) -> tuple[dict[str, Any], Observation] | None:
        """What was filled on a kernel that has the same values of all rules that were read, and these rules; None for nothing."""
        for read, rows in self.known:
            if all(value_text(object.__getattribute__(kernel, rule)) == value for rule, value in read.items()):
                filled = [Row(tuple(registers), tuple(atoms), bug) for registers, atoms, bug in rows]
                values = {rule: object.__getattribute__(kernel, rule) for rule in read}
                return values, observe(self.program, filled, complete=True)
        return None

    def keep(self, kernel: Rules, read: Mapping[str, Any], observation: Observation) -> None:
        """Keep the table that was filled on that kernel while these rules were read."""
        values = {rule: value_text(object.__getattribute__(kernel, rule)) for rule in read}
        if not self.key or not observation.complete or None in values.values():
            return
        rows = [(row.registers, row.atoms, row.bug) for row in observation.rows]
        others = kept.recall_json(KIND, self.key) or []  # and what another process has kept meanwhile
        self.known = [(values, rows), *(one for one in others if one[0] != values)][:MOST]
        kept.keep_json(KIND, self.key, self.known)
