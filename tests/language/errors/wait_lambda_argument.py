"""step() with a condition with an argument."""

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
        await step("go", when=lambda s: s.count == 0)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
wait_lambda_argument.py:20: the condition of a step takes no parameters, it reads the names around it: write when=lambda: ...
    await step("go", when=lambda s: s.count == 0)
                          ^^^^^^^^^^^^^^^^^^^^^^
"""
