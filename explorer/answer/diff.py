"""The answer of `explore diff`: the rules that changed between two kernels, and which verdicts on a model (docs/json.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from explorer.answer.result import PropertyResult, Result, Verdict
from explorer.process.data import HIDDEN, Data

FIGURES = ("kernel", "parameters", "engine", "complete", "stopped", "depth", "states", "transitions", "seconds")


@dataclass(frozen=True)
class KernelCommit(Data):
    """A commit that one of two versions has and the other has not.

    `id`: its abbreviated hash.
    `subject`: its first line.
    `release`: the first that has it.
    `stable`: the first of each stable series that has it.
    `tag`: V, Vx or R: read, read as an excerpt, recalled.
    `value`: that it gives the rule.
    `releases`: all of them, in words.
    """

    id: str
    subject: str
    release: str
    stable: tuple[str, ...]
    tag: str
    value: str
    releases: Annotated[str, HIDDEN]


@dataclass(frozen=True)
class RuleChange(Data):
    """A rule whose values differ.

    `name`: of the rule.
    `old`: its value on the one kernel.
    `new`: its value on the other.
    `sentence`: what it says.
    `function`: the kernel function that it is a part of.
    `commits`: that changed it in between.
    `by_hand`: ``+rule=value`` of each kernel on which it was given so.
    """

    name: str
    old: str
    new: str
    sentence: str
    function: str
    commits: tuple[KernelCommit, ...]
    by_hand: Annotated[tuple[str, ...], HIDDEN]


@dataclass(frozen=True)
class VerdictPair(Data):
    """A property of the model on both kernels.

    `name`: of the property.
    `old`: what was found on the one kernel; None where it was not asked there.
    `new`: what was found on the other.
    """

    name: str
    old: PropertyResult | None
    new: PropertyResult | None

    @property
    def differ(self) -> bool:
        return self.old is None or self.new is None or self.old.verdict is not self.new.verdict

    @property
    def witness(self) -> PropertyResult | None:
        """The side on which alone the property is violated."""
        broken = [p for p in (self.old, self.new) if p is not None and p.verdict is Verdict.VIOLATED]
        return broken[0] if len(broken) == 1 else None

    def to_json(self) -> dict[str, Any]:
        return {
            "property": self.name,
            "old": None if self.old is None else str(self.old),
            "new": None if self.new is None else str(self.new),
            "differ": self.differ,
            "trace": None if self.witness is None else self.witness.to_json()["trace"],
        }


@dataclass(frozen=True)
class ResultPair(Data):
    """The searches of the model.

    `old`: on the one kernel.
    `new`: on the other.
    """

    old: Result
    new: Result

    def to_json(self) -> dict[str, Any]:
        """The figures of each side."""
        wholes = {"old": self.old.to_json(), "new": self.new.to_json()}
        return {side: {name: given[name] for name in (*FIGURES, "recalled", "error")} for side, given in wholes.items()}


@dataclass(frozen=True)
class DiffAnswer(Data):
    """What changed between two kernels.

    `schema`: the version of its JSON.
    `old`: the one kernel.
    `new`: the other.
    `rules`: those whose values differ.
    `recalled`: what this list owes to recalled facts.
    `model`: by name; None where none was asked about.
    `read`: the changed rules that the model reads on either kernel.
    `complete`: no search came to a bound.
    `verdicts`: of each property on both.
    `results`: the searches; None without a model.
    `same_again`: the rules that have the same value in both, and another in between.
    `same_again_commits`: the commits on these.
    """

    schema: int = field(default=1, init=False)
    old: str
    new: str
    rules: tuple[RuleChange, ...]
    recalled: tuple[str, ...]
    model: str | None
    read: tuple[str, ...]
    complete: bool
    verdicts: tuple[VerdictPair, ...]
    results: ResultPair | None
    same_again: Annotated[tuple[str, ...], HIDDEN]
    same_again_commits: Annotated[tuple[KernelCommit, ...], HIDDEN]

    @property
    def exit_code(self) -> int:
        """What the command line returns."""
        if self.results is None:
            return 0
        results = (self.results.old, self.results.new)
        if any(r.error for r in results):
            return 3
        if any(r.stopped == "interrupt" for r in results):
            return 130
        return 0 if self.complete else 4
