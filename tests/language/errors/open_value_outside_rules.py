"""any_of outside a record of rules."""

from __future__ import annotations

from explorer.language import Model, Part, any_of, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.early = any_of(False, True)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = mm.early

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
open_value_outside_rules.py:12: mm.early can't be a rule left open: any_of(...) stands in a field of a record of rules (class Kernel(Rules)), and the part holds the record
    self.early = any_of(False, True)
    ^^^^^^^^^^
"""
