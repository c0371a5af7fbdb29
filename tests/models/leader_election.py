"""Leader election on a ring of one-way links (Chang and Roberts): every node sends its number round.

A node passes on a number above its own and drops one below; who receives its own is the leader. Links do not keep
the order of messages.
"""

from __future__ import annotations

from explorer.language import Model, Part, Range, always, array, pairs


class Ring(Part):
    def __init__(self, m: Model, n: int) -> None:
        super().__init__(m, "ring")
        self.n = n
        self.nodes = Range(0, n - 1)
        self.message = array(pairs(self.nodes, self.nodes), bool, lambda link: False)  # to a node, with a number
        self.started = array(self.nodes, bool, lambda i: False)
        self.leader = array(self.nodes, bool, lambda i: False)


@always
def one_leader(ring: Ring) -> bool:
    """At most one node is the leader."""
    return sum(1 for i in ring.nodes if ring.leader[i]) <= 1


@always
def highest_leads(ring: Ring) -> bool:
    """A leader has the highest number of all nodes."""
    return all(i == ring.n - 1 for i in ring.nodes if ring.leader[i])


@always
def no_message_comes_home(ring: Ring) -> bool:
    """No number ever gets back to its node: false for the highest."""
    return not any(ring.message[i, i] for i in ring.nodes)


def leader_election(*, n: int = 3) -> Model:
    """Nodes 0 to n - 1 stand in the ring in this order."""
    m = Model()
    ring = Ring(m, n)

    @m.action("start", actor="node {i}", i=range(n), when=lambda i: not ring.started[i])
    def start(i: int) -> None:
        ring.started[i] = True
        ring.message[(i + 1) % n, i] = True

    @m.action(
        "receive", actor="node {to}", to=range(n), number=range(n), when=lambda to, number: ring.message[to, number]
    )
    def receive(to: int, number: int) -> None:
        ring.message[to, number] = False
        if number > to:
            ring.message[(to + 1) % n, number] = True
        elif number == to:
            ring.leader[to] = True

    m.require(one_leader(ring), highest_leads(ring), no_message_comes_home(ring))
    m.reachable("elected", lambda: any(ring.leader[i] for i in ring.nodes))
    m.reachable("0 is elected", lambda: ring.leader[0], unless="its number is dropped by every other node")
    return m
