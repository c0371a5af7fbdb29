"""What every search takes and gives: a task and who listens; an outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from explorer.reduction.stubborn import Stubborn
from explorer.reduction.symmetry import Symmetry
from explorer.system.assertions import ASSERTIONS
from explorer.system.form import Failure, System
from explorer.system.semantics import State

Engine = Literal["auto", "evaluator", "native"]
ENGINES: tuple[Engine, ...] = ("auto", "evaluator", "native")


@dataclass(frozen=True)
class Bounds:
    """How far to go. `depth`: levels; `states`, `seconds`: budgets; `first`: stop after the first violating level."""

    depth: int | None = None
    states: int | None = None
    seconds: float | None = None
    first: bool = False


@dataclass(frozen=True)
class Resources:
    """What the compiled search may use; the outcome does not depend on it.

    `threads`: at most so many, default all cores. `memory`: bytes that the process may take; beyond, states go to disk.
    `folder`: where levels are kept so that the search can go on after it was stopped, sealed every `every` seconds and at
    its end, together with `about`, what the caller needs to know then. `resume`: go on from what the folder holds.
    `overwrite`: search from the start although it holds something, which is then gone.
    """

    threads: int | None = None
    memory: int | None = None
    folder: Path | None = None
    every: float = 60.0
    resume: bool = False
    overwrite: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)


ALL = Resources()


@dataclass(frozen=True)
class Progress:
    """Where a search is: states found, transitions, level in progress, states waiting, seconds so far.

    `remaining`: a guess at the states still to be found, None while nobody can know.
    """

    states: int
    transitions: int
    depth: int
    queue: int
    seconds: float
    remaining: int | None = None


@dataclass(frozen=True)
class Listener:
    """Who is told how a search gets on. `progress`: how far it is, a few times a second. `found`: each property's name and run,
    as soon as the level that shows it is complete. `say`: before something takes long that will not take long again, when
    states go to disk, when another engine begins."""

    progress: Callable[[Progress], None] | None = None
    found: Callable[[str, Execution], None] | None = None
    say: Callable[[str], None] | None = None

    def show(self, name: str, path: Execution) -> None:
        """A run was found for the property of that name."""
        if self.found is not None:
            self.found(name, path)

    def tell(self, text: str) -> None:
        """The user may want to know."""
        if self.say is not None:
            self.say(text)

    def once(self) -> Listener:
        """The same, who hears of each property once, though a search begins anew."""
        told: set[str] = set()

        def first(name: str, path: Execution) -> None:
            if name not in told:
                told.add(name)
                self.show(name, path)

        return replace(self, found=first)


NOBODY = Listener()


@dataclass(frozen=True)
class Task:
    """What is to be searched. `system`: whose states; `bounds`: how far. `engine`, `resources`: the outcome does not depend on
    them. `symmetry`: one state stands for all that differ by a permutation; runs and depths are those of the search without.
    `stubborn`: only the steps that it chooses are taken; the system is the one it was made for. `large`: there are known to be
    more states than the evaluator begins with."""

    system: System
    bounds: Bounds
    engine: Engine = "auto"
    resources: Resources = ALL
    symmetry: Symmetry | None = None
    stubborn: Stubborn | None = None
    large: bool = False


@dataclass(frozen=True)
class Execution:
    """A run: its states, the initial one first, and the actions between them (the last may have no successor).

    `loop`: of a run that goes on for ever, the number of actions before those that it repeats; none left: it stops there.
    """

    states: tuple[State, ...]
    actions: tuple[int, ...]
    loop: int | None = None


@dataclass(frozen=True)
class Outcome:
    """Counts are of whole levels; `depth` is the last level checked completely.

    `stopped`: "" complete, "depth", "states", "seconds", "interrupt", "first", "error", "indexes" (a partition of the compiled
    search is full), "disk" (no room for a level). `paths`, `depths`: for each property violated or reached, and for
    "deadlock_freedom" and "assertions"; what has a depth and no path was seen just before the search was stopped.
    `fired`: action index -> how often it was taken, failures too. `blocked`: action
    index -> states in which an empty choose alone held it up. `error`: a fault of the model. `notes`: what the user should
    know about the search. `undecided`: liveness properties that a complete search has not decided, with the reason:
    "seconds", "interrupt", "disk" (the states are there, and not in memory), "memory". `goals`: of a search reduced by partial
    order, the search for each property, and for "deadlock_freedom" and "assertions"; `fired` and `blocked` are then empty.
    """

    engine: str
    states: int
    transitions: int
    depth: int
    complete: bool
    stopped: str
    seconds: float
    paths: dict[str, Execution]
    depths: dict[str, int]
    fired: dict[int, int]
    blocked: dict[int, int]
    error: Failure | None = None
    error_path: Execution | None = None
    notes: tuple[str, ...] = ()
    undecided: Mapping[str, str] = field(default_factory=dict)
    goals: Mapping[str, Outcome] = field(default_factory=dict)


def shared_run(asserted: Mapping[str, frozenset[int]], name: str, paths: Mapping[str, Execution]) -> Execution | None:
    """The run for all assertions, where it ends in the one of that name: then it is a run for it. None for what is none."""
    first = paths.get(ASSERTIONS)
    return first if first is not None and first.actions[-1] in asserted.get(name, ()) else None


Wanted = Callable[[State], bool]


@dataclass(frozen=True)
class Ends:
    """`states`: the end states, each once, those of shorter runs first. `path`: the shortest run to one that was wanted."""

    states: tuple[State, ...]
    path: Execution | None
    outcome: Outcome
