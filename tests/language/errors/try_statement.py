"""A step can't fail half-way."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


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
        try:
            mm.x = True
        finally:
            mm.x = False

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
try_statement.py:21: try is not part of the language; a step can't fail half-way; test the condition with if, and write what finally does behind the rest
    try:
    ^^^^
"""
