"""Fork beside GUP-fast and page faults, for any number of processes, threads, pages and frames.

The steps are those of `models/linux/fork.py`, `gup.py`, `faults.py` and `unmap.py`, which `gup_fast_fork` and `rdma_fork`
run with two processes. There are only relations between elements, no counters: a reference count is the set of who holds a
reference, and what the kernel asks of it ("is it 0", "is it pinned") is asked of the set. What the kernel decides by
something else than that may come out either way here.

| kernel | here | abstracted away |
|---|---|---|
| page table | `entry`, `writable` | swap and migration entries; dirty and young |
| refcount, mapcount, pins of a frame | who maps it, holds it, or is working on it | their values |
| pages[] of a caller of GUP | `held`, one for each thread | FOLL_GET; pins for reading |
| mmap_lock | `at`: who is in fork, in a fault or in slow GUP | waiting |
| write_protect_seq | odd: somebody is in copy_page_range(); `changed`: not what GUP-fast has read | its value, so its overflow |
| stores, DMA, what a page holds, TLBs | absent | all |
| which pages fork copies, in which order | any, some of them twice | VM_DONTCOPY, VM_WIPEONFORK are among them |
| which write-protected or absent page a fault is about | found when the fault acts | |
| page_count() in try_grab_page() and do_wp_page() | a free frame may be grabbed; any page may be copied | |

Sources: commits 57efa1fe5957 (v5.11, v5.10.7), 70e806e4e645 and f3c64eda3e50 (v5.9); Linux v5.10.7 mm/gup.c, mm/memory.c.
"""

from __future__ import annotations

from enum import Enum

from explorer.symbolic.relational.formulas import (
    FALSE,
    TRUE,
    Formula,
    Function,
    Relation,
    Sort,
    Term,
    forall,
    named_formula,
)
from explorer.symbolic.relational.system import RelationalSystem, Step


class At(Enum):
    """Where a thread is. OUTSIDE: in user space, or waiting for mmap_lock."""

    OUTSIDE = "outside"
    FORK_COPY = "copy_pte_range(), before the next page"
    FORK_SHARE = "copy_present_pte(), about to share a page"
    FORK_EARLY_COPY = "copy_present_page(), copying"
    FORK_FLUSH = "dup_mmap(), after copy_page_range()"
    FAST_BEGIN = "internal_get_user_pages_fast(), before it reads write_protect_seq"
    FAST_WALK = "lockless_pages_from_mm(), before the next page"
    FAST_READ = "gup_pte_range(), has read the entry"
    FAST_GRABBED = "gup_pte_range(), has grabbed the page"
    SLOW = "__get_user_pages(), before the next page"
    WRITE_FAULT = "do_wp_page(), before the page table lock"
    COPY_BEGIN = "wp_page_copy(), before alloc_page()"
    COPY = "wp_page_copy(), copying"
    ABSENT_FAULT = "do_anonymous_page(), before the page table lock"


class Life(Enum):
    """What becomes of an mm. FORKED: fork has made it, and its threads do not run yet."""

    UNBORN = "unborn"
    FORKED = "forked"
    RUNNING = "running"
    EXITED = "exited"


FORK_WRITES = (At.FORK_COPY, At.FORK_SHARE, At.FORK_EARLY_COPY)
FORK = (*FORK_WRITES, At.FORK_FLUSH)
FAULT = (At.WRITE_FAULT, At.COPY_BEGIN, At.COPY, At.ABSENT_FAULT)
READS = (At.SLOW, *FAULT)
WALK = (At.FAST_WALK, At.FAST_READ, At.FAST_GRABBED)

process, thread, page, frame = Sort("process"), Sort("thread"), Sort("page"), Sort("frame")
mm = Function("mm", thread, process)
life = Function("life", process, Life)
at = Function("at", thread, At)
entry = Relation("entry", (process, page, frame))  # the page table names the frame
writable = Relation("writable", (process, page))
has_pinned = Relation("has_pinned", (process,))
child = Relation("child", (thread, process))  # of the fork that the thread is in
sharing = Relation("sharing", (thread, page))  # what fork is about to share
grabbing = Relation("grabbing", (thread, frame))  # what GUP-fast has read from the entry
pinning = Relation("pinning", (thread,))  # in slow GUP
changed = Relation("changed", (thread,))  # write_protect_seq is no longer what GUP-fast has read
held = Relation("held", (thread, page, frame))  # pages[] of the thread: FOLL_PIN
copied_from = Relation("copied_from", (thread, frame))  # the reference that do_wp_page() takes on the old page
new = Relation("new", (thread, frame))  # allocated, not in a page table yet

t_, p_, v_ = thread.variable("t'"), process.variable("p'"), page.variable("v'")


@named_formula
def in_fork(t: Term) -> Formula:
    """The thread is in dup_mmap(), with mmap_lock for writing."""
    return at(t).among(*FORK)


@named_formula
def copies_page_tables(t: Term) -> Formula:
    """The thread is in copy_page_range(): the write_protect_seq of its process is odd."""
    return at(t).among(*FORK_WRITES)


@named_formula
def in_fault_or_slow_gup(t: Term) -> Formula:
    """The thread has mmap_lock for reading."""
    return at(t).among(*READS)


@named_formula
def walks(t: Term) -> Formula:
    """The thread is in GUP-fast, and has not looked at write_protect_seq again."""
    return at(t).among(*WALK)


@named_formula
def in_gup_fast(t: Term) -> Formula:
    """The thread is in GUP-fast."""
    return (at(t) == At.FAST_BEGIN) | walks(t)


@named_formula
def nobody_forks(p: Term) -> Formula:
    """Nobody has the mmap_lock of the process for writing."""
    return forall((t_,), ~(in_fork(t_) & (mm(t_) == p)))


@named_formula
def is_unpinned(f: Term) -> Formula:
    """Nobody has the frame as FOLL_PIN: page_maybe_dma_pinned() may be false."""
    return forall((t_, v_), ~held(t_, v_, f)) & forall((t_,), ~((at(t_) == At.FAST_GRABBED) & grabbing(t_, f)))


@named_formula
def is_free(f: Term) -> Formula:
    """The refcount of the frame is 0."""
    unmapped = forall((p_, v_), ~entry(p_, v_, f))
    return unmapped & forall((t_,), ~new(t_, f) & ~copied_from(t_, f)) & is_unpinned(f)


@named_formula
def maps_alone(p: Term, v: Term, f: Term) -> Formula:
    """The frame is mapped there, and its page_mapcount() is 1."""
    return entry(p, v, f) & forall((p_, v_), entry(p_, v_, f).implies((p_ == p) & (v_ == v)))


@named_formula
def after_fault(t: Term, to: Term) -> Formula:
    """Where the thread is when its fault ends: in slow GUP, or outside."""
    return (pinning(t) & (to == At.SLOW)) | (~pinning(t) & (to == At.OUTSIDE))


def fork_any_size(*, early_copy: bool = True, write_protect_seq: bool = True) -> RelationalSystem:
    """Pinned pages stay: fork with early copy, GUP-fast with write_protect_seq, any number of everything.

    Parameters:
        early_copy: fork copies a page that may be pinned (from v5.9); off: it shares every page
        write_protect_seq: GUP-fast gives up if fork was at work meanwhile (from v5.11)
    """
    symbols = (mm, life, at, entry, writable, has_pinned, child, sharing, grabbing, pinning, held, copied_from, new)
    system = RelationalSystem(
        "fork_any_size",
        (process, thread, page, frame),
        (*symbols, changed) if write_protect_seq else symbols,
        {"early_copy": early_copy, "write_protect_seq": write_protect_seq},
    )
    start(system)
    fork(system, early_copy, write_protect_seq)
    gup_fast(system, write_protect_seq)
    gup_slow(system)
    faults(system)
    ends(system)
    properties(system)
    lemmas(system, write_protect_seq)
    return system


def start(system: RelationalSystem) -> None:
    """Any processes run, with any private pages, and nothing is going on."""

    @system.start(p=process, t=thread)
    def nothing_goes_on(p: Term, t: Term) -> Formula:
        """Every thread is outside, and a process runs or is unborn."""
        return (at(t) == At.OUTSIDE) & life(p).among(Life.UNBORN, Life.RUNNING) & ~pinning(t)

    @system.start(t=thread, v=page, f=frame, p=process)
    def nothing_is_held(t: Term, v: Term, f: Term, p: Term) -> Formula:
        """Nobody has a reference but page tables."""
        return ~held(t, v, f) & ~copied_from(t, f) & ~new(t, f) & ~grabbing(t, f) & ~child(t, p) & ~sharing(t, v)

    @system.start(p=process, v=page, f=frame, q=process, w=page)
    def pages_are_private(p: Term, v: Term, f: Term, q: Term, w: Term) -> Formula:
        """No frame is mapped twice."""
        return (entry(p, v, f) & entry(q, w, f)).implies((p == q) & (v == w))

    @system.start(p=process, v=page, f=frame, g=frame)
    def tables_are_of_processes(p: Term, v: Term, f: Term, g: Term) -> Formula:
        """Only running processes have entries; an entry names one frame."""
        return entry(p, v, f).implies((life(p) == Life.RUNNING) & (entry(p, v, g).implies(f == g)))


def fork(system: RelationalSystem, early_copy: bool, write_protect_seq: bool) -> None:
    """kernel/fork.c:dup_mmap() and what it calls."""

    @system.action(t=thread, c=process, to=At)
    def dup_mmap(t: Term, c: Term, to: Term) -> Step:
        """kernel/fork.c:dup_mmap(): takes mmap_lock for writing; the first half of write_protect_seq. `c` is the child."""
        u = thread.variable("u")
        bumped = changed.added_where((u,), (mm(u) == mm(t)) & walks(u))
        return Step(
            when=(
                at(t) == At.OUTSIDE,
                life(mm(t)) == Life.RUNNING,
                life(c) == Life.UNBORN,
                nobody_forks(mm(t)),
                forall((t_,), ~((mm(t_) == mm(t)) & in_fault_or_slow_gup(t_))),
                to.among(At.FORK_COPY, At.FORK_FLUSH),
            ),
            then=(
                at.becomes(t, to),
                life.becomes(c, Life.FORKED),
                child.replaced(t, by=(c,)),
                *((bumped,) if write_protect_seq else ()),
            ),
        )

    if early_copy:

        @system.action(t=thread, v=page, f=frame)
        def copy_present_pte(t: Term, v: Term, f: Term) -> Step:
            """mm/memory.c:copy_present_pte(): finds the page not pinned, and decides to share it."""
            return Step(
                when=(at(t) == At.FORK_COPY, entry(mm(t), v, f), ~has_pinned(mm(t)) | is_unpinned(f)),
                then=(at.becomes(t, At.FORK_SHARE), sharing.replaced(t, by=(v,))),
            )

        @system.action(t=thread, f=frame)
        def copy_present_page(t: Term, f: Term) -> Step:
            """mm/memory.c:copy_present_page(): finds a page that may be pinned, and allocates a frame for the child's."""
            return Step(
                when=(at(t) == At.FORK_COPY, is_free(f)),
                then=(at.becomes(t, At.FORK_EARLY_COPY), new.replaced(t, by=(f,))),
            )

        @system.action(t=thread, c=process, v=page, f=frame, to=At)
        def copy_present_page_ends(t: Term, c: Term, v: Term, f: Term, to: Term) -> Step:
            """mm/memory.c:copy_present_page(): the child's entry names the copy; the parent's has not changed."""
            return Step(
                when=(
                    at(t) == At.FORK_EARLY_COPY,
                    child(t, c),
                    new(t, f),
                    to.among(At.FORK_COPY, At.FORK_FLUSH),
                ),
                then=(
                    at.becomes(t, to),
                    new.cleared(t),
                    entry.replaced(c, v, by=(f,)),
                    writable.replaced(c, v),
                ),
            )

    else:

        @system.action(t=thread, v=page, f=frame)
        def copy_one_pte(t: Term, v: Term, f: Term) -> Step:
            """mm/memory.c:copy_one_pte(): write-protects the parent's entry, whether the page is pinned or not."""
            return Step(
                when=(at(t) == At.FORK_COPY, entry(mm(t), v, f)),
                then=(at.becomes(t, At.FORK_SHARE), sharing.replaced(t, by=(v,)), writable.cleared(mm(t), v)),
            )

    @system.action(t=thread, c=process, v=page, f=frame, to=At)
    def share_page(t: Term, c: Term, v: Term, f: Term, to: Term) -> Step:
        """mm/memory.c:copy_present_pte(): write-protects the parent's entry and gives the child the same."""
        return Step(
            when=(
                at(t) == At.FORK_SHARE,
                sharing(t, v),
                child(t, c),
                entry(mm(t), v, f),
                to.among(At.FORK_COPY, At.FORK_FLUSH),
            ),
            then=(
                at.becomes(t, to),
                sharing.cleared(t),
                entry.replaced(c, v, by=(f,)),
                writable.cleared(mm(t), v).cleared(c, v),
            ),
        )

    @system.action(t=thread, c=process)
    def dup_mmap_ends(t: Term, c: Term) -> Step:
        """kernel/fork.c:dup_mmap(): flushes, gives mmap_lock back, and the child runs."""
        return Step(
            when=(at(t) == At.FORK_FLUSH, child(t, c)),
            then=(at.becomes(t, At.OUTSIDE), child.cleared(t), life.becomes(c, Life.RUNNING)),
        )


def gup_fast(system: RelationalSystem, write_protect_seq: bool) -> None:
    """mm/gup.c:internal_get_user_pages_fast() and what it calls, for writing."""
    ends = (At.OUTSIDE,)

    @system.action(t=thread)
    def internal_get_user_pages_fast(t: Term) -> Step:
        """mm/gup.c:internal_get_user_pages_fast(): sets has_pinned."""
        return Step(
            when=(at(t) == At.OUTSIDE, life(mm(t)) == Life.RUNNING),
            then=(
                at.becomes(t, At.FAST_BEGIN if write_protect_seq else At.FAST_WALK),
                has_pinned.replaced(mm(t)),
            ),
        )

    if write_protect_seq:

        @system.action(t=thread)
        def raw_read_seqcount(t: Term) -> Step:
            """mm/gup.c:lockless_pages_from_mm(): write_protect_seq is even."""
            return Step(
                when=(
                    at(t) == At.FAST_BEGIN,
                    forall((t_,), ~((mm(t_) == mm(t)) & copies_page_tables(t_))),
                ),
                then=(at.becomes(t, At.FAST_WALK),),
            )

        @system.action(t=thread)
        def raw_read_seqcount_odd(t: Term) -> Step:
            """mm/gup.c:lockless_pages_from_mm(): write_protect_seq is odd; slow GUP is left."""
            return Step(when=(at(t) == At.FAST_BEGIN,), then=(at.becomes(t, At.OUTSIDE),))

    @system.action(t=thread, v=page, f=frame)
    def gup_pte_range(t: Term, v: Term, f: Term) -> Step:
        """mm/gup.c:gup_pte_range(): reads a writable entry."""
        return Step(
            when=(at(t) == At.FAST_WALK, entry(mm(t), v, f), writable(mm(t), v)),
            then=(at.becomes(t, At.FAST_READ), grabbing.replaced(t, by=(f,))),
        )

    @system.action(t=thread)
    def try_grab_page(t: Term) -> Step:
        """mm/gup.c:try_grab_page(): grabs what the entry named."""
        return Step(when=(at(t) == At.FAST_READ,), then=(at.becomes(t, At.FAST_GRABBED),))

    @system.action(t=thread, v=page, f=frame, to=At)
    def pte_is_same(t: Term, v: Term, f: Term, to: Term) -> Step:
        """mm/gup.c:gup_pte_range(): reads the entry again, which has not changed: the page is the caller's."""
        return Step(
            when=(
                at(t) == At.FAST_GRABBED,
                grabbing(t, f),
                entry(mm(t), v, f),
                writable(mm(t), v),
                to.among(At.FAST_WALK, *(() if write_protect_seq else ends)),
            ),
            then=(at.becomes(t, to), grabbing.cleared(t), held.replaced(t, v, by=(f,))),
        )

    @system.action(t=thread, to=At)
    def gup_pte_range_gives_up(t: Term, to: Term) -> Step:
        """mm/gup.c:gup_pte_range(): leaves the page to slow GUP, and releases what it has grabbed of it."""
        return Step(
            when=(walks(t), to.among(At.FAST_WALK, *(() if write_protect_seq else ends))),
            then=(at.becomes(t, to), grabbing.cleared(t)),
        )

    if write_protect_seq:

        @system.action(t=thread)
        def read_seqcount_retry(t: Term) -> Step:
            """mm/gup.c:lockless_pages_from_mm(): write_protect_seq has not changed: returns, or leaves the rest to slow GUP."""
            return Step(when=(at(t) == At.FAST_WALK, ~changed(t)), then=(at.becomes(t, At.OUTSIDE),))

        @system.action(t=thread)
        def read_seqcount_retry_unpins(t: Term) -> Step:
            """mm/gup.c:lockless_pages_from_mm(): write_protect_seq has changed: releases all, and slow GUP is left."""
            return Step(
                when=(at(t) == At.FAST_WALK, changed(t)),
                then=(at.becomes(t, At.OUTSIDE), held.cleared(t), changed.cleared(t)),
            )


def gup_slow(system: RelationalSystem) -> None:
    """mm/gup.c:__get_user_pages(), for writing."""

    @system.action(t=thread)
    def get_user_pages(t: Term) -> Step:
        """mm/gup.c:__get_user_pages(): takes mmap_lock for reading, and sets has_pinned."""
        return Step(
            when=(at(t) == At.OUTSIDE, life(mm(t)) == Life.RUNNING, nobody_forks(mm(t))),
            then=(at.becomes(t, At.SLOW), pinning.replaced(t), has_pinned.replaced(mm(t))),
        )

    @system.action(t=thread, v=page, f=frame)
    def follow_page_mask(t: Term, v: Term, f: Term) -> Step:
        """mm/gup.c:follow_page_mask(): finds a writable entry, and grabs the page."""
        return Step(
            when=(at(t) == At.SLOW, entry(mm(t), v, f), writable(mm(t), v)),
            then=(held.replaced(t, v, by=(f,)),),
        )

    @system.action(t=thread, v=page, f=frame)
    def follow_last_page(t: Term, v: Term, f: Term) -> Step:
        """mm/gup.c:follow_page_mask(): the same for the last page, and mmap_lock is given back."""
        return Step(
            when=(at(t) == At.SLOW, entry(mm(t), v, f), writable(mm(t), v)),
            then=(at.becomes(t, At.OUTSIDE), pinning.cleared(t), held.replaced(t, v, by=(f,))),
        )


def faults(system: RelationalSystem) -> None:
    """mm/memory.c:handle_pte_fault() and what it calls: of a thread's own access, and of slow GUP."""

    @system.action(t=thread, to=At)
    def handle_mm_fault(t: Term, to: Term) -> Step:
        """mm/memory.c:handle_mm_fault(): takes mmap_lock for reading, or has it, and looks at the entry."""
        access = (at(t) == At.OUTSIDE) & (life(mm(t)) == Life.RUNNING) & nobody_forks(mm(t))
        return Step(
            when=((at(t) == At.SLOW) | access, to.among(At.WRITE_FAULT, At.ABSENT_FAULT)),
            then=(at.becomes(t, to),),
        )

    @system.action(t=thread, v=page, f=frame, to=At)
    def do_anonymous_page(t: Term, v: Term, f: Term, to: Term) -> Step:
        """mm/memory.c:do_anonymous_page(): maps a new frame where nothing is mapped."""
        g_ = frame.variable("f'")
        return Step(
            when=(
                at(t) == At.ABSENT_FAULT,
                forall((g_,), ~entry(mm(t), v, g_)),
                is_free(f),
                after_fault(t, to),
            ),
            then=(at.becomes(t, to), entry.replaced(mm(t), v, by=(f,)), writable.replaced(mm(t), v)),
        )

    @system.action(t=thread, v=page, f=frame, to=At)
    def wp_page_reuse(t: Term, v: Term, f: Term, to: Term) -> Step:
        """mm/memory.c:do_wp_page(): nobody else maps the page: its entry becomes writable."""
        return Step(
            when=(at(t) == At.WRITE_FAULT, maps_alone(mm(t), v, f), after_fault(t, to)),
            then=(at.becomes(t, to), writable.replaced(mm(t), v)),
        )

    @system.action(t=thread, v=page, f=frame)
    def do_wp_page(t: Term, v: Term, f: Term) -> Step:
        """mm/memory.c:do_wp_page(): decides to copy the page, and takes a reference on it."""
        return Step(
            when=(at(t) == At.WRITE_FAULT, entry(mm(t), v, f), ~writable(mm(t), v)),
            then=(at.becomes(t, At.COPY_BEGIN), copied_from.replaced(t, by=(f,))),
        )

    @system.action(t=thread, f=frame)
    def wp_page_copy(t: Term, f: Term) -> Step:
        """mm/memory.c:wp_page_copy(): allocates a frame, to which the page is copied."""
        return Step(
            when=(at(t) == At.COPY_BEGIN, is_free(f)),
            then=(at.becomes(t, At.COPY), new.replaced(t, by=(f,))),
        )

    @system.action(t=thread, v=page, f=frame, g=frame, to=At)
    def wp_page_copy_installs(t: Term, v: Term, f: Term, g: Term, to: Term) -> Step:
        """mm/memory.c:wp_page_copy(): the entry still names the old page, write-protected: now it names the copy."""
        return Step(
            when=(
                at(t) == At.COPY,
                copied_from(t, f),
                new(t, g),
                entry(mm(t), v, f),
                ~writable(mm(t), v),
                after_fault(t, to),
            ),
            then=(
                at.becomes(t, to),
                copied_from.cleared(t),
                new.cleared(t),
                entry.replaced(mm(t), v, by=(g,)),
                writable.replaced(mm(t), v),
            ),
        )

    @system.action(t=thread, to=At)
    def fault_gives_up(t: Term, to: Term) -> Step:
        """mm/memory.c:pte_same(): the entry has changed: the fault ends, and what it has allocated is free again."""
        return Step(
            when=(at(t).among(*FAULT), after_fault(t, to)),
            then=(at.becomes(t, to), copied_from.cleared(t), new.cleared(t)),
        )


def ends(system: RelationalSystem) -> None:
    """What gives pages back."""

    @system.action(t=thread)
    def unpin_user_pages(t: Term) -> Step:
        """mm/gup.c:unpin_user_pages(): the caller is done with its pages."""
        return Step(when=(at(t) == At.OUTSIDE,), then=(held.cleared(t),))

    @system.action(p=process)
    def exit_mm(p: Term) -> Step:
        """kernel/exit.c:exit_mm(): the process has no pages any more; what its threads have pinned stays pinned."""
        return Step(
            when=(life(p) == Life.RUNNING, forall((t_,), (mm(t_) == p).implies(at(t_) == At.OUTSIDE))),
            then=(life.becomes(p, Life.EXITED), entry.cleared(p), writable.cleared(p)),
        )


def properties(system: RelationalSystem) -> None:
    """What is proved."""

    @system.property(t=thread, v=page, f=frame, g=frame)
    def pinned_page_stays(t: Term, v: Term, f: Term, g: Term) -> Formula:
        """A page that GUP gave to a thread stays the page its process maps, or the process maps none there."""
        return (held(t, v, f) & ~in_gup_fast(t) & entry(mm(t), v, g)).implies(f == g)

    @system.property(t=thread, v=page, f=frame, p=process, w=page)
    def pinned_page_is_private(t: Term, v: Term, f: Term, p: Term, w: Term) -> Formula:
        """A page that GUP gave to a thread of a running process is mapped nowhere else."""
        given = held(t, v, f) & ~in_gup_fast(t) & (life(mm(t)) == Life.RUNNING)
        return (given & entry(p, w, f)).implies((p == mm(t)) & (w == v))

    @system.property(p=process, v=page, f=frame, q=process, w=page)
    def writable_page_is_private(p: Term, v: Term, f: Term, q: Term, w: Term) -> Formula:
        """A page that one entry lets a process write to is mapped by no other entry."""
        return (writable(p, v) & entry(p, v, f) & entry(q, w, f)).implies((p == q) & (v == w))


def lemmas(system: RelationalSystem, write_protect_seq: bool) -> None:
    """Why it is true."""

    def returned(t: Term) -> Formula:
        """What the thread holds was given to it: with write_protect_seq, GUP-fast first has to look at it again."""
        return ~walks(t) if write_protect_seq else TRUE

    def has_changed(t: Term) -> Formula:
        return changed(t) if write_protect_seq else FALSE

    @system.lemma(t=thread, u=thread)
    def fork_is_alone(t: Term, u: Term) -> Formula:
        """While a thread is in fork, no other thread of its process is in fork, in a fault or in slow GUP."""
        other = (mm(u) == mm(t)) & (t != u)
        return (in_fork(t) & other).implies(~in_fork(u) & ~in_fault_or_slow_gup(u))

    @system.lemma(t=thread)
    def only_running_threads_act(t: Term) -> Formula:
        """A thread that is in the kernel is of a running process."""
        return (at(t) == At.OUTSIDE) | (life(mm(t)) == Life.RUNNING)

    @system.lemma(t=thread, u=thread, c=process)
    def child_is_of_one_fork(t: Term, u: Term, c: Term) -> Formula:
        """The child of a fork does not run yet, and is the child of no other fork."""
        return child(t, c).implies(in_fork(t) & (life(c) == Life.FORKED) & (child(u, c).implies(t == u)))

    @system.lemma(p=process, v=page, f=frame)
    def only_living_processes_map(p: Term, v: Term, f: Term) -> Formula:
        """An entry is of a process that runs, or is being made by fork."""
        return entry(p, v, f).implies(life(p).among(Life.FORKED, Life.RUNNING))

    @system.lemma(p=process, v=page, f=frame, g=frame)
    def entry_names_one_frame(p: Term, v: Term, f: Term, g: Term) -> Formula:
        """An entry names one frame."""
        return (entry(p, v, f) & entry(p, v, g)).implies(f == g)

    @system.lemma(t=thread, v=page, f=frame)
    def holders_have_run(t: Term, v: Term, f: Term) -> Formula:
        """Who holds a page is of a process that runs or has run."""
        return held(t, v, f).implies(life(mm(t)).among(Life.RUNNING, Life.EXITED))

    @system.lemma(t=thread)
    def pinning_is_slow(t: Term) -> Formula:
        """Slow GUP is between its pages or in a fault, and nobody else is between its pages."""
        inside = in_fault_or_slow_gup(t)
        return pinning(t).implies(inside) & ((at(t) == At.SLOW).implies(pinning(t)))

    @system.lemma(p=process, v=page, f=frame, q=process, w=page)
    def writable_is_private(p: Term, v: Term, f: Term, q: Term, w: Term) -> Formula:
        """A page that one entry lets a process write to is mapped by no other entry."""
        return (writable(p, v) & entry(p, v, f) & entry(q, w, f)).implies((p == q) & (v == w))

    @system.lemma(t=thread, u=thread, f=frame, p=process, v=page)
    def new_frame_is_unused(t: Term, u: Term, f: Term, p: Term, v: Term) -> Formula:
        """A frame that was allocated for a copy is in no page table, and was allocated once."""
        return new(t, f).implies(~entry(p, v, f) & (new(u, f).implies(t == u)))

    @system.lemma(t=thread)
    def fork_tests_for_pins(t: Term) -> Formula:
        """Whoever is in GUP has set has_pinned, so that fork looks for pins."""
        return (in_gup_fast(t) | pinning(t)).implies(has_pinned(mm(t)))

    @system.lemma(t=thread, v=page, f=frame)
    def pins_are_announced(t: Term, v: Term, f: Term) -> Formula:
        """has_pinned is set for the process of whoever holds a page."""
        return held(t, v, f).implies(has_pinned(mm(t)))

    @system.lemma(t=thread, v=page, f=frame)
    def held_page_stays_writable(t: Term, v: Term, f: Term) -> Formula:
        """A page that GUP gave to a thread is the one its process maps, writable, as long as the process runs."""
        given = held(t, v, f) & returned(t) & (life(mm(t)) == Life.RUNNING)
        return given.implies(entry(mm(t), v, f) & writable(mm(t), v))

    @system.lemma(t=thread, u=thread, v=page, f=frame)
    def shared_page_is_not_held(t: Term, u: Term, v: Term, f: Term) -> Formula:
        """While fork is about to share a page, GUP has given it to no thread of the process."""
        about = (at(t) == At.FORK_SHARE) & sharing(t, v) & (mm(u) == mm(t))
        return (about & returned(u)).implies(~held(u, v, f))

    if write_protect_seq:

        @system.lemma(t=thread, u=thread)
        def gup_fast_sees_fork(t: Term, u: Term) -> Formula:
            """While fork copies page tables, write_protect_seq is not what any GUP-fast of the process has read."""
            both = copies_page_tables(t) & (mm(u) == mm(t)) & walks(u)
            return both.implies(changed(u))

        @system.lemma(t=thread, v=page, f=frame)
        def unchanged_page_is_writable(t: Term, v: Term, f: Term) -> Formula:
            """While write_protect_seq is what GUP-fast has read, what it has taken so far is mapped, writable."""
            taken = held(t, v, f) & walks(t) & ~has_changed(t)
            return taken.implies(entry(mm(t), v, f) & writable(mm(t), v))
