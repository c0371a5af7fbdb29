"""The answer of `explore family`: many configurations of a model's rules at once (docs/families.md).

In JSON, and in what the user reads, a configuration is a setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from explorer.answer.result import Verdict
from explorer.process.data import Data, Named


@dataclass(frozen=True)
class VariedRule(Data):
    """A rule, or a parameter of the model, that varies.

    `name`: of the rule or parameter.
    `values`: that it takes, as the command line has them.
    `apart`: it decides what is built, so there is a search for each of its values.
    """

    name: str
    values: tuple[str, ...]
    apart: bool


@dataclass(frozen=True)
class ConfigurationVerdict(Data):
    """What is known of one property in one configuration.

    `verdict`: as a run of the configuration alone would give it.
    `depth`: of the violation, of reaching it, or the last level checked; None: no bound.
    `reason`: why it is undecided or not applicable, else "".
    """

    verdict: Verdict
    depth: int | None
    reason: str


@dataclass(frozen=True)
class Configuration(Data):
    """One choice of values, with what is known of it.

    `rules`: name -> value of everything that varies.
    `states`: of a search of it alone, as far as it went; None: it was not searched.
    `transitions`: likewise.
    `complete`: every state was seen.
    `error`: the depth at which the model is in error, else None.
    `verdicts`: by property.
    """

    rules: Mapping[str, str]
    states: int | None
    transitions: int | None
    complete: bool
    error: int | None
    verdicts: Mapping[str, ConfigurationVerdict]


@dataclass(frozen=True)
class VerdictGroup(Data):
    """The configurations in which a property has the same verdict for the same reason.

    `verdict`: that they share.
    `reason`: that they share.
    `depths`: of the verdict, over all of them, least first.
    `count`: how many there are.
    `cubes`: which, in few words: rule -> values that it may have, of the rules that matter.
    """

    verdict: Verdict
    reason: str
    depths: tuple[int, ...]
    count: Annotated[int, Named("settings")]
    cubes: tuple[Mapping[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class PropertyVerdicts(Data):
    """One property over all configurations.

    `name`: of the property.
    `verdicts`: its verdicts, violated and reached first.
    """

    name: Annotated[str, Named("property")]
    verdicts: tuple[VerdictGroup, ...]


@dataclass(frozen=True)
class FamilyAnswer(Data):
    """Everything that is known of all configurations.

    `model`: by name.
    `parameters`: those that do not vary, as text.
    `kernel`: the one that the rules are those of, if the model has one.
    `vary`: what varies, as it was asked.
    `complete`: no search was stopped.
    `interrupted`: by the user.
    `stopped`: why the first search that was stopped was, else "".
    `engine`: "evaluator" or "native".
    `searches`: how many there were: one for each choice of what decides what is built.
    `states`: of all configurations together.
    `states_apart`: the sum over searches of each alone.
    `transitions`: of all configurations together.
    `depth`: of the deepest search.
    `seconds`: that the searches took.
    `properties`: each with its verdicts.
    `warnings`: rules that nothing reads, steps that an empty choose held up.
    `configurations`: each with its verdicts.
    """

    model: str
    parameters: Mapping[str, str]
    kernel: str | None
    vary: tuple[VariedRule, ...]
    complete: bool
    interrupted: bool
    stopped: str
    engine: str
    searches: int
    states: int
    states_apart: int
    transitions: int
    depth: int
    seconds: float
    properties: tuple[PropertyVerdicts, ...]
    warnings: tuple[str, ...]
    configurations: Annotated[tuple[Configuration, ...], Named("settings")]

    @property
    def exit_code(self) -> int:
        """What the command line returns."""
        if any(c.error is not None for c in self.configurations):
            return 3
        return 130 if self.interrupted else 0 if self.complete else 4
