"""A list that a coroutine appends to."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.log = [0]


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.log.append(1)
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
mutable_static_value.py:22: mm.log.append(...) works on a list, which may change, and static values must not: use a tuple or a frozenset; what changes is state, self.a = array(index, element, init)
    mm.log.append(1)
    ^^^^^^^^^^^^^^^^
"""
