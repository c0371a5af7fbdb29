"""A function defined in a thread."""

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
        def up() -> None:
            box.count = 1
        await step("go")
        up()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
nested_function.py:20: def is not part of the language; define the routine outside this one, or as a method of a part
    def up() -> None:
    ^^^^^^^^^^^^^^^^^
"""
