"""A dict asked with a default."""

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
        box.count = {1: 2}.get(box.count, 0)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
dict_get.py:21: a dict is not part of the language; declare an array: self.a = array(index, element, init)
    box.count = {1: 2}.get(box.count, 0)
                ^^^^^^
"""
