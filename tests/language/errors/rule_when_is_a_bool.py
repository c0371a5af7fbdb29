"""The condition of a rule, evaluated too early."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.rule("go", actor="device", when=True)
    def go() -> None:
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
rule_when_is_a_bool.py:18: the condition of the rule 'go' must be a lambda, not True: write when=lambda: ...
    @m.rule("go", actor="device", when=True)
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
