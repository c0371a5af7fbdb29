"""Two-phase commit, after the TLA+ specification of Lamport and Gray (the same system as Stateright's example 2pc).

Resource managers prepare or abort on their own; the transaction manager commits once all have prepared, or aborts.
Messages are never removed. Known counts: 288 states for three resource managers, 8832 for five.
"""

from __future__ import annotations

from enum import Enum

from explorer.language import Atom, Model, Part, Scalarset, Sort, always, array, subset, var


class Manager(Atom): ...


class Rm(Enum):
    WORKING = 0
    PREPARED = 1
    COMMITTED = 2
    ABORTED = 3


class Tm(Enum):
    INIT = 0
    COMMITTED = 1
    ABORTED = 2


class Transaction(Part):
    def __init__(self, m: Model, managers: Sort[Manager]) -> None:
        super().__init__(m, "transaction")
        self.managers = managers
        self.rm = array(managers, Rm, lambda r: Rm.WORKING)
        self.tm = var(Tm, Tm.INIT)
        self.tm_prepared = var(subset(managers), frozenset())
        self.prepared_sent = var(subset(managers), frozenset())
        self.commit_sent = var(bool, False)
        self.abort_sent = var(bool, False)


@always
def consistent(transaction: Transaction) -> bool:
    """No manager has committed while another has aborted."""
    return not (
        any(transaction.rm[r] == Rm.ABORTED for r in transaction.managers)
        and any(transaction.rm[r] == Rm.COMMITTED for r in transaction.managers)
    )


def two_phase_commit(*, rms: int = 3) -> Model:
    """`rms` interchangeable resource managers."""
    m = Model()
    managers = Scalarset(Manager, rms)
    t = Transaction(m, managers)

    @m.action("commit", actor="tm", when=lambda: t.tm == Tm.INIT and all(r in t.tm_prepared for r in managers))
    def tm_commit() -> None:
        t.tm = Tm.COMMITTED
        t.commit_sent = True

    @m.action("abort", actor="tm", when=lambda: t.tm == Tm.INIT)
    def tm_abort() -> None:
        t.tm = Tm.ABORTED
        t.abort_sent = True

    @m.action("receive prepared", actor="tm", r=managers, when=lambda r: t.tm == Tm.INIT and r in t.prepared_sent)
    def tm_receive_prepared(r: Manager) -> None:
        t.tm_prepared = frozenset(q for q in managers if q in t.tm_prepared or q == r)

    @m.action("prepare", actor="rm {r}", r=managers, when=lambda r: t.rm[r] == Rm.WORKING)
    def rm_prepare(r: Manager) -> None:
        t.rm[r] = Rm.PREPARED
        t.prepared_sent = frozenset(q for q in managers if q in t.prepared_sent or q == r)

    @m.action("choose to abort", actor="rm {r}", r=managers, when=lambda r: t.rm[r] == Rm.WORKING)
    def rm_choose_to_abort(r: Manager) -> None:
        t.rm[r] = Rm.ABORTED

    @m.action("receive commit", actor="rm {r}", r=managers, when=lambda: t.commit_sent)
    def rm_receive_commit(r: Manager) -> None:
        t.rm[r] = Rm.COMMITTED

    @m.action("receive abort", actor="rm {r}", r=managers, when=lambda: t.abort_sent)
    def rm_receive_abort(r: Manager) -> None:
        t.rm[r] = Rm.ABORTED

    m.require(consistent(t))
    m.reachable("all aborted", lambda: all(t.rm[r] == Rm.ABORTED for r in managers))
    m.reachable("all committed", lambda: all(t.rm[r] == Rm.COMMITTED for r in managers))
    return m
