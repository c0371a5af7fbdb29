"""A thread that a schedule writes as an action."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    Box(m)

    @m.action("go", actor="cpu")
    def go() -> None:
        pass

    @m.thread("cpu.go")
    async def cpu() -> None:
        await step("go")

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
thread_and_action_of_one_name.py:22: a thread and an action are both called 'cpu.go' in a schedule: give one of them another name
    @m.thread("cpu.go")
     ^^^^^^^^^^^^^^^^^^
"""
