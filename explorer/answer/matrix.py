"""The answer of `explore matrix`: a cell for each property of each row (docs/matrix.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from explorer.answer.result import Verdict
from explorer.process.data import Data, Named


@dataclass(frozen=True)
class RunText(Data):
    """A run of a system, whichever model it was lowered from.

    `schedule`: who moves, and what is chosen.
    `switches`: of context.
    `loop`: where the part begins that is repeated for ever, else None.
    `diagram`: the run as text.
    """

    schedule: str
    switches: int
    loop: int | None
    diagram: str


@dataclass(frozen=True)
class Finding(Data):
    """What a search found of one property.

    `name`: of the property.
    `verdict`: of the search.
    `depth`: of the violation, or the last level checked; None: no bound.
    `reason`: why it is undecided or not applicable, else "".
    `run`: that violates it, else None.
    """

    name: Annotated[str, Named("property")]
    verdict: Verdict
    depth: int | None
    reason: str
    run: RunText | None


@dataclass(frozen=True)
class SystemFindings(Data):
    """What a search found of a system: kept by its content.

    `states`: of the search.
    `transitions`: of the search.
    `unreachable`: states that should be reachable and are not.
    `reached`: states that should be reachable and are.
    `warnings`: steps that were held up, and what the engine says.
    `properties`: what was found of each.
    """

    states: int
    transitions: int
    unreachable: tuple[str, ...]
    reached: tuple[str, ...]
    warnings: tuple[str, ...]
    properties: tuple[Finding, ...]


@dataclass(frozen=True)
class CellTrace(Data):
    """The counterexample behind a cell.

    `schedule`: who moves, and what is chosen.
    `switches`: of context.
    `loop`: where the part begins that is repeated for ever, else None.
    `replay`: the command that replays it.
    `diagram`: the run as text.
    """

    schedule: str
    switches: int
    loop: int | None
    replay: str
    diagram: str


@dataclass(frozen=True)
class Cell(Data):
    """A property of a row: a model with parameters.

    `model`: by name.
    `parameters`: as text.
    `kernel`: if the model has one.
    `name`: of the property; None in the one cell of a row that has none for each.
    `verdict`: IN_ERROR or NOT_SEARCHED where that is all there is to say of the row.
    `states`: of the row's search; None where the property is not applicable.
    `transitions`: likewise.
    `depth`: of the violation, or the last level checked; None: no bound.
    `reason`: why it is undecided or not applicable, or what is wrong with the row.
    `notes`: on the row: what is unreachable, rules that nothing reads, steps that were held up.
    `trace`: the counterexample, else None.
    """

    model: str
    parameters: Mapping[str, str]
    kernel: str | None
    name: Annotated[str | None, Named("property")]
    verdict: Verdict
    states: int | None
    transitions: int | None
    depth: int | None
    reason: str
    notes: tuple[str, ...]
    trace: CellTrace | None
