"""Dijkstra's self-stabilising ring: machine 0 counts modulo `k`, the others copy their neighbour.

A machine is privileged when its number says so: machine 0 when it equals its neighbour's, another when it differs. A
fault may set a number to any other value, `faults` times. However it goes, somebody is privileged, and only a fault
adds privileges.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, always_step, array, before, choose, var


class Ring(Part):
    def __init__(self, m: Model, n: int, k: int, faults: int) -> None:
        super().__init__(m, "ring")
        self.n, self.k, self.faults = n, k, faults
        self.x = array(Range(0, n - 1), Range(0, k - 1), lambda i: 0)
        self.left = var(Range(0, faults), faults)

    def privileged(self, i: int) -> bool:
        if i == 0:
            return self.x[0] == self.x[self.n - 1]
        return self.x[i] != self.x[i - 1]

    def privileges(self) -> int:
        return sum(self.privileged(i) for i in range(self.n))


@always
def somebody_is_privileged(ring: Ring) -> bool:
    """There is always a machine that can move."""
    return any(ring.privileged(i) for i in range(ring.n))


@always
def one_privilege_without_faults(ring: Ring) -> bool:
    """Before the first fault exactly one machine is privileged."""
    return ring.left < ring.faults or ring.privileges() == 1


@always_step
def only_faults_add_privileges(ring: Ring) -> bool:
    """A step that is no fault adds no privilege."""
    return before(lambda: ring.left) != ring.left or ring.privileges() <= before(lambda: ring.privileges())


@always
def always_one_privilege(ring: Ring) -> bool:
    """Exactly one machine is privileged: false after a fault."""
    return ring.privileges() == 1


def dijkstra_ring(*, n: int = 3, k: int = 3, faults: int = 1) -> Model:
    """`n` machines with numbers below `k`."""
    m = Model()
    ring = Ring(m, n, k, faults)

    @m.action("move", actor="machine {i}", i=range(n), when=lambda i: ring.privileged(i))
    def move(i: int) -> None:
        if i == 0:
            ring.x[0] = (ring.x[0] + 1) % k
        else:
            ring.x[i] = ring.x[i - 1]

    @m.action("fault", actor="fault", i=range(n), when=lambda: ring.left > 0)
    def fault(i: int) -> None:
        ring.left -= 1
        ring.x[i] = choose(v for v in range(k) if v != ring.x[i])

    m.require(
        somebody_is_privileged(ring),
        one_privilege_without_faults(ring),
        only_faults_add_privileges(ring),
        always_one_privilege(ring),
    )
    m.reachable("everyone is privileged", lambda: all(ring.privileged(i) for i in range(n)))
    return m
