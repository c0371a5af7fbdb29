"""What a state of `gup_fast_fork` and `rdma_fork` is in the proof `fork_any_size`.

Control points become `At`, by the kernel function in which the thread waits; local variables become relations as long as
they are used. What is not there: data, TLBs, counts (they are how many stand in a relation), whether the device is programmed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from explorer.models.proofs.fork_any_size import FORK, READS, WALK, At, Life
from explorer.symbolic.relational.finite import Finite, State
from explorer.symbolic.relational.system import RelationalSystem
from explorer.system.form import Action, System, Thread

PROCESSES = ("parent", "child")
RUNS = {"fork": "parent", "pin": "parent", "parent": "parent", "thread2": "parent", "child": "child"}  # by thread
PLACES = {  # (kernel routine, step); "" for every other step of the routine
    ("copy_present_pte", "copy_present_pte"): At.FORK_COPY,
    ("copy_present_pte", "ptep_set_wrprotect, set_pte_at"): At.FORK_SHARE,
    ("copy_one_pte", "ptep_set_wrprotect"): At.FORK_COPY,
    ("copy_one_pte", "set_pte_at"): At.FORK_SHARE,
    ("copy_present_page", ""): At.FORK_EARLY_COPY,
    ("dup_mmap", "flush_tlb_mm"): At.FORK_FLUSH,
    ("lockless_pages_from_mm", "raw_read_seqcount"): At.FAST_BEGIN,
    ("lockless_pages_from_mm", "read_seqcount_retry"): At.FAST_WALK,
    ("gup_pte_range", "ptep_get_lockless"): At.FAST_WALK,
    ("gup_pte_range", "try_grab_page"): At.FAST_READ,
    ("gup_pte_range", "read the pte again"): At.FAST_GRABBED,
    ("follow_page_mask", ""): At.SLOW,
    ("do_wp_page", ""): At.WRITE_FAULT,
    ("wp_page_copy", "alloc_page, copy low half"): At.COPY_BEGIN,
    ("wp_page_copy", ""): At.COPY,
    ("do_anonymous_page", ""): At.ABSENT_FAULT,
}


class Place(NamedTuple):
    """What a control point says of the thread: where it is; whether it is in slow GUP; which entry it will change."""

    at: At
    slow: bool
    page: int


class ForkStates:
    """The states of one system, which is made of `parent_memory`, one fork and one `UserPages` named "region"."""

    def __init__(self, system: System, relational: RelationalSystem) -> None:
        self.system = system
        self.cells = {cell.name: i for i, cell in enumerate(system.cells)}
        self.threads = [t for t in system.threads if t.name in RUNS]
        self.pages = sum(name.startswith("mm.pte[parent,") and name.endswith("?") for name in self.cells)
        frame = system.cells[self.cells["mm.pte[parent,0].frame"]].domain
        self.finite = Finite(
            relational,
            {"process": 2, "thread": len(self.threads), "page": self.pages, "frame": frame.hi - frame.lo + 1},
        )
        actions: dict[tuple[int, int], list[Action]] = {}
        for action in system.actions:
            assert action.location is not None
            actions.setdefault(action.location[:2], []).append(action)
        self.places = {
            (t.cell, code): self.place(actions.get((t.cell, code), []))
            for t in self.threads
            for code in range(len(t.locations))
        }
        self.pinner = next(i for i, t in enumerate(self.threads) if self.runs(t, "follow_page_mask"))
        self.watched = f"{self.threads[self.pinner].name}.region.lockless_pages_from_mm.sequence" in self.cells
        self.exiting = [t for t in self.threads if self.runs(t, "exit_mm")]

    def runs(self, thread: Thread, function: str) -> bool:
        """Some step of the thread is in the routine."""
        return any(a.thread == thread.name and a.function == function for a in self.system.actions)

    def __call__(self, codes: tuple[int, ...]) -> State:
        return self.finite.state(self.tables(codes))

    def tables(self, codes: tuple[int, ...]) -> dict[str, Any]:
        """What each relation holds of, and the values of each function, in the state."""

        def value(name: str) -> int:
            return codes[self.cells[name]]

        where = [self.places[t.cell, codes[t.cell]] for t in self.threads]
        held, entry, writable = [], [], []
        for page in range(self.pages):
            cell = self.cells[f"region.frame[{page}]"]
            if codes[cell] != self.system.cells[cell].domain.none:
                held.append((self.pinner, page, codes[cell]))
        for process, name in enumerate(PROCESSES):
            for page in range(self.pages):
                if value(f"mm.pte[{name},{page}]?"):
                    entry.append((process, page, value(f"mm.pte[{name},{page}].frame")))
                    if value(f"mm.pte[{name},{page}].writable"):
                        writable.append((process, page))

        def local(name: str, *places: At) -> list[tuple[int, int]]:
            """(thread, value) of those that are at one of the places."""
            return [(i, value(f"{self.threads[i].name}.{name}")) for i, at in enumerate(where) if at.at in places]

        sequence = value("parent_write_protect_seq.sequence")
        read = local("region.lockless_pages_from_mm.sequence", *WALK) if self.watched else []
        return {
            "mm": [PROCESSES.index(RUNS[t.name]) for t in self.threads],
            "life": [Life.RUNNING, self.life_of_child(codes, where)],
            "at": [at.at for at in where],
            "entry": entry,
            "writable": writable,
            "has_pinned": [(i,) for i, name in enumerate(PROCESSES) if value(f"mm.has_pinned[{name}]")],
            "child": [(i, 1) for i, at in enumerate(where) if at.at in FORK],
            "sharing": [(i, at.page) for i, at in enumerate(where) if at.at is At.FORK_SHARE],
            "grabbing": local("region.gup_pte_range.orig.frame", At.FAST_READ, At.FAST_GRABBED),
            "pinning": [(i,) for i, at in enumerate(where) if at.slow],
            "changed": [(i,) for i, known in read if known != sequence],
            "held": held,
            "copied_from": local("wp_page_copy.orig.frame", At.COPY_BEGIN, At.COPY),
            "new": local("wp_page_copy.new", At.COPY) + local("fork_child.copy_present_page.new", At.FORK_EARLY_COPY),
        }

    def life_of_child(self, codes: tuple[int, ...], where: list[Place]) -> Life:
        if not codes[self.cells["task.running[child]"]]:
            forked = any(at.at in FORK for at in where)
            return Life.FORKED if forked else Life.UNBORN
        exited = any(codes[t.cell] == t.finished for t in self.exiting)
        return Life.EXITED if exited else Life.RUNNING

    def place(self, actions: list[Action]) -> Place:
        """Where a thread is that takes one of the actions next."""
        if not actions:
            return Place(At.OUTSIDE, False, 0)
        first = actions[0]
        at = PLACES.get((first.function, first.label)) or PLACES.get((first.function, ""), At.OUTSIDE)
        slow = at in READS and any(routine == "get_user_pages" for routine, _ in first.stack)
        changed = {self.system.cells[cell].name for action in actions for cell, _ in action.updates}
        pages = [page for page in range(self.pages) if f"mm.pte[child,{page}]?" in changed]
        return Place(at, slow, pages[0] if pages else 0)
