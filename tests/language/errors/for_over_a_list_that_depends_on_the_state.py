"""A for statement over a list that depends on the state."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array, step


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.a = array(Range(0, 2), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        for i in [i for i in range(3) if mm.a[i]]:
            mm.a[i] = False

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
for_over_a_list_that_depends_on_the_state.py:21: a for statement goes over values known before the run, and these depend on the state: go over all that may be there, and test inside with if
    for i in [i for i in range(3) if mm.a[i]]:
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
