"""The handle of a thread that was not made."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu", cpu=range(2))
    async def cpu(cpu: int) -> None:
        await step("go")
        mm.x = True

    m.reachable("third ends", lambda: cpu[2].finished)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
thread_handle_of_no_value.py:23: no thread was made for the value 2; there is one for each of 0, 1
    m.reachable("third ends", lambda: cpu[2].finished)
                                      ^^^^^^
"""
