"""Comprehensions, and what can be gone over: the elements of a collection, each with the condition that it is there."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from explorer.errors.blame import shown_error
from explorer.language import state
from explorer.language.sorts import Atom, AtomSort, ScalarsetSort, Sort, name_of_value, show
from explorer.lowering import layout, values
from explorer.lowering.code import names_used
from explorer.lowering.limits import check_listed
from explorer.lowering.operators import Operators
from explorer.lowering.path import Activation, Unreached
from explorer.lowering.text import MAPPINGS, names_an_atom, text_of
from explorer.lowering.values import Guarded, Maybe, Mismatch, SetOf, describe, scalar, symbolic
from explorer.system.expressions import conj, disj, neg
from explorer.system.form import FALSE, TRUE, Constant, Expr

IN_A_COMPREHENSION = "inside a comprehension nothing may change the state or be chosen; do it before"


class Elements(Operators):
    def assign(self, target: ast.expr, value: Any, node: ast.AST, top: Activation) -> None:
        """Assignment, also by ``for``."""
        raise NotImplementedError

    def fits(self, function: Any, node: ast.Call, top: Activation) -> None:
        """Refuse the wrong number of arguments, and keywords, of a builtin."""
        raise NotImplementedError

    def comprehension(
        self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp, top: Activation
    ) -> Iterator[tuple[Expr, Any]]:
        """(condition, value) of every element, in order."""
        inner = Activation(top.code, top.receiver, top.pc, dict(top.env))
        with self.pure_only(IN_A_COMPREHENSION):
            yield from list(self.generate(node, 0, inner, lambda at: self.value(node.elt, at)))

    def until(self, node: ast.GeneratorExp, top: Activation, test: Callable[[Activation], Expr]) -> list[Expr]:
        """For each element, the condition that it is there and passes the test; none is looked at after one that does."""
        inner = Activation(top.code, top.receiver, top.pc, dict(top.env))
        found: list[Expr] = []
        base, added = len(self.context), 0
        try:
            with self.pure_only(IN_A_COMPREHENSION):
                for present, passes in self.generate(node, 0, inner, test):
                    found.append(self.facts.simplify(conj(present, passes)))
                    if found[-1] != FALSE:
                        self.context.insert(base, neg(found[-1]))
                        added += 1
        finally:
            del self.context[base : base + added]
        return found

    def generate(
        self,
        node: ast.GeneratorExp | ast.ListComp | ast.SetComp,
        depth: int,
        inner: Activation,
        element: Callable[[Activation], Any],
    ) -> Iterator[tuple[Expr, Any]]:
        if depth == len(node.generators):
            try:
                value = element(inner)
            except Unreached:
                return
            yield TRUE, value
            return
        self.world.work.add()
        generator = node.generators[depth]
        self.not_rebound(node, depth, inner)
        for present, item in self.stream(generator.iter, inner):
            saved = dict(inner.env)
            self.assign(generator.target, item, generator.target, inner)
            conditions = [present]
            pushed = 0
            if present != TRUE:
                self.context.append(present)
                pushed += 1
            try:
                for test in generator.ifs:
                    try:
                        condition = self.facts.simplify(self.condition(test, inner))
                    except Unreached:
                        condition = FALSE
                    conditions.append(condition)
                    if condition == FALSE:
                        break
                    if condition != TRUE:
                        self.context.append(condition)
                        pushed += 1
                together = self.facts.simplify(conj(*conditions))
                if together != FALSE:
                    for deeper, value in self.generate(node, depth + 1, inner, element):
                        yield conj(together, deeper), value
            finally:
                if pushed:
                    del self.context[len(self.context) - pushed :]
                inner.env = saved

    def stream(self, node: ast.expr, top: Activation) -> Iterator[tuple[Expr, Any]]:
        """What a comprehension goes over. The elements of a generator are evaluated as they are asked for, as in Python."""
        if isinstance(node, ast.GeneratorExp):
            own = Activation(top.code, top.receiver, top.pc, dict(top.env))
            return self.generate(node, 0, own, lambda at: self.value(node.elt, at))
        if isinstance(node, ast.Call) and any(isinstance(a, ast.GeneratorExp) for a in node.args):
            function = self.value(node.func, top)
            if function is enumerate or function is zip:
                self.fits(function, node, top)
                return self.side_by_side(function, node, top)
        return iter(self.items(self.value(node, top), node, top))

    def side_by_side(self, function: Any, node: ast.Call, top: Activation) -> Iterator[tuple[Expr, Any]]:
        """enumerate() and zip() of generators. How many elements there are must not depend on the state."""
        streams = [self.stream(a, top) for a in node.args[: 1 if function is enumerate else None]]
        options = {k.arg: self.value(k.value, top) for k in node.keywords if k.arg}
        if function is enumerate:
            start = self.value(node.args[1], top) if len(node.args) > 1 else options.get("start", 0)
            if not isinstance(start, int):
                self.error(f"enumerate() starts with an integer known before the run, not {describe(start)}", node, top)
            streams.insert(0, ((TRUE, i) for i in itertools.count(start)))
        while True:
            found: list[Any] = []
            for each in streams:
                present, value = next(each, (FALSE, None))
                if present == FALSE:
                    break
                if present != TRUE:
                    self.error(
                        f"how many elements {function.__name__}() is given depends on the state: go over all that may be there, "
                        "and test inside with if",
                        node,
                        top,
                    )
                found.append(value)
            if len(found) < len(streams):
                if options.get("strict") and (found or any(next(s, None) is not None for s in streams[1:])):
                    self.error(f"{text_of(node)} fails: its arguments are not of one length", node, top)
                return
            refuse_order(self, [v for v in found if not symbolic(v)], node, top)
            yield TRUE, tuple(found)

    def not_rebound(self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp, depth: int, top: Activation) -> None:
        """Refuse a generator inside a comprehension that would see a name bound anew while it runs."""
        over = node.generators[depth].iter
        if depth == 0 or not any(isinstance(n, ast.GeneratorExp) for n in ast.walk(over)):
            return
        bound = {n.id for g in node.generators[depth:] for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        for name in sorted(bound & names_used(over)):
            self.error(
                f"the generator reads {name}, and this comprehension binds {name} anew while the generator runs: "
                "use another name",
                over,
                top,
            )

    # ------------------------------------------------------------ collections

    def items(self, value: Any, node: ast.AST, top: Activation) -> list[tuple[Expr, Any]]:
        """The elements of an iterable, each with the condition of its presence."""
        if isinstance(value, Guarded):
            return list(value.items)
        if isinstance(value, SetOf):
            return [(c, m) for m, c in value.members.items() if c != FALSE]
        if isinstance(value, Sort):
            return [(TRUE, v) for v in layout.members_of(value, self.world.sizes)]
        if isinstance(value, range):
            check_listed(len(value), text_of(node))
        if isinstance(value, frozenset | set):
            return [(TRUE, v) for v in sorted(value, key=show)]
        if isinstance(value, type) and issubclass(value, Enum):
            return [(TRUE, v) for v in value]
        if isinstance(value, (*MAPPINGS, tuple, range, list)):
            return [(TRUE, v) for v in value]
        if isinstance(value, state.Array):
            self.error(
                f"{value.name} is an array of state: loop over its index sort instead, {value.name}[i] for i in ...",
                node,
                top,
            )
        hint = f": write range({value})" if isinstance(value, int) and not isinstance(value, bool) and value > 0 else ""
        self.error(f"{describe(value)} has no elements to go over{hint}", node, top)

    def element(self, holder: Any, index: Any, node: ast.Subscript, top: Activation) -> Any:
        """What a mapping, a tuple or a list holds under the index. Where the index depends on the state, each that it may be is
        a case: of one value or, where the values have no sort in common, as parts have none, of one path. An index that is
        not there is an error of the model."""
        whole = text_of(node.value)
        held: Mapping[Any, Any]
        if isinstance(holder, MAPPINGS):
            held, what = self.mapping(holder, node, top), "key"
        else:
            index = self.present(index, f"{text_of(node.slice)} is None, which is not an index of {whole}", node, top)
            held, what = Indexed(holder), "index"
        cases: list[tuple[Expr, Any]] = []
        if symbolic(index):
            check_listed(len(held), text_of(node))
            self.world.work.add(len(held))
            found = [(self.facts.simplify(values.equal(index, key)), key) for key in held]
            cases = [(condition, held[key]) for condition, key in found if condition != FALSE]
        else:
            try:
                return held[index]
            except KeyError:
                pass
            except TypeError as e:
                self.error(f"{text_of(node)} fails: {shown_error(e)}", node, top)
        there = f"{whole}, {what_is_there(held)}"
        known_kind = what == "index" or self.same_kind(index, index)
        if not cases and known_kind and not any(self.same_kind(index, key) for key in held):
            self.error(f"{describe(index)} is no {what} of {there}", node, top)
        if isinstance(index, Guarded | SetOf):
            self.error(f"{describe(index)} that depends on the state is no {what}, which is one value", node, top)
        if self.may_leave(index, held):
            number = scalar(index)
            known = number.expr if number is not None and number.kind is int else None
            name = f"{what} {{value}}" if known is not None else f"the {what} {text_of(node.slice)}"
            inside = disj(*(condition for condition, _ in cases))
            self.check(inside, "index", f"{name} is not in {there}", node, top, known)
        if not cases:
            raise Unreached
        try:
            return values.merged_value(cases)
        except Mismatch as m:
            if self.pure or self.context:
                self.error(
                    f"{text_of(node)} is {m}: go over the keys, any(... for k in {whole} if k == {text_of(node.slice)})",
                    node,
                    top,
                )
        return next((value for condition, value in cases[:-1] if self.decide(condition)), cases[-1][1])

    def mapping(self, holder: Any, node: ast.Subscript, top: Activation) -> dict[Any, Any]:
        """Keys and values of a mapping, which finds no others and makes none."""
        held = holder if isinstance(holder, dict) else holder.copy()
        if type(held) is not dict:
            self.error(
                f"{text_of(node.value)} is {describe(held)}, which says by code of its own what it holds: write a dict",
                node,
                top,
            )
        return held

    def iterable(self, node: ast.expr, top: Activation) -> list[Any]:
        """What a for statement runs over: static values only."""
        value = self.value(node, top)
        if isinstance(value, ScalarsetSort | AtomSort):
            self.error(
                f"a for statement runs in an order, and the values of the scalarset {value.cls.__name__} have none: "
                "write any(...), all(...), sum(...) or choose(...)",
                node,
                top,
            )
        items = self.items(value, node, top)
        if any(c != TRUE or symbolic(v) for c, v in items):
            self.error(
                "a for statement goes over values known before the run, and these depend on the state: "
                "go over all that may be there, and test inside with if",
                node,
                top,
            )
        if any(names_an_atom(v) for _, v in items):
            self.error(
                "a for statement runs in an order, and the values of a scalarset have none: "
                "write any(...), all(...), sum(...) or choose(...)",
                node,
                top,
            )
        return [v for _, v in items]

    def make_set(self, items: list[tuple[Expr, Any]], node: ast.AST, top: Activation) -> Any:
        members: dict[Any, Expr] = {}
        for condition, value in items:
            if isinstance(value, Maybe) and self.given_facts().simplify(value.present) == TRUE:
                value = value.value
            if not symbolic(value):
                members[value] = disj(members.get(value, FALSE), condition)
                continue
            given = scalar(value)
            if given is None:
                self.error(f"a set can hold bools, integers, enum members and atoms, not {describe(value)}", node, top)
            if given.kind is int:
                lo, hi = self.facts.bounds(given.expr)
                if hi - lo > 256:
                    self.error("this integer has too many possible values for a set; keep its range small", node, top)
                possible: list[Any] = list(range(lo, hi + 1))
            else:
                possible = self.world.members(given.kind)
            for member in possible:
                members[member] = disj(members.get(member, FALSE), conj(condition, values.equal(given, member)))
        return self.finished_set(members)

    def finished_set(self, members: dict[Any, Expr]) -> Any:
        members = {k: self.facts.simplify(c) for k, c in members.items()}
        if all(isinstance(c, Constant) for c in members.values()):
            return frozenset(k for k, c in members.items() if c == TRUE)
        return SetOf({k: c for k, c in members.items() if c != FALSE})


class Indexed(Mapping[int, Any]):
    """A tuple or a list as the mapping that it is: from each index, those from the end too, to the element."""

    def __init__(self, held: Sequence[Any]) -> None:
        self.held = held

    def __getitem__(self, index: int) -> Any:
        if not isinstance(index, int) or not -len(self.held) <= index < len(self.held):
            raise KeyError(index)
        return self.held[index]

    def __iter__(self) -> Iterator[int]:
        return iter(range(-len(self.held), len(self.held)))

    def __len__(self) -> int:
        return 2 * len(self.held)


def what_is_there(held: Mapping[Any, Any]) -> str:
    """What an index may be, for a message."""
    if isinstance(held, Indexed):
        return f"which has {len(held.held)} element{'' if len(held.held) == 1 else 's'}"
    keys = [name_of_value(key) if isinstance(key, tuple) else describe(key) for key in itertools.islice(held, 8)]
    more = f" and {len(held) - 8} more" if len(held) > 8 else ""
    return f"whose keys are {', '.join(keys)}{more}" if keys else "which is empty"


def refuse_order(path: Elements, items: Iterable[Any], node: ast.Call, top: Activation) -> None:
    """Refuse values of a scalarset where their order would show."""
    if any(isinstance(v, Atom) for v in items):
        path.error(
            f"{text_of(node.func)}() gives its values an order, and those of a scalarset have none: use the scalarset "
            "itself in a comprehension, or choose(...)",
            node,
            top,
        )
