"""A random choice: not repeatable."""

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
        mm.x = random.choice((False, True))

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
random_choice.py:24: random.Random.choice() belongs to Python's library and is not part of the language: write the routine as a def of the model
    mm.x = random.choice((False, True))
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
