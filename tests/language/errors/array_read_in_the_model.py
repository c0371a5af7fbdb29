"""An array read while the model is built."""

from __future__ import annotations

from explorer.language import Model, Part, Range, array


class Machine(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.a = array(Range(0, 1), bool, lambda i: False)


def model() -> Model:
    m = Model()
    mm = Machine(m)

    print(mm.a[0])

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
array_read_in_the_model.py:18: mm.a is state and has no value while the model is built: read it in a thread, an action or a property, or in a lambda where a condition is asked for
    print(mm.a[0])
          ^^^^^^^
"""
