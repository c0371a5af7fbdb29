"""Expressions as text of another language, by one table of operators for each language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explorer.errors import UsageError
from explorer.export.names import Names
from explorer.system.form import Apply, Constant, Expr, Read, System
from explorer.system.intervals import Intervals

LONGEST = 2_000_000  # characters of one expression
MOST_TEXT = 200_000_000  # characters of all expressions, parts of others among them
WORD = 1 << 30  # what fits in 32 bits with room for the sum of two


class Writer:
    """Writes expressions of one system.

    `operations`: for each operator what stands between the arguments, or a format with a place for each. A format that
    begins with a bracket or is a call needs no brackets around it. `read`: the text of a read; `number`, `truth`: of
    literals.
    """

    def __init__(
        self,
        names: Names,
        operations: Mapping[str, str],
        read: Callable[[Read], str],
        truth: tuple[str, str],
        number: Callable[[int], str] = str,
    ) -> None:
        self.names, self.operations, self.read, self.truth, self.number = names, operations, read, truth, number
        self.known: dict[tuple[Expr, int | None], str] = {}
        self.written = 0

    def of(self, expr: Expr, cell: int | None = None) -> str:
        """The expression, in brackets where it could be taken apart; `cell`: whose value a constant in it is."""
        text = self.bare(expr, cell)
        if not isinstance(expr, Apply) or self._closed(self.operations[expr.op]):
            return text
        return f"({text})"

    def bare(self, expr: Expr, cell: int | None = None) -> str:
        """The expression without brackets around it."""
        if isinstance(expr, Constant):
            return self.value(expr.value, cell)
        if isinstance(expr, Read):
            return self.read(expr)
        key = (expr, cell)
        if key not in self.known:
            operation = self.operations[expr.op]
            beside = cell if expr.op == "ite" else None
            if expr.op in ("eq", "lt", "le"):
                beside = next((a.cell for a in expr.args if isinstance(a, Read)), None)
            args = [self.of(a, beside) for a in expr.args]
            operation = self.special(expr) or operation
            text = operation.format(*args) if "{" in operation else operation.join(args)
            if len(text) > LONGEST:
                raise UsageError(f"the model has an expression of more than {LONGEST:,} characters in this language")
            self.written += len(text)
            if self.written > MOST_TEXT:
                raise UsageError(
                    f"the expressions of the model have more than {MOST_TEXT:,} characters in this language"
                )
            self.known[key] = text
        return self.known[key]

    def special(self, expr: Apply) -> str | None:
        """A simpler operation for these arguments, of the same form (in brackets or not); None: the table's."""
        return None

    def conjunct(self, expr: Expr) -> str:
        """The expression as it may stand between signs for "and": comparisons bind closer and need no brackets."""
        simple = isinstance(expr, Apply) and expr.op in ("not", "eq", "lt", "le", "iff")
        return self.bare(expr) if simple else self.of(expr)

    def value(self, value: int | bool, cell: int | None = None) -> str:
        """A literal, by its name where the cell that it stands beside gives it one."""
        if isinstance(value, bool):
            return self.truth[value]
        name = None if cell is None else self.names.code(cell, value)
        return self.number(value) if name is None else name

    @staticmethod
    def _closed(operation: str) -> bool:
        return operation.startswith("(") or "({" in operation.split(" ")[0]


def conjuncts(expr: Expr) -> list[Expr]:
    """The parts that must all be true."""
    if isinstance(expr, Apply) and expr.op == "and":
        return [part for arg in expr.args for part in conjuncts(arg)]
    return [expr]


def wrap(items: list[str], between: str, indent: str, width: int = 110) -> str:
    """The items with `between` after each but the last, in lines no longer than the width where that is possible."""
    lines = [indent.rstrip("\n")]
    for i, item in enumerate(items):
        piece = item + (between if i < len(items) - 1 else "")
        if len(lines[-1]) + len(piece) > width and lines[-1].strip():
            lines.append(indent)
        lines[-1] += piece
    return "\n".join(line.rstrip() for line in lines)


def same(codes: tuple[int, ...]) -> tuple[int, ...]:
    """The codes, each once, in their order."""
    return tuple(dict.fromkeys(codes))


class Sizes(Intervals):
    """Intervals, and which of them fit in the integers of another language."""

    def __init__(self, system: System) -> None:
        super().__init__(system)
        self.checked: set[Expr] = set()

    def check_word(self, expr: Expr, language: str) -> None:
        """Raise UsageError unless every part of the expression fits in 32 bits, with room to spare."""
        pending = [expr]
        while pending:
            part = pending.pop()
            lo, hi = self.of(part)
            if lo < -WORD or hi > WORD:
                raise UsageError(
                    f"integers of {language} have 32 bits; the model has an expression from {lo:,} to {hi:,}"
                )
            if isinstance(part, Apply) and part not in self.checked:
                self.checked.add(part)
                pending.extend(part.args)


def check_words(system: System, language: str) -> None:
    """Raise UsageError unless all that the system computes fits in the language's integers of 32 bits."""
    for cell in system.cells:
        if cell.domain.lo < -WORD or cell.domain.top > WORD:
            raise UsageError(
                f"integers of {language} have 32 bits; {cell.name} goes from {cell.domain.lo:,} to {cell.domain.top:,}"
            )
    sizes = Sizes(system)
    for action in system.actions:
        for expr in (action.guard, *(e for _, e in action.updates)):
            sizes.check_word(expr, language)
    for prop in system.properties:
        for expr in (prop.holds, *(e for e, _ in prop.undefined)):
            sizes.check_word(expr, language)


def at_rest(system: System) -> Expr:
    """Every thread is finished or at a step that may wait for ever."""
    parts: list[Expr] = []
    for thread in system.threads:
        codes = ([] if thread.finished is None else [thread.finished]) + list(thread.may_wait)
        tests: list[Expr] = [Apply("eq", (Read(thread.cell, "int"), Constant(c))) for c in dict.fromkeys(codes)]
        if not tests:
            return Constant(False)
        parts.append(tests[0] if len(tests) == 1 else Apply("or", tuple(tests)))
    if not parts:
        return Constant(True)
    return parts[0] if len(parts) == 1 else Apply("and", tuple(parts))


def number(value: int) -> str:
    """A literal; a negative one in brackets, so that no two signs meet."""
    return str(value) if value >= 0 else f"({value})"
