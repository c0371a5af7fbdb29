"""What exchanging two values of a sort does to a system: to cells, codes, threads, expressions and actions.

Nothing is certified here: this says what is to be asked. An `Exchange` is found from what each cell is of; the action that
does in the exchanged state what another does is found by its guard and updates, or else by its names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import factorial

from explorer.errors import shown_file
from explorer.reduction.symmetry import MOST_PERMUTATIONS, Codes
from explorer.system.expressions import conjuncts, substitute, tested_cell
from explorer.system.form import Action, Apply, Cell, Constant, Expr, Interchangeable, Read, System

Form = int
SORTED = ("and", "or", "iff", "eq", "add", "mul", "min", "max")  # operators whose arguments may stand in any order
JOINED = ("and", "or", "add", "mul", "min", "max")  # those of them that may be nested in any way

MOST_CASES = 256  # codes of a cell that are told apart one by one


class Unlike(Exception):
    """Two values that are no names for each other, with the reason."""


@dataclass(frozen=True)
class Alike:
    """Values that may be alike: the name of their domain, their codes, and the declaration where there is one."""

    domain: str
    codes: tuple[int, ...]
    declared: Interchangeable | None = None

    def value_text(self, code: int) -> str:
        """The value as it is shown."""
        if self.declared is None:
            return f"{self.domain} {code}"
        return self.declared.labels[self.codes.index(code)]


@dataclass(frozen=True)
class Exchange:
    """The exchange of two values of a domain: what cell i holds goes to cell `cells[i]`, its code becomes that in `codes[i]`."""

    domain: str
    values: tuple[int, int]
    named: tuple[str, str]
    cells: tuple[int, ...]
    codes: tuple[Codes, ...]

    def indexes(self, given: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
        """What a cell or an action is of, with the two values exchanged."""
        a, b = self.values
        return tuple((name, {a: b, b: a}.get(code, code) if name == self.domain else code) for name, code in given)


def sorts_alike(system: System) -> tuple[list[Alike], list[str]]:
    """The scalarsets of more than one value, and what the model declares interchangeable; and why any is left out."""
    found = [Alike(name.lower(), tuple(range(n))) for name, n in system.scalarsets if n > 1]
    found += [Alike(of.domain, of.codes, of) for of in system.interchangeable]
    kept: list[Alike] = []
    notes: list[str] = []
    permutations = 1
    for alike in sorted(found, key=lambda a: len(a.codes)):
        permutations *= factorial(len(alike.codes))
        if permutations <= MOST_PERMUTATIONS:
            kept.append(alike)
        else:
            permutations //= factorial(len(alike.codes))
            notes.append(f"the {len(alike.codes)} values of {alike.domain} have too many permutations to use")
    return [a for a in found if a in kept], notes


def exchange(system: System, alike: Alike, a: int, b: int) -> Exchange:
    """The exchange of the values with the codes a and b. Raises Unlike where the cells do not allow it."""
    found = Exchange(alike.domain, (a, b), (alike.value_text(a), alike.value_text(b)), (), ())
    named = found.named
    places = {(c.pattern, c.indexes): i for i, c in enumerate(system.cells) if c.indexes}
    cells: list[int] = []
    codes: list[Codes] = []
    for i, cell in enumerate(system.cells):
        moved = found.indexes(cell.indexes)
        there = i if moved == cell.indexes else places.get((cell.pattern, moved))
        if there is None:
            raise Unlike(f"{cell.name} is kept for {named[0]} or {named[1]} and not for the other")
        cells.append(there)
        codes.append(exchanged_codes(cell, alike.domain, a, b))
        here, target = cell.domain, system.cells[there].domain
        if (here.kind, here.lo, here.hi, here.top) != (target.kind, target.lo, target.hi, target.top):
            raise Unlike(f"{cell.name} and {system.cells[there].name} hold different values")
    return replace(found, cells=tuple(cells), codes=tuple(codes))


def exchanged_codes(cell: Cell, domain: str, a: int, b: int) -> Codes:
    """Where the codes of a cell go that holds values of the domain."""
    here = cell.domain
    if here.kind not in ("enum", "scalarset") or here.name != domain:
        return None
    return tuple({a: b, b: a}.get(code, code) for code in range(here.lo, here.top + 1))


def threads_alike(system: System, given: Exchange) -> None:
    """That threads are exchanged as a whole. Raises Unlike."""
    threads = {t.cell: t for t in system.threads}
    for thread in system.threads:
        other = threads[given.cells[thread.cell]]
        if (thread.finished, thread.may_wait) != (other.finished, other.may_wait):
            raise Unlike(f"the threads {thread.name} and {other.name} wait at different steps")


# ---------------------------------------------------------------- expressions


class Mixed(Exception):
    """An expression that uses a value otherwise than by comparing it with one of its sort."""


class Renaming:
    """Expressions with two values exchanged: `of(e)` is in a state what e is in the exchanged state."""

    def __init__(self, system: System, given: Exchange) -> None:
        self.system, self.given = system, given
        self.known: dict[Expr, Expr] = {}
        self.known_coded: dict[tuple[Expr, tuple[tuple[int, int], ...]], Expr] = {}
        self.known_codes: dict[Expr, dict[int, int] | None] = {}

    def of(self, expr: Expr) -> Expr:
        """Of a truth value or a plain number. Raises Mixed."""
        if isinstance(expr, Constant):
            return expr
        if isinstance(expr, Read):
            if self.given.codes[expr.cell] is not None:
                raise Mixed
            return Read(self.given.cells[expr.cell], expr.type, expr.before)
        found = self.known.get(expr)
        if found is None:
            if expr.op == "eq":
                codes = self.codes(expr.args[0]) or self.codes(expr.args[1])
                args = tuple(self.coded_value(a, codes) for a in expr.args)
            else:
                args = tuple(self.of(a) for a in expr.args)
            found = self.known[expr] = Apply(expr.op, args)
        return found

    def coded_value(self, expr: Expr, codes: dict[int, int] | None) -> Expr:
        """What is in a state the value that the expression has in the exchanged state, itself exchanged: of the sort whose
        codes are exchanged so."""
        if codes is None:
            return self.of(expr)
        if isinstance(expr, Constant):
            return Constant(codes.get(int(expr.value), int(expr.value)))
        if isinstance(expr, Read):
            if self.codes(expr) is None:
                raise Mixed
            return Read(self.given.cells[expr.cell], expr.type, expr.before)
        if expr.op != "ite":
            raise Mixed
        key = (expr, tuple(codes.items()))
        found = self.known_coded.get(key)
        if found is None:
            condition, first, second = expr.args
            found = Apply("ite", (self.of(condition), self.coded_value(first, codes), self.coded_value(second, codes)))
            self.known_coded[key] = found
        return found

    def codes(self, expr: Expr) -> dict[int, int] | None:
        """How the codes of the expression's sort are exchanged; None where they are not."""
        if expr not in self.known_codes:
            self.known_codes[expr] = self.codes_of(expr)
        return self.known_codes[expr]

    def codes_of(self, expr: Expr) -> dict[int, int] | None:
        if isinstance(expr, Read):
            codes, lo = self.given.codes[expr.cell], self.system.cells[expr.cell].domain.lo
            return None if codes is None else {lo + i: c for i, c in enumerate(codes) if lo + i != c}
        if isinstance(expr, Apply) and expr.op == "ite":
            return self.codes(expr.args[1]) or self.codes(expr.args[2])
        return None

    def updates(self, action: Action) -> tuple[tuple[int, Expr], ...]:
        """What the action stores, exchanged: the cells and what they hold afterwards. Raises Mixed."""
        found = []
        for cell, expr in stored_values(action):
            codes, lo = self.given.codes[cell], self.system.cells[cell].domain.lo
            mapping = None if codes is None else {lo + i: c for i, c in enumerate(codes) if lo + i != c}
            found.append((self.given.cells[cell], self.coded_value(expr, mapping)))
        return tuple(found)


def stored_values(action: Action) -> Iterator[tuple[int, Expr]]:
    """What an action stores, the control point of its thread too."""
    yield from action.updates
    if action.location is not None and action.location[1] != action.location[2]:
        yield action.location[0], Constant(action.location[2])


class Forms:
    """Numbers for expressions: equal where two are the same but for the order of arguments and of cases.

    `exact`: else two may differ besides in what they are where a cell holds no value. `never`: cells and codes that they do not
    hold; what expressions are there does not count.
    """

    def __init__(
        self,
        system: System,
        *,
        exact: bool,
        never: frozenset[tuple[int, int]] = frozenset(),
        numbers: dict[object, Form] | None = None,
    ) -> None:
        self.system, self.exact, self.never = system, exact, never
        self.numbers: dict[object, Form] = {} if numbers is None else numbers
        self.known: dict[Expr, Form] = {}
        self.narrower: dict[frozenset[tuple[int, int]], Forms] = {}

    def where(self, never: frozenset[tuple[int, int]]) -> Forms:
        """The forms of what is evaluated only where cells do not hold these codes."""
        if not never:
            return self
        if never not in self.narrower:
            self.narrower[never] = Forms(self.system, exact=self.exact, never=never, numbers=self.numbers)
        return self.narrower[never]

    def number(self, key: object) -> Form:
        return self.numbers.setdefault(key, len(self.numbers))

    def of(self, expr: Expr) -> Form:
        """The number of the expression."""
        found = self.known.get(expr)
        if found is None:
            found = self.known[expr] = self.number(self.key(expr))
        return found

    def key(self, expr: Expr) -> object:
        if isinstance(expr, Constant):
            return "constant", expr.type, int(expr.value)
        if isinstance(expr, Read):
            return "read", expr.cell, expr.before
        if expr.op in ("ite", "choose"):
            cases = self.cases(expr)
            if cases is not None:
                return cases
        args = [self.of(a) for a in (joined_parts(expr) if expr.op in JOINED else expr.args)]
        return expr.op, *(sorted(args) if expr.op in SORTED else args)

    def reads(self, expr: Expr) -> frozenset[Read]:
        """What the condition reads; no more than two of it."""
        if isinstance(expr, Constant):
            return frozenset()
        if isinstance(expr, Read):
            return frozenset([expr])
        found: frozenset[Read] = frozenset()
        for arg in expr.args:
            found |= self.reads(arg)
            if len(found) > 1:
                break
        return found

    def cases(self, expr: Apply) -> object | None:
        """What the expression is for each code of the cell that its condition tests; None where it tests none, or others."""
        reads = self.reads(expr.args[0])
        if len(reads) != 1:
            return None
        (cell,) = reads
        domain = self.system.cells[cell.cell].domain
        if cell.before or cell.type == "bool" or domain.kind == "range" and tested_cell(expr.args[0])[0] is None:
            return None
        last = domain.hi if domain.blank and not self.exact else domain.top
        if last - domain.lo >= MOST_CASES:
            return None
        codes = [code for code in range(domain.lo, last + 1) if (cell.cell, code) not in self.never]
        return ("case", self.of(cell), *(self.of(substitute(expr, {cell.cell: Constant(code)})) for code in codes))


def joined_parts(expr: Apply) -> Iterator[Expr]:
    """What the operator joins, also where it is nested."""
    for arg in expr.args:
        if isinstance(arg, Apply) and arg.op == expr.op:
            yield from joined_parts(arg)
        else:
            yield arg


# ---------------------------------------------------------------- actions

Content = tuple[object, ...]


def content(action: Action, forms: Forms, guard: Expr, updates: tuple[tuple[int, Expr], ...]) -> Content:
    """What an action does, with another guard and other updates in the place of its own."""
    kind = "" if action.failure is None else action.failure.kind
    conditions = conjuncts(guard)
    never = frozenset(excluded_code(c) for c in conditions) - {None}
    inside = forms.where(frozenset(pair for pair in never if pair is not None))
    required = tuple(sorted(inside.of(c) for c in conditions if excluded_code(c) is None))
    return action.outcome, kind, never, required, tuple(sorted((cell, inside.of(e)) for cell, e in updates))


def excluded_code(condition: Expr) -> tuple[int, int] | None:
    """(cell, code) where the condition is that the cell does not hold the code."""
    if isinstance(condition, Apply) and condition.op == "not":
        read, code = tested_cell(condition.args[0])
        if read is not None and not read.before:
            return read.cell, code
    return None


class Images:
    """For the actions of a system, those that do the same in an exchanged state."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.loose, self.exact = Forms(system, exact=False), Forms(system, exact=True)
        self.contents = [content(a, self.loose, a.guard, tuple(stored_values(a))) for a in system.actions]
        self.places: dict[Content, list[int]] = {}
        for index, found in enumerate(self.contents):
            self.places.setdefault(found, []).append(index)

    def of(self, given: Exchange) -> tuple[tuple[int, ...], tuple[bool, ...]]:
        """The image of each action, and whether it is so to the letter. Raises Unlike where there are none."""
        renaming = Renaming(self.system, given)
        images: list[int | None] = []
        literally: list[bool] = []
        used: dict[Content, int] = {}
        for action in self.system.actions:
            image, same = None, False
            try:
                guard, updates = renaming.of(action.guard), renaming.updates(action)
            except Mixed:
                pass
            else:
                wanted = content(action, self.loose, guard, updates)
                there = self.places.get(wanted, [])
                turn = used.get(wanted, 0)
                if turn < len(there):
                    used[wanted] = turn + 1
                    image = there[turn]
                    other = self.system.actions[image]
                    same = content(action, self.exact, guard, updates) == content(
                        other, self.exact, other.guard, tuple(stored_values(other))
                    )
            images.append(image)
            literally.append(same)
        left = [i for i in range(len(images)) if i not in set(images)]
        for index, image in enumerate(images):
            if image is None:
                images[index] = self.by_name(index, given, left)
                left.remove(images[index] or 0)
        found = tuple(i for i in images if i is not None)
        if sorted(found) != list(range(len(images))) or any(found[found[i]] != i for i in range(len(found))):
            raise Unlike(f"no actions do for {given.named[1]} what actions do for {given.named[0]}")
        return found, tuple(literally)

    def by_name(self, index: int, given: Exchange, left: list[int]) -> int:
        """The first action among those left that is called as this one is, with the two values exchanged. Raises Unlike."""
        wanted = self.names_of(self.system.actions[index], given)
        for other in left:
            if self.names_of(self.system.actions[other], None) == wanted:
                return other
        action = self.system.actions[index]
        raise Unlike(
            f"{action_text(action)} does for {given.named[0]} or {given.named[1]} what no action does for the other"
        )

    def names_of(self, action: Action, given: Exchange | None) -> tuple[object, ...]:
        """The names of an action, those of the two values exchanged: what it is, its choices, how it ends."""
        location, indexes, choices = action.location, action.indexes, action.choices
        if given is not None:
            (kind, _, first), (_, _, second) = (named.rpartition(" ") for named in given.named)
            other = {first: second, second: first}
            choices = tuple((of, other.get(v, v) if kind in ("", of) else v) for of, v in choices)
            indexes = given.indexes(indexes)
            if location is not None:
                location = (given.cells[location[0]], *location[1:])
        branches = tuple((b.text, b.line, b.outcome) for b in action.branches)
        failure = None if action.failure is None else (action.failure.kind, swapped_text(action.failure.text, given))
        return action.span, location, action.pattern, indexes, choices, branches, action.outcome, failure


def swapped_text(text: str, given: Exchange | None) -> str:
    """The text with the names of the two values exchanged, where they stand as words."""
    if given is None:
        return text
    one, other = given.named
    return re.sub(rf"\b({re.escape(one)}|{re.escape(other)})\b", lambda found: other if found[0] == one else one, text)


def action_text(action: Action) -> str:
    """The action for a message: who, what, where."""
    return f"{action.label!r} of {action.actor} ({shown_file(action.span.file)}:{action.span.line})"
