"""What many settings of a model do, as text, from the plain data of the answer alone."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from explorer.render.report import counted, heading

Record: TypeAlias = dict[str, Any]
WIDTH = 100
SAME = "in every setting"


def text(given: Record) -> str:
    """What varies; then each property whose verdict depends on it, with the settings of each verdict; then the others."""
    out = [heading(given["model"], given["parameters"]), ""]
    width = max(len(v["name"]) for v in given["vary"])
    out.append(f"{counted(len(given['settings']), 'setting')} of")
    for v in given["vary"]:
        apart = "  (decides what is built: a search for each)" if v["apart"] else ""
        out.append(f"  {v['name']:{width}}  {', '.join(v['values'])}{apart}")
    same: dict[str, list[str]] = {}
    for prop in given["properties"]:
        groups = prop["verdicts"]
        if len(groups) == 1 and not groups[0]["reason"]:
            same.setdefault(verdict(groups[0]), []).append(prop["property"])
            continue
        out += ["", prop["property"]]
        for group in groups:
            reason = f": {group['reason']}" if group["reason"] else ""
            out += wrap(f"{verdict(group)} in {counted(group['settings'], 'setting')}{reason}", 2, 6)
            if group["settings"] < len(given["settings"]):
                out += [line for cube in group["cubes"] for line in wrap(settings(cube), 6, 10)]
    if same:
        out += ["", SAME]
        for said, names in same.items():
            out += wrap(f"{said}: {', '.join(names)}", 2, 6)
    failing = sorted({s["error"] for s in given["settings"] if s["error"] is not None})
    if failing:
        count = sum(s["error"] is not None for s in given["settings"])
        out += ["", *wrap(f"the model is in error in {counted(count, 'setting')}, {steps(failing)}", 0, 4)]
    out += ["", *(line for w in given["warnings"] for line in wrap(f"warning: {w}", 0, 4))] if given["warnings"] else []
    out.append("")
    out.append(counts(given))
    return "\n".join(out) + "\n"


def counts(given: Record) -> str:
    """How much was searched, and what the settings apart would have been."""
    end = "explored completely" if given["complete"] else f"stopped ({given['stopped'] or 'interrupted'})"
    searches = "" if given["searches"] == 1 else f" in {given['searches']} searches"
    return (
        f"{counted(given['states'], 'state')} of all settings together{searches} ({given['states_apart']:,} of each apart), "
        f"depth {given['depth']}, {end}, {given['seconds']:.1f} s"
    )


def verdict(group: Record) -> str:
    """``violated at depth 15 to 17``"""
    depths = group["depths"]
    if not depths:
        return str(group["verdict"])
    if group["verdict"].endswith("to depth"):
        return f"{group['verdict']} {depths[0]}"
    return f"{group['verdict']} {steps(depths)}"


def steps(depths: Sequence[int]) -> str:
    last = f" to {depths[-1]}" if len(depths) > 1 else ""
    return f"at depth {depths[0]}{last}"


def settings(cube: Mapping[str, Sequence[str]]) -> str:
    """``fork=plain, reuse=mapcount|page_count``"""
    return ", ".join(f"{name}={'|'.join(values)}" for name, values in cube.items())


def wrap(given: str, first: int, rest: int) -> list[str]:
    return textwrap.wrap(
        given,
        WIDTH,
        initial_indent=" " * first,
        subsequent_indent=" " * rest,
        break_on_hyphens=False,
        break_long_words=False,
    )
