"""A function made by exec."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


space: dict[str, object] = {}
exec("def made(): return True", space)
made = space["made"]


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
        mm.x = made()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
function_without_source.py:26: made() has no source to read (<string>): write it as a def or a lambda in a file
    mm.x = made()
           ^^^^^^
"""
