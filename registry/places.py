"""YAML as plain values, with the line that each came from and the environment filled in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

Path = tuple[str | int, ...]

_VARIABLE: Final = re.compile(r"\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?\})?")
_DEPTH: Final = 20
_VALUES: Final = 500_000
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong.

    Attributes:
        path: Keys and indexes from the top to the value.
        message: What is wrong and what would be right.
        line: Its line, from 1; none where there is no text.
    """

    path: Path
    message: str
    line: int | None = None


@dataclass(slots=True)
class Parsed:
    """What a text says.

    Attributes:
        data: Plain dicts, lists and scalars.
        lines: The line of every value, by path.
        mistakes: What is wrong with the text itself.
    """

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Return the line of *path*, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(text: str, environment: Mapping[str, str]) -> Parsed:
    """Return what the YAML *text* says, ``${NAME}`` and ``${NAME:-default}`` filled in."""
    parsed = Parsed()
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            parsed.mistakes.append(Mistake((), "the file is empty", 1))
        else:
            parsed.data = _Reader(loader, environment, parsed).read(node, ())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark else 1
        parsed.mistakes.append(Mistake((), f"is not YAML: {problem}", line))
    finally:
        loader.dispose()
    return parsed


class _Reader:
    """Turns nodes into values; a node that is used twice (an alias) is read twice."""

    def __init__(self, loader: Any, environment: Mapping[str, str], parsed: Parsed) -> None:
        self._loader = loader
        self._environment = environment
        self._parsed = parsed
        self._read = 0

    def read(self, node: yaml.Node, path: Path) -> Any:
        self._parsed.lines.setdefault(path, node.start_mark.line + 1)
        self._read += 1
        if len(path) > _DEPTH or self._read > _VALUES:
            problem = "is nested too deep" if len(path) > _DEPTH else "has too many values"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        value = self._loader.construct_object(node)
        return self._filled(value, path) if isinstance(value, str) else value

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            here = (*path, key)
            if key in found:
                before = self._parsed.lines[here]
                self._wrong(here, f"is given twice, first on line {before}", line)
                continue
            self._parsed.lines[here] = line
            found[key] = self.read(value_node, here)
        return found

    def _filled(self, text: str, path: Path) -> str:
        def value(match: re.Match[str]) -> str:
            name, default = match[1], match[2]
            if name is None:
                self._wrong(path, "`${` must be ${NAME} or ${NAME:-default}")
                return ""
            if default is not None:
                return self._environment.get(name) or default.removeprefix(":-")
            if name not in self._environment:
                self._wrong(
                    path, f"${{{name}}} is not set in the environment; "
                    f"set it or write ${{{name}:-default}}"
                )  # fmt: skip
            return self._environment.get(name, "")

        return _VARIABLE.sub(value, text) if "${" in text else text

    def _wrong(self, path: Path, message: str, line: int | None = None) -> None:
        line = self._parsed.line(path) if line is None else line
        self._parsed.mistakes.append(Mistake(path, message, line))
