"""The answer of `explore necessity`: what breaks without each part of a model (docs/necessity.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from explorer.process.data import Data, Named


class Need(Enum):
    """Whether the model needs a part of it."""

    NECESSARY = "necessary"
    UNKNOWN = "unknown at this bound"
    NOT_NEEDED = "not needed in this model"
    REFUSED = "can't be taken out"


@dataclass(frozen=True)
class Break(Data):
    """A property that breaks.

    `name`: of the property.
    `depth`: steps of the run that shows it.
    """

    name: Annotated[str, Named("property")]
    depth: int


@dataclass(frozen=True)
class RemovalTrace(Data):
    """The run with the fewest steps that shows what breaks.

    `name`: of the property.
    `schedule`: who moves, and what is chosen.
    `switches`: of context.
    `loop`: where the part begins that is repeated for ever, else None.
    `diagram`: the run as text.
    `replay`: the command that replays it; None where no command can.
    `note`: who has replayed it, where it was not CPython.
    """

    name: Annotated[str, Named("property")]
    schedule: str
    switches: int
    loop: int | None
    diagram: str
    replay: str | None
    note: str


@dataclass(frozen=True)
class RemovalAnswer(Data):
    """One part of the model that was taken out.

    `kind`: guard, lock, decision, statement or rule.
    `text`: of the source; of a rule, with its value.
    `way`: in which it was taken out.
    `function`: the routine that it is of, "" of a rule.
    `kernel`: the kernel function for which that stands.
    `file`: where it stands, "" of a rule.
    `line`: of the file, 0 of a rule.
    `reached`: a run of the model as it is comes to it.
    `states`: of the search without it; None where there was none.
    `breaks`: what breaks then, the shortest run first.
    `reason`: why it can't be taken out, or what error of the model it leads to.
    `trace`: the shortest run, else None.
    `verdict`: whether it is needed; None where the system is the same without it.
    """

    kind: str
    text: str
    way: str
    function: str
    kernel: str
    file: str
    line: int
    reached: bool
    states: int | None
    breaks: tuple[Break, ...]
    reason: str
    trace: RemovalTrace | None
    verdict: Need | None


@dataclass(frozen=True)
class NotTakenOut(Data):
    """A part of the model that was left in.

    `reason`: why.
    `text`: of the source.
    `function`: the routine that it is of.
    `file`: where it stands.
    `line`: of the file.
    """

    reason: str
    text: str
    function: str
    file: str
    line: int


@dataclass(frozen=True)
class PropertyNeeds(Data):
    """What a property owes to whom.

    `name`: of the property.
    `violated_already`: with nothing taken out.
    `broken_by`: the removals that break it, by their position in the answer.
    """

    name: Annotated[str, Named("property")]
    violated_already: bool
    broken_by: tuple[int, ...]


@dataclass(frozen=True)
class NecessityAnswer(Data):
    """What was taken out of a model, with what that breaks.

    `model`: by name.
    `parameters`: as text.
    `kernel`: if the model has one.
    `complete`: no bound was reached, and everything was tried.
    `interrupted`: by the user.
    `states`: of the model as it is.
    `removals`: what was taken out, in the order of the source.
    `passed_over`: what was not.
    `not_tried`: how many more there are, where it was interrupted.
    `properties`: each with what breaks it.
    """

    model: str
    parameters: Mapping[str, str]
    kernel: str | None
    complete: bool
    interrupted: bool
    states: int
    removals: tuple[RemovalAnswer, ...]
    passed_over: tuple[NotTakenOut, ...]
    not_tried: int
    properties: tuple[PropertyNeeds, ...]
