"""A set with a member that its sort does not have is an error when the action ends, as a number outside its range is."""

from __future__ import annotations

from explorer.language import Model, Part, Range, step, subset, var


class Holder(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "holder")
        self.held = var(subset(Range(0, 1)), frozenset())
        self.big = var(bool, False)
        self.n = var(Range(0, 3), 0)


def model() -> Model:
    m = Model()
    holder = Holder(m)

    @m.thread("worker")
    async def worker() -> None:
        await step("through")
        holder.held = frozenset({1, 2}) if holder.n == 0 else frozenset({0})
        holder.big = 2 in holder.held
        holder.held = holder.held - frozenset({2})
        await step("asserts first")
        holder.held = holder.held | frozenset({3})
        assert holder.n == 0

    @m.thread("other")
    async def other() -> None:
        await step("count")
        holder.n = 1

    return m
