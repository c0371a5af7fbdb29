"""`a or b` as the condition of a rule and of reachable counts for its truth, whatever a and b are: it was refused."""

from __future__ import annotations

from explorer.language import Model, Part, Range, optional, step, subset, var


class Mixed(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "mixed")
        self.members = var(subset(Range(0, 1)), frozenset({1}))
        self.number = var(optional(Range(0, 2)), None)
        self.flag = var(bool, False)


def model() -> Model:
    m = Model()
    p = Mixed(m)

    @m.action("drop", actor="dev", when=lambda: p.members or p.flag)  # type: ignore[arg-type,return-value]
    def drop() -> None:
        p.members = frozenset()
        p.flag = False

    @m.action("set", actor="dev", i=range(2), when=lambda i: p.number == i or p.number is None and not p.members)
    def set_number(i: int) -> None:
        p.number = i + 1

    @m.thread("t")
    async def t() -> None:
        await step("flag", when=lambda: p.number or p.members)  # type: ignore[arg-type,return-value]
        p.flag = True

    m.reachable("some", lambda: p.number and p.members)  # type: ignore[arg-type,return-value]
    return m
