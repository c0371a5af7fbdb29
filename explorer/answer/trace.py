"""A counterexample or a witness of reachability: its steps, what each changed, and the string that replays it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.language.model import Model
    from explorer.language.picture import Picture
    from explorer.language.properties import Property
    from explorer.system.form import System


@dataclass(frozen=True)
class Origin:
    """What a trace was made from, so that it can be run again: model, system, property (None for a built-in one).

    `undefined`: it ends where the property can't be evaluated.
    """

    model: Model
    system: System
    claim: Property | None
    undefined: bool


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


@dataclass(frozen=True, repr=False)
class Trace:
    """A run from an initial state. A notebook shows it as a picture, a terminal as text.

    `claim`: the property it is about, "" for none. `violated`: True for a counterexample, False for a witness of `reachable`.
    `harm`: one clause for the last line. `initial`: variable -> value as text. `states`: the same, after each step.
    `pictures`: per part that draws itself, its pictures, the initial one first; empty where no part does.
    `reproduce`: the command that replays it. `loop`: of a run that goes on for ever, the number of steps before those that it
    repeats; none left: nothing more happens. `from_start`: it begins in an initial state; else in one that may be unreachable.
    """

    model: str
    claim: str
    violated: bool
    harm: str
    steps: tuple[Step, ...]
    initial: dict[str, str]
    states: tuple[dict[str, str], ...] = ()
    pictures: tuple[tuple[Picture, ...], ...] = ()
    actors: tuple[str, ...] = ()  # in declaration order, those that act
    reproduce: str = ""
    note: str = ""
    loop: int | None = None
    from_start: bool = True
    origin: Origin | None = field(default=None, compare=False)

    def replay(self) -> Trace:
        """This run again, executed by CPython step by step and compared with what the search said of it.

        Raises UsageError for a trace that was not made in this process.
        """
        from explorer.answer.replaying import again

        return again(self)

    def __str__(self) -> str:
        from explorer.render.diagram import text

        return text(self).rstrip("\n")

    __repr__ = __str__

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What IPython shows in a terminal."""
        printer.text(str(self))

    def _repr_html_(self) -> str:
        """What a notebook shows: the picture, and the text folded under it."""
        from explorer.render.html import trace_html

        return trace_html(self)

    @property
    def schedule(self) -> str:
        """The string that replays it: steps joined by "/", repetitions of one step abbreviated as ``parent*3``, a loop in
        brackets."""
        return schedule_string([s.schedule for s in self.steps], self.loop)

    @property
    def switches(self) -> int:
        """Context switches: neighbouring steps of different actors."""
        return sum(a.actor != b.actor for a, b in zip(self.steps, self.steps[1:], strict=False))

    def to_json(self) -> dict[str, Any]:
        """The `trace` object of the JSON answer."""
        return {
            "schedule": self.schedule,
            "switches": self.switches,
            "loop": self.loop,
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


def schedule_string(steps: list[str], loop: int | None) -> str:
    """Steps as a schedule; those from number `loop` on in brackets, ``a/b/(c/d)``, as they are repeated for ever."""
    if loop is None:
        return compress(steps)
    return "/".join(filter(None, (compress(steps[:loop]), f"({compress(steps[loop:])})")))


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
