"""A model under every setting of its rules: as few systems as are needed, made when they are asked for.

Rules that can be left open are left open in one system. What decides which state, threads or first steps there are has a
system for each of its values. A rule that is read only where others have certain values is met in the system that they
make, and varies from then on.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.answer.catalogue import ModelFunction
from explorer.errors import ModelError, UsageError
from explorer.language.model import Model
from explorer.language.rules import Rules, looked_at
from explorer.language.values import listed_rules
from explorer.questions.family import code_of
from explorer.questions.vary import Opened, Varied, openable, records_of, settled_parameters, varied_rule
from explorer.reduction.cubes import Cube
from explorer.reduction.family import Setting, open_cells
from explorer.search.reference import ASSERTIONS, DEADLOCK

MOST_WAYS = 200  # of setting rules that are built one by one, to see what depends on them

Values = tuple[
    int, ...
]  # for each rule the position of its value; rules that came later stand at 0, the value they have


@dataclass(frozen=True)
class Build:
    """The model for some settings. `fixed`: rule -> value that decides what is built. `opens`: the rules left open, in the
    order of their cells, with the codes of their values. What stands in neither is read by nothing here."""

    fixed: Mapping[int, int]
    opens: tuple[int, ...]
    codes: tuple[tuple[int, ...], ...]
    begun: Opened

    def holds(self, values: Sequence[int]) -> bool:
        """Whether the setting is one of the build's."""
        return all(values[rule] == value for rule, value in self.fixed.items())

    def setting(self, values: Sequence[int]) -> Setting:
        """The codes of the rules left open."""
        return tuple(codes[values[rule]] for rule, codes in zip(self.opens, self.codes, strict=True))


@dataclass(frozen=True)
class NoModel:
    """Settings in which nothing can be asked: they make no model, or one about which the property says nothing."""

    cube: Cube
    reason: str


class Builds:
    """The builds of a model. `rules`: those that vary, the value that each has first; it grows while builds are made.

    `why_not`: why a rule of a record that turns out to be read stays as it is, or "" where it varies too. `aside`: those that
    do not vary, with the reason.
    """

    def __init__(
        self,
        function: ModelFunction,
        parameters: Mapping[str, Any],
        wanted: Sequence[Varied],
        name: str,
        why_not: Callable[[Rules, str], str],
    ) -> None:
        self.function, self.parameters, self.name, self.why_not = function, dict(parameters), name, why_not
        self.rules = [now_first(v) for v in wanted]
        self.read: dict[str, None] = {}
        self.aside: dict[str, str] = {}
        self.made: list[Build] = []
        self.none: list[NoModel] = []

    @property
    def base(self) -> Values:
        """The setting that changes nothing."""
        return (0,) * len(self.rules)

    def padded_setting(self, values: Sequence[int]) -> Values:
        """The setting, with the rules that have come since as they are."""
        return (*values, *(0,) * (len(self.rules) - len(values)))

    def wide(self, cube: Cube) -> Cube:
        """The cube, with anything for the rules that have come since."""
        return (*cube, *(tuple(range(len(v.values))) for v in self.rules[len(cube) :]))

    def settled_parameters(self, values: Sequence[int]) -> dict[str, Any]:
        """The parameters of the model in the setting."""
        return settled_parameters(
            self.parameters, [(v, v.values[at]) for v, at in zip(self.rules, values, strict=False)]
        )

    def of(self, values: Sequence[int]) -> Build | NoModel:
        """The build that the setting is one of. Raises ModelError and its kin for a model that is in error."""
        values = self.padded_setting(values)
        for known in self.made:
            if known.holds(values):
                return known
        for none in self.none:
            if all(at in allowed for at, allowed in zip(values, none.cube, strict=False)):
                return none
        deciding: set[str] = set()  # which is found out by lowering, once
        while True:
            count = len(self.rules)
            made = self.make(self.padded_setting(values), deciding)
            if len(self.rules) == count:
                break
        if isinstance(made, Build):
            self.made.append(made)
        else:
            self.none.append(made)
        return made

    def make(self, values: Values, deciding: set[str]) -> Build | NoModel:
        """What stands for the setting. The rules may grow: then it is to be made again, with them left open too. `deciding`:
        rules known to decide what is built; it grows too."""
        parameters = self.settled_parameters(values)
        records = records_of(parameters)
        built: dict[type[Rules], set[str]] = {type(record): set() for record in records.values()}
        peeked: dict[type[Rules], set[str]] = {type(record): set() for record in records.values()}

        def look(record: Rules, rule: str, value: object, settles: bool) -> None:
            """Of copies with other values too: what they read is decided by the same rule."""
            (built if settles else peeked).get(type(record), set()).add(rule)

        with looked_at(look):
            try:
                model, reason = self.function(**parameters), ""
            except UsageError as e:
                model, reason = None, e.message
        deciding.update(*built.values())
        for name, record in records.items():
            self.meet(name, record, built[type(record)] | peeked[type(record)])
        if model is not None:
            if self.excused_by(set().union(*peeked.values()), values):
                deciding.update(*peeked.values())
            excuse = self.excuse(model)
            reason, model = excuse or reason, None if excuse else model
        if model is None:
            return NoModel(self.where({r: values[r] for r, v in enumerate(self.rules) if v.rule in deciding}), reason)
        wanted = [value_first(v, v.values[at]) for v, at in zip(self.rules, values, strict=False)]
        try:
            _, fixed, begun = openable(self.function, self.parameters, wanted, [self.name], deciding)
        except ModelError as e:
            if values == self.base:
                raise
            return NoModel(self.where(dict(enumerate(values))), f"the model is in error: {e.message}")
        for name, record in records.items():
            self.meet(name, record, begun.model.rules_read.names(type(record)))
        deciding.update(v.name for v in fixed)
        decided = {r: values[r] for r, v in enumerate(self.rules) if any(f.name == v.name for f in fixed)}
        if self.name not in {*(c.name for c in begun.claims), DEADLOCK, ASSERTIONS}:
            return NoModel(self.where(decided), "the model does not have the parts that the property speaks about")
        system = begun.system
        cells = {system.cells[i].name.rpartition(".")[2]: i for i in open_cells(system)}
        order = {name: r for name in cells for r, v in enumerate(self.rules) if v.name == name}
        codes = [tuple(code_of(system, cells[n], x) for x in self.rules[r].values) for n, r in order.items()]
        return Build(decided, tuple(order.values()), tuple(codes), begun)

    def excuse(self, model: Model) -> str:
        """Why the model sets the property aside; "" if it does not."""
        return model.excludes.get(self.name.split("[")[0], "")

    def excused_by(self, names: Collection[str], values: Values) -> bool:
        """Whether it depends on these rules, which are read though they may be left open, if the property is set aside."""
        at = [r for r, v in enumerate(self.rules) if v.rule in names]
        if not at:
            return False
        ways = [range(len(self.rules[r].values)) for r in at]
        if math.prod(map(len, ways)) > MOST_WAYS:
            return True
        excuses = set()
        for way in itertools.product(*ways):
            changed = list(self.padded_setting(values))
            for r, value in zip(at, way, strict=True):
                changed[r] = value
            try:
                excuses.add(bool(self.excuse(self.function(**self.settled_parameters(changed)))))
            except UsageError:
                return True
        return len(excuses) > 1

    def meet(self, parameter: str, record: Rules, names: Collection[str]) -> None:
        """Rules that are read: what may vary does from now on."""
        known = {v.name for v in self.rules}
        for name in sorted(set(names) - known):
            if isinstance(getattr(self.parameters[parameter], name), str):
                continue
            reason = self.why_not(record, name) if name in listed_rules(record) else "its values can't be listed"
            if reason:
                self.aside[name] = reason
            else:
                self.rules.append(now_first(varied_rule(self.function, self.parameters, name)))
        self.read.update(dict.fromkeys(sorted(names)))

    def where(self, decided: Mapping[int, int]) -> Cube:
        """The settings that agree in these rules."""
        return tuple((decided[r],) if r in decided else tuple(range(len(v.values))) for r, v in enumerate(self.rules))

    def across(self, build: Build, inner: Cube) -> Cube:
        """A cube of the rules that the build leaves open, as one of all rules."""
        cube = list(self.where(build.fixed))
        for rule, values in zip(build.opens, inner, strict=True):
            cube[rule] = values
        return tuple(cube)


def now_first(given: Varied) -> Varied:
    """The rule with the value that it has first."""
    return value_first(given, given.now)


def value_first(given: Varied, value: Any) -> Varied:
    """The rule with that value first: where it can't be left open, it has this one."""
    return dataclasses.replace(given, values=(value, *(x for x in given.values if x != value)))
