"""The rules that every service keeps, one function a rule.

A rule yields a line for each place that breaks it: where, what is the matter, what to do.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo

from tools.house.service import Service

Rule = Callable[[Service], Iterator[str]]

DESCRIPTION_LENGTH: Final = range(20, 300)
SCHEMA_TOKENS: Final = 6_000
CHARACTERS_A_TOKEN: Final = 4
QUALITY: Final = {
    "vendor-errors-mapped": "each failure that the vendor documents becomes a neutral error",
    "rate-limits-read": "what is left of the quota is read from the vendor's headers",
    "results-paged": "no answer grows without bound, and a cursor goes on",
    "names-resolved": "people, states and places are given as people say them",
    "writes-idempotent": "the same idempotency key twice makes one thing",
    "unknown-outcomes-read-back": "an uncertain write is looked up before it is tried again",
    "readiness-asks-vendor": "/readyz asks the vendor with the service's own credential",
    "sandbox": "services/sandbox/<name> speaks the vendor's wire format",
    "specification-checked": "the wire format is tested against the vendor's own specification",
    "stand-in-refused": "FLEET_PROFILE=production does not start on the sandbox",
}
_UNTESTED: Final = {"__init__", "__main__", "settings", "models", "deps", "queries"}
_CALLS: Final = {"kit.http", "http", "HttpClient"}
_READS: Final = re.compile(r"_(get|list|search|find)(_|$)")
_REMOVES: Final = re.compile(r"_(delete|remove|archive)(_|$)")
_ROW: Final = re.compile(r"^\| *`(?P<name>[A-Z0-9_]+)` *\| *(?P<default>.*?) *\|")


def manifest_agrees(service: Service) -> Iterator[str]:
    """``service.yaml`` says what the code says."""
    where, manifest = f"services/{service.name}/service.yaml", service.manifest
    served = {tool.operation.capability for tool in service.tools if tool.operation}
    facts: dict[str, tuple[Any, Any]] = {
        "name": (manifest.name, service.name),
        "capabilities": (sorted(manifest.capabilities), sorted(served)),
        "vendors": (sorted(manifest.vendors), sorted(service.vendors)),
        "tools": (sorted(manifest.tools), sorted(tool.name for tool in service.tools)),
        "port": (manifest.port, service.settings.model_fields["port"].default),
        "settings_prefix": (
            manifest.settings_prefix,
            service.settings.model_config.get("env_prefix"),
        ),
    }
    for key, (said, true) in facts.items():
        if said != true:
            yield f"{where}: {key} is {_said(said)} but the code has {_said(true)}; make them one"


def tools_explain_themselves(service: Service) -> Iterator[str]:
    """A model can choose a tool by its title and description, and call it by its arguments."""
    for tool in service.tools:
        where = f"services/{service.name}: tool {tool.name}"
        if not tool.title.strip():
            yield f"{where}: has no title; give a few words"
        if len(tool.description) not in DESCRIPTION_LENGTH:
            yield (
                f"{where}: its description has {len(tool.description)} characters; "
                f"write {DESCRIPTION_LENGTH.start} to {DESCRIPTION_LENGTH.stop - 1}"
            )
        for name, argument in tool.input_schema["properties"].items():
            if "description" not in argument and "$ref" not in argument:
                yield f"{where}: argument {name} is not described; add Field(description=...)"


def hints_are_true(service: Service) -> Iterator[str]:
    """A client may trust the read-only and destructive hints."""
    for tool in service.tools:
        where = f"services/{service.name}: tool {tool.name}"
        if tool.hint.read_only and tool.hint.destructive:
            yield f"{where}: is hinted read-only and destructive; choose one"
        if _READS.search(tool.name) and not tool.hint.read_only:
            yield f"{where}: reads by its name but is not hinted read-only; hint it READ_ONLY"
        if _REMOVES.search(tool.name) and not tool.hint.destructive:
            yield f"{where}: removes by its name but is not hinted destructive; hint it CHANGES"


def results_are_typed(service: Service) -> Iterator[str]:
    """Each tool has an output model with named fields."""
    for tool in service.tools:
        if not tool.output_schema.get("properties"):
            yield (
                f"services/{service.name}: tool {tool.name}: its result has no fields; "
                "return a model of models.py or of the contract"
            )


def schemas_are_small(service: Service) -> Iterator[str]:
    """The tool list does not crowd out the conversation."""
    listed = [
        (tool.name, tool.title, tool.description, tool.input_schema, tool.output_schema)
        for tool in service.tools
    ]
    tokens = len(json.dumps(listed, separators=(",", ":"))) // CHARACTERS_A_TOKEN
    if tokens >= SCHEMA_TOKENS:
        yield (
            f"services/{service.name}: its tools take {tokens} tokens, {SCHEMA_TOKENS} is the "
            "limit; join tools, shorten descriptions, leave fields out of results"
        )


def settings_are_documented(service: Service) -> Iterator[str]:
    """The README's table has a row for each setting, and no other."""
    where = f"services/{service.name}/README.md"
    lines = (service.folder / "README.md").read_text(encoding="utf-8").splitlines()
    rows = {row["name"]: row["default"].strip("`") for row in map(_ROW.match, lines) if row}
    prefix = service.settings.model_config.get("env_prefix", "")
    fields = {f"{prefix}{key}".upper(): each for key, each in service.settings.model_fields.items()}
    for name, each in fields.items():
        if not each.description:
            yield f"services/{service.name}/settings.py: {name} has no description; add it"
        if rows.get(name) != shown(each):
            yield (
                f"{where}: the settings table must have "
                f"| `{name}` | `{shown(each)}` | {each.description} |"
            )
    for name in rows.keys() - fields.keys():
        yield f"{where}: the settings table has {name}, which nothing reads; remove the row"


def only_the_client_talks(service: Service) -> Iterator[str]:
    """All contact with the vendor is in the client; errors.py may read an answer."""
    for path in service.modules:
        inside = path.relative_to(service.folder)
        if inside.parts[0] in {"client", "client.py"}:
            continue
        for line, names in _http_imports(path):
            reads_answers = inside.name == "errors.py" and not names & _CALLS
            if not reads_answers:
                yield (
                    f"{path.relative_to(service.root)}:{line}: imports kit.http; "
                    "only client.py does, move the call there"
                )


def a_stand_in_exists(service: Service) -> Iterator[str]:
    """The sandbox has a module for the vendor."""
    stand_in = service.root / "services/sandbox" / service.name
    if service.manifest.quality.get("sandbox") == "done" and not (
        stand_in.is_dir() or stand_in.with_suffix(".py").is_file()
    ):
        yield (
            f"services/sandbox/{service.name}: is missing; add the stand-in, or exempt the "
            "`sandbox` quality rule with a reason"
        )


def tests_mirror_modules(service: Service) -> Iterator[str]:
    """Each module of a service has a test of its name."""
    tests = service.root / "tests"
    for path in () if service.stand_in else service.modules:
        module = path.relative_to(service.folder).parts[0].removesuffix(".py")
        found = tests.glob(f"*/services/{service.name}/test_{module}*.py")
        if module not in _UNTESTED and not any(found):
            yield (
                f"{path.relative_to(service.root)}: has no test; add "
                f"tests/unit/services/{service.name}/test_{module}.py (or contract, integration)"
            )


def quality_is_claimed(service: Service) -> Iterator[str]:
    """Every quality rule is claimed done, planned, or exempt with a reason."""
    where, claims = f"services/{service.name}/service.yaml: quality", service.manifest.quality
    for rule in QUALITY.keys() - claims.keys():
        yield f"{where}.{rule}: is missing; say done, todo or {{exempt: reason}}: {QUALITY[rule]}"
    for rule in claims.keys() - QUALITY.keys():
        yield f"{where}.{rule}: is no rule; tools/house/rules.py has them"


RULES: Final[tuple[Rule, ...]] = (
    manifest_agrees,
    tools_explain_themselves,
    hints_are_true,
    results_are_typed,
    schemas_are_small,
    settings_are_documented,
    only_the_client_talks,
    a_stand_in_exists,
    tests_mirror_modules,
    quality_is_claimed,
)


def _said(value: Any) -> str:
    """Return *value* as a person would write it in YAML."""
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def shown(field: FieldInfo) -> str:
    """Return a setting's default as the README writes it."""
    if field.is_required():
        return "required"
    if field.default is None or field.default == ():
        return "none"
    if isinstance(field.default, bool):
        return str(field.default).lower()
    return f"{field.default:g}" if isinstance(field.default, float) else str(field.default)


def _http_imports(path: Path) -> Iterator[tuple[int, set[str]]]:
    """Yield the line and the names of each import of kit.http."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.ImportFrom(module="kit.http", names=names, lineno=line):
                found = {each.name for each in names}
            case ast.ImportFrom(module="kit", names=names, lineno=line):
                found = {each.name for each in names if each.name == "http"}
            case ast.Import(names=names, lineno=line):
                found = {each.name for each in names if each.name == "kit.http"}
            case _:
                continue
        if found:
            yield line, found
