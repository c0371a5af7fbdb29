"""Commands for the user to type: `explore VERB --option value ...`, quoted for a shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from explorer.process.quoting import shell_command

Option = str | int | float | bool | None | Iterable[str]


def command_line(*words: str, parameters: Mapping[str, str] | None = None, **options: Option) -> str:
    """``explore replay --model m --kernel v5.8 -p pages=2 --schedule S``

    `words`: the verb and what follows it as it is. `options`: in this order, `max_states` as ``--max-states``; None and False
    are left out, True has no value, several values repeat the option. `parameters`: of the model, name -> text, which stand
    behind `model`: ``kernel`` as an option of its own.
    """
    made = ["explore", *words]
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            made.append(option)
        elif isinstance(value, str | int | float) and value is not False:
            made += [option, str(value)]
        elif value:
            made += [word for each in value for word in (option, each)]
        if name == "model":
            for key, text in (parameters or {}).items():
                made += ["--kernel", text] if key == "kernel" else ["-p", f"{key}={text}"]
    return shell_command(made)
