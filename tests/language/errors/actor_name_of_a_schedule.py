"""An actor with what repeats a step of a schedule."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, var


class Box(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "box")
        self.count = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    Box(m)

    @m.action("go", actor="cpu*2")
    def go() -> None:
        pass

    return m


PHASE = "build"
EXIT_CODE = 3
MESSAGE = """\
actor_name_of_a_schedule.py:18: the actor 'cpu*2' of the action 'go' needs a name that a schedule can hold, as thread/thread*3/device.receive(p=1), and 'cpu*2' contains '*': write letters, digits, - and _
    @m.action("go", actor="cpu*2")
     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
