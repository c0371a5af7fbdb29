"""An action that is an async def: an action is one step."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.action("go", actor="device")
    async def go() -> None:
        await step("go")
        mm.x = True

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
action_is_a_coroutine.py:18: the action 'go' must be a def: it is one step; a sequence of steps is a thread
    @m.action("go", actor="device")
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
