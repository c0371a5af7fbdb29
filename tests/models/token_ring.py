"""A token ring: who has the token may be served; the token is passed on, sometimes lost, and made anew.

Station 0 makes a new token when there is none. An impatient one (`patient` False) makes it whenever one was lost
before, even if another was made since: then there are two.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, subset, var


class Ring(Part):
    def __init__(self, m: Model, n: int, losses: int) -> None:
        super().__init__(m, "ring")
        self.n, self.losses = n, losses
        self.stations = Range(0, n - 1)
        self.tokens = var(subset(self.stations), frozenset({0}))
        self.waiting = var(subset(self.stations), frozenset())
        self.inside = var(subset(self.stations), frozenset())
        self.lost = var(Range(0, losses), 0)

    def with_station(self, some: frozenset[int], p: int) -> frozenset[int]:
        return frozenset(q for q in self.stations if q in some or q == p)

    def without(self, some: frozenset[int], p: int) -> frozenset[int]:
        return frozenset(q for q in self.stations if q in some and q != p)


@always
def one_token(ring: Ring) -> bool:
    """There is at most one token."""
    return len(ring.tokens) <= 1


@always
def one_inside(ring: Ring) -> bool:
    """At most one station is served at a time."""
    return len(ring.inside) <= 1


def token_ring(*, n: int = 3, losses: int = 1, patient: bool = True) -> Model:
    """`n` stations; the token is lost at most `losses` times."""
    m = Model()
    ring = Ring(m, n, losses)
    stations = ring.stations

    @m.action("ask", actor="station {p}", p=stations, when=lambda p: p not in ring.waiting and p not in ring.inside)
    def ask(p: int) -> None:
        ring.waiting = ring.with_station(ring.waiting, p)

    @m.action("enter", actor="station {p}", p=stations, when=lambda p: p in ring.tokens and p in ring.waiting)
    def enter(p: int) -> None:
        ring.waiting = ring.without(ring.waiting, p)
        ring.inside = ring.with_station(ring.inside, p)

    @m.action("leave", actor="station {p}", p=stations, when=lambda p: p in ring.inside)
    def leave(p: int) -> None:
        ring.inside = ring.without(ring.inside, p)

    @m.action("pass on", actor="station {p}", p=stations, when=lambda p: p in ring.tokens and p not in ring.inside)
    def pass_on(p: int) -> None:
        ring.tokens = ring.with_station(ring.without(ring.tokens, p), (p + 1) % n)

    @m.action(
        "lose",
        actor="wire",
        p=stations,
        when=lambda p: p in ring.tokens and p not in ring.inside and ring.lost < losses,
    )
    def lose(p: int) -> None:
        ring.tokens = ring.without(ring.tokens, p)
        ring.lost += 1

    @m.action("make", actor="station 0", when=lambda: len(ring.tokens) == 0 or (not patient and ring.lost > 0))
    def make() -> None:
        ring.tokens = ring.with_station(ring.tokens, 0)

    m.require(one_token(ring), one_inside(ring))
    m.reachable("no token", lambda: len(ring.tokens) == 0)
    m.reachable("everyone waits", lambda: len(ring.waiting) == n)
    return m
