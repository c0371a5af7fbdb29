"""An assertion that fails before a thread's first step."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.limit = 3


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        assert mm.limit > 3, "the limit is small"
        await step("go")
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
failure_before_first_step.py:21: the thread 'cpu' fails before its first step: the limit is small
    assert mm.limit > 3, "the limit is small"
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
