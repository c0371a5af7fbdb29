"""A text made with format()."""

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
        label = "n={}".format(box.count)
        box.count = 0

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
string_format_method.py:21: 'n={}'.format() can't take a value that depends on the state
    label = "n={}".format(box.count)
            ^^^^^^^^^^^^^^^^^^^^^^^^
"""
