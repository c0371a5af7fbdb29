"""A local list that grows."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        log = []
        log.append(mm.x)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
list_local_appended.py:22: .append() changes a list or a set in place, and values don't change here: write (*items, new) for a value that the step makes, and keep state in self.a = array(index, element, init)
    log.append(mm.x)
    ^^^^^^^^^^
"""
