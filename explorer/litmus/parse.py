"""From the text of a litmus test to a Program. Every complaint says what was expected, what is there, and where."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any, cast

from explorer.errors import Place, UsageError, did_you_mean
from explorer.litmus.conditions import condition
from explorer.litmus.meaning import check
from explorer.litmus.program import (
    DEVICES,
    FILESYSTEMS,
    OBSERVATIONS,
    Column,
    Expectation,
    Line,
    LitmusError,
    Location,
    Operation,
    Program,
    Quantifier,
)
from explorer.litmus.reader import Reader
from explorer.litmus.words import BY, ERRNOS, OPERATIONS, Form

REGISTER = re.compile(r"r\d+")
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
ACTOR = re.compile(r"(P\d+)(\.[a-z]\w*)?|DEV\d*|K")
AFTER_TABLE = ("ordered", "exists", "forall", "expect")
ACTORS = "P0, P1, ..., P0.a, ... (processes and their threads), DEV, DEV1, ... (devices), K (the kernel)"


def parse_file(path: Path) -> Program:
    """The test in a file. Raises LitmusError for a test in error, UsageError for a file that can't be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as e:
        raise UsageError(f"{path} can't be read: {e.strerror}") from None
    except UnicodeDecodeError as e:
        raise UsageError(f"{path} is not a text file: byte {e.start} is no UTF-8") from None
    return parse(text, str(path))


def parse(text: str, file: str = "test.litmus") -> Program:
    """The test that the text holds. Raises LitmusError."""
    program = Parser(Reader(text, file)).program()
    check(program)
    return program


class Parser:
    """`reader`: the text. The parts of a test, in the order in which they stand."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.locations: list[Location] = []
        self.files: dict[str, str] = {}
        self.devices: dict[str, str] = {}
        self.places: dict[str, Place] = {}  # of the devices

    def program(self) -> Program:
        name = self.name()
        question = self.question()
        self.initial()
        columns = self.table()
        for device, place in self.places.items():
            if not any(c.name == device for c in columns):
                raise LitmusError(f"the device {device} has no column", place)
        ordered = bool(self.reader.accept_word("ordered"))
        quantifier = self.quantifier()
        asked = condition(self.reader)
        expectations = self.expectations()
        for column in columns:
            for line in column.lines:
                if line.operation.file:
                    self.files.setdefault(line.operation.file, FILESYSTEMS[0])
            if not column.process and column.name != "K":
                self.devices.setdefault(column.name, DEVICES[0])
        for location in self.locations:
            if location.file:
                self.files.setdefault(location.file, FILESYSTEMS[0])
        return Program(
            name,
            question,
            tuple(self.locations),
            tuple(self.files.items()),
            tuple(self.devices.items()),
            tuple(columns),
            ordered,
            quantifier,
            asked,
            tuple(expectations),
            self.reader.text,
        )

    # ------------------------------------------------------------ head

    def name(self) -> str:
        reader = self.reader
        if not reader.word():
            reader.fail(f"a litmus test begins with a line mm NAME, not with {reader.found_text()}")
        word, start, end = reader.take_word()
        if word != "mm":
            reader.fail(f"a litmus test of memory management begins with a line mm NAME, not with {word!r}", start, end)
        name, at = reader.rest_of_line()
        if not name:
            reader.fail("the test has no name: write mm NAME", start, end)
        if len(name.split()) > 1:
            second = at + name.index(name.split()[1])
            reader.fail("the name of a test is one word: join its parts with + or -", second, at + len(name))
        return name

    def question(self) -> str:
        reader, said = self.reader, []
        while reader.looks_at('"'):
            end = reader.text.find('"', reader.at + 1)
            if end < 0:
                reader.fail('this text does not end: write "', reader.at, reader.at + 1)
            said.append(" ".join(reader.text[reader.at + 1 : end].split()))
            reader.at = end + 1
        return " ".join(said)

    # ------------------------------------------------------------ initial block

    def initial(self) -> None:
        reader = self.reader
        if not reader.accept("{"):
            reader.fail(
                f"what holds at the start stands in braces, {{ x = a }}, before the table; here is {reader.found_text()}"
            )
        start = reader.at
        while not reader.accept("}"):
            if not reader.piece() or reader.looks_at("|"):
                reader.fail("this block does not end: write }", start - 1, start)
            if reader.accept(";"):
                continue
            self.entry()
            if not reader.looks_at("|") and not reader.looks_at(";") and not reader.looks_at("}"):
                reader.fail(f"the entries of the initial block are separated by ;, and here is {reader.found_text()}")

    def entry(self) -> None:
        """``x = a ...``, ``F: ext4``, ``DEV: odp``."""
        reader = self.reader
        if not reader.word():
            reader.fail(f"an entry is x = a, F: ext4 or DEV: odp, and here is {reader.found_text()}")
        name, start, end = reader.take_word()
        if reader.accept(":"):
            self.kind(name, start, end)
        elif reader.accept("="):
            self.location(name, start, end)
        elif not reader.looks_at("|"):
            reader.fail(f"after {name} stands = (what it holds) or : (what kind it is), not {reader.found_text()}")

    def kind(self, name: str, start: int, end: int) -> None:
        reader = self.reader
        kind = reader.word()
        known = DEVICES[1:] if name.startswith("DEV") else FILESYSTEMS
        if name in self.files or name in self.devices:
            reader.fail(f"{name} has a kind already", start, end)
        if re.fullmatch(r"P\d+(\.\w+)?|K", name):
            reader.fail(f"only files and devices have a kind, and {name} is neither", start, end)
        if kind not in known:
            what, default = ("device", "a memory region without ODP") if known != FILESYSTEMS else ("file", "ext4")
            reader.fail(
                f"the kind of a {what} is {', '.join(known)} (without an entry: {default}), not {reader.found_text()}"
                f"{near(kind, known)}"
            )
        reader.take_word()
        if name.startswith("DEV"):
            self.devices[name] = kind
            self.places[name] = reader.place(start, end)
        else:
            self.identifier(name, start, end, "file")
            self.files[name] = kind

    def location(self, name: str, start: int, end: int) -> None:
        reader = self.reader
        self.identifier(name, start, end, "location")
        if any(x.name == name for x in self.locations):
            reader.fail(f"{name} is given twice", start, end)
        place = reader.place(start, end)
        if reader.accept_word("none"):
            self.locations.append(Location(name, "none", "0", place=place))
            return
        value = self.value(f"what {name} holds")
        if reader.accept_word("swapped"):
            self.locations.append(Location(name, "swapped", value, place=place))
        elif reader.accept_word("same-page"):
            of, at, to = self.name_of("location", "the location whose page it shares")
            if not any(x.name == of for x in self.locations):
                known = [x.name for x in self.locations]
                reader.fail(f"{of} is given before the locations of its page{near(of, known)}", at, to)
            self.locations.append(Location(name, "same-page", value, page_of=of, place=place))
        elif reader.accept_word("file"):
            file, _, _ = self.name_of("file", "the name of the file")
            how = reader.accept_word("shared", "private")
            if not how:
                hint = near(reader.word(), ("shared", "private"))
                reader.fail(f"a page of a file is mapped shared or private, and here is {reader.found_text()}{hint}")
            self.locations.append(Location(name, "file", value, file=file, shared=how == "shared", place=place))
        else:
            if reader.word():
                words = ("swapped", "same-page", "file")
                reader.fail(
                    f"after x = a stands nothing, swapped, same-page y, or file F shared|private, not {reader.found_text()}"
                    f"{near(reader.word(), words)}"
                )
            self.locations.append(Location(name, "value", value, place=place))

    # ------------------------------------------------------------ names and values

    def identifier(self, name: str, start: int, end: int, what: str) -> None:
        """Complain unless the word may be the name of a location or file."""
        if ACTOR.fullmatch(name):
            self.reader.fail(f"{name} is an actor and can't be the name of a {what}", start, end)
        if REGISTER.fullmatch(name):
            self.reader.fail(f"{name} is a register and can't be the name of a {what}", start, end)
        if not IDENTIFIER.fullmatch(name):
            self.reader.fail(f"the name of a {what} is letters, digits and _, not {name!r}", start, end)
        other = self.files if what == "location" else [x.name for x in self.locations]
        if name in other:
            self.reader.fail(f"{name} is a {'file' if what == 'location' else 'location'} already", start, end)

    def name_of(self, what: str, meant: str) -> tuple[str, int, int]:
        if not self.reader.word():
            self.reader.fail(f"{meant} is missing: here is {self.reader.found_text()}")
        name, start, end = self.reader.take_word()
        self.identifier(name, start, end, what)
        return name, start, end

    def value(self, meant: str) -> str:
        reader = self.reader
        if not reader.word():
            reader.fail(f"{meant} is missing: a value is a name or 0, and here is {reader.found_text()}")
        value, start, end = reader.take_word()
        if value in ERRNOS:
            reader.fail(f"{value} is an error and no value of a byte", start, end)
        if REGISTER.fullmatch(value):
            reader.fail(f"{value} is a register; a value is a name or 0", start, end)
        if value != "0" and not IDENTIFIER.fullmatch(value):
            reader.fail(f"a value is a name or 0, not {value!r}", start, end)
        return value

    # ------------------------------------------------------------ table

    def table(self) -> list[Column]:
        reader = self.reader
        columns: list[Column] = []
        while True:
            if not reader.word():
                reader.fail(f"the table begins with its actors, P0 | P1 | DEV ;, and here is {reader.found_text()}")
            name, start, end = reader.take_word()
            actor = ACTOR.fullmatch(name)
            if actor is None:
                hint = f"; write {name.upper()}" if ACTOR.fullmatch(name.upper()) else ""
                reader.fail(f"{name!r} is no actor{hint}: actors are {ACTORS}", start, end)
            if any(c.name == name for c in columns):
                reader.fail(f"there are two columns {name}", start, end)
            columns.append(Column(name, actor.group(1) or "", (), reader.place(start, end)))
            if reader.accept(";"):
                break
            if not reader.accept("|"):
                reader.fail(f"columns are separated by | and a row ends with ;, and here is {reader.found_text()}")
        rows = 0
        while not self.after_table():
            cells = self.row(columns)
            for i, operation in enumerate(cells):
                if operation is not None:
                    columns[i] = dataclasses.replace(columns[i], lines=(*columns[i].lines, Line(rows, operation)))
            rows += 1
        return columns

    def after_table(self) -> bool:
        reader = self.reader
        if reader.looks_at("|") or reader.looks_at(";"):
            return False
        return reader.word() in (*AFTER_TABLE, "")

    def row(self, columns: list[Column]) -> list[Operation | None]:
        """One row of the table, over its ; ."""
        reader = self.reader
        cells: list[Operation | None] = []
        while True:
            reader.skip()
            start = reader.at
            empty = reader.looks_at("|") or reader.looks_at(";")
            if len(cells) == len(columns):
                reader.fail(f"this row has more cells than the {count(len(columns), 'column')}", start)
            cells.append(None if empty else self.operation(columns[len(cells)]))
            if reader.accept(";"):
                if len(cells) < len(columns):
                    missing = count(len(cells), "cell")
                    reader.fail(
                        f"this row has {missing} and there are {count(len(columns), 'column')}: write | for each, "
                        "also before an empty cell",
                        reader.at - 1,
                    )
                return cells
            if not reader.accept("|"):
                after = "the line" if empty else f"`{cells[-1]}`"
                reader.fail(
                    f"after {after} stands | (the next column) or ; (the end of the row), not {reader.found_text()}"
                )

    def operation(self, column: Column) -> Operation:
        reader = self.reader
        if not reader.word():
            reader.fail(f"a cell holds an operation or nothing, and here is {reader.found_text()}")
        word, start, end = reader.take_word()
        begin, register = start, ""
        if reader.accept("="):
            if not REGISTER.fullmatch(word):
                reader.fail(f"the result of an operation goes to a register, r0, r1, ..., not to {word!r}", start, end)
            register = word
            if not reader.word():
                reader.fail(f"after {register} = stands an operation, not {reader.found_text()}")
            word, start, end = reader.take_word()
        if word not in OPERATIONS:
            reader.fail(f"there is no operation {word!r}{near(word, (*OPERATIONS, *AFTER_TABLE))}", start, end)
        form = OPERATIONS[word]
        by = "process" if column.process else "kernel" if column.name == "K" else "device"
        if form.by != by:
            reader.fail(f"{word} is done by {BY[form.by]}, and this is the column of {column.name}", start, end)
        fields = self.arguments(word, form)
        return Operation(word, register=register, place=reader.place(begin, reader.last), **fields)

    def arguments(self, verb: str, form: Form) -> dict[str, Any]:
        """What follows the verb, as fields of Operation."""
        reader = self.reader
        fields: dict[str, Any] = {}
        for kind in form.arguments:
            if not reader.word():
                reader.fail(f"write {form.usage}: here is {reader.found_text()}")
            if kind == "value":
                fields["value"] = self.value(f"the value of {verb}")
            elif kind == "location":
                name, _, _ = self.name_of("location", f"the location of {verb}")
                fields["other" if "location" in fields else "location"] = name
            elif kind == "file":
                fields["file"] = self.name_of("file", f"the file of {verb}")[0]
            elif kind == "number":
                number, start, end = reader.take_word()
                if not number.isdecimal():
                    reader.fail(f"write {form.usage}, with N the number of pages, not {number!r}", start, end)
                fields["number"] = int(number)
            else:
                name, start, end = reader.take_word()
                if not re.fullmatch(r"P\d+", name):
                    hint = f"; write P{name}" if name.isdecimal() else ""
                    reader.fail(f"write {form.usage}, with a process, not {name!r}{hint}", start, end)
                fields["target"] = name
        if form.one_of:
            word = reader.accept_word(*form.one_of)
            if not word:
                reader.fail(f"write {form.usage}: here is {reader.found_text()}{near(reader.word(), form.one_of)}")
            fields["words"] = frozenset({word})
        self.flags(form, fields)
        return fields

    def flags(self, form: Form, fields: dict[str, Any]) -> None:
        reader = self.reader
        given: set[str] = set()
        while word := reader.word():
            word, start, end = reader.take_word()
            if word == "for" and form.device:
                device, at, to = reader.take_word() if reader.word() else ("", reader.at, reader.at + 1)
                if not re.fullmatch(r"DEV\d*", device):
                    reader.fail(
                        f"after for stands a device, DEV, DEV1, ..., not {device or reader.found_text()}", at, to
                    )
                fields["target"] = device
            elif word not in form.flags:
                reader.fail(f"write {form.usage}: {word!r} can't stand here{near(word, form.flags)}", start, end)
            elif word in given:
                reader.fail(f"{word} stands twice", start, end)
            else:
                given.add(word)
        if given:
            fields["words"] = frozenset(given)

    # ------------------------------------------------------------ what is asked

    def quantifier(self) -> Quantifier:
        reader = self.reader
        reader.skip()
        start = reader.at
        negated = reader.accept("~")
        word = reader.accept_word("exists", "forall")
        if not word or negated and word == "forall":
            reader.at = start
            hint = near(reader.word(), ("exists", "forall", "ordered"))
            reader.fail(
                f"after the table stands what is asked: exists, ~exists or forall (...), not {reader.found_text()}{hint}"
            )
        return cast(Quantifier, f"~{word}" if negated else word)

    def expectations(self) -> list[Expectation]:
        reader = self.reader
        found: list[Expectation] = []
        while reader.piece():
            if not reader.accept_word("expect"):
                hint = near(reader.word(), ("expect",))
                reader.fail(
                    f"after the condition stand only lines expect KERNEL OBSERVATION, not {reader.found_text()}{hint}"
                )
            reader.skip()
            start = reader.at
            kernel = re.compile(r"\S*").match(reader.text, start)
            assert kernel is not None
            reader.at = kernel.end()
            version = kernel.group()
            if version in OBSERVATIONS or not version:
                reader.fail(
                    "write expect KERNEL OBSERVATION, as expect v5.10 Never: the kernel is missing",
                    start,
                    start + max(len(version), 1),
                )
            place = reader.place(start, reader.at)
            if any(e.kernel == version for e in found):
                reader.fail(f"there are two expect lines for {version}", start, reader.at)
            observation = reader.accept_word(*OBSERVATIONS)
            if not observation:
                hint = near(reader.word().capitalize(), OBSERVATIONS)
                reader.fail(f"what is expected is one of {', '.join(OBSERVATIONS)}, not {reader.found_text()}{hint}")
            found.append(Expectation(version, observation, place))
        return found


def near(word: str, known: object) -> str:
    """``; did you mean X?`` where a known word is near."""
    return did_you_mean(word, cast("tuple[str, ...]", known)) if word else ""


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


__all__ = ["LitmusError", "parse", "parse_file"]
