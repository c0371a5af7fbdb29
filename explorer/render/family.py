"""What a model does under many settings of its rules, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.answer.family import FamilyAnswer, VerdictGroup
from explorer.render.plain import number_of, paragraph
from explorer.render.report import heading

SAME = "in every setting"


def text(given: FamilyAnswer) -> str:
    """What varies; then each property whose verdict depends on it, with the settings of each verdict; then the others."""
    out = [heading(given.model, given.parameters), ""]
    width = max(len(v.name) for v in given.vary)
    out.append(f"{number_of(len(given.configurations), 'setting')} of")
    for v in given.vary:
        apart = "  (decides what is built: a search for each)" if v.apart else ""
        out.append(f"  {v.name:{width}}  {', '.join(v.values)}{apart}")
    same: dict[str, list[str]] = {}
    for prop in given.properties:
        groups = prop.verdicts
        if len(groups) == 1 and not groups[0].reason:
            same.setdefault(verdict(groups[0]), []).append(prop.name)
            continue
        out += ["", prop.name]
        for group in groups:
            reason = f": {group.reason}" if group.reason else ""
            out += paragraph(f"{verdict(group)} in {number_of(group.count, 'setting')}{reason}", 2, 6)
            if group.count < len(given.configurations):
                out += [line for cube in group.cubes for line in paragraph(cube_text(cube), 6, 10)]
    if same:
        out += ["", SAME]
        for said, names in same.items():
            out += paragraph(f"{said}: {', '.join(names)}", 2, 6)
    failing = sorted({s.error for s in given.configurations if s.error is not None})
    if failing:
        count = sum(s.error is not None for s in given.configurations)
        out += ["", *paragraph(f"the model is in error in {number_of(count, 'setting')}, {steps(failing)}", 0, 4)]
    out += ["", *(line for w in given.warnings for line in paragraph(f"warning: {w}", 0, 4))] if given.warnings else []
    out.append("")
    out.append(counts(given))
    return "\n".join(out) + "\n"


def counts(given: FamilyAnswer) -> str:
    """How much was searched, and what the settings apart would have been."""
    end = "explored completely" if given.complete else f"stopped ({given.stopped or 'interrupted'})"
    searches = "" if given.searches == 1 else f" in {given.searches} searches"
    return (
        f"{number_of(given.states, 'state')} of all settings together{searches} ({given.states_apart:,} of each apart), "
        f"depth {given.depth}, {end}, {given.seconds:.1f} s"
    )


def verdict(group: VerdictGroup) -> str:
    """``violated at depth 15 to 17``"""
    depths = group.depths
    if not depths:
        return group.verdict.value
    if group.verdict.value.endswith("to depth"):
        return f"{group.verdict.value} {depths[0]}"
    return f"{group.verdict.value} {steps(depths)}"


def steps(depths: Sequence[int]) -> str:
    last = f" to {depths[-1]}" if len(depths) > 1 else ""
    return f"at depth {depths[0]}{last}"


def cube_text(cube: Mapping[str, Sequence[str]]) -> str:
    """``fork=plain, reuse=mapcount|page_count``"""
    return ", ".join(f"{name}={'|'.join(values)}" for name, values in cube.items())
