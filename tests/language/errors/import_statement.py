"""An import in a routine."""

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
        import os
        mm.x = os.name == "posix"

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
import_statement.py:21: import is not part of the language; import at the top of the file
    import os
    ^^^^^^^^^
"""
