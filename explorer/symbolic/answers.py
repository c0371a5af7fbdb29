"""What z3 says of a model, as data: an analysis, a proof by induction, a proof for sorts of any size. It needs no z3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from explorer.process.data import INLINED, OPTIONAL, Data, Named
from explorer.reduction.certificate import Certificate

# ---------------------------------------------------------------- analysis (docs/analyze.md)


@dataclass(frozen=True)
class ActionText(Data):
    """An action as a reader finds it again.

    `action`: its number in the system.
    `actor`: the thread or device.
    `label`: of the step, with what it chooses.
    `file`: of its source.
    `line`: of its source.
    `branches`: the conditions that it found, with what they were.
    `outcome`: "step", "failure" or "blocked".
    `text`: of the failure, else "".
    """

    action: int
    actor: str
    label: str
    file: str
    line: int
    branches: tuple[str, ...]
    outcome: str
    text: str


@dataclass(frozen=True)
class DeadAction(ActionText):
    """An action that never happens, and why.

    `guard`: the conditions of its guard that can't all hold.
    `invariants`: that say so, the first few.
    `more`: how many others do; None where z3 found no reason.
    """

    guard: tuple[str, ...]
    invariants: tuple[str, ...]
    more: Annotated[int | None, OPTIONAL] = None


@dataclass(frozen=True)
class ImpliedCondition(ActionText):
    """A step with a condition that holds whenever the rest of its guard does.

    `condition`: the one that could go.
    """

    condition: str


@dataclass(frozen=True)
class StepActions(Data):
    """A step of the source.

    `actor`: the thread or device.
    `label`: of the step.
    `actions`: its actions that may fire.
    """

    actor: str
    label: str
    actions: tuple[int, ...]


@dataclass(frozen=True)
class IndependenceText(Data):
    """How many pairs of steps depend on each other.

    `steps`: that can fire.
    `pairs`: of them.
    `dependent_by_text`: by what they read and write.
    `dependent`: as far as z3 can tell.
    `masks`: of each action those that depend on it, in hexadecimal digits.
    `movers`: the steps that commute with every step of other actors.
    `queries`: z3's answers, by kind.
    """

    steps: int
    pairs: int
    dependent_by_text: int
    dependent: int
    masks: tuple[str, ...]
    movers: Annotated[tuple[StepActions, ...], Named("commute_with_all_others")]
    queries: Mapping[str, int]


@dataclass(frozen=True)
class Enablers(Data):
    """The steps that can bring a property nearer to being broken or reached.

    `name`: of the property.
    `by_text`: how many write what it reads.
    `proved`: how many of these can, as far as z3 can tell.
    `steps`: their labels.
    """

    name: Annotated[str, Named("property")]
    by_text: int
    proved: int
    steps: tuple[str, ...]


@dataclass(frozen=True)
class SymmetryText(Data):
    """What is symmetric.

    `certified`: the exchanges of two values that change nothing.
    `refused`: why others are not certified.
    `answers`: z3's, by kind.
    """

    certified: tuple[tuple[str, ...], ...]
    refused: tuple[str, ...]
    answers: Mapping[str, int]


@dataclass(frozen=True)
class Analysis(Data):
    """Everything that is proved of a system.

    `certificate`: what searches use of it.
    `actions`: of the system.
    `invariants`: as text, those about counters first.
    `type_safe`: no value leaves its range, no index its array.
    `may_trap`: the actions that might.
    `never`: steps and assertions that never happen.
    `implied`: conditions that are said twice.
    `no_effect`: steps that change nothing.
    `duplicates`: groups of actions that are the same.
    `independence`: which steps commute.
    `goals`: what can bring each property nearer.
    `symmetry`: what is symmetric.
    `queries`: z3's answers, by kind.
    """

    certificate: Certificate
    actions: int
    invariants: tuple[str, ...]
    type_safe: bool
    may_trap: tuple[ActionText, ...]
    never: tuple[DeadAction, ...]
    implied: tuple[ImpliedCondition, ...]
    no_effect: tuple[ActionText, ...]
    duplicates: tuple[tuple[ActionText, ...], ...]
    independence: IndependenceText
    goals: tuple[Enablers, ...]
    symmetry: SymmetryText
    queries: Mapping[str, int]


@dataclass(frozen=True)
class AnalysisAnswer(Data):
    """The answer of `explore analyze`.

    `schema`: the version of its JSON.
    `model`: as it was asked for.
    `parameters`: as text.
    `analysis`: what is proved.
    """

    schema: int = field(default=1, init=False)
    model: str
    parameters: Mapping[str, str]
    analysis: Annotated[Analysis, INLINED]


# ---------------------------------------------------------------- induction (docs/prove.md)


@dataclass(frozen=True)
class NotAtStart(Data):
    """A claim that is not known to hold at the start.

    `claim`: the property, or ``lemma NAME``.
    `kind`: "start".
    `action`: none.
    `answer`: z3's.
    `state`: none.
    """

    claim: str
    kind: str = field(default="start", init=False)
    action: None = field(default=None, init=False)
    answer: str
    state: None = field(default=None, init=False)


@dataclass(frozen=True)
class BreakingStep(Data):
    """A step that may break a claim.

    `claim`: the property, or ``lemma NAME``.
    `kind`: "step".
    `answer`: z3's; "sat" where there is a state.
    `action`: its number in the system.
    `actor`: the thread or device.
    `label`: of the step.
    `file`: of its source.
    `line`: of its source.
    `branches`: the conditions that it found, with what they were.
    `state`: before it, what differs from the initial one; None where z3 gave none.
    `changes`: what it changes there, from and to.
    `codes`: the state in the system's numbers.
    """

    claim: str
    kind: str = field(default="step", init=False)
    answer: str
    action: int
    actor: str
    label: str
    file: str
    line: int
    branches: tuple[str, ...]
    state: Mapping[str, str] | None
    changes: Annotated[Mapping[str, tuple[str, str]] | None, OPTIONAL] = None
    codes: Annotated[tuple[int, ...] | None, OPTIONAL] = None


@dataclass(frozen=True)
class Induction(Data):
    """What came of an induction.

    `proved`: the property holds in every state.
    `solver`: z3 with its version.
    `lemmas`: for each whether it is proved too.
    `invariants`: how many were found, proved and used.
    `given_up`: too many queries were needed for them.
    `failures`: for each claim that is not proved what may break it.
    `queries`: z3's answers, by kind.
    """

    proved: bool
    solver: str
    lemmas: Mapping[str, bool]
    invariants: int
    given_up: bool
    failures: tuple[NotAtStart | BreakingStep, ...]
    queries: Mapping[str, int]


@dataclass(frozen=True)
class InductionAnswer(Data):
    """The answer of `explore prove --model`.

    `schema`: the version of its JSON.
    `model`: by name.
    `parameters`: as text.
    `name`: of the property.
    `induction`: what came of it.
    """

    schema: int = field(default=1, init=False)
    model: str
    parameters: Mapping[str, str]
    name: Annotated[str, Named("property")]
    induction: Annotated[Induction, INLINED]

    @property
    def breaking_step(self) -> BreakingStep | None:
        """The first step that breaks a claim in a state that z3 gave; None where there is none."""
        steps = (f for f in self.induction.failures if isinstance(f, BreakingStep))
        return next((f for f in steps if f.state is not None), None)


# ---------------------------------------------------------------- any size (docs/any_size.md)


@dataclass(frozen=True)
class ClaimText(Data):
    """A claim of a proof.

    `name`: of it.
    `text`: in words.
    `formula`: as it is asked.
    """

    name: str
    text: str
    formula: str


@dataclass(frozen=True)
class PropertyProof(ClaimText):
    """A property.

    `proved`: the lemmas imply it.
    """

    proved: bool


@dataclass(frozen=True)
class LemmaProof(ClaimText):
    """A lemma.

    `kept`: it is true whether or not the others are.
    """

    kept: bool


@dataclass(frozen=True)
class ProofAction(Data):
    """An action of a relational system.

    `name`: of it.
    `kernel`: the kernel function for which it stands.
    `text`: in words.
    `parameters`: their names.
    `conditions`: when it can happen.
    `changes`: what it changes.
    """

    name: str
    kernel: str
    text: str
    parameters: tuple[str, ...]
    conditions: tuple[str, ...]
    changes: tuple[str, ...]


@dataclass(frozen=True)
class ObstacleText(Data):
    """A state in which all lemmas hold, and a step after which the claim does not.

    `sizes`: of each sort.
    `before`: the state, as facts.
    `step`: "" where the claim does not hold in the state itself.
    `after`: the state after it, as facts.
    """

    sizes: Mapping[str, int]
    before: tuple[str, ...]
    step: str
    after: tuple[str, ...]


@dataclass(frozen=True)
class QueryText(Data):
    """A question to z3.

    `by`: an action, the start, or the lemmas.
    `kind`: "action", "start" or "property".
    `claim`: the one that is to hold.
    `answer`: "proved", "fails" or "unknown".
    `obstacle`: what stands in the way, else None.
    """

    by: str
    kind: str
    claim: str
    answer: str
    obstacle: ObstacleText | None


@dataclass(frozen=True)
class ProofAnswer(Data):
    """The answer of `explore prove --any-size`.

    `proof`: by name.
    `switches`: its rules, on or off.
    `sorts`: of which there are any number.
    `proved`: everything is.
    `z3`: its version.
    `properties`: whether each is proved.
    `start`: what holds there.
    `lemmas`: whether each is true by itself.
    `actions`: of the system.
    `definitions`: of the relations that stand for others.
    `impossible`: actions that no state in which the lemmas hold is known to allow.
    `queries`: all of them.
    """

    proof: str
    switches: Mapping[str, bool]
    sorts: tuple[str, ...]
    proved: bool
    z3: str
    properties: tuple[PropertyProof, ...]
    start: tuple[ClaimText, ...]
    lemmas: tuple[LemmaProof, ...]
    actions: tuple[ProofAction, ...]
    definitions: tuple[ClaimText, ...]
    impossible: tuple[str, ...]
    queries: tuple[QueryText, ...]
