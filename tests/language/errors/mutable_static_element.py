"""An element of a static list that is assigned."""

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
        mm.log[0] = 1
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
mutable_static_element.py:22: only the elements of an array of state can be assigned, and mm.log is a list: declare self.a = array(index, element, init)
    mm.log[0] = 1
    ^^^^^^^^^
"""
