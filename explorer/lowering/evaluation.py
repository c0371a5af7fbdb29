"""Evaluation: names, attributes, elements and calls."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, assert_never

from explorer.errors import LanguageError, did_you_mean
from explorer.errors.blame import shown_error
from explorer.language import properties as kinds
from explorer.language import sorts, state, steps
from explorer.language.model import Part, Thread, Threads
from explorer.language.rules import LeftOpen, Open, Rules, open_rule
from explorer.language.sorts import Atom, Sort, an, is_record, show
from explorer.language.unchanging import HOLDERS
from explorer.lowering import layout, values
from explorer.lowering.builtins import BUILTINS, CONSUMERS, SYMBOLIC_ARGUMENT, TAKES, Builtin
from explorer.lowering.elements import Elements
from explorer.lowering.path import MISSING, Activation, Bound, Unreached, Variable
from explorer.lowering.source import place
from explorer.lowering.text import MAPPINGS, first_inside, held_by, text_of
from explorer.lowering.values import Guarded, Maybe, Mismatch, OneOf, Scalar, SetOf, Struct, describe, symbolic
from explorer.system.expressions import conj, disj, eq, neg
from explorer.system.form import FALSE, TRUE, Constant, Expr

# what changes a list or a set in Python, and what to write instead
CHANGING = {
    "append": "(*items, new)",
    "extend": "(*items, *more)",
    "insert": "a new tuple",
    "pop": "items[:-1]",
    "remove": "a new tuple or items - {old}",
    "clear": "()",
    "sort": "a tuple in that order",
    "reverse": "tuple(reversed(items))",
    "add": "items | {new}",
    "discard": "items - {old}",
    "update": "items | more",
}


HOLDS_NOTHING = (
    Part,
    Enum,
    int,
    str,
    type,
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    types.NoneType,
)


@dataclass(frozen=True)
class DeclaredLocal:
    """The value of local(sort, init) until it is assigned."""

    sort: Sort[Any]
    init: Any


class Evaluation(Elements):
    def invoke(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST, top: Activation) -> Any:
        """Call a plain def."""
        raise NotImplementedError

    def value(self, node: ast.expr, top: Activation) -> Any:
        self.world.work.add()
        match node:
            case ast.Name():
                return self.name(node, top)
            case ast.Attribute():
                return self.attribute(self.value(node.value, top), node.attr, node, top)
            case ast.Constant():
                return node.value
            case ast.Subscript():
                return self.item(node, top)
            case ast.Call():
                return self.call(node, top)
            case ast.Compare():
                return self.compare(node, top)
            case ast.BoolOp():
                return self.boolean(node, top)
            case ast.UnaryOp():
                return self.unary(node, top)
            case ast.BinOp():
                return self.binary(node.op, self.value(node.left, top), self.value(node.right, top), node, top)
            case ast.IfExp():
                return self.conditional(node, top)
            case ast.Tuple():
                return tuple(self.value(e, top) for e in node.elts)
            case ast.List():
                return tuple(self.value(e, top) for e in node.elts)
            case ast.Set():
                return self.make_set([(TRUE, self.value(e, top)) for e in node.elts], node, top)
            case ast.ListComp():
                return Guarded(tuple(self.comprehension(node, top)))
            case ast.GeneratorExp():
                self.error(
                    "a generator is evaluated when it is consumed, and only once; it may stand after for in a comprehension, and "
                    "in any(...), sum(...) and their kin; write a list here: [...]",
                    node,
                    top,
                )
            case ast.SetComp():
                return self.make_set(list(self.comprehension(node, top)), node, top)
            case ast.JoinedStr():
                return self.f_string(node, top)
            case ast.Lambda():
                self.error(
                    "a lambda may stand only where a condition is asked for, when=lambda: ... and before(lambda: ...): "
                    "write a def outside the coroutine",
                    node,
                    top,
                )
            case _:
                self.error(f"the expression {text_of(node)} is not part of the language", node, top)

    def name(self, node: ast.Name, top: Activation) -> Any:
        if node.id in top.env:
            return top.env[node.id]
        if node.id in top.code.locals:
            self.error(
                f"the local {node.id} is read here, and on the way here it may not have been assigned", node, top
            )
        try:
            return self.outside(top.code.source.lookup(node.id), node, top)
        except KeyError:
            names = {*top.env, *top.code.source.function.__code__.co_freevars, *top.code.source.function.__globals__}
            near = did_you_mean(node.id, [n for n in names if not n.startswith(".")])
            self.error(f"the name {node.id} is not defined{near}", node, top)

    def outside(self, value: Any, node: ast.AST, top: Activation) -> Any:
        """A static value from outside the routine. Refuses those that no step may know."""
        if isinstance(value, HOLDS_NOTHING):
            return value
        inside = first_inside(value, (Atom, Open, state.Declaration))
        if isinstance(inside, state.Declaration):
            self.error("a declaration is no value: state is declared in a part, self.x = var(sort, init)", node, top)
        if isinstance(inside, Open):
            self.error(
                "any_of(...) leaves a rule open and is no value: put it in a field of a record of rules (class Kernel(Rules)), "
                "and read that",
                node,
                top,
            )
        if inside is not None:
            what = f"{describe(value)} that holds some" if not isinstance(value, Atom) else "one"
            self.error(
                "the values of a scalarset are interchangeable, so a step can't name one: choose it, or read it from the state "
                f"(only initial values may name one); {text_of(node)} is {what}",
                node,
                top,
            )
        if isinstance(value, HOLDERS):
            self.world.model.unchanging.note(value, text_of(node), place(top.code.source.file, node))
        return value

    def is_routine(self, node: ast.expr, top: Activation) -> bool:
        """True for an expression that names a routine instead of calling it."""
        try:
            return isinstance(node, ast.Name | ast.Attribute) and inspect.isroutine(self.value(node, top))
        except LanguageError:
            return False

    def f_string(self, node: ast.JoinedStr, top: Activation) -> str:
        out = ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                out += str(part.value)
            else:
                assert isinstance(part, ast.FormattedValue)
                value = self.value(part.value, top)
                if symbolic(value):
                    self.error(
                        f"an f-string may use static values only, and {text_of(part.value)} depends on the state: "
                        "leave it out, the trace shows the state",
                        part.value,
                        top,
                    )
                out += show(value) if isinstance(value, Enum | Atom) else str(value)
        return out

    # ------------------------------------------------------------ attributes and elements

    def attribute(self, holder: Any, name: str, node: ast.AST, top: Activation) -> Any:
        if isinstance(holder, Maybe) or holder is None:
            holder = self.present(holder, f"{held_by(node)} is None, which has no attribute {name!r}", node, top)
        if isinstance(holder, Part):
            full = f"{holder.part_name}.{name}"
            state_variable = self.world.variables.get(full)
            if isinstance(state_variable, Variable):
                self.touch(full, node, top)
                self.note_ghost(state_variable, node, top)
                return self.read(state_variable)
        if isinstance(holder, Thread | Threads) and name == "finished":
            threads = [holder] if isinstance(holder, Thread) else list(holder.threads())
            self.touch(f"{held_by(node)}.finished", node, top)
            return Scalar(conj(*(eq(self.cell(self.world.finished[t.name]), Constant(0)) for t in threads)), bool)
        if isinstance(holder, Rules):
            self.world.model.rules_read.note(holder, name)
            opened = open_rule(holder, name)
            if opened is not None:
                try:
                    self.touch(f"the rule {name}, left open here,", node, top)
                except LanguageError as e:
                    raise LeftOpen(name, e.message, e.place) from None
                if name not in self.world.constants:
                    self.error(f"the rule {name} is open here but was not found when the model was lowered", node, top)
                return self.read(self.world.constants[name])
        if isinstance(holder, OneOf):
            return self.attribute_of_one(holder, name, node, top)
        if isinstance(holder, Struct):
            if name in holder.fields:
                return holder.fields[name]
            found = getattr(holder.cls, name, MISSING)
            if isinstance(found, types.FunctionType):
                return Bound(found, holder)
            if isinstance(found, property) and found.fget is not None:
                return self.invoke(Bound(found.fget, holder), [], {}, node, top)  # type: ignore[arg-type]
            near = did_you_mean(name, holder.fields) or f"; it has {', '.join(holder.fields)}"
            self.error(f"{describe(holder)} has no attribute {name!r}{near}", node, top)
        if isinstance(holder, Scalar):
            found = getattr(holder.kind, name, MISSING)
            if isinstance(found, types.FunctionType) and issubclass(holder.kind, Enum):
                return Bound(found, holder)
            if issubclass(holder.kind, Atom):
                self.error(
                    f"{held_by(node)} is {describe(holder)}, a value of a scalarset: it can be compared for equality, used as an "
                    "index and chosen, and has no attributes",
                    node,
                    top,
                )
            self.error(
                f"{held_by(node)} depends on the state, so its attribute {name!r} is not known here: "
                "compare it with == or use it as an index",
                node,
                top,
            )
        if isinstance(holder, SetOf | Guarded) or (isinstance(holder, tuple) and symbolic(holder)):
            self.error(f"{describe(holder)} has no attribute {name!r} in the language", node, top)
        if isinstance(holder, Atom) and name in ("_index", "_made"):
            self.error(
                f"{held_by(node)} is a value of a scalarset: its number has no meaning; compare it with ==", node, top
            )
        descriptor = inspect.getattr_static(type(holder), name, None)
        if isinstance(descriptor, property) and descriptor.fget is not None and not isinstance(holder, Enum | Sort):
            return self.invoke(types.MethodType(descriptor.fget, holder), [], {}, node, top)
        try:
            found = getattr(holder, name)
        except AttributeError:
            if name in ("__aenter__", "__aexit__"):
                self.error(
                    "async with takes a lock, a part with async def __aenter__(self) and async def __aexit__(self, *args), "
                    f"not {describe(holder)}",
                    node,
                    top,
                )
            known = [n for n in dir(holder) if not n.startswith(("_", "part_"))]
            if isinstance(holder, Part):
                known += holder.part_state
            what = holder.part_name if isinstance(holder, Part) else describe(holder)
            if isinstance(holder, tuple | frozenset) and name in CHANGING:
                self.error(
                    f".{name}() changes a list or a set in place, and values don't change here: write {CHANGING[name]} for a "
                    "value that the step makes, and keep state in self.a = array(index, element, init)",
                    node,
                    top,
                )
            self.error(f"{what} has no attribute {name!r}{did_you_mean(name, known)}", node, top)
        return self.outside(found, node, top)

    def possible(self, value: OneOf) -> dict[type, tuple[Expr, Any]]:
        """The classes that the record may be of, as far as the path and the conditions around the expression say."""
        given = self.given_facts()
        cases = {cls: (given.simplify(condition), case) for cls, (condition, case) in value.cases.items()}
        return {cls: (condition, case) for cls, (condition, case) in cases.items() if condition != FALSE}

    def attribute_of_one(self, holder: OneOf, name: str, node: ast.AST, top: Activation) -> Any:
        """An attribute of a record of one of several classes: one that has no such attribute is an error of the model."""
        cases = self.possible(holder)
        if not cases:
            raise Unreached
        if len(cases) == 1:
            return self.attribute(next(iter(cases.values()))[1], name, node, top)
        having: list[tuple[Expr, Any]] = []
        for condition, case in cases.values():
            record = values.parts_of(case)
            if record is not None and name in record[1]:
                having.append((condition, record[1][name]))
        known = [field for cls in cases for field in dict(layout.fields_of(cls))]
        which = " or ".join(an(cls.__name__) for cls in cases)
        if not having:
            near = did_you_mean(name, known)
            self.error(f"{held_by(node)} is {which} here, and none has the field {name!r}{near}; test it first: "
                       f"isinstance({held_by(node)}, {next(iter(cases)).__name__})", node, top)  # fmt: skip
        without = [cls.__name__ for cls in cases if name not in dict(layout.fields_of(cls))]
        if without:
            text = f"{held_by(node)} is {an(' or '.join(without))}, which has no field {name!r}"
            self.check(disj(*(condition for condition, _ in having)), "value", text, node, top)
        found = having[-1][1]
        try:
            for condition, value in reversed(having[:-1]):
                found = values.merge(condition, value, found)
        except Mismatch as m:
            self.error(f"{held_by(node)}.{name} is {m}", node, top)
        return found

    def item(self, node: ast.Subscript, top: Activation) -> Any:
        holder = self.value(node.value, top)
        index = self.value(node.slice, top)
        array = self.array(holder)
        if array is not None:
            self.touch(array.name, node, top)
            elements = self.subscript(array, index, node, top)
            for element, _ in elements:
                self.note_ghost(element, node, top)
            return self.read_elements(elements)
        if isinstance(holder, (*MAPPINGS, tuple, list)):
            return self.element(holder, index, node, top)
        if symbolic(index):
            self.error(
                "only arrays of state, mappings and tuples can be indexed by a value that depends on the state, and "
                f"{text_of(node.value)} is {describe(holder)}: declare self.a = array(index, element, init)",
                node,
                top,
            )
        if not hasattr(type(holder), "__getitem__") or isinstance(holder, SYMBOLIC_ARGUMENT):
            self.error(f"{text_of(node.value)} is {describe(holder)}, which has no elements", node, top)
        try:
            return holder[index]
        except LanguageError as e:
            self.error(e.message, node, top)
        except (TypeError, KeyError, IndexError) as e:
            self.error(f"{text_of(node)} fails: {shown_error(e)}", node, top)

    # ------------------------------------------------------------ calls

    def arguments(self, call: ast.Call, top: Activation) -> tuple[list[Any], dict[str, Any]]:
        return [self.value(a, top) for a in call.args], {
            k.arg: self.value(k.value, top) for k in call.keywords if k.arg
        }

    def call(self, node: ast.Call, top: Activation) -> Any:
        function = self.value(node.func, top)
        if function is steps.step:
            self.error("step(...) without await does nothing: write await step(...)", node, top)
        if function is steps.choose:
            self.error(
                "choose(...) stands alone on the right of = or in return, x = choose(...), never inside an expression, "
                "a condition or a property",
                node,
                top,
            )
        if function is kinds.before:
            return self.call_before(node, top)
        if function is assert_never:
            self.check(FALSE, "assert", "assert_never() is reached: a case is missing before it", node, top)
            raise Unreached
        if function is state.local:
            self.error(
                "local(...) stands alone on the right of an assignment: tries = local(Range(0, 3), 0)", node, top
            )
        if function in (state.var, state.array, state.ghost):
            self.error(
                "state is declared in the __init__ of a part, not in a step: the number of cells is fixed", node, top
            )
        if isinstance(function, kinds.PropertyFunction):
            function = function.function
        builtin = BUILTINS.get(function) if isinstance(function, types.BuiltinFunctionType | type) else None
        if builtin is not None:
            self.fits(function, node, top)
            return self.call_builtin(function, builtin, node, top)
        args, kwargs = self.arguments(node, top)
        if function is sorts.replace or function is dataclasses.replace:
            return self.call_replace(args, kwargs, node, top)
        if is_record(function):
            return self.construct(function, args, kwargs, node, top)
        if isinstance(function, type) or isinstance(function, types.BuiltinFunctionType | types.BuiltinMethodType):
            self.check_callable(function, node, top)
            if symbolic(tuple(args)) or symbolic(tuple(kwargs.values())):
                self.error(f"{text_of(node.func)}() can't take a value that depends on the state", node, top)
            try:
                return function(*args, **kwargs)
            except Exception as e:  # the user's own constructor, run as it stands
                self.error(f"{text_of(node)} fails: {shown_error(e)}", node, top)
        if isinstance(function, Bound | types.FunctionType | types.MethodType):
            plain: Any = getattr(function, "__func__", getattr(function, "function", function))
            plain = inspect.unwrap(plain)
            if inspect.iscoroutinefunction(plain):
                self.error(f"{text_of(node.func)} may contain steps: write await {text_of(node.func)}(...)", node, top)
            if plain.__module__ == "explorer.language.sorts":
                return function(*args, **kwargs)  # type: ignore[operator]
            return self.invoke(function, args, kwargs, node, top)
        self.error(f"{text_of(node.func)} is {describe(function)}, which can't be called", node, top)

    def fits(self, function: Any, node: ast.Call, top: Activation) -> None:
        """Refuse the wrong number of arguments, and keywords, of a builtin."""
        least, most, keywords = TAKES.get(function, (0, 1, ()))
        wrong = [k.arg for k in node.keywords if k.arg not in keywords]
        if wrong or not least <= len(node.args) <= most:
            counts = f"{least}" if least == most else f"at least {least}" if most > 9 else f"{least} to {most}"
            given = f"the keyword {wrong[0]}=" if wrong else f"{len(node.args)}"
            also = "".join(f" and {k}=" for k in keywords)
            plural = "" if counts.endswith("1") else "s"
            self.error(f"{function.__name__} takes {counts} argument{plural}{also} here, not {given}", node, top)

    def check_callable(self, function: Any, node: ast.Call, top: Activation) -> None:
        """Refuse what is no Python source and may have an effect, or makes a value that may change."""
        name = text_of(node.func)
        if isinstance(function, type):
            if issubclass(function, Atom):
                self.error(
                    "the values of a scalarset are interchangeable, so a step can't make one: choose it, or read it from the "
                    "state (only initial values may name one)",
                    node,
                    top,
                )
            frozen = dataclasses.is_dataclass(function) and function.__dataclass_params__.frozen  # type: ignore[attr-defined]
            if not (frozen or issubclass(function, Enum | tuple)):
                self.error(
                    f"{name}(...) makes an object that may change, and static values must not: use @record, a NamedTuple or "
                    "an Enum",
                    node,
                    top,
                )
            return
        owner = getattr(function, "__self__", None)
        if isinstance(owner, MAPPINGS) and function.__name__ in ("get", "items", "keys", "values"):
            held = held_by(node.func)
            self.error(
                f"{name}(...) is not part of the language: write {held}[key], key in {held}, for key in {held}",
                node,
                top,
            )
        if isinstance(owner, list | dict | set | bytearray):
            self.error(
                f"{name}(...) works on {describe(owner)}, which may change, and static values must not: use a tuple or a "
                "frozenset; what changes is state, self.a = array(index, element, init)",
                node,
                top,
            )
        pure = isinstance(owner, types.ModuleType) and owner.__name__ in ("math", "_operator")
        if not pure and not isinstance(owner, str | int | tuple | frozenset | bytes):
            names = ", ".join(sorted(f.__name__ for f in BUILTINS))
            self.error(f"{name}() is not part of the language; of Python's own functions these are: {names}", node, top)

    def call_builtin(self, function: Any, builtin: Builtin, node: ast.Call, top: Activation) -> Any:
        if len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp) and not node.keywords:
            generator = node.args[0]
            if function is any:
                found = self.until(generator, top, lambda inner: self.condition(generator.elt, inner))
                return self.boolean_value(self.facts.simplify(disj(*found)))
            if function is all:
                found = self.until(generator, top, lambda inner: neg(self.condition(generator.elt, inner)))
                return self.boolean_value(self.facts.simplify(neg(disj(*found))))
        args: list[Any] = []
        for argument in node.args:
            if not isinstance(argument, ast.GeneratorExp):
                args.append(self.value(argument, top))
            elif function in CONSUMERS:
                args.append(Guarded(tuple(self.comprehension(argument, top))))
            else:
                hint = "count with sum(1 for ...)" if function is len else "write a list: [...]"
                self.error(f"{function.__name__}() of a generator is not what is meant; {hint}", argument, top)
        return builtin(self, args, {k.arg: self.value(k.value, top) for k in node.keywords if k.arg}, node, top)

    def call_before(self, node: ast.Call, top: Activation) -> Any:
        if not self.may_look_back:
            self.error(
                "before(...) has a meaning only in a property of steps, @always_step: a step keeps what it read in a local",
                node,
                top,
            )
        if len(node.args) != 1 or not isinstance(node.args[0], ast.Lambda):
            given = text_of(node.args[0]) if node.args else "part.x"
            self.error(f"before takes a lambda: before(lambda: {given})", node, top)
        if self.before:
            self.error("before(...) can't stand inside before(...): there is one state before the step", node, top)
        self.before = True
        try:
            return self.value(node.args[0].body, top)
        finally:
            self.before = False

    def call_local(self, node: ast.Call, top: Activation) -> Any:
        args, kwargs = self.arguments(node, top)
        if len(args) != 2 or kwargs:
            self.error(
                f"local takes a sort and the initial value, tries = local(Range(0, 3), 0), not {len(args)} of them",
                node,
                top,
            )
        return DeclaredLocal(sorts.as_sort(args[0]), args[1])

    def construct(self, cls: type, args: list[Any], kwargs: dict[str, Any], node: ast.AST, top: Activation) -> Any:
        try:
            bound = bind(cls, args, kwargs)
        except TypeError as e:
            self.error(f"{cls.__name__}(): {e}", node, top)
        bound.apply_defaults()
        fields = bound.arguments
        return Struct(cls, dict(fields)) if symbolic(tuple(fields.values())) else cls(**fields)

    def call_replace(self, args: list[Any], kwargs: dict[str, Any], node: ast.Call, top: Activation) -> Any:
        if len(args) != 1:
            self.error("replace takes a record and the changed fields: replace(pte, writable=False)", node, top)
        whole = text_of(node.args[0])
        record = self.present(args[0], f"{whole} is None, which has no fields to replace", node, top)
        cases = values.cases_of(record)
        if cases is None:
            self.error(f"replace takes a record, not {describe(args[0])}", node, top)
        if isinstance(record, OneOf):
            cases = self.possible(record)
        changed: dict[type, tuple[Expr, Any]] = {}
        for cls, (condition, case) in cases.items():
            parts = values.parts_of(case)
            assert parts is not None
            for name in kwargs:
                if name not in parts[1]:
                    self.error(f"{cls.__name__} has no field {name!r}; it has {', '.join(parts[1])}", node, top)
            changed[cls] = (condition, self.construct(cls, [], {**parts[1], **kwargs}, node, top))
        if not changed:
            raise Unreached
        return next(iter(changed.values()))[1] if len(changed) == 1 else values.one_of(changed)


def bind(function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> inspect.BoundArguments:
    """The arguments as Python binds them. Raises TypeError, which names an unknown keyword rather than what it leaves out."""
    signature = inspect.signature(function)
    known = signature.parameters
    for keyword in kwargs:
        if keyword not in known and all(p.kind is not p.VAR_KEYWORD for p in known.values()):
            raise TypeError(f"there is no parameter {keyword!r}{did_you_mean(keyword, known)}")
    return signature.bind(*args, **kwargs)
