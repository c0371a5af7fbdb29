"""A picture that raises."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    def picture(self) -> object:
        raise KeyError("frame")


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        mm.x = True

    m.reachable("x is set", lambda: mm.x)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
picture_raises.py:14: the picture of mm fails: KeyError: 'frame'
    raise KeyError("frame")
    ^^^^^^^^^^^^^^^^^^^^^^^
"""
