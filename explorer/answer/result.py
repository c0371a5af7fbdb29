"""What a check found: verdicts, counts, traces. Frozen; it never prints and never exits."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from explorer.answer.trace import Trace
from explorer.errors.renamed import renamed

if TYPE_CHECKING:
    import networkx

    from explorer.language.model import Model
    from explorer.search.outcome import Outcome
    from explorer.system.form import System


class Verdict(Enum):
    """Never the bare word OK: each says how much was seen. The last two are of questions that take many searches."""

    HOLDS = "holds"
    HOLDS_TO_DEPTH = "holds to depth"
    VIOLATED = "violated"
    PROVED = "proved"
    REACHED = "reached"
    NOT_REACHED_TO_DEPTH = "not reached to depth"
    UNREACHABLE = "unreachable"
    UNDECIDED = "undecided"
    NOT_APPLICABLE = "not applicable"
    IN_ERROR = "model in error"
    NOT_SEARCHED = "not searched"


@dataclass(frozen=True)
class PropertyResult:
    """One property's verdict.

    `name`: of the property.
    `kind`: "always", "always_step", "eventually", "leads_to" or "reachable".
    `verdict`: what was found.
    `depth`: of the violation, of reaching it, or the last level checked; None: no bound.
    `trace`: of the violation, or of reaching it.
    `sentence`: what the property says.
    `reason`: why it is not applicable or undecided, or why being unreachable is right here.
    `part_of`: of a single assertion, the property that speaks for all of them.
    """

    name: str
    kind: str
    verdict: Verdict
    depth: int | None = None
    trace: Trace | None = field(default=None, repr=False)
    sentence: str = ""
    reason: str = ""
    part_of: str = ""

    def __str__(self) -> str:
        if self.verdict in (Verdict.HOLDS_TO_DEPTH, Verdict.NOT_REACHED_TO_DEPTH):
            return f"{self.verdict.value} {self.depth}"
        if self.verdict is Verdict.VIOLATED and self.trace is not None and self.trace.loop is not None:
            loop = len(self.trace.steps) - self.trace.loop
            after = f"a loop of {loop}" if loop else "nothing more"
            return f"violated: {self.trace.loop} step{'s' * (self.trace.loop != 1)}, then {after} for ever"
        if self.verdict in (Verdict.VIOLATED, Verdict.REACHED):
            return f"{self.verdict.value} at depth {self.depth}"
        return str(self.verdict.value)

    def to_json(self) -> dict[str, Any]:
        trace = None if self.trace is None else self.trace.to_json()
        return {
            "name": self.name,
            "kind": self.kind,
            "verdict": self.verdict.value,
            "depth": self.depth,
            "trace": trace,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class NeverFired:
    """A branch in the source that no run took, or a step.

    `thread`: whose code it is.
    `step`: the first step that has it.
    `text`: of the condition; "" where the whole step was never taken.
    `file`: where the condition stands.
    `line`: of the file.
    `outcome`: of the condition that never came.
    `reached`: the thread came to the condition; else it never did, which the branches around it tell.
    """

    thread: str
    step: str
    text: str
    file: str
    line: int
    outcome: bool
    reached: bool = True

    def __str__(self) -> str:
        if not self.text:
            return f"{self.thread}: {self.step}"
        return f"{self.thread}: {self.text} is never {str(self.outcome).lower()} ({self.file}:{self.line})"

    def to_json(self) -> dict[str, Any]:
        return {
            "thread": self.thread,
            "step": self.step,
            "text": self.text,
            "file": self.file,
            "line": self.line,
            "outcome": self.outcome,
            "reached": self.reached,
        }


@dataclass(frozen=True, repr=False)
class Result:
    """The answer of one check. It shows itself in a notebook and a terminal.

    `result[name]` is a property's; counts are of whole levels.

    `model`: by name.
    `parameters`: as text.
    `kernel`: if the model has one.
    `engine`: "evaluator" or "native".
    `complete`: every state was seen.
    `stopped`: why not ("depth", "states", "seconds", "interrupt", "first", "error"), "" where it is complete.
    `depth`: the last level.
    `states`: that were found.
    `transitions`: between them.
    `seconds`: that the search took.
    `properties`: each with its verdict.
    `never_fired`: branches and steps that no run took; None where actions were not counted.
    `warnings`: what may be missing, or says less than it seems to.
    `reductions`: what was left out of the search, and by what right.
    `scope`: of what the answer speaks.
    `recalled`: facts behind it that were recalled, and not read.
    `error`: a fault of the model, else "".
    `error_trace`: the run that leads to it.
    `source`: the model, its system and the outcome of the search; for this process alone.
    """

    model: str
    parameters: dict[str, str]
    kernel: str | None
    engine: str
    complete: bool
    stopped: str
    depth: int
    states: int
    transitions: int
    seconds: float
    properties: tuple[PropertyResult, ...]
    never_fired: tuple[NeverFired, ...] | None = ()
    warnings: tuple[str, ...] = ()
    reductions: tuple[str, ...] = ()
    scope: str = ""
    recalled: tuple[str, ...] = ()
    error: str = ""
    error_trace: Trace | None = None
    source: tuple[Model, System, Outcome] | None = field(default=None, compare=False)

    if not TYPE_CHECKING:  # a type checker knows what is not there

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(renamed(f"result.{name}") or f"a Result has no attribute {name!r}")

    def __getitem__(self, name: str) -> PropertyResult:
        """Raises KeyError naming the properties there are."""
        for given in self.properties:
            if given.name == name:
                return given
        raise KeyError(f"no property {name!r} was checked; there is: {', '.join(p.name for p in self.properties)}")

    def trace(self, name: str) -> Trace:
        """The trace of a violated or reached property. Raises LookupError where it has none."""
        found = self[name].trace
        if found is None:
            raise LookupError(f"{name} has no trace: {self[name]}")
        return found

    @property
    def violated(self) -> tuple[PropertyResult, ...]:
        return tuple(p for p in self.properties if p.verdict is Verdict.VIOLATED)

    @property
    def summaries(self) -> tuple[PropertyResult, ...]:
        """What can be asked for by name: all but the single assertions."""
        return tuple(p for p in self.properties if not p.part_of)

    @property
    def with_runs(self) -> tuple[PropertyResult, ...]:
        """What has a run to show, each run once: the first of the single assertions has that of `assertions`."""
        runs = {p.name: p.trace.schedule for p in self.properties if p.trace is not None}
        return tuple(p for p in self.properties if p.name in runs and runs[p.name] != runs.get(p.part_of))

    @property
    def vacuous(self) -> tuple[PropertyResult, ...]:
        """What should be reachable and is not."""
        return tuple(p for p in self.properties if p.verdict is Verdict.UNREACHABLE and not p.reason)

    @property
    def exit_code(self) -> int:
        """What the command line returns: the first of 3, 1, 130, 5, 4, 0 that applies."""
        if self.error:
            return 3
        if self.violated:
            return 1
        undecided = [p.reason for p in self.properties if p.verdict is Verdict.UNDECIDED]
        if self.stopped == "interrupt" or "interrupted" in undecided:
            return 130
        if self.vacuous:
            return 5
        return 0 if self.complete and not undecided else 4

    def assert_holds(self) -> None:
        """Raise AssertionError, whose text is the diagram and the command that replays it, unless everything holds.

        A bounded run does not hold, nor does a model that can't reach what it should.
        """
        from explorer.render.diagram import text

        if self.error:
            shown = text(self.error_trace) if self.error_trace is not None else ""
            raise AssertionError(f"the model is in error: {self.error}\n{shown}")
        for given in self.violated:
            assert given.trace is not None
            raise AssertionError(f"{given.name} is violated\n\n{text(given.trace)}")
        for given in self.vacuous:
            raise AssertionError(f"{given.name!r} is unreachable: the model can't do what it is about")
        if not self.complete:
            raise AssertionError(
                f"not explored to the end: {self.states} states, depth {self.depth}, stopped by {self.stopped}"
            )
        for given in self.properties:
            if given.verdict is Verdict.UNDECIDED:
                raise AssertionError(f"{given.name} is undecided: {given.reason}")

    def to_json(self) -> dict[str, Any]:
        """The JSON answer, schema version 1."""
        return {
            "schema": 1,
            "model": self.model,
            "parameters": self.parameters,
            "kernel": self.kernel,
            "engine": self.engine,
            "complete": self.complete,
            "stopped": self.stopped,
            "depth": self.depth,
            "states": self.states,
            "transitions": self.transitions,
            "seconds": round(self.seconds, 3),
            "reductions": list(self.reductions),
            "properties": [p.to_json() for p in self.properties],
            "never_fired": None if self.never_fired is None else [n.to_json() for n in self.never_fired],
            "warnings": list(self.warnings),
            "scope": self.scope,
            "recalled": list(self.recalled),
            "error": self.error or None,
        }

    def to_networkx(self, memory: int = 2**30) -> networkx.MultiDiGraph[int]:
        """The explored graph, explored again to the same depth: variables as node attributes, actor and label on edges.

        Raises UsageError with the estimate where it would take more than `memory` bytes.
        """
        from explorer.answer.graph import explore_graph, networkx_bytes, to_networkx
        from explorer.errors import UsageError

        if self.source is None:
            raise UsageError("this result was not made by check() in this process, so its graph is not known")
        system = self.source[1]
        needed = networkx_bytes(self.states, self.transitions, len(system.cells))
        if needed > memory:
            raise UsageError(
                f"as a networkx graph, {self.states:,} states and {self.transitions:,} transitions would take about "
                f"{needed / 2**20:,.0f} MiB, more than the limit of {memory / 2**20:,.0f} MiB"
            )
        return to_networkx(explore_graph(system, None if self.complete else self.depth), memory)

    def __str__(self) -> str:
        from explorer.render.report import report

        return report(self)

    __repr__ = __str__

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What IPython shows in a terminal."""
        printer.text(str(self))

    def _repr_html_(self) -> str:
        """What a notebook shows: the verdicts, and a picture of each counterexample."""
        from explorer.render.html import result_html

        return result_html(self)
