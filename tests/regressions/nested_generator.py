"""A generator inside a comprehension is evaluated one by one: what comes after the one that settles it can't fail."""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, choose, optional, step, var


class Slots(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "s")
        self.slot = array(Range(0, 2), optional(Range(0, 3)), lambda i: 1 if i == 0 else None)
        self.found = var(bool, False)
        self.n = var(Range(0, 9), 0)


@always
def none_is_two(s: Slots) -> bool:
    return not any(e is not None and e == 2 for e in (s.slot[i] for i in Range(0, 2)))


@always
def some_is_small(s: Slots) -> bool:
    """The second and the third element can be None, which has no order: looked at only where the first is not small."""
    return any(e < 2 for e in (s.slot[i] + 0 for i in Range(0, 2)))  # type: ignore[operator]


@always
def all_in_order(s: Slots) -> bool:
    return all(a == i or s.found for i, a in enumerate(s.slot[i] + i for i in range(3)) if i < 1)  # type: ignore[operator]


@always
def side_by_side(s: Slots) -> bool:
    return all(a == b for a, b in zip((s.slot[i] for i in range(3)), (s.slot[2 - i] for i in range(3)), strict=True))


def model() -> Model:
    m = Model()
    s = Slots(m)

    @m.thread("worker", i=range(3))
    async def worker(i: int) -> None:
        await step("fill")
        s.slot[i] = choose(range(3))
        await step("count")
        s.n = sum(e for e in (s.slot[j] for j in range(3)) if e is not None)
        s.found = 2 in (e for e in (f for f in (s.slot[j] for j in range(3)) if f is not None) if e != 0)
        await step(
            "order", when=lambda: max((e for e in (s.slot[j] for j in range(3)) if e is not None), default=0) > 0
        )
        k = choose(j for j in (j for j in range(3) if s.slot[j] is not None) if s.slot[j] != 1)
        s.slot[k] = None

    m.require(none_is_two, some_is_small, all_in_order, side_by_side)
    return m
