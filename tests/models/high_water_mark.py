"""A gauge, and a watcher that shows the highest level it has seen since the last reset.

The watcher keeps the mark in a local: a plain 0 at the start and after a reset, what it computed from the gauge
otherwise. A 0 is a 0, wherever it came from: the two are one state.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, always_step, before, choose, step, var


class Gauge(Part):
    def __init__(self, m: Model, top: int) -> None:
        super().__init__(m, "gauge")
        self.top = top
        self.level = var(Range(0, top), 0)
        self.reset = var(bool, False)
        self.shown = var(Range(0, top), 0)


@always
def shown_is_not_stale(gauge: Gauge) -> bool:
    """At least the present level is shown: false until the watcher has looked."""
    return gauge.shown >= gauge.level


@always_step
def only_the_sensor_moves_the_level(gauge: Gauge) -> bool:
    """What is shown and the level never change in one step."""
    return gauge.shown == before(lambda: gauge.shown) or gauge.level == before(lambda: gauge.level)


def high_water_mark(*, top: int = 2) -> Model:
    """Levels 0 to `top`."""
    m = Model()
    gauge = Gauge(m, top)

    @m.thread("watcher")
    async def watcher() -> None:
        mark = 0
        while True:
            await step("look")
            if gauge.reset:
                gauge.reset = False
                mark = 0
            else:
                mark = max(mark, gauge.level)
            await step("show")
            gauge.shown = mark

    @m.action("level changes", actor="sensor")
    def change() -> None:
        gauge.level = choose(v for v in range(top + 1) if v != gauge.level)

    @m.action("reset", actor="user", when=lambda: not gauge.reset, voluntary=True)
    def ask_for_reset() -> None:
        gauge.reset = True

    m.require(shown_is_not_stale(gauge), only_the_sensor_moves_the_level(gauge))
    m.reachable("the mark goes down", lambda: gauge.shown == 0 and gauge.level == top)
    return m
