"""The whole idea in small: run every interleaving of a few threads, and show a shortest one that does harm.

`python3 docs/toy_explorer.py` needs Python and nothing else. Some 120 lines of code, half of them three models. From top to
bottom: what a model is, how all its runs are explored, how one is drawn; then what the real tool does otherwise, and why.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any, NamedTuple

# ---- A model: variables, threads, and a promise.
#
# A thread is a coroutine. It says `await step(label, condition)` where other threads may run before it goes on, which it
# does once the condition is true. From there to its next step it is alone: that much is atomic. In one thread each step
# has its own label, and only the thread itself has steps, not what it calls: so label and locals say where it is.

Step = tuple[str, Callable[[], bool]]
Thread = Coroutine[Step, None, None]


@types.coroutine
def step(label: str, when: Callable[[], bool] = lambda: True) -> Generator[Step, None, None]:
    yield label, when


class Model(NamedTuple):
    state: dict[str, Any]  # the variables that the threads share
    threads: dict[str, Thread]
    promise: Callable[[], bool]  # what is true in every state, unless something is wrong


def lost_update() -> Model:
    """Two CPUs add one to a counter: read, then write."""
    s = {"counter": 0, "done": 0}

    async def increment() -> None:
        await step("read")
        seen = s["counter"]
        await step("write")
        s["counter"] = seen + 1
        s["done"] += 1

    return Model(s, {"cpu0": increment(), "cpu1": increment()}, lambda: s["done"] < 2 or s["counter"] == 2)


def peterson(turns: bool = True) -> Model:
    """Two processes enter and leave for ever, one at a time. Without turns each can wait for the other."""
    s: dict[str, Any] = {"wants": [False, False], "inside": [False, False], "turn": 0}

    async def process(me: int) -> None:
        while True:
            await step("raise flag")
            s["wants"][me] = True
            await step("give way")
            s["turn"] = 1 - me
            await step("enter", when=lambda: not s["wants"][1 - me] or (turns and s["turn"] == me))
            s["inside"][me] = True
            await step("leave")
            s["inside"][me] = s["wants"][me] = False

    return Model(s, {"process0": process(0), "process1": process(1)}, lambda: not all(s["inside"]))


def gup_fast_fork(seqcount: bool = False) -> Model:
    """A thread forks, then stores to a page; another pins the page for a device. The seqcount is the fix, 57efa1fe5957."""
    s: dict[str, Any] = {"pte": (0, True), "pins": 0, "seq": 0, "device": None}  # pte: which frame, and is it writable

    async def fork() -> None:
        await step("raw_write_seqcount_begin()")
        s["seq"] += seqcount
        await step("page_maybe_dma_pinned()")
        if s["pins"] == 0:  # parent and child will share the page; if it is pinned, the child gets a copy at once
            await step("ptep_set_wrprotect()")
            s["pte"] = (0, False)
        await step("raw_write_seqcount_end()")
        s["seq"] += seqcount
        await step("do_wp_page()")
        if not s["pte"][1]:  # it is shared: the parent moves to a copy
            s["pte"] = (1, True)

    async def gup_fast() -> None:
        await step("read_seqcount_begin()")
        seq = s["seq"]
        await step("pte_access_permitted()")
        pte = s["pte"]
        if seq % 2 == 1 or not pte[1]:  # a fork is going on, or the page is shared: not here
            return
        await step("try_grab_page()")
        s["pins"] += 1
        await step("pte_same(), read_seqcount_retry()")
        if (s["pte"], s["seq"]) == (pte, seq):
            s["device"] = pte[0]
        else:
            s["pins"] -= 1

    return Model(s, {"fork": fork(), "gup": gup_fast()}, lambda: s["device"] in (None, s["pte"][0]))


# ---- Exploring it.
#
# A run is its schedule: which thread takes a step, again and again. CPython can't copy a coroutine, so to be in a state
# is to start a new model and run a schedule that leads there.

Build = Callable[[], Model]
Schedule = tuple[str, ...]


class Run:
    """The state that a schedule leads to."""

    def __init__(self, build: Build, schedule: Schedule) -> None:
        self.model = build()
        self.at: dict[str, Step] = {}  # the step that each thread has before it, unless it has returned
        for name in (*self.model.threads, *schedule):  # first every thread goes to its first step
            try:
                self.at[name] = self.model.threads[name].send(None)
            except StopIteration:
                del self.at[name]

    def able(self) -> list[str]:
        return [name for name, (_, when) in self.at.items() if when()]

    def key(self) -> str:
        """All that what comes next depends on: the variables, and of each thread its place and its locals."""
        places = [(name, self.at[name][0], inspect.getcoroutinelocals(self.model.threads[name])) for name in self.at]
        return repr((self.model.state, places))


class Answer(NamedTuple):
    states: list[Schedule]  # of each state, a shortest schedule that leads to it; the nearest first
    transitions: int
    broken: dict[str, Schedule]  # the promise, or deadlock freedom: how it is broken in the fewest steps


def explore(build: Build) -> Answer:
    """Breadth first: all states that are one step away, then two, and so on. Nothing is nearer than what is met first."""
    states: list[Schedule] = [()]
    seen = {Run(build, ()).key()}
    transitions = 0
    broken: dict[str, Schedule] = {}
    for schedule in states:  # it grows while we walk along it, and ends: there are only so many states
        run = Run(build, schedule)
        if not run.model.promise():
            broken.setdefault("promise", schedule)
        if run.at and not run.able():
            broken.setdefault("deadlock freedom", schedule)
        for name in run.able():
            transitions += 1
            key = Run(build, (*schedule, name)).key()
            if key not in seen:  # else another schedule led here, and what comes after is known from there
                seen.add(key)
                states.append((*schedule, name))
    return Answer(states, transitions, broken)


def lanes(build: Build, schedule: Schedule) -> str:
    """A run as commit messages draw it: a lane for each thread, time goes down, under a step what it changed."""
    before = Run(build, ())
    names = list(before.model.threads)
    lines = ["".join(f"{name:<38}" for name in names)]
    for done, name in enumerate(schedule, 1):
        after = Run(build, schedule[:done])
        lane = " " * 38 * names.index(name)
        lines.append(lane + before.at[name][0])
        for variable, value in after.model.state.items():
            if value != before.model.state[variable]:
                lines.append(f"{lane}  {variable}: {before.model.state[variable]} -> {value}")
        before = after
    return "\n".join(line.rstrip() for line in lines)


MODELS: dict[str, Build] = {
    "lost_update": lost_update,
    "peterson": peterson,
    "peterson(turns=False)": lambda: peterson(turns=False),
    "gup_fast_fork": gup_fast_fork,
    "gup_fast_fork(seqcount=True)": lambda: gup_fast_fork(seqcount=True),
}

if __name__ == "__main__":
    for title, build in MODELS.items():
        answer = explore(build)
        print(f"{title}: {len(answer.states)} states, {answer.transitions} transitions, depth {len(answer.states[-1])}")
        for what, schedule in answer.broken.items():
            print(f"\nbreaks its {what} in {len(schedule)} steps\n\n{lanes(build, schedule)}\n")

# ---- What the real tool does otherwise, and why.
#
# These models have the same states, steps and verdicts in both: tests/documents/test_toy_explorer.py compares them. But:
#
# - Here each transition runs its whole schedule again, in CPython: some ten thousand a second, fewer the longer they get.
#   There the source of the steps is read once (explorer/lowering), and each path through a step becomes one guarded action
#   on integers. A state is a row of small numbers, and the actions are machine code (explorer/search): millions a second.
# - Such a translation can be wrong, and no search of what it made would notice. So re-execution is still there, as the
#   judge (explorer/witness): what is shown has been replayed by CPython, every variable compared after every step.
# - Here a variable may have any value, and a model that counts for ever is explored for ever. There each has a finite
#   sort, and leaving it is an error of the model.
# - Here every local is part of the state. There one that no later step reads is not; page frames that are alike are
#   exchanged for one another; a thread may call routines that have steps of their own, and choose between values.
# - A promise also holds where nothing ever happens. There a model names what must be reachable, and code that never ran is
#   listed. Promises may be about what comes in the end (`eventually`), too.
# - Of the shortest runs the real one shows a run with the fewest context switches.
# - The real one knows the kernel: page tables, fork, GUP and devices by the rules of each release since v4.15 (models/linux).
