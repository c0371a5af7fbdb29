"""A rule left open, read before the first step."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.language import Model, Part, Rules, any_of, step, var


@dataclass(frozen=True)
class Kernel(Rules):
    early_copy: bool = False


class Machine(Part):
    def __init__(self, m: Model, kernel: Kernel) -> None:
        super().__init__(m, "mm")
        self.kernel = kernel
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m, Kernel(early_copy=any_of(False, True)))

    @m.thread("cpu")
    async def cpu() -> None:
        if mm.kernel.early_copy:
            await step("early")
            mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
open_rule_before_first_step.py:28: the rule early_copy, left open here, is state, and before a thread's first step no state is read, written or chosen: put await step(...) before it
    if mm.kernel.early_copy:
       ^^^^^^^^^^^^^^^^^^^^
"""
