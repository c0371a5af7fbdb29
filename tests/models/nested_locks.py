"""Two locks taken one inside the other, by two threads, until somebody says stop.

Taken in opposite orders (`ordered` False) they deadlock. The stop leaves both locks by a return from inside.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, step, var


class Mutex(Part):
    def __init__(self, m: Model, name: str) -> None:
        super().__init__(m, name)
        self.held = var(bool, False)

    async def __aenter__(self) -> None:
        await step(f"lock {self.part_name}", when=lambda: not self.held)
        assert not self.held, "locked twice"
        self.held = True

    async def __aexit__(self, *_: object) -> None:
        self.held = False


class Work(Part):
    def __init__(self, m: Model) -> None:
        super().__init__(m, "work")
        self.inside = var(Range(0, 2), 0)
        self.stop = var(bool, False)


@always
def mutual_exclusion(work: Work) -> bool:
    """At most one thread has both locks."""
    return work.inside <= 1


def nested_locks(*, rounds: int = 2, ordered: bool = True) -> Model:
    """Two threads work `rounds` times each, or until the stop."""
    m = Model()
    a, b, work = Mutex(m, "a"), Mutex(m, "b"), Work(m)

    @m.thread("worker", w=(0, 1))
    async def worker(w: int) -> None:
        outer, inner = (a, b) if ordered or w == 0 else (b, a)
        for _ in range(rounds):
            async with outer:
                await step("prepare")
                if work.stop:
                    break
                async with inner:
                    work.inside += 1
                    await step("work")
                    work.inside -= 1
                    if work.stop:
                        return
        await step("say goodbye")

    @m.action("stop", actor="user", when=lambda: not work.stop)
    def say_stop() -> None:
        work.stop = True

    m.require(mutual_exclusion(work))
    m.reachable("stopped", lambda: worker.finished and work.stop)
    return m
