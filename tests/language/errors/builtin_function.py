"""A builtin that is not part of the language."""

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
        print("here")
        mm.x = True

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
builtin_function.py:21: print() is not part of the language; of Python's own functions these are: abs, all, any, bool, enumerate, frozenset, int, isinstance, len, list, max, min, range, reversed, set, str, sum, tuple, zip
    print("here")
    ^^^^^^^^^^^^^
"""
