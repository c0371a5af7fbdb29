"""What a model is: a digest of everything that its lowering can read, as it stands in memory.

The digest is made from the objects themselves: parts with what they hold, the functions of threads, rules and properties, what
their closures hold, the globals that their code names, and so on from there; of every function of the user's also the text of
its file, which is what is lowered. So it differs where a routine was replaced in memory, where a list was read from another
file, where a part holds another value. Of the tool and of Python's own library the names alone are taken: whoever keeps
something under the digest adds the tool's. Rules are left out of the digest, but for those left open: which of them a lowering
reads is known only afterwards (`lowering.kept`).

Two models that lowering could tell apart never have the same digest; the reverse may happen. What can't be described, as a file
that is open, raises `Unknown`.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import linecache
import re
import sys
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any

from explorer.errors.blame import is_users
from explorer.language.model import Model
from explorer.language.properties import Property
from explorer.language.rules import Open, Rules
from explorer.language.sorts import Atom
from explorer.language.values import PLAIN

NOT_READ = (
    "given",
    "parameters",
    "rules_built",
    "rules_read",
    "unchanging",
    "built",
    "run",
)  # of a model, by no lowering
PURE = frozenset(
    "__future__ _abc _collections_abc _operator abc builtins collections collections.abc copy dataclasses enum functools"
    " itertools math operator re reprlib string types typing typing_extensions".split()
)
IMPURE = frozenset(
    ("open", "input", "exec", "eval", "__import__")
)  # builtins by which code reads what is not in memory
OF_CLASSES = frozenset(
    "__dict__ __weakref__ __doc__ __module__ __qualname__ __dataclass_params__ __abstractmethods__ _abc_impl _made"
    " __firstlineno__ __static_attributes__".split()
)
WORD = re.compile(r"[^\W\d]\w*")
TYPING = (types.GenericAlias, types.UnionType, typing.TypeVar, typing.ParamSpec)


class Unknown(Exception):
    """Something that a digest can't be made of."""


@dataclasses.dataclass(frozen=True)
class Identity:
    """`digest`: of the model and its claims. `records`: the records of rules in it, always in the same order."""

    digest: str
    records: tuple[Rules, ...]


def identity(model: Model, claims: Sequence[Property]) -> Identity:
    """What the model with these claims is. Raises Unknown."""
    found = description(model, claims)
    return Identity(found.digest(), tuple(found.records))


def description(model: Model, claims: Sequence[Property]) -> Description:
    """Of all that lowering may read of the model."""
    found = Description()
    found.numbers[id(model)] = -1
    found.refer([{name: value for name, value in vars(model).items() if name not in NOT_READ}, list(claims)])
    return found


class Description:
    """Objects, each described once, by its kind and by the numbers of those that it refers to."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.objects: list[Any] = []  # kept, so that no other object gets the same id
        self.records: list[Rules] = []
        self.files: dict[str, str] = {}

    def digest(self) -> str:
        """Of all that was referred to and all that these refer to."""
        made = hashlib.sha256()
        at = 0
        while at < len(self.objects):
            made.update(f"{at}={self.description_of(self.objects[at])}\n".encode("utf-8", "surrogateescape"))
            at += 1
        for file, text in self.files.items():
            made.update(f"{file}\0{text}\0".encode("utf-8", "surrogateescape"))
        return made.hexdigest()

    def refer(self, value: Any) -> str:
        """A value inside a description: itself if it is plain, else its number."""
        if value is None or type(value) in PLAIN:
            return repr(value)
        if type(value) is tuple:
            return f"({','.join(map(self.refer, value))})"
        number = self.numbers.get(id(value))
        if number is None:
            number = self.numbers[id(value)] = len(self.objects)
            self.objects.append(value)
        return f"#{number}"

    def all(self, values: Iterable[Any]) -> str:
        return ",".join(map(self.refer, values))

    def items(self, values: Iterable[tuple[Any, Any]]) -> str:
        return ",".join([f"{self.refer(key)}:{self.refer(value)}" for key, value in values])

    # ------------------------------------------------------------ kinds of objects

    def description_of(self, value: Any) -> str:
        """The kind of the object, and what it refers to. Raises Unknown."""
        kind = type(value)
        if kind in DESCRIBED:
            return DESCRIBED[kind](self, value)
        if isinstance(value, types.ModuleType):
            return f"module {value.__name__}"  # what a function uses of it is told with the function
        if isinstance(value, type):
            return self.of_class(value)
        if isinstance(value, Enum):
            return f"member {self.refer(kind)}.{value.name}"
        if isinstance(value, Rules):
            return self.of_rules(value)
        if isinstance(value, Open):
            return f"any of {self.all(value.values)}"
        if isinstance(value, Atom):
            return f"atom {self.refer(kind)} {value._index}"
        if isinstance(value, TYPING) or kind.__module__ == "typing":
            return f"type {value!r}"
        if isinstance(value, functools.cached_property):
            return f"cached {self.refer(value.func)}"
        held = getattr(value, "__dict__", {})
        wrapped = held.get("__wrapped__")
        if isinstance(wrapped, types.FunctionType):  # of functools.cache: what it remembers follows from the function
            return f"wrapped {kind.__module__}.{kind.__qualname__} {self.refer(wrapped)}"
        return self.of_instance(value, held)

    def of_instance(self, value: Any, held: Mapping[str, Any]) -> str:
        """An object by its class and all that it holds."""
        kind = type(value)
        if not users(kind) and not of_the_tool(kind.__module__) and not isinstance(value, tuple | dict):
            raise Unknown(f"{kind.__module__}.{kind.__qualname__}")
        slots = [
            slot for base in kind.__mro__ for slot in base.__dict__.values() if type(slot) is types.MemberDescriptorType
        ]
        inside = [(slot.__name__, slot_of(slot, value)) for slot in slots]
        elements = self.all(value) if isinstance(value, tuple | list) else ""
        elements += self.items(value.items()) if isinstance(value, dict) else ""
        return f"{self.refer(kind)} {self.items([*held.items(), *inside])} {elements}"

    def of_rules(self, value: Rules) -> str:
        """A record by its class, by the rules left open, and by what it holds beside its rules."""
        self.records.append(value)
        fields = [f.name for f in dataclasses.fields(value)]  # type: ignore[arg-type]
        held = object.__getattribute__(value, "__dict__")
        told = [(name, held[name]) for name in fields if isinstance(held.get(name), Open | Rules)]
        return f"rules {self.refer(type(value))} {self.items([*told, *((n, v) for n, v in held.items() if n not in fields)])}"

    def of_class(self, cls: type) -> str:
        """A user's class with all that is written in it, any other by its name."""
        name = f"{cls.__module__}.{cls.__qualname__}"
        if not users(cls):
            if cls.__module__ in PURE or of_the_tool(cls.__module__):
                return f"class {name}"
            raise Unknown(name)
        held = [(n, v) for n, v in vars(cls).items() if n not in OF_CLASSES]
        named = self.globals_text(words_in(vars(cls).get("__annotations__", {})), vars(sys.modules[cls.__module__]))
        return f"class {name} ({self.all(cls.__bases__)}) {self.items(held)} {named}"

    def of_function(self, function: types.FunctionType) -> str:
        """A user's function with its file, its defaults, what its closure holds, and the globals that it names."""
        code = function.__code__
        name = f"def {function.__module__}.{function.__qualname__}"
        held = self.items(vars(function).items())
        cells = self.all(contents(cell) for cell in function.__closure__ or ())
        if not is_users(code.co_filename) and not code.co_filename.startswith("<"):
            module = str(function.__globals__.get("__name__"))  # where it was written, whatever it calls itself
            if module not in PURE and not of_the_tool(module):
                raise Unknown(name)
            return f"{name} {cells} {held}"
        self.read(code.co_filename)
        words = (*names_in(code), *words_in(function.__annotations__))
        return (
            f"{name} {self.of_code(code)} {self.refer(function.__defaults__)} {self.refer(function.__kwdefaults__)}"
            f" {cells} {held} {self.globals_text(words, function.__globals__)}"
        )

    def of_code(self, code: types.CodeType) -> str:
        """What the code does, and where it stands."""
        consts = self.all(code.co_consts)
        return (
            f"code {code.co_filename}:{code.co_firstlineno} {code.co_name} {code.co_code!r} {code.co_flags} {code.co_names}"
            f" {code.co_varnames} {code.co_freevars} {code.co_argcount} {code.co_kwonlyargcount} {consts}"
        )

    def of_method(self, value: Any) -> str:
        return f"method {self.refer(value.__self__)} {self.refer(value.__func__)}"

    def of_builtin(self, value: Any) -> str:
        owner = getattr(value, "__self__", None)
        if owner is not None and not isinstance(owner, types.ModuleType):
            return f"builtin {value.__qualname__} of {self.refer(owner)}"
        if value.__module__ not in PURE or value.__name__ in IMPURE:
            raise Unknown(f"{value.__module__}.{value.__qualname__}")
        return f"builtin {value.__module__}.{value.__qualname__}"

    def of_set(self, value: Any) -> str:
        """In an order that does not depend on hashes."""
        found: list[tuple[str, Any]] = []
        for one in value:
            if isinstance(one, Enum):
                found.append((f"{type(one).__module__}.{type(one).__qualname__}.{one.name}", one))
            elif one is None or type(one) in PLAIN or isinstance(one, Atom):
                found.append((repr(one), one))
            elif isinstance(one, tuple) and all(x is None or isinstance(x, (*PLAIN, Enum)) for x in one):
                found.append((repr(tuple(one)), one))
            else:
                raise Unknown(f"a set of {type(one).__qualname__}")
        return f"{type(value).__name__} {self.all(one for _, one in sorted(found, key=lambda f: f[0]))}"

    # ------------------------------------------------------------ what code names

    def globals_text(self, words: Iterable[str], space: Mapping[str, Any]) -> str:
        """What these words are among the globals; of a user's module, what they are in it."""
        words = dict.fromkeys(words)
        found: list[str] = []
        pending = [(word, space[word]) for word in words if word in space]
        if any(word in IMPURE and word not in space for word in words):
            raise Unknown("what is read from outside")
        seen: set[str] = set()
        while pending:
            word, value = pending.pop()
            found.append(f"{word}={self.refer(value)}")
            if isinstance(value, types.ModuleType) and value.__name__ not in seen:
                seen.add(value.__name__)
                if is_users(getattr(value, "__file__", None) or "<none>"):
                    inner = vars(value)
                    pending += [(f"{word}.{name}", inner[name]) for name in words if name in inner]
                elif value.__name__ not in PURE and not of_the_tool(value.__name__):
                    raise Unknown(value.__name__)
        return " ".join(found)

    def read(self, file: str) -> None:
        """The file is part of the model, as it is lowered."""
        if file not in self.files:
            self.files[file] = "".join(linecache.getlines(file))


DESCRIBED: dict[type, Callable[[Description, Any], str]] = {
    list: lambda d, v: f"[{d.all(v)}]",
    dict: lambda d, v: f"{{{d.items(v.items())}}}",
    types.MappingProxyType: lambda d, v: f"mapping {d.items(v.items())}",
    set: Description.of_set,
    frozenset: Description.of_set,
    range: lambda d, v: repr(v),
    slice: lambda d, v: f"slice {d.all((v.start, v.stop, v.step))}",
    object: lambda d, v: "object",
    type(...): lambda d, v: "...",
    type(NotImplemented): lambda d, v: "NotImplemented",
    property: lambda d, v: f"property {d.all((v.fget, v.fset, v.fdel))}",
    staticmethod: lambda d, v: f"static {d.refer(v.__func__)}",
    classmethod: lambda d, v: f"of class {d.refer(v.__func__)}",
    functools.partial: lambda d, v: f"partial {d.all((v.func, v.args, v.keywords))}",
    dataclasses.Field: lambda d, v: f"field {v.name} {d.all((v.type, v.default, v.default_factory))}",
    types.FunctionType: Description.of_function,
    types.CodeType: Description.of_code,
    types.MethodType: Description.of_method,
    types.BuiltinFunctionType: Description.of_builtin,
    types.MemberDescriptorType: lambda d, v: f"slot {v.__qualname__}",
    types.GetSetDescriptorType: lambda d, v: f"slot {v.__qualname__}",
    types.WrapperDescriptorType: lambda d, v: f"builtin {v.__qualname__}",
    types.MethodDescriptorType: lambda d, v: f"builtin {v.__qualname__}",
    types.ClassMethodDescriptorType: lambda d, v: f"builtin {v.__qualname__}",
    type(dataclasses.MISSING): lambda d, v: "missing",
}


def users(cls: type) -> bool:
    """A class that somebody wrote a model with."""
    module = sys.modules.get(cls.__module__)
    return is_users(getattr(module, "__file__", None) or "<none>")


def of_the_tool(module: str) -> bool:
    return module.partition(".")[0] == "explorer"


def contents(cell: types.CellType) -> Any:
    """What a closure's cell holds; a text for one that holds nothing yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return "empty"


def slot_of(slot: types.MemberDescriptorType, value: Any) -> Any:
    """What a slot holds; a text for one that holds nothing."""
    try:
        return slot.__get__(value)
    except AttributeError:
        return "empty"


@cache
def names_in(code: types.CodeType) -> tuple[str, ...]:
    """The names that the code, and the functions in it, look up; and the texts in it, as an attribute may be named by one."""
    found = dict.fromkeys(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found.update(dict.fromkeys(names_in(constant)))
        elif isinstance(constant, str) and constant.isidentifier():
            found[constant] = None
    return tuple(found)


def words_in(annotations: Mapping[str, Any]) -> Iterator[str]:
    """The names in annotations that are texts."""
    for text in annotations.values():
        if isinstance(text, str):
            yield from WORD.findall(text)
