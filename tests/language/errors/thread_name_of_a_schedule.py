"""A name with what separates the steps of a schedule."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    Box(m)

    @m.thread("cpu/0")
    async def cpu() -> None:
        await step("go")

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
thread_name_of_a_schedule.py:18: the thread 'cpu/0' needs a name that a schedule can hold, as thread/thread*3/device.receive(p=1), and 'cpu/0' contains '/': write letters, digits, - and _
    @m.thread("cpu/0")
     ^^^^^^^^^^^^^^^^^
"""
