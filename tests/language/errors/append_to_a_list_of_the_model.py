"""A list outside that a step appends to."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, choose, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    log: list[int] = []

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        log.append(box.count)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
append_to_a_list_of_the_model.py:23: log.append(...) works on a list, which may change, and static values must not: use a tuple or a frozenset; what changes is state, self.a = array(index, element, init)
    log.append(box.count)
    ^^^^^^^^^^^^^^^^^^^^^
"""
