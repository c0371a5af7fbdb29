"""The condition of a rule with a parameter that the rule does not have."""

from __future__ import annotations

from explorer.language import Model, Part, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.rule("go", actor="device", when=lambda j: not mm.x)
    def go() -> None:
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
rule_when_parameter.py:18: the condition of the rule 'go' has a parameter j and no values for it: write j=values in the decorator
    @m.rule("go", actor="device", when=lambda j: not mm.x)
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
