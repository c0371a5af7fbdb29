"""A proof for sorts of any size, as text, from the plain data of its record alone."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, TypeAlias

from explorer.render.report import counted

Record: TypeAlias = dict[str, Any]
WIDTH = 100


def text(given: Record, also: Sequence[str] = ()) -> str:
    """Whether each property is proved, and each step that stands in the way. `also`: "actions", "definitions", "lemmas"
    or "properties", all of them, in words and as formulas."""
    switches = ", ".join(f"{name}={'on' if value else 'off'}" for name, value in given["switches"].items())
    sorts = enumerated([plural(sort) for sort in given["sorts"]])
    out = [f"{given['proof']}  {switches}".rstrip(), f"  any number of {sorts}", ""]
    width = max(len(p["name"]) for p in given["properties"])
    out += [f"  {p['name']:{width}}  {'proved' if p['proved'] else 'not proved'}" for p in given["properties"]]
    asked = [q for q in given["queries"] if q["kind"] != "property"]
    open_ = [q for q in asked if q["answer"] != "proved"]
    of = f"{counted(len(given['lemmas']), 'lemma')}, {counted(len(given['actions']), 'action')}"
    out += ["", f"{of}: {len(asked) - len(open_)} of {len(asked)} queries are unsat"]
    for name in given["impossible"]:
        out += ["", *wrap(f"{name}: no state is known in which the lemmas hold and it can happen", 0)]
    for query in open_:
        out += ["", *obstacle(given, query)]
    lost = [c["name"] for c in given["lemmas"] if not c["kept"]]
    if lost:
        out += ["", *wrap(f"the other lemmas are proved without {enumerated(lost)}", 0)]
    for kind in also:
        out += ["", kind]
        for each in given[kind]:
            if kind == "actions":
                out += [f"  {each['name']}({', '.join(each['parameters'])})"]
                out += wrap(f"{each['kernel']}: {each['text']}", 4)
                out += [line for condition in each["conditions"] for line in wrap(f"if {condition}", 6)]
                out += [line for change in each["changes"] for line in wrap(f"then {change}", 6)]
            else:
                out += [f"  {each['name']}", *wrap(each["text"], 4), *wrap(each["formula"], 6)]
    return "\n".join(out) + "\n"


def obstacle(given: Record, query: Record) -> list[str]:
    """A lemma that is not proved: what it says, what may break it, and the smallest step that does."""
    out = wrap(f"{query['by']}: {answer(query)} {query['claim']}", 0)
    for action in given["actions"]:
        if action["name"] == query["by"]:
            out += wrap(f"{action['kernel']}: {action['text']}", 2)
    for claim in given["lemmas"]:
        if claim["name"] == query["claim"]:
            out += wrap(claim["text"], 2)
    found = query["obstacle"]
    if found is None:
        return out
    sizes = ", ".join(f"{n} {sort if n == 1 else plural(sort)}" for sort, n in found["sizes"].items())
    out += ["", f"  a state, which need not be reachable: {sizes}"]
    out += [f"    {line}" for line in found["before"]]
    if found["step"]:
        out += [f"  {found['step']}"]
        out += [f"    not {line}" for line in found["before"] if line not in found["after"] and " = " not in line]
        out += [f"    {line}" for line in found["after"] if line not in found["before"]]
    return out


def enumerated(words: list[str]) -> str:
    """``a, b and c``"""
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def plural(noun: str) -> str:
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def answer(query: Record) -> str:
    if query["answer"] == "unknown":
        return "it is not known whether this keeps"
    return "this breaks" if query["kind"] == "action" else "does not have"


def wrap(given: str, indent: int) -> list[str]:
    return textwrap.wrap(
        " ".join(given.split()),
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_on_hyphens=False,
        break_long_words=False,
    )
