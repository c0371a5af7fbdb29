"""Models and properties by name: NAME is the function NAME in models/NAME.py or properties/NAME.py."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

from explorer.errors import ExplorerError, LanguageError, ModelError, Place, UsageError, did_you_mean, place_at
from explorer.errors.blame import place_of_error, shown_error
from explorer.process.user_files import import_file

ROOT = Path(__file__).parent.parent


def shipped_files(kind: str) -> dict[str, Path]:
    """Name -> file of the shipped models ("models") or properties ("properties")."""
    return {f.stem: f for f in sorted((ROOT / kind).glob("*.py")) if f.stem != "__init__"}


def plugins(kind: str) -> dict[str, Any]:
    """Name -> entry point of models or properties that installed distributions add. A name taken twice is an error."""
    from importlib.metadata import entry_points

    found: dict[str, Any] = {}
    for point in entry_points(group=f"explorer.{kind}"):
        if point.name in found or point.name in shipped_files(kind):
            other = found[point.name].value if point.name in found else f"explorer.{kind}.{point.name}"
            raise UsageError(f"the name {point.name!r} is taken twice, by {point.value} and by {other}")
        found[point.name] = point
    return found


def summaries(kind: str) -> Iterator[tuple[str, str]]:
    """(name, first docstring line) of the shipped ones, read without importing them."""
    for name, file in shipped_files(kind).items():
        tree = ast.parse(file.read_text())
        text = ast.get_docstring(tree) or ""
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                text = ast.get_docstring(node) or text
        yield name, text.strip().split("\n")[0]


KINDS = ("always", "always_step", "eventually", "leads_to")  # the decorators of properties


@dataclass(frozen=True, eq=False)
class ModelFunction:
    """A model's function with its name: called with parameters it builds the Model and names it."""

    name: str
    function: Callable[..., Any]

    @property
    def parameters(self) -> dict[str, inspect.Parameter]:
        return dict(inspect.signature(self.function).parameters)

    @property
    def types(self) -> dict[str, Any]:
        try:
            return get_type_hints(self.function)
        except Exception as e:  # whatever evaluating the user's annotations raises
            raise LanguageError(f"an annotation of the model {self.name} can't be read: {shown_error(e)}") from e

    def __call__(self, **parameters: Any) -> Any:
        from explorer.language.model import Model
        from explorer.language.naming import check_types, same
        from explorer.language.rules import Rules, looked_at

        known = self.parameters
        for name in parameters:
            if name not in known:
                raise UsageError(
                    f"the model {self.name} has no parameter {name!r}{did_you_mean(name, known, listed=True)}"
                )
        rest = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        for name, parameter in known.items():
            if parameter.default is parameter.empty and parameter.kind not in rest and name not in parameters:
                raise UsageError(f"the model {self.name} needs a value for its parameter {name}: -p {name}=...")
        for name, value in parameters.items():
            if isinstance(value, str) and self.types.get(name, str) is not str:
                parameters[name] = self.convert(name, value)  # as the command line has it
        check_types(inspect.unwrap(self.function), parameters)
        built: list[tuple[Rules, str]] = []
        try:
            with looked_at(lambda record, rule, *_: built.append((record, rule))):
                model = self.function(**parameters)
        except ModelError as e:
            e.place = e.place or place_of_error(e)
            raise
        except ExplorerError:
            raise
        except Exception as e:  # whatever the user's function raises
            hint = ""
            if isinstance(e, AttributeError) and isinstance(e.obj, Model) and e.name in KINDS:
                hint = f": decorate a function of the parts with @{e.name} of explorer.language, and give it to m.require(...)"
            raise ModelError(f"building the model failed: {shown_error(e)}{hint}", place_of_error(e)) from e
        if not isinstance(model, Model):
            code = getattr(inspect.unwrap(self.function), "__code__", None)
            raise LanguageError(
                f"the model function {self.name.rpartition(':')[2]} must return the Model it builds, not {model!r}",
                None if code is None else place_at(code.co_filename, code.co_firstlineno, 0, None),
            )
        model.name = self.name
        values = {n: p.default for n, p in known.items() if p.default is not p.empty}
        model.parameters = {**values, **parameters}
        model.rules_built = built
        model.given = {n: v for n, v in parameters.items() if n not in values or not same(v, values[n])}
        return model

    def convert(self, name: str, text: str) -> Any:
        """The value of a parameter from the command line's text. Raises UsageError naming what is accepted."""
        known = self.parameters
        if name not in known:
            raise UsageError(f"the model {self.name} has no parameter {name!r}{did_you_mean(name, known, listed=True)}")
        wanted = self.types.get(name, str)
        if wanted is bool:
            if text.lower() in ("on", "true", "yes", "1"):
                return True
            if text.lower() in ("off", "false", "no", "0"):
                return False
            raise UsageError(f"the parameter {name} must be on or off, not {text!r}")
        if wanted is int:
            try:
                return int(text)
            except ValueError:
                raise UsageError(f"the parameter {name} must be an integer, not {text!r}") from None
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            members = {m.name.lower(): m for m in wanted}
            if text.lower() not in members:
                hint = did_you_mean(text.lower(), members)
                raise UsageError(f"the parameter {name} must be one of {', '.join(members)}, not {text!r}{hint}")
            return members[text.lower()]
        parse = getattr(wanted, "parse", None)
        if parse is not None:
            return parse(text)
        if wanted is str:
            return text
        raise UsageError(f"the parameter {name} of the model {self.name} can't be given as text")


def load(name: str) -> ModelFunction:
    """A model by name, or ``path/to/file.py:function``.

    Raises UsageError for an unknown name (with the nearest), ModelError for a file that can't be imported.
    """
    if ":" in name or name.endswith(".py"):
        file, _, function = name.partition(":")
        path = Path(file)
        if not path.is_file():
            raise UsageError(f"there is no model file {file}")
        if not function:
            functions = [n.name for n in parse(path).body if isinstance(n, ast.FunctionDef)]
            hint = f"{file}:{functions[-1]}" if functions else f"{file}:FUNCTION"
            raise UsageError(f"name the function that builds the model: {hint}")
        parse(path)
        module = import_model(path)
        found = getattr(module, function, None)
        if not callable(found):
            names = [n for n, v in vars(module).items() if inspect.isfunction(v) and v.__module__ == module.__name__]
            raise UsageError(f"{file} has no function {function}{did_you_mean(function, names, listed=True)}")
        return ModelFunction(name, found)
    if name in shipped_files("models"):
        module = importlib.import_module(f"explorer.models.{name}")
        found = getattr(module, name, None)
        if found is None:
            raise ModelError(f"models/{name}.py must define the function {name}()")
        return ModelFunction(name, found)
    points = plugins("models")
    if name in points:
        return ModelFunction(name, points[name].load())
    raise UsageError(
        f"there is no model {name!r}{did_you_mean(name, [*shipped_files('models'), *points], listed=True)}"
    )


def parse(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(), str(path))
    except SyntaxError as e:
        at = Place(
            str(path),
            e.lineno or 1,
            (e.offset or 1) - 1,
            (e.end_offset or e.offset or 1) - 1,
            (e.text or "").rstrip("\n"),
        )
        raise ModelError(f"syntax error: {e.msg}", at) from None
    except (UnicodeDecodeError, ValueError) as e:
        raise ModelError(f"{path} is not a Python file: {e}") from None


def import_model(path: Path) -> Any:
    """The user's file as a module. Raises ModelError for what it raises."""
    try:
        return import_file(path)
    except ModelError as e:
        e.place = e.place or place_of_error(e)
        raise
    except ExplorerError:
        raise
    except (Exception, SystemExit) as e:  # whatever the user's module raises while it is imported
        raise ModelError(f"importing {path.name} failed: {shown_error(e)}", place_of_error(e)) from e


def properties() -> dict[str, Any]:
    """Name -> decorated property function, of all that are shipped or added. Imports them."""
    found: dict[str, Any] = {}
    for name in shipped_files("properties"):
        module = importlib.import_module(f"explorer.properties.{name}")
        found[name] = getattr(module, name)
    for name, point in plugins("properties").items():
        found[name] = point.load()
    return found
