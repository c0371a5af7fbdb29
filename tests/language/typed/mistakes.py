"""What a type checker says before anything runs. Each line with `# E: code` is a mistake; no other line is."""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, choose, leads_to, local, step, var


class Memory(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mm")
        self.busy = var(bool, False)
        self.count = var(Range(0, 3), 0)
        self.bits = array(Range(0, 3), bool, lambda i: False)

    async def take(self) -> int:
        await step("take", when=not self.busy)  # E: arg-type
        await step("take", when=lambda: self.bsy)  # E: attr-defined
        step("take")  # E: unused-coroutine
        await step("take", fairness="weak")  # E: arg-type
        self.busy = 1  # E: assignment
        self.bits["first"] = True  # E: index
        self.bits[0] = None  # E: assignment
        self.count = "one"  # E: assignment
        tries = local(Range(0, 3), 0)
        tries = None  # E: assignment
        return choose((True, False)) and tries


@always
def idle(mm: Memory) -> bool:
    """Nobody holds it."""
    return not mm.busy


@leads_to  # E: arg-type
def released(mm: Memory) -> bool:
    """One condition where there must be two."""
    return not mm.busy


def model() -> Model:
    m = Model()
    mm = Memory(m)

    @m.thread("cpu")
    async def cpu() -> None:
        await mm.take()
        mm.take()  # E: unused-coroutine

    @m.thread("plain")  # E: type-var
    def plain() -> None:
        mm.busy = False

    m.require(idle(m))  # E: arg-type
    m.reachable("taken", mm.busy)  # E: arg-type
    m.reachable("taken", lambda: mm.cuont == 0)  # E: attr-defined
    return m
