"""A dict outside that a step changes."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    seen: dict[int, bool] = {}

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        seen[1] = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
dict_of_the_model_changed.py:23: only the elements of an array of state can be assigned, and seen is a dict: declare self.a = array(index, element, init)
    seen[1] = True
    ^^^^^^^
"""
