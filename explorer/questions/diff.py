"""Two kernels: the rules that changed between them, with the commits, and which verdicts on a model differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from explorer.answer.checking import check
from explorer.answer.diff import DiffAnswer, KernelCommit, ResultPair, RuleChange, VerdictPair
from explorer.language.model import Model
from explorer.language.rules import Rules, peek_all
from explorer.language.values import rule_text
from explorer.search.outcome import Progress


class Rule(Protocol):
    """What is known of a rule: its name, what it says, the kernel function that it is a part of."""

    @property
    def name(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    @property
    def at(self) -> str: ...


@dataclass(frozen=True)
class History:
    """What is known of kernels.

    `rules`: by name.
    `commits`: those that change a rule, as `models/linux/history.py` has them.
    `version`: what `Commit.in_force` takes, of the text of a version.
    """

    rules: Mapping[str, Rule]
    commits: Callable[[str], Iterable[Any]]
    version: Callable[[str], Any]


def diff(
    old: Any,
    new: Any,
    history: History,
    models: tuple[Model, Model] | None = None,
    *,
    depth: int | None = None,
    properties: Sequence[str] | None = None,
    max_states: int | None = None,
    max_seconds: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> DiffAnswer:
    """What changed between two kernels, which are records of rules with a version; and for a model, of which `models` has one
    for each kernel, which verdicts differ. The other arguments are those of `check`."""

    def explored(model: Model) -> Any:
        return check(
            model,
            depth=depth,
            properties=properties,
            max_states=max_states,
            max_seconds=max_seconds,
            progress=progress,
        )

    changes = rule_changes(old, new, history)
    names = [change.name for change in changes]
    results = None if models is None else ResultPair(*map(explored, models))
    aside = {*names, *old.changed(), *new.changed()}
    back = {
        name: commits for name in history.rules if name not in aside and (commits := between(history, name, old, new))
    }
    return DiffAnswer(
        old=str(old),
        new=str(new),
        rules=changes,
        recalled=(*old.assumptions_of(names), *new.assumptions_of(names)),
        model=None if results is None else results.old.model,
        read=() if results is None else rules_read(names, type(old), results),
        complete=results is None or (results.old.complete and results.new.complete),
        verdicts=() if results is None else verdict_pairs(results),
        results=results,
        same_again=tuple(back),
        same_again_commits=tuple({(c.id, c.releases): c for commits in back.values() for c in commits}.values()),
    )


def rule_changes(old: Any, new: Any, history: History) -> tuple[RuleChange, ...]:
    """The rules whose values differ."""
    before, after = peek_all(old), peek_all(new)
    return tuple(
        RuleChange(
            name,
            rule_text(before[name]),
            rule_text(after[name]),
            rule.sentence,
            rule.at,
            between(history, name, old, new),
            tuple(
                f"+{name}={rule_text(values[name])}"
                for k, values in ((old, before), (new, after))
                if name in k.changed()
            ),
        )
        for name, rule in history.rules.items()
        if before[name] != after[name]
    )


def between(history: History, rule: str, old: Any, new: Any) -> tuple[KernelCommit, ...]:
    """The commits on the rule that one of the two versions has and the other has not."""
    at = history.version(old.version), history.version(new.version)
    return tuple(
        KernelCommit(c.id, c.subject, c.release, tuple(b.first for b in c.backports), c.tag, c.rules[rule], c.releases)
        for c in history.commits(rule)
        if c.in_force(at[0]) != c.in_force(at[1])
    )


def rules_read(names: Sequence[str], record: type[Rules], results: ResultPair) -> tuple[str, ...]:
    """Those of the rules that the model reads on either kernel."""
    sources = [r.source[0] for r in (results.old, results.new) if r.source is not None]
    read = {name for model in sources for name in model.rules_read.names(record)}
    return tuple(name for name in names if name in read)


def verdict_pairs(results: ResultPair) -> tuple[VerdictPair, ...]:
    """Each property with what was found on either side."""
    old, new = ({p.name: p for p in result.summaries} for result in (results.old, results.new))
    return tuple(VerdictPair(name, old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new]))
