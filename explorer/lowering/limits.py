"""How much lowering does before it refuses: nothing that a model says makes it go on for ever, or fill the memory, silently."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

MOST_WORK = 1_000_000  # expressions evaluated and operators simplified, for all paths of one step, action or property
MOST_PATHS = 5_000  # through one step, action or property, or one routine called in a condition
MOST_NESTED = 150  # operators inside one another
MOST_VALUES = 100_000  # that a sort, a range or a loop goes over
MOST_CELLS = 20_000  # of a model
MOST_ACTIONS = 200_000  # of a model


class TooMuch(Exception):
    """A limit is passed. `node`, `file`: the expression that took most, where it is not the one at hand."""

    def __init__(self, text: str, node: ast.AST | None = None, file: str = "") -> None:
        self.text, self.node, self.file = text, node, file


@dataclass
class Work:
    """What one step has taken so far, and which of its expressions how much."""

    done: int = 0
    paths: int = 0
    spent: dict[tuple[str, ast.AST], int] = field(default_factory=dict)
    at: tuple[str, ast.AST] | None = None
    since: int = 0

    def path(self) -> None:
        """Another path begins."""
        self.paths += 1
        self.add(20)

    def begin(self) -> None:
        """A new step."""
        self.done, self.paths, self.spent, self.at, self.since = 0, 0, {}, None, 0

    def now(self, at: tuple[str, ast.AST] | None) -> None:
        """From here on another expression takes it."""
        if self.at is not None:
            self.spent[self.at] = self.spent.get(self.at, 0) + self.done - self.since
        self.at, self.since = at, self.done

    def add(self, amount: int = 1) -> None:
        """Raises TooMuch."""
        self.done += amount
        if self.done > MOST_WORK:
            self.now(self.at)
            file, node = max(self.spent, key=self.spent.__getitem__, default=("", None))
            raise TooMuch(
                f"working this out takes more than {MOST_WORK:,} operations on {self.paths:,} paths, the most of them here: "
                "what depends on the state is worked out for every value that it may have, on every path. Take smaller sorts, "
                "or fewer of them at once; put await step(...) between; or make a case of each value, "
                "k = choose(k for k in sort if k == value)",
                node,
                file,
            )


def check_nested(depth: int) -> None:
    """Raises TooMuch where so many operators are inside one another."""
    if depth > MOST_NESTED:
        raise TooMuch(
            f"this is an expression of more than {MOST_NESTED} operators inside one another: make it from parts, each kept in a "
            "variable of the state and set in a step of its own"
        )


def check_listed(count: int, what: str) -> None:
    """Raises TooMuch for more values than are ever gone over."""
    if count > MOST_VALUES:
        raise TooMuch(
            f"{what} has {short_count(count)} values, and at most {MOST_VALUES:,} are gone over: take a smaller one"
        )


def short_count(count: int) -> str:
    return f"{count:,}" if count < 10**15 else "more than 10**15"
