"""The seam of the compiled search: owners need nothing of the workers but packed states that came as bytes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from explorer.search import reference
from explorer.search.outcome import Bounds, Resources, Task
from tests.support.systems import random_system

native = pytest.importorskip("explorer.search.native.search", reason="numba can't be imported")

from explorer.search.native import exchange  # noqa: E402
from explorer.search.native.storage.store import PARTITIONS, Buffers  # noqa: E402
from tests.support.outcomes import counters, unequal  # noqa: E402


class Carrier(exchange.Exchange):
    """Every buffer travels to its owner as bytes, and its count with it: no memory is shared between them."""

    sent = 0

    def arriving(self, owner: Buffers) -> Iterator[Buffers]:
        mine = range(self.taking.index(owner), PARTITIONS, len(self.taking))
        for worker in self.taking:
            size = 8 * len(self.words)
            letters = {}
            for p in mine:
                first, count = len(self.words) * p * worker.room, int(worker.fill[p] - worker.starts[p]) // 8
                letters[p] = worker.region.words(first + count)[first:].tobytes()
            Carrier.sent += sum(map(len, letters.values()))
            arrived = Buffers(len(self.words), worker.limit, worker.room - worker.limit, 1, 1)
            for p, letter in letters.items():
                first = len(self.words) * p * arrived.room
                arrived.region.words(first + len(letter) // 8)[first:] = memoryview(letter).cast("Q")
                arrived.fill[p] = arrived.starts[p] + len(letter)
                assert len(letter) % size == 0
            yield arrived
            for p in mine:
                worker.fill[p] = worker.starts[p]  # it is sent


@pytest.mark.parametrize("threads", [1, 3])
def test_what_travels_as_bytes_is_the_same(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "Exchange", Carrier)
    monkeypatch.setattr(native, "THREADED", 1)
    Carrier.sent = 0
    for system in (counters(4, 7), *map(random_system, range(12))):
        task = Task(system, Bounds(states=3_000), resources=Resources(threads=threads))
        assert not unequal(native.search(task), reference.search(task))
    assert Carrier.sent > 50_000


def test_a_letter_that_is_lost_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nothing is shown here."""

    class Lossy(Carrier):
        def arriving(self, owner: Buffers) -> Iterator[Buffers]:
            for buffers in super().arriving(owner):
                buffers.fill[PARTITIONS // 2] = buffers.starts[PARTITIONS // 2]
                yield buffers

    monkeypatch.setattr(native, "Exchange", Lossy)
    system = counters(4, 7)
    assert native.search(Task(system, Bounds())).states < reference.search(Task(system, Bounds())).states
