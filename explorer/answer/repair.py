"""The answer of `explore repair`: which changes of rules make a property hold (docs/repair.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from explorer.answer.result import Verdict
from explorer.process.data import OPTIONAL, Data, Named

Cube = Mapping[str, tuple[str, ...]]  # rule -> values that it may have; any other rule may have any


@dataclass(frozen=True)
class Standing(Data):
    """The property as it stands, before anything is changed.

    `model`: by name.
    `parameters`: as text.
    `name`: of the property.
    `verdict`: of a search of the model as it is.
    `depth`: of the violation, or the last level checked; None: no bound.
    """

    model: str
    parameters: Mapping[str, str]
    name: Annotated[str, Named("property")]
    verdict: Verdict
    depth: int | None


@dataclass(frozen=True)
class RepairRule(Data):
    """A rule that may change.

    `name`: of the rule.
    `values`: that it can have, the present one first.
    `now`: the value that it has.
    `apart`: it decides what is built, so there is a system for each of its values.
    """

    name: str
    values: tuple[str, ...]
    now: str
    apart: bool


@dataclass(frozen=True)
class RuleCommit(Data):
    """A commit that made a change.

    `id`: its abbreviated hash.
    `subject`: its first line.
    `releases`: from which on it is in force.
    `tag`: V, Vx or R: read, read as an excerpt, recalled.
    """

    id: str
    subject: str
    releases: str
    tag: str


@dataclass(frozen=True)
class Provenance:
    """What is known of a change of a kernel's rule.

    `sentence`: what the rule says.
    `commits`: that made this change.
    """

    sentence: str
    commits: tuple[RuleCommit, ...]


@dataclass(frozen=True)
class Change(Data):
    """One rule with another value.

    `rule`: its name.
    `value`: that it gets.
    `now`: that it has.
    `sentence`: what the rule says; None where it is no kernel's.
    `commits`: that made this change; None where the rule is no kernel's.
    """

    rule: str
    value: str
    now: str
    sentence: Annotated[str | None, OPTIONAL] = None
    commits: Annotated[tuple[RuleCommit, ...] | None, OPTIONAL] = None


@dataclass(frozen=True)
class OtherVerdict(Data):
    """A property whose verdict a repair changes.

    `name`: of the property.
    `verdict`: after the repair.
    `depth`: of the violation, or the last level checked; None: no bound.
    `reason`: why it is undecided or not applicable, else "".
    """

    name: Annotated[str, Named("property")]
    verdict: Verdict
    depth: int | None
    reason: str


@dataclass(frozen=True)
class Repair(Data):
    """A least set of changes.

    `changes`: by the rule's name.
    `verdict`: of the property after them; IN_ERROR where the model then is.
    `error`: of the model after them, else "".
    `fixes`: other properties that were violated and no longer are; None: it was not looked at.
    `breaks`: other properties that are violated, or unreachable, only then; None: it was not looked at.
    `show`: the command that explores the model after them, "" where there is none.
    """

    changes: tuple[Change, ...]
    verdict: Verdict
    error: str
    fixes: tuple[OtherVerdict, ...] | None
    breaks: tuple[OtherVerdict, ...] | None
    show: str


@dataclass(frozen=True)
class RuledOut(Data):
    """A counterexample, and the settings that it rules out.

    `cube`: the first of `cubes`.
    `cubes`: where the same schedule ends as badly.
    `depth`: its steps.
    `error`: of the model to which it leads, else "".
    `schedule`: that `explore replay` takes.
    `diagram`: the run as text, replayed by CPython.
    `replay`: the command that replays it.
    """

    cube: Cube
    cubes: tuple[Cube, ...]
    depth: int
    error: str
    schedule: str
    diagram: str
    replay: str


@dataclass(frozen=True)
class Undoing(Data):
    """Another change that undoes a repair.

    `repair`: its changes, ``rule=value``.
    `change`: the other one, ``rule=value``.
    """

    repair: tuple[str, ...]
    change: str


@dataclass(frozen=True)
class Robustness(Data):
    """Whether more changes undo a repair.

    `rules`: that changed in the settings looked at.
    `count`: of these settings.
    `undone`: in how many a repair is undone.
    `hurts`: single changes that do it.
    """

    rules: tuple[str, ...]
    count: Annotated[int, Named("settings")]
    undone: int
    hurts: tuple[Undoing, ...]


@dataclass(frozen=True)
class NotConsidered(Data):
    """A rule that the model reads and that does not vary.

    `rule`: its name.
    `reason`: why not.
    """

    rule: str
    reason: str


@dataclass(frozen=True)
class WithoutModel(Data):
    """Settings in which nothing can be asked.

    `cube`: which.
    `reason`: what is wrong with them.
    """

    cube: Cube
    reason: str


@dataclass(frozen=True)
class Left(Data):
    """Of how many settings nothing is known yet.

    `count`: of these settings.
    `of`: how many there are in all.
    `changes`: what they have changes at least so many rules; None where none is left.
    """

    count: Annotated[int, Named("settings")]
    of: int
    changes: int | None


@dataclass(frozen=True)
class RepairAnswer(Standing):
    """The property as it stands; and every least set of changes, with the counterexamples that rule out all others.

    `vary`: the rules that may change.
    `settled`: nothing; it was a list of rules once.
    `every`: these are all rules that the model reads in any of the settings.
    `unread`: rules that may change and that nothing reads.
    `not_considered`: rules that are read and may not change.
    `no_model`: settings in which nothing can be asked.
    `left`: of how many settings nothing is known.
    `interrupted`: by the user.
    `complete`: no search came to a bound.
    `searches`: how many there were.
    `repairs`: least first.
    `counterexamples`: in the order in which they were found.
    `checked`: whether more changes undo a repair; None: it was not looked at.
    `not_checked`: why not, else "".
    """

    vary: tuple[RepairRule, ...]
    settled: tuple[str, ...]
    every: bool
    unread: tuple[str, ...]
    not_considered: tuple[NotConsidered, ...]
    no_model: tuple[WithoutModel, ...]
    left: Left
    interrupted: bool
    complete: bool
    searches: int
    repairs: tuple[Repair, ...]
    counterexamples: tuple[RuledOut, ...]
    checked: Robustness | None
    not_checked: str

    @property
    def exit_code(self) -> int:
        """What the command line returns."""
        if self.interrupted:
            return 130
        if self.verdict is Verdict.VIOLATED and not self.repairs and self.complete:
            return 1
        return 0 if self.complete else 4
