"""A system that was lowered before is taken only where a lowering would give the very same."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import subprocess
import sys
import tempfile
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer import Model, Part, Range, Rules, always, lower, step, var
from explorer.answer.catalogue import load, shipped_files
from explorer.answer.checking import select
from explorer.cache import content
from explorer.cache import kept as cache
from explorer.language.rules import any_of, reading, with_values
from explorer.lowering import identity, kept, limits
from explorer.lowering.model import Lowering
from explorer.lowering.source import Sources
from explorer.questions.vary import records_of
from explorer.system.dump import dump
from explorer.system.form import System

ROOT = Path(__file__).resolve().parents[2]
OFTEN = ("dax_truncate", "rdma_fork", "vmsplice_fork")  # the rest is looked at with --long
KERNELS = (None, "v6.8")


@contextlib.contextmanager
def empty_cache() -> Iterator[None]:
    """Nothing is kept yet."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", folder)
        yield


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    with empty_cache():
        yield


def built(name: str, kernel: str | None = None) -> Model:
    function = load(name)
    given = (
        {} if kernel is None or "kernel" not in function.parameters else {"kernel": function.convert("kernel", kernel)}
    )
    model: Model = function(**given)
    return model


def was_kept(model: Model) -> bool:
    place = kept.place_of(model, model.properties)
    return place is not None and kept.recalled_system(place, model) is not None


# ---------------------------------------------------------------- the same as lowering gives


def kept_is_lowered(name: str, kernel: str | None) -> None:
    """What is kept is what is lowered: the system to the last place in the source, what is read of rules and who is told of it;
    and every function and file that the lowering reads is part of what the system is kept under."""
    codes: set[types.CodeType] = set()
    files: set[str] = set()

    class Noted(Sources):
        def file_of(self, file: str) -> Any:
            files.add(file)
            return super().file_of(file)

        def of(self, function: Callable[..., Any]) -> Any:
            found = super().of(function)
            codes.add(found.function.__code__)
            return found

    def told(make: Callable[[Model, list[Any]], System]) -> tuple[System, Model, Any]:
        model = built(name, kernel)
        claims, _ = select(model, None)
        with reading(records_of(model.parameters)) as read:
            return make(model, claims), model, read

    def fresh(model: Model, claims: list[Any]) -> System:
        lowering = Lowering(model)
        return lowering.system(claims)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("explorer.lowering.model.Sources", Noted)
        expected, model, read = told(fresh)
    for _ in range(2):
        found, other, read_of_it = told(lower)
        assert found == expected and dump(found) == dump(expected)
        assert content.of_system(found) == content.of_system(expected), "the same in other objects has another digest"
        assert read_of_it == read
        noted = [{(type(r), n) for r, names in m.rules_read.records for n in names} for m in (model, other)]
        assert noted[0] == noted[1] and other.built
    claims, _ = select(model, None)
    place = kept.place_of(model, claims)
    assert place is not None and kept.recalled_system(place, model) == expected, (
        "the second was not taken from what is kept"
    )
    described = identity.description(model, claims)
    described.digest()
    known = {o.__code__ for o in described.objects if isinstance(o, types.FunctionType)}
    assert codes and codes <= known and files <= described.files.keys()


@empty_cache()
def all_is_told_again() -> None:
    kept_is_lowered("dax_truncate", "v6.8")


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("name", OFTEN)
def test_kept_is_lowered(name: str, kernel: str | None) -> None:
    kept_is_lowered(name, kernel)


@pytest.mark.long
@pytest.mark.parametrize("kernel", (None, "v4.19", "v6.8"))
@pytest.mark.parametrize("name", [name for name in shipped_files("models") if name not in OFTEN])
def test_the_rest_is(name: str, kernel: str | None) -> None:
    kept_is_lowered(name, kernel)


def test_every_shipped_model_can_be_kept() -> None:
    """And is the same in every process: whatever the order of hashes."""
    program = (
        "from explorer.answer.catalogue import load, shipped_files\n"
        "from explorer.answer.checking import select\n"
        "from explorer.lowering.identity import identity\n"
        "for name in shipped_files('models'):\n"
        "    model = load(name)()\n"
        "    print(name, identity(model, select(model, None)[0]).digest)\n"
    )
    said = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=True
        )
        said.add(done.stdout)
    assert len(said) == 1 and len(said.pop().splitlines()) == len(shipped_files("models"))


# ---------------------------------------------------------------- everything that is read is part of it


TABLE = {"most": 3}
LIST = [1, 2]


@dataclasses.dataclass(frozen=True)
class Design(Rules):
    wide: bool = False
    twice: bool = False
    unread: bool = False


class Base(Part):
    limit = 5

    def least(self) -> int:
        return 0


class Counter(Base):
    def __init__(self, m: Model, design: Design, extra: Any, copied: bool) -> None:
        super().__init__(m, "counter")
        self.design = design
        self.extra = extra
        self.copied = copied
        self.x = var(Range(0, 9), 0)

    @property
    def most(self) -> int:
        return TABLE["most"]

    async def grow(self, by: int = 1) -> None:
        """mm/counter.c:grow()"""
        await step("grow")
        if self.x < self.most + LIST[0] and self.x < self.limit and self.least() == 0:
            self.x += by
            if self.design.wide:
                design = Design(True, self.design.twice) if self.copied else self.design
                self.x += 1 if design.twice else 2


@always
def small(counter: Counter) -> bool:
    """x is small."""
    return counter.x < helper(7)


def helper(n: int) -> int:
    return n


def count(
    design: Design = Design(),
    *,
    extra: Any = (1, 2),
    by: int = 1,
    cpus: int = 16,
    fairness: str = "none",
    copied: bool = False,
) -> Model:
    m = Model()
    counter = Counter(m, design, extra, copied)

    @m.thread("cpu", fairness=fairness, cpu=range(cpus))
    async def cpu(cpu: int) -> None:
        await counter.grow(by)
        if cpu in extra:
            await counter.grow()

    @m.action("reset", actor="device", when=lambda: counter.x > 1)
    def reset() -> None:
        counter.x = 0

    m.require(small(counter))
    return m


def elsewhere(self: Counter) -> int:
    return 1


async def other_grow(self: Counter, by: int = 1) -> None:
    await step("grow")


def renamed(model: Model, **changes: Any) -> Model:
    for name, value in changes.items():
        setattr(model, name, value)
    return model


def in_memory(place: Any, name: str, value: Any) -> Callable[[pytest.MonkeyPatch], Model]:
    def change(patch: pytest.MonkeyPatch) -> Model:
        if isinstance(place, dict):
            patch.setitem(place, name, value)
        else:
            patch.setattr(place, name, value)
        return count()

    return change


def with_default(patch: pytest.MonkeyPatch) -> Model:
    patch.setattr(Counter.grow, "__defaults__", (2,))
    return count()


def with_text(patch: pytest.MonkeyPatch) -> Model:
    """The file was edited: what is lowered is its text."""
    import linecache

    lines = linecache.getlines(__file__)
    patch.setitem(linecache.cache, __file__, (1, None, [*lines, "# edited\n"], __file__))
    return count()


def with_part(patch: pytest.MonkeyPatch) -> Model:
    model = count()
    model.parts["counter"].__dict__["least"] = lambda: 1
    return model


def with_property(patch: pytest.MonkeyPatch) -> Model:
    model = count()
    model.reachable("large", lambda: bool(model.parts["counter"].x > 2))  # type: ignore[attr-defined]
    return model


def with_rule(patch: pytest.MonkeyPatch) -> Model:
    model = count()
    model.actions[0].when = None
    return model


def with_unless(patch: pytest.MonkeyPatch) -> Model:
    model = count()
    model.properties[0] = dataclasses.replace(model.properties[0], name="other")
    return model


def with_alike(patch: pytest.MonkeyPatch) -> Model:
    model = count()
    model.interchangeable(0, 1)
    return model


CHANGES: dict[str, Callable[[pytest.MonkeyPatch], Model]] = {
    "an argument in a closure": lambda patch: count(by=2),
    "what a part holds": lambda patch: count(extra=(1, 3)),
    "how it is held": lambda patch: count(extra=[1, 2]),
    "one or True": lambda patch: count(extra=(True, 2)),
    "how many threads": lambda patch: count(cpus=17),
    "their fairness": lambda patch: count(fairness="weak"),
    "a rule left open": lambda patch: count(with_values(Design(), wide=any_of(False, True))),
    "another left open": lambda patch: count(with_values(Design(), unread=any_of(False, True))),
    "a table": in_memory(TABLE, "most", 4),
    "an element of a list": lambda patch: in_memory(sys.modules[__name__], "LIST", [2, 2])(patch),
    "an attribute of a class": in_memory(Base, "limit", 6),
    "a method of a class": in_memory(Base, "least", elsewhere),
    "a method that hides another": lambda patch: (patch.setattr(Counter, "least", elsewhere, raising=False), count())[
        1
    ],
    "a routine": in_memory(Counter, "grow", other_grow),
    "a property of Python's": in_memory(Counter, "most", property(elsewhere)),
    "a helper of a property": lambda patch: in_memory(sys.modules[__name__], "helper", lambda n: n + 1)(patch),
    "a default argument": with_default,
    "the text of its file": with_text,
    "an attribute of a part": with_part,
    "a property more": with_property,
    "the name of a property": with_unless,
    "the condition of a rule": with_rule,
    "values that are alike": with_alike,
    "the name of the model": lambda patch: renamed(count(), name="other"),
}


def test_the_same_is_the_same() -> None:
    assert (
        identity.identity(count(), count().properties).digest == identity.identity(count(), count().properties).digest
    )
    expected = lower(count())
    assert was_kept(count()) and lower(count()) == expected


@empty_cache()
def changes_are_seen() -> None:
    """What could make another system makes another digest: whatever is changed, nothing that was lowered before is taken."""
    lower(count())
    assert was_kept(count())
    bare = kept.place_of(count(), [])
    assert bare is not None and kept.recalled_system(bare, count()) is None, "it was lowered with a property"
    lower(count(extra=frozenset((1, 2))))
    assert was_kept(count(extra=frozenset((2, 1)))) and not was_kept(count(extra=frozenset((1, 5))))
    lower(count(extra=types.MappingProxyType({1: 2})))
    assert not was_kept(count(extra=types.MappingProxyType({1: 3}))) and not was_kept(count(extra={1: 2}))
    for what, change in CHANGES.items():
        with pytest.MonkeyPatch.context() as patch:
            assert not was_kept(change(patch)), f"{what} was changed, and what was lowered before is taken"
        assert was_kept(count()), what


def test_changes_are_seen() -> None:
    changes_are_seen()


def test_changes_of_what_is_shipped_are_seen() -> None:
    """Whichever routine of models/linux the lowering of a model goes through: put in another, and it is lowered anew."""
    lowering = Lowering(built("vmsplice_fork"))
    read = {code.source.function.__code__ for code in lowering.world.codes.values()}
    expected = lower(built("vmsplice_fork"))
    assert was_kept(built("vmsplice_fork"))
    places = []
    for name, module in list(sys.modules.items()):
        if name.startswith("explorer.models."):
            spaces = [module, *(v for v in vars(module).values() if isinstance(v, type) and v.__module__ == name)]
            places += [(s, n) for s in spaces for n, v in vars(s).items() if getattr(v, "__code__", None) in read]
    assert len(places) > 20
    for space, name in places:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(space, name, other_grow)
            model = built("vmsplice_fork")
            if was_kept(model):  # others took it by its name, before
                assert Lowering(model).system(model.properties) == expected, f"{space}.{name}"


@empty_cache()
def rules_decide() -> None:
    """Systems of one model are kept for the values of the rules that their lowering read, and of no others."""
    designs = [Design(bool(i & 1), bool(i & 2), bool(i & 4)) for i in range(8)]
    fresh = [Lowering(count(d)).system(count(d).properties) for d in designs]
    before = [was_kept(count(d)) for d in designs]
    assert not any(before)
    for design, expected in zip(designs, fresh, strict=True):
        assert lower(count(design)) == expected
        assert was_kept(count(design))
    systems = list((cache.cache_folder() / kept.KIND).iterdir())
    assert len(systems) == 1 + 3, "three differ in what is read: not wide, wide, wide twice"


def test_rules_decide() -> None:
    rules_decide()


@empty_cache()
def copies_are_not_forgotten() -> None:
    """What is read of a record that a step makes is read of no record of the model: such a system is not kept."""
    for copied, design in itertools.product((True, False), (Design(True, False), Design(True, True))):
        expected = Lowering(count(design, copied=copied)).system(count(design, copied=copied).properties)
        assert lower(count(design, copied=copied)) == expected
        assert was_kept(count(design, copied=copied)) == (not copied)


def test_copies_are_not_forgotten() -> None:
    copies_are_not_forgotten()


def test_an_open_rule_is_not_a_settled_one() -> None:
    opened = with_values(Design(), wide=any_of(False, True))
    expected = Lowering(count(opened)).system(count().properties)
    assert lower(count(opened)) == expected and lower(count()) != expected and lower(count(opened)) == expected
    other = with_values(Design(), wide=any_of(True, False))
    assert not was_kept(count(other))


# ---------------------------------------------------------------- where nothing is kept


@empty_cache()
def the_tool_is_looked_at() -> None:
    """Where the tool was changed in memory nothing is taken and nothing is kept."""
    lower(count())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "MOST_PATHS", limits.MOST_PATHS - 1)
        assert not kept.as_imported() and not was_kept(count())
        lower(count(by=3))
    assert was_kept(count()) and not was_kept(count(by=3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sources, "of", lambda self, function: Sources.of(self, function))
        assert not kept.as_imported()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(System, "index", lambda self, name: 0)
        assert not kept.as_imported()
    assert kept.as_imported()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("explorer.cache.content.tool", lambda: "another")
        assert not was_kept(count())
    assert was_kept(count())


def test_the_tool_is_looked_at() -> None:
    the_tool_is_looked_at()


@pytest.mark.parametrize(
    "extra", [open(__file__), os.getpid, sys.stdin, object.__new__(type("Strange", (object,), {}))]
)
def test_what_can_not_be_told(extra: Any) -> None:
    """A file, a function that asks the system: such a model is lowered each time. What has nothing but its class can be told."""
    model = count(extra=[extra])
    assert (kept.place_of(model, model.properties) is None) == (type(extra).__name__ != "Strange")


def test_damage() -> None:
    expected = lower(count())
    folder = cache.cache_folder() / kept.KIND
    assert len(list(folder.iterdir())) == 2
    for path in list(folder.iterdir()):
        whole = path.read_bytes()
        for data in (b"", whole[: len(whole) // 2], whole[:-1] + bytes([whole[-1] ^ 1])):
            path.write_bytes(data)
            assert lower(count()) == expected
    assert was_kept(count())


def test_no_system_of_what_is_in_error() -> None:
    from explorer.errors import ModelError

    model = count(extra=3)  # `in 3`
    for _ in range(2):
        with contextlib.suppress(ModelError):
            lower(model)
            raise AssertionError("it is in error")
    assert not list((cache.cache_folder() / kept.KIND).glob("*"))


def test_a_user_s_file(tmp_path: Path) -> None:
    """It may read what it likes: what it made of it is what counts."""
    file = tmp_path / "reads.py"
    file.write_text(
        "from pathlib import Path\n"
        "from explorer import Model, Part, Range, step, var\n"
        "MOST = int((Path(__file__).parent / 'most.txt').read_text())\n"
        "class Counter(Part):\n"
        "    def __init__(self, m):\n"
        "        super().__init__(m, 'counter')\n"
        "        self.x = var(Range(0, 9), 0)\n"
        "def grow() -> Model:\n"
        "    m = Model()\n"
        "    counter = Counter(m)\n"
        "    @m.thread('cpu', cpu=range(40))\n"
        "    async def cpu(cpu):\n"
        "        await step('grow')\n"
        "        counter.x = MOST\n"
        "    return m\n"
    )
    found = []
    for most in (1, 2, 1):
        (tmp_path / "most.txt").write_text(str(most))
        model = load(f"{file}:grow")()
        found.append((was_kept(model), dump(lower(model))))
    assert [known for known, _ in found] == [False, False, True]
    assert found[0][1] == found[2][1] != found[1][1]
