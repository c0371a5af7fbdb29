"""A pattern that binds a name."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        match mm.n:
            case 0:
                mm.n = 1
            case other:
                mm.n = 0

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
match_capture_pattern.py:24: a pattern that binds a name is not part of the language; match on enum members, literals, classes of records as in Pte(), | and _
    case other:
         ^^^^^
"""
