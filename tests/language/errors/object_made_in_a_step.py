"""An object made in a step."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Counter:
    zero = True


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
        counter = Counter()
        mm.x = counter.zero

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
object_made_in_a_step.py:25: Counter(...) makes an object that may change, and static values must not: use @record, a NamedTuple or an Enum
    counter = Counter()
              ^^^^^^^^^
"""
