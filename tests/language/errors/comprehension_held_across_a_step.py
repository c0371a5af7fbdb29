"""A comprehension held across a step."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)
        self.a = array(Range(0, 1), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        bits = [mm.a[i] for i in range(2)]
        await step("use")
        mm.x = any(bits)

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
comprehension_held_across_a_step.py:23: the local bits is needed after this step, but a comprehension can't be kept in a local across a step
    await step("use")
          ^^^^^^^^^^^
"""
