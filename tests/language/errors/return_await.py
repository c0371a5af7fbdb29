"""return await in a routine."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)

    async def inner(self) -> bool:
        await step("inner")
        return self.x

    async def outer(self) -> bool:
        return await self.inner()


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await mm.outer()

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
return_await.py:18: return await is not part of the language; write x = await f() and then return x
    return await self.inner()
           ^^^^^^^^^^^^^^^^^^
"""
