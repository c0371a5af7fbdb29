"""A counterexample or a witness of reachability: its steps, what each changed, and the string that replays it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.language.picture import Picture


@dataclass(frozen=True)
class TakenBranch:
    """A branch taken in a step: the condition's source text, file, line, routine, and which way it went."""

    text: str
    line: int
    outcome: bool
    file: str = ""
    function: str = ""


@dataclass(frozen=True)
class Step:
    """One action of the run.

    `actor`: its lane. `label`: the step's. `function`, `kernel`: the routine that holds it and the kernel function it
    mirrors ("" for none). `stack`: the routines entered, outermost first, as (name, kernel reference). `call_depth`:
    their number. `choices`: (name, value). `schedule`: this step in the schedule string.
    `changes`: variable -> (before, after), as text. `failure`: what went wrong in it ("" for nothing).
    """

    actor: str
    label: str
    function: str
    kernel: str
    stack: tuple[tuple[str, str], ...]
    file: str
    line: int
    branches: tuple[TakenBranch, ...]
    choices: tuple[tuple[str, str], ...]
    schedule: str
    changes: dict[str, tuple[str, str]]
    failure: str = ""

    @property
    def call_depth(self) -> int:
        return len(self.stack)


@dataclass(frozen=True)
class Trace:
    """A run from an initial state.

    `claim`: the property it is about. `violated`: True for a counterexample, False for a witness of `reachable`.
    `harm`: one clause for the last line. `initial`: variable -> value as text. `states`: the same, after each step.
    `pictures`: per part that draws itself, its pictures, the initial one first; empty where no part does.
    `reproduce`: the command that replays it.
    """

    model: str
    claim: str  # the name of the property
    violated: bool
    harm: str
    steps: tuple[Step, ...]
    initial: dict[str, str]
    states: tuple[dict[str, str], ...] = ()
    pictures: tuple[tuple[Picture, ...], ...] = ()
    actors: tuple[str, ...] = ()  # in declaration order, those that act
    reproduce: str = ""
    note: str = ""

    @property
    def schedule(self) -> str:
        """The string that replays it: steps joined by "/", repetitions of one step abbreviated as ``parent*3``."""
        return compress([s.schedule for s in self.steps])

    @property
    def switches(self) -> int:
        """Context switches: neighbouring steps of different actors."""
        return sum(a.actor != b.actor for a, b in zip(self.steps, self.steps[1:], strict=False))

    def to_json(self) -> dict[str, Any]:
        """The `trace` object of the JSON answer."""
        return {
            "schedule": self.schedule,
            "switches": self.switches,
            "steps": [
                {
                    "actor": s.actor,
                    "label": s.label,
                    "function": s.function,
                    "kernel": s.kernel,
                    "call_depth": s.call_depth,
                    "file": s.file,
                    "line": s.line,
                    "branches": [{"text": b.text, "line": b.line, "outcome": b.outcome} for b in s.branches],
                    "changes": {k: list(v) for k, v in s.changes.items()},
                }
                for s in self.steps
            ],
        }


def compress(texts: list[str]) -> str:
    """Steps joined by "/", repetitions of one step abbreviated as ``parent*3``."""
    out: list[str] = []
    i = 0
    while i < len(texts):
        n = 1
        while i + n < len(texts) and texts[i + n] == texts[i]:
            n += 1
        out.append(f"{texts[i]}*{n}" if n > 1 else texts[i])
        i += n
    return "/".join(out)
