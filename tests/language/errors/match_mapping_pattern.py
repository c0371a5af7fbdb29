"""A mapping pattern."""

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
        match mm.x:
            case {"x": True}:
                mm.x = False

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
match_mapping_pattern.py:22: a mapping pattern is not part of the language; match on enum members, literals, classes of records as in Pte(), | and _
    case {"x": True}:
         ^^^^^^^^^^^
"""
