"""What every search engine takes and gives."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.semantics import State
from explorer.system import Failure


@dataclass(frozen=True)
class Bounds:
    """How far to go. `depth`: levels; `states`, `seconds`: budgets; `first`: stop after the first violating level."""

    depth: int | None = None
    states: int | None = None
    seconds: float | None = None
    first: bool = False


@dataclass(frozen=True)
class Progress:
    """Where a search is: states found, transitions, level in progress, states waiting, seconds so far."""

    states: int
    transitions: int
    depth: int
    queue: int
    seconds: float


@dataclass(frozen=True)
class Path:
    """A run: its states, the initial one first, and the actions between them (the last may have no successor)."""

    states: tuple[State, ...]
    actions: tuple[int, ...]


@dataclass(frozen=True)
class Outcome:
    """Counts are of whole levels; `depth` is the last level checked completely.

    `stopped`: "" complete, "depth", "states", "seconds", "interrupt", "first", "error", "indexes" (a partition of the compiled
    search is full). `paths`, `depths`: for each property violated or reached, and for "deadlock_freedom" and "assertions".
    `fired`: action index -> how often it was taken, failures too. `blocked`: action index -> states in which an empty choose
    alone held it up. `error`: a fault of the model.
    """

    engine: str
    states: int
    transitions: int
    depth: int
    complete: bool
    stopped: str
    seconds: float
    paths: dict[str, Path]
    depths: dict[str, int]
    fired: dict[int, int]
    blocked: dict[int, int]
    error: Failure | None = None
    error_path: Path | None = None
