"""A sequence pattern."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        match (mm.x, mm.x):
            case (True, False):
                mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
match_sequence_pattern.py:22: a sequence pattern is not part of the language; match on enum members, literals, classes of records as in Pte(), | and _
    case (True, False):
         ^^^^^^^^^^^^^
"""
