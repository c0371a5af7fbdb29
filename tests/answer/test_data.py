"""Answers as plain data and back, and the commands that they show."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from importlib import import_module
from typing import Annotated, Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.answer.matrix import Cell, SystemFindings
from explorer.answer.necessity import NecessityAnswer
from explorer.process.command_line import command_line
from explorer.process.data import HIDDEN, INLINED, OPTIONAL, Data, Named, Place, fields_of
from explorer.process.foreign import Malformed
from explorer.questions.kept import keep_answer, recall_answer

ANSWERS = (
    "explorer.answer.result",
    *(f"explorer.answer.{name}" for name in ("diff", "family", "matrix", "necessity", "repair")),
    "explorer.symbolic.answers",
    "explorer.litmus.kernels",
)


class Color(Enum):
    RED = "red"


@dataclass(frozen=True)
class Part(Data):
    name: Annotated[str, Named("property")]
    color: Color
    note: Annotated[str | None, OPTIONAL] = None


@dataclass(frozen=True)
class Whole(Data):
    count: int | None
    parts: tuple[Part, ...]
    by_name: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Written(Data):
    schema: int = field(default=1, init=False)
    part: Annotated[Part, INLINED]
    secret: Annotated[str, HIDDEN]


PARTS = st.builds(Part, st.text(), st.sampled_from(Color), st.none() | st.text())


def test_words() -> None:
    assert Part("p", Color.RED).to_json() == {"property": "p", "color": "red"}
    assert [*Written(Part("p", Color.RED, "n"), "s").to_json().items()] == [
        ("schema", 1),
        ("property", "p"),
        ("color", "red"),
        ("note", "n"),
    ]


@given(st.builds(Whole, st.none() | st.integers(), st.lists(PARTS).map(tuple), st.just({"a": ("b",)})))
def test_there_and_back(whole: Whole) -> None:
    assert Whole.from_json(json.loads(json.dumps(whole.to_json()))) == whole


WRONG: list[tuple[Any, str]] = [
    ([], "is no object"),
    ({"count": 1, "parts": []}, "'by_name' is missing"),
    ({"count": 1, "parts": [], "by_name": {}, "more": 1}, "there is nothing called 'more'"),
    ({"count": True, "parts": [], "by_name": {}}, "True is no int"),
    ({"count": 1, "parts": {}, "by_name": {}}, "is no list"),
    ({"count": 1, "parts": [{"property": "p", "color": "blue"}], "by_name": {}}, "'blue' is none of red"),
    ({"count": 1, "parts": [{"property": 1, "color": "red"}], "by_name": {}}, "1 is no str"),
]


def test_other_forms_are_refused() -> None:
    for wrong, said in WRONG:
        with pytest.raises(Malformed, match=said):
            Whole.from_json(wrong)


def test_what_is_kept_in_another_form_is_not_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    tmp_path.chmod(0o700)
    whole = Whole(1, (Part("p", Color.RED),), {})
    keep_answer("test", "key", (whole,))
    assert recall_answer("test", "key", tuple[Whole, ...]) == (whole,)
    assert recall_answer("test", "key", Whole) is None
    assert recall_answer("test", "other", Whole) is None


@pytest.mark.parametrize("kept", [Cell, SystemFindings, NecessityAnswer])
def test_what_is_kept_can_be_read_back(kept: type[Data]) -> None:
    """No part of it is inlined or hidden, or made by itself."""
    pending: list[Any] = [kept]
    while pending:
        form = pending.pop()
        pending += get_args(form)
        if isinstance(form, type) and issubclass(form, Data):
            assert all(f.init for f in fields(form))  # type: ignore[arg-type]
            for name, _, place, wanted in fields_of(form):  # type: ignore[arg-type]
                assert place in (Place.USUAL, OPTIONAL), f"{form.__name__}.{name}"
                pending.append(wanted)


@pytest.mark.parametrize("module", ANSWERS)
def test_every_field_has_its_line(module: str) -> None:
    """Of each answer and each part of it, those of its base at its base."""
    found = [c for c in vars(import_module(module)).values() if isinstance(c, type) and c.__module__ == module]
    answers = [c for c in found if is_dataclass(c)]
    assert answers
    for c in answers:
        assert c.__doc__ is not None
        for name in c.__annotations__:
            assert f"\n    `{name}`: " in c.__doc__, f"{c.__name__}.{name}"


def test_command_line() -> None:
    assert command_line("replay", model="m", parameters={"kernel": "v5.8", "pages": "2"}, schedule="a*2/b:x=1") == (
        "explore replay --model m --kernel v5.8 -p pages=2 --schedule 'a*2/b:x=1'"
    )
    assert command_line("necessity", all=True, max_states=0, depth=None, property=["a", "b"], traces=False) == (
        "explore necessity --all --max-states 0 --property a --property b"
    )
    assert (
        command_line("resume", "it's", model="my file.py:m") == """explore resume 'it'"'"'s' --model 'my file.py:m'"""
    )
    assert command_line(model="m") == "explore --model m"


@given(
    st.text("ab '\"\\$`!*~é", min_size=1),
    st.dictionaries(st.sampled_from("ab"), st.text("a '\"$=")),
)
def test_a_shell_reads_the_words(word: str, parameters: dict[str, str]) -> None:
    typed = shlex.split(command_line("replay", model="m", parameters=parameters, schedule=word))
    assert typed[-2:] == ["--schedule", word]
    assert typed[4:-2] == [w for name, text in parameters.items() for w in ("-p", f"{name}={text}")]
