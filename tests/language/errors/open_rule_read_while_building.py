"""A rule left open, read while the model is built."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.language import Model, Part, Rules, any_of, var


@dataclass(frozen=True)
class Kernel(Rules):
    early_copy: bool = False


class Machine(Part):
    def __init__(self, m: Model, kernel: Kernel) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, kernel.early_copy)


def model() -> Model:
    m = Model()
    Machine(m, Kernel(early_copy=any_of(False, True)))
    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
open_rule_read_while_building.py:18: the rule early_copy is left open (any of False, True) and has no value while the model is built: it never decides which cells or threads exist; read it in a thread, an action or a property
    self.x = var(bool, kernel.early_copy)
                       ^^^^^^^^^^^^^^^^^
"""
