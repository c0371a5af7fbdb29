"""A rule left open between one value."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.language import Model, Rules, any_of


@dataclass(frozen=True)
class Kernel(Rules):
    early_copy: bool = False


KERNEL = Kernel(early_copy=any_of(True))


def model() -> Model:
    return Model()


PHASE = "import"
EXIT_CODE = 3
MESSAGE = """\
open_rule_with_one_value.py:15: any_of takes two or more different values, not True; a rule that is settled is its value
    KERNEL = Kernel(early_copy=any_of(True))
                               ^^^^^^^^^^^^
"""
