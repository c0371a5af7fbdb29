"""An error that is raised."""

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
        raise ValueError("no")

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
raise_in_a_step.py:21: raise is not part of the language; write assert condition, "text"
    raise ValueError("no")
    ^^^^^^^^^^^^^^^^^^^^^^
"""
