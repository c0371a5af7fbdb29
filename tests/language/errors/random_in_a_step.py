"""A random number in a step."""

from __future__ import annotations

import random

from explorer.language import Model, Part, Range, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    box = Box(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        box.count = random.randrange(4)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
random_in_a_step.py:23: random.Random.randrange() belongs to Python's library and is not part of the language: write the routine as a def of the model
    box.count = random.randrange(4)
                ^^^^^^^^^^^^^^^^^^^
"""
