"""The model: parts that hold state, threads and actions that change it, properties that speak about it."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import math
import string
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from explorer.errors import LanguageError
from explorer.errors.blame import Site, caller
from explorer.errors.renamed import renamed
from explorer.language.naming import maker
from explorer.language.properties import Property, PropertyFunction
from explorer.language.rules import Open, Rules, RulesRead
from explorer.language.sorts import ScalarsetSort, Sort, an, is_record, name_of_value, show
from explorer.language.state import Array, Declaration, NoRun, Run
from explorer.language.unchanging import Unchanging

Routine = TypeVar("Routine", bound=Callable[..., Coroutine[Any, Any, None]])


class Part:
    """A reusable piece of a model: state, and the routines that touch it.

    In ``__init__``, ``self.x = var(...)`` and ``self.a = array(...)`` declare state; every other attribute is a static
    value and is never assigned again.
    """

    part_model: Model
    part_name: str
    part_state: dict[str, Declaration]

    def __init__(self, model: Model, name: str) -> None:
        attributes = self.__dict__
        attributes["part_model"] = model
        attributes["part_name"] = name
        attributes["part_state"] = {}
        model.add_part(self)

    def __setattr__(self, name: str, value: Any) -> None:
        if "part_state" not in self.__dict__:
            raise LanguageError(
                f"{type(self).__name__}.__init__ must call super().__init__(model, name) before it sets {name}"
            )
        state: dict[str, Declaration] = self.__dict__["part_state"]
        full = f"{self.part_name}.{name}"
        if name in state:
            if isinstance(value, Declaration):
                raise LanguageError(f"{full} is declared twice")
            if state[name].index is not None:
                raise LanguageError(f"{full} is an array: assign its elements, {full}[index] = value")
            self.part_model.run.write(full, None, value)
        elif isinstance(value, Declaration):
            if name in self.__dict__:
                raise LanguageError(f"{full} is already a static value; a state variable needs a name of its own")
            if hasattr(type(self), name):
                raise LanguageError(
                    f"{full} is already a method or attribute of the class {type(self).__name__}; "
                    "a state variable needs a name of its own"
                )
            state[name] = value
            if value.index is not None:
                self.__dict__[name] = Array(self.part_model, full, value)
        elif name in self.__dict__ and self.part_model.built:
            raise LanguageError(
                f"{full} is a static value and is never assigned after __init__; "
                f"declare it as state: self.{name} = var(sort, init)"
            )
        elif isinstance(value, Open) or any(isinstance(v, Open) for v in elements_of(value)):
            raise LanguageError(
                f"{full} can't be a rule left open: any_of(...) stands in a field of a record of rules "
                "(class Kernel(Rules)), and the part holds the record"
            )
        elif any(isinstance(v, Declaration) for v in elements_of(value)):
            raise LanguageError(
                f"{full} holds declarations inside {an(type(value).__name__)}: declare an array, "
                f"self.{name} = array(index, element, init)"
            )
        else:
            self.__dict__[name] = value

    if not TYPE_CHECKING:  # a type checker knows each attribute from its declaration, and a misspelt one by its absence

        def __getattr__(self, name: str) -> Any:
            state = self.__dict__.get("part_state", {})
            if name in state:
                return self.__dict__["part_model"].run.read(f"{self.__dict__['part_name']}.{name}", None)
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")


@dataclass(eq=False)
class Thread:
    """A thread of a model; `finished` may be read in conditions and properties."""

    model: Model
    name: str
    function: Callable[..., Coroutine[Any, Any, None]]
    arguments: dict[str, Any] = field(default_factory=dict)
    fairness: str = "none"

    @property
    def finished(self) -> bool:
        """True once the thread's coroutine has returned."""
        return self.model.run.finished(self.name)


class Threads:
    """The handle `m.thread` returns: the thread itself where there is one, indexable by its values where several."""

    def __init__(self, threads: list[Thread]) -> None:
        self._threads = threads

    @property
    def finished(self) -> bool:
        """True once every one of them has returned."""
        return all(t.finished for t in self._threads)

    def threads(self) -> tuple[Thread, ...]:
        return tuple(self._threads)

    def __getitem__(self, value: Any) -> Thread:
        for thread in self._threads:
            if value in thread.arguments.values():
                return thread
        values = [show(v) for t in self._threads for v in t.arguments.values()]
        there = f"there is one for each of {', '.join(dict.fromkeys(values))}" if values else "it is one thread"
        raise LanguageError(f"no thread was made for the value {show(value)}; {there}")


@dataclass(eq=False)
class Action:
    """What may happen at any time: `body` runs in one step whenever `when` holds."""

    name: str
    label: str
    actor: str
    arguments: dict[str, Any]
    body: Callable[..., None]
    when: Callable[..., bool] | None
    voluntary: bool = False
    fairness: str = "none"

    @property
    def schedule(self) -> str:
        """How a schedule writes it: ``name(p=parent)``."""
        inside = ",".join(f"{k}={schedule_text(v)}" for k, v in self.arguments.items())
        return f"{self.name}({inside})" if inside else self.name


@dataclass(frozen=True)
class Declared:
    """Values declared interchangeable, and where."""

    values: tuple[Any, ...]
    site: Site | None


class Model:
    """What a model function builds and returns."""

    def __init__(self) -> None:
        self.parts: dict[str, Part] = {}
        self.threads: list[Thread] = []
        self.actions: list[Action] = []
        self.properties: list[Property] = []
        self.lemmas: list[Property] = []
        self.excludes: dict[str, str] = {}
        self.interchangeable_values: list[Declared] = []
        self.assumptions: list[str] = []
        self.rules_built: list[tuple[Rules, str]] = []  # read while it was built: they decide what there is
        self.rules_read = RulesRead()
        self.unchanging = Unchanging()  # what can change and never does, as it was when a lowering read it
        self.scope: str = ""
        # what a replay needs: the name for --model, all parameters, those that differ from their defaults
        self.name, self.parameters, self.given = maker(sys._getframe(1))
        self.built = False
        self.run: Run = NoRun()

    if not TYPE_CHECKING:  # a type checker knows what is not there

        def __getattr__(self, name: str) -> Any:
            if renamed(f"m.{name}"):
                raise LanguageError(renamed(f"m.{name}"))
            raise AttributeError(f"'Model' object has no attribute {name!r}", name=name, obj=self)

    def add_part(self, part: Part) -> None:
        name = part.part_name
        if not isinstance(name, str) or not name.replace("_", "a").isidentifier():
            raise LanguageError(f"a part's name must be an identifier, not {name!r}")
        if name in self.parts:
            raise LanguageError(
                f"two parts are named {name!r} ({type(self.parts[name]).__name__} and {type(part).__name__}); "
                "state is named part.attribute, so each part needs a name of its own"
            )
        self.parts[name] = part

    def thread(self, name: str, *, fairness: str = "none", **over: Iterable[Any]) -> Callable[[Routine], Threads]:
        """Decorator: the coroutine function is a thread of the model.

        `over`: parameter=values makes one thread per combination, named ``name[value]``. `fairness`: "none", "weak" or
        "strong". Returns a handle: ``handle.finished``, ``handle[value].finished``.
        """
        if not isinstance(name, str):
            raise LanguageError(
                f'm.thread needs the name of the thread, not {name_of_value(name)}: write @m.thread("name")'
            )
        schedulable(name, f"the thread {name!r}")
        self.fair(fairness)

        def declare(function: Routine) -> Threads:
            if inspect.isasyncgenfunction(function):
                raise LanguageError(
                    f"the thread {name!r} contains yield, which makes it a generator: a thread awaits step(...)"
                )
            if not inspect.iscoroutinefunction(function):
                raise LanguageError(
                    f"the thread {name!r} must be an async def; what happens in one step is an action: use m.action"
                )
            self.fits(function, over, f"the thread {name!r}", every=True)
            made = []
            taken = {t.name for t in self.threads}
            for arguments in combinations(over, f"the thread {name!r}"):
                suffix = ",".join(map(schedule_text, arguments.values()))
                full = f"{name}[{suffix}]" if suffix else name
                if full in taken:
                    raise LanguageError(
                        f"two threads are named {full!r}; each needs a name of its own. One thread for each value "
                        f"is written @m.thread({name!r}, cpu=cpus) with a parameter cpu"
                    )
                if any(f"{r.actor}.{r.schedule}" == full for r in self.actions):
                    raise LanguageError(two_of_one_name(full))
                taken.add(full)
                made.append(Thread(self, full, function, arguments, fairness))
                self.threads.append(made[-1])
            return Threads(made)

        return declare

    def action(
        self,
        label: str,
        *,
        actor: str,
        when: Callable[..., bool] | None = None,
        voluntary: bool = False,
        fairness: str = "none",
        **over: Iterable[Any],
    ) -> Callable[[Callable[..., None]], None]:
        """Decorator: the function is one atomic action for each combination of `over`, possible whenever `when` holds.

        `actor` names its lane and may use the parameters: ``actor="{p}"``. `fairness`, of each combination by itself:
        "none", "weak" or "strong".
        """
        self.fair(fairness)
        if voluntary and fairness != "none":
            raise LanguageError(
                f"the action {label!r} is voluntary, which is outside any fairness: leave out fairness="
            )
        if when is not None and not callable(when):
            raise LanguageError(
                f"the condition of the action {label!r} must be a lambda, not {name_of_value(when)}: write when=lambda: ..."
            )
        if not isinstance(label, str) or not isinstance(actor, str):
            raise LanguageError('m.action needs a label and an actor: write @m.action("label", actor="name")')

        def declare(function: Callable[..., None]) -> None:
            if inspect.iscoroutinefunction(function):
                raise LanguageError(
                    f"the action {label!r} must be a def: it is one step; a sequence of steps is a thread"
                )
            self.fits(function, over, f"the action {label!r}", every=True)
            if when is not None:
                self.fits(when, over, f"the condition of the action {label!r}", every=False)
            taken = {(r.actor, r.schedule) for r in self.actions}
            for arguments in combinations(over, f"the action {label!r}"):
                shown = {k: schedule_text(v) for k, v in arguments.items()}
                fields = {f for _, f, _, _ in string.Formatter().parse(actor) if f is not None}
                if not fields <= set(shown):
                    raise LanguageError(
                        f"the actor {actor!r} of the action {label!r} may use only its parameters ({', '.join(shown) or 'none'})"
                    )
                action = Action(
                    function.__name__, label, actor.format(**shown), arguments, function, when, voluntary, fairness
                )
                schedulable(action.actor, f"the actor {action.actor!r} of the action {label!r}")
                if any(t.name == f"{action.actor}.{action.schedule}" for t in self.threads):
                    raise LanguageError(two_of_one_name(f"{action.actor}.{action.schedule}"))
                if (action.actor, action.schedule) in taken:
                    raise LanguageError(
                        f"two actions of the actor {action.actor!r} are named {action.schedule!r}; "
                        "give the functions different names"
                    )
                taken.add((action.actor, action.schedule))
                self.actions.append(action)

        return declare

    @staticmethod
    def fair(fairness: str) -> None:
        """Refuse what is no fairness."""
        if fairness not in ("none", "weak", "strong"):
            raise LanguageError(f"fairness must be 'none', 'weak' or 'strong', not {fairness!r}")

    @staticmethod
    def fits(function: Callable[..., Any], over: Iterable[str], what: str, *, every: bool) -> None:
        """Refuse a function whose parameters are not those that an action or thread has values for (`every`: all of them)."""
        parameters = inspect.signature(function).parameters.values()
        for p in parameters:
            if p.default is p.empty and p.name not in over and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
                raise LanguageError(
                    f"{what} has a parameter {p.name} and no values for it: write {p.name}=values in the decorator"
                )
        names = [p.name for p in parameters]
        for name in over:
            if every and name not in names and not any(p.kind is p.VAR_KEYWORD for p in parameters):
                raise LanguageError(f"{what} is made for each value of {name}: give its function a parameter {name}")

    def require(self, *properties: Property | PropertyFunction[Any]) -> None:
        """Check these properties. A decorated function without parts is applied to the model's parts by annotation."""
        for given in properties:
            if isinstance(given, Property):
                self.properties.append(given)
            elif isinstance(given, PropertyFunction):
                found = given.applications(list(self.parts.values()))
                if not found:
                    raise LanguageError(
                        f"the property {given.__name__} speaks about parts that this model does not have: "
                        f"{', '.join(given.kinds())}"
                    )
                self.properties.extend(found)
            else:
                raise LanguageError(
                    f"m.require takes properties, not {name_of_value(given)}: decorate a function of the parts with @always or "
                    "@always_step"
                )

    def check_condition(self, holds: Callable[[], bool], what: str) -> None:
        """Refuse what is no function without parameters."""
        if not callable(holds):
            raise LanguageError(f"{what} must be a lambda, not {name_of_value(holds)}: write lambda: ...")
        self.fits(holds, (), what, every=True)

    def reachable(self, name: str, holds: Callable[[], bool], *, unless: str = "") -> None:
        """A state that must be possible, or the model says nothing. `unless`: why it is rightly impossible here."""
        self.check_condition(holds, f"the condition of reachable {name!r}")
        self.properties.append(Property(name, "reachable", holds, unless=unless))

    def lemma(self, name: str, holds: Callable[[], bool]) -> None:
        """What its author believes to hold in every state, for `explore prove`: used once z3 has proved it by induction."""
        self.check_condition(holds, f"the condition of the lemma {name!r}")
        self.lemmas.append(Property(name, "always", holds))

    def interchangeable(self, *values: Any) -> None:
        """Declare that swapping these static actors or pages changes nothing. Certified before it is used."""
        self.interchangeable_values.append(Declared(values, caller(sys._getframe(1))))

    def scalarset_sizes(self) -> dict[type, int]:
        """The size of each scalarset class, from the sorts that parts declare. Raises LanguageError on two sizes."""
        sizes: dict[type, int] = {}

        def visit(sort: Any, declaration: Declaration | None) -> None:
            if isinstance(sort, ScalarsetSort):
                if sizes.setdefault(sort.cls, sort.size) != sort.size:
                    raise LanguageError(
                        f"the scalarset {sort.cls.__name__} has two sizes in one model, {sizes[sort.cls]} and {sort.size}; "
                        f"make it once, and give the parts that: Scalarset({sort.cls.__name__}, n)",
                        None if declaration is None else declaration.place,
                    )
            for inner in ("inner", "of", "a", "b"):
                if isinstance(getattr(sort, inner, None), Sort):
                    visit(getattr(sort, inner), declaration)

        for part in self.parts.values():
            for declaration in part.part_state.values():
                visit(declaration.sort, declaration)
                visit(declaration.index, declaration)
            for value in vars(part).values():
                if isinstance(value, Sort):
                    visit(value, None)
        return sizes


def opens_of(model: Model) -> dict[str, tuple[str, Open]]:
    """Rule name -> (record name, Open) for every open rule of a Rules record that parts or closures hold."""
    records: list[Rules] = []

    def visit(value: Any) -> None:
        if isinstance(value, Rules) and not any(value is r for r in records):
            records.append(value)

    for part in model.parts.values():
        for value in vars(part).values():
            visit(value)
    functions: list[Any] = [t.function for t in model.threads]
    functions += [f for r in model.actions for f in (r.body, r.when) if f is not None]
    functions += [p.function for p in model.properties]
    for function in functions:
        for cell in getattr(function, "__closure__", None) or ():
            try:
                visit(cell.cell_contents)
            except ValueError:
                continue
    found: dict[str, tuple[str, Open]] = {}
    for record in records:
        for rule in dataclasses.fields(record):  # type: ignore[arg-type]
            value = object.__getattribute__(record, rule.name)
            if type(value) is Open:
                if rule.name in found and found[rule.name][1] is not value:
                    raise LanguageError(f"the rule {rule.name} is left open twice, in two different records")
                found[rule.name] = (type(record).__name__.lower(), value)
    return found


def elements_of(value: Any) -> Iterable[Any]:
    """What a list, tuple, set or mapping holds; nothing for other values."""
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple | set | frozenset) else []


MARKS = "/*()[]:,"  # with these a schedule is written

MOST_COPIES = 5_000  # threads or actions that one declaration makes


def schedulable(name: str, what: str) -> None:
    """Refuse a name that a schedule could not be read with."""
    wrong = next((c for c in name if c in MARKS or c.isspace() and c != " " or not c.isprintable()), "")
    if wrong or name != name.strip() or not name:
        has = f"contains {wrong!r}" if wrong else "begins or ends with a space" if name else "is empty"
        raise LanguageError(
            f"{what} needs a name that a schedule can hold, as thread/thread*3/device.receive(p=1), and {name!r} {has}: write "
            "letters, digits, - and _"
        )


def schedule_text(value: Any) -> str:
    """A value as a schedule writes it. Raises LanguageError for one that a schedule could not be read with."""
    if isinstance(value, tuple | list):
        return f"({','.join(map(schedule_text, value))})"
    if isinstance(value, frozenset | set):
        return f"{{{','.join(sorted(map(schedule_text, value)))}}}"
    if is_record(type(value)):
        inside = (f"{f.name}={schedule_text(getattr(value, f.name))}" for f in dataclasses.fields(value))
        return f"{type(value).__name__}({','.join(inside)})"
    shown = show(value).split(" ")[-1]
    schedulable(shown, f"the value {show(value)} of a parameter")
    return shown


def two_of_one_name(name: str) -> str:
    return f"a thread and an action are both called {name!r} in a schedule: give one of them another name"


def combinations(over: dict[str, Iterable[Any]], what: str) -> list[dict[str, Any]]:
    """Every assignment of values to the names, in the order given; one empty assignment for no names."""
    for name, values in over.items():
        if not isinstance(values, Iterable):
            raise LanguageError(
                f"{name}= takes the values there is one for each of, not {name_of_value(values)}: range(2), an Enum class"
            )
    columns = [list(itertools.islice(v, MOST_COPIES + 1)) for v in over.values()]
    if math.prod(map(len, columns)) > MOST_COPIES:
        raise LanguageError(
            f"{what} is made for each combination of {', '.join(over)}, and that is more than {MOST_COPIES:,}: take "
            "smaller sorts, or fewer parameters"
        )
    return [dict(zip(over, row, strict=True)) for row in itertools.product(*columns)]
