"""Assigning a name that the enclosing function binds."""

from __future__ import annotations

from explorer.language import Model, Part, step, var


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.x = var(bool, False)


def model() -> Model:
    m = Model()
    mm = Machine(m)
    done = False

    @m.thread("cpu")
    async def cpu() -> None:
        await step("go")
        done = True
        mm.x = done

    return m


PHASE = "lower"
EXIT_CODE = 3
MESSAGE = """\
assigned_name_of_enclosing_function.py:22: done is a name of the enclosing function, and assigning it here would make a new local: use another name, or declare state in a part, self.x = var(sort, init)
    done = True
    ^^^^
"""
