"""leads_to with one condition."""

from __future__ import annotations

from explorer.language import Model, Part, leads_to, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


@leads_to
def released(mm: Machine) -> bool:
    return not mm.x


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = True

    m.require(released)
    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
leads_to_returns_bool.py:15: the property released must return two conditions, what happens and what it leads to, not a bool: write return happens, follows
    def released(mm: Machine) -> bool:
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
