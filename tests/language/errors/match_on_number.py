"""match on a range."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        match box.count:
            case x if x > 1:
                box.count = 0

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
match_on_number.py:22: a pattern that binds a name is not part of the language; match on enum members, literals, classes of records as in Pte(), | and _
    case x if x > 1:
         ^
"""
