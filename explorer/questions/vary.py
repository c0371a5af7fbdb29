"""Rules of a model that vary: which there are, their values, and the model with them left open."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.answer.catalogue import ModelFunction
from explorer.answer.checking import select
from explorer.errors import ExplorerError, UsageError, did_you_mean
from explorer.language.model import Model
from explorer.language.properties import Property
from explorer.language.rules import LeftOpen, Rules, any_of, with_values
from explorer.language.values import listed_rules, parameter_text, rule_text, rule_values
from explorer.lowering import lower
from explorer.process.command_line import command_line
from explorer.system.form import System
from explorer.system.wellformed import check as check_system


@dataclass(frozen=True)
class Varied:
    """A rule of the record that is the model's parameter `parameter`, or, where `rule` is "", that parameter itself.

    `now`: the value it has. `record`: the name of the record's class.
    """

    parameter: str
    rule: str
    values: tuple[Any, ...]
    now: Any
    record: str = ""

    @property
    def name(self) -> str:
        return self.rule or self.parameter

    def text(self, value: Any) -> str:
        """``write_protect_seq=off``"""
        return f"{self.name}={rule_text(value)}"


def parameters_of(function: ModelFunction, given: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Every parameter of the model with its value. Raises UsageError."""
    function(**dict(given))  # what is wrong with them is said as for a run
    defaults = {n: p.default for n, p in function.parameters.items() if p.default is not p.empty}
    return {**defaults, **{name: function.convert(name, text) for name, text in given}}


def records_of(parameters: Mapping[str, Any]) -> dict[str, Rules]:
    """The parameters that are records of rules."""
    return {n: v for n, v in parameters.items() if isinstance(v, Rules) and dataclasses.is_dataclass(v)}


def varied_rule(function: ModelFunction, parameters: Mapping[str, Any], wanted: str) -> Varied:
    """What ``write_protect_seq``, ``fork=plain/early_copy`` or ``child`` names. Raises UsageError."""
    name, equals, listed = wanted.partition("=")
    found = [(p, r) for p, r in records_of(parameters).items() if name in listed_rules(r)]
    if name not in parameters and not found:
        known = [rule for record in records_of(parameters).values() for rule in listed_rules(record)]
        raise UsageError(
            f"the model {function.name} has no rule and no parameter {name!r}{did_you_mean(name, [*known, *parameters])}"
        )
    if not found:
        values = rule_values(parameters[name])
        if equals:
            values = tuple(function.convert(name, text) for text in listed.split("/"))
        return check_values(Varied(name, "", values, parameters[name]), f"{name}=first/second")
    if len(found) > 1:
        raise UsageError(f"{name} is a rule of {' and of '.join(p for p, _ in found)}: it can't be varied")
    parameter, record = found[0]
    now = getattr(record, name)
    values = rule_values(now)
    if equals:
        by_text = {rule_text(v): v for v in values}
        for text in listed.split("/"):
            if text not in by_text:
                hint = did_you_mean(text, by_text) or f"; values: {', '.join(by_text)}"
                raise UsageError(f"the rule {name} has no value {text!r}{hint}")
        values = tuple(by_text[text] for text in listed.split("/"))
    return check_values(Varied(parameter, name, values, now, type(record).__name__), name)


def check_values(given: Varied, form: str) -> Varied:
    if len(given.values) < 2 or len(set(given.values)) != len(given.values):
        raise UsageError(f"what varies needs two or more different values: write --vary {form}")
    return given


def settled_parameters(parameters: Mapping[str, Any], chosen: Sequence[tuple[Varied, Any]]) -> dict[str, Any]:
    """The parameters with these values of what varies; a value may be `any_of` several."""
    made = dict(parameters)
    for given, value in chosen:
        if not given.rule:
            made[given.parameter] = value
    for name, record in records_of(made).items():
        changes = {given.rule: value for given, value in chosen if given.rule and given.parameter == name}
        if changes:
            made[name] = with_values(record, **changes)
    return made


def run_command(function: ModelFunction, parameters: Mapping[str, Any]) -> str:
    """The command that explores the model with these parameters; "" where a record of rules can't be given as text."""
    if any(isinstance(value, Rules) and not hasattr(type(value), "parse") for value in parameters.values()):
        return ""
    others = {n: v for n, v in parameters.items() if n == "kernel" or v != function.parameters[n].default}
    return command_line(model=function.name, parameters={n: parameter_text(v) for n, v in others.items()})


@dataclass(frozen=True)
class Opened:
    """A model with rules left open, lowered with the properties to check."""

    model: Model
    claims: list[Property]
    system: System


def open_model(
    function: ModelFunction,
    parameters: Mapping[str, Any],
    rules: Sequence[Varied],
    properties: Sequence[str] | None = (),
) -> Opened:
    """The model with the rules left open. `properties`: as `check` has them. Raises LeftOpen where one decides what is built."""
    model: Model = function(**settled_parameters(parameters, [(rule, any_of(*rule.values)) for rule in rules]))
    claims = select(model, properties)[0] if properties is None or properties else []
    system = lower(model, claims)
    check_system(system)
    return Opened(model, claims, system)


def openable(
    function: ModelFunction,
    parameters: Mapping[str, Any],
    wanted: Sequence[Varied],
    properties: Sequence[str] | None = (),
    never: Collection[str] = (),
) -> tuple[list[Varied], list[Varied], Opened]:
    """What can be left open together; what can't, as it decides what state, threads or steps there are; and the model with
    the first open and the others at their first values. `never`: rules known not to be among the first.

    Raises ExplorerError where the model is in error whatever is settled.
    """
    opens = [given for given in wanted if given.rule and given.name not in never]
    while True:
        fixed = [given for given in wanted if given not in opens]
        first = settled_parameters(parameters, [(given, given.values[0]) for given in fixed])
        try:
            return opens, fixed, open_model(function, first, opens, properties)
        except LeftOpen as e:
            opens = [given for given in opens if given.name != e.rule]
        except ExplorerError:
            alone = [given for given in opens if can_open(function, first, given)]
            if alone == opens:
                raise
            opens = alone


def can_open(function: ModelFunction, parameters: Mapping[str, Any], given: Varied) -> bool:
    """Whether the rule can be left open by itself."""
    try:
        open_model(function, parameters, [given])
    except ExplorerError:
        return False
    return True
