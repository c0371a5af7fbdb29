"""array() with a function of nothing."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = array(Range(0, 2), Range(0, 3), lambda: 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
array_lambda_no_argument.py:11: the initial value of box.count[0] can't be made: TypeError: Box.__init__.<locals>.<lambda>() takes 0 positional arguments but 1 was given
    self.count = array(Range(0, 2), Range(0, 3), lambda: 0)
                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
