"""A random number: not repeatable."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


import random


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
        mm.x = random.random() < 0.5

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
random_number.py:24: random.random() is not part of the language; of Python's own functions these are: abs, all, any, bool, enumerate, frozenset, int, isinstance, len, list, max, min, range, reversed, set, str, sum, tuple, zip
    mm.x = random.random() < 0.5
           ^^^^^^^^^^^^^^^
"""
