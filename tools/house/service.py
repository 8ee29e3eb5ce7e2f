"""What is known of one service: its folder, its manifest, and what its modules declare."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kit.contract.operation import Capability
from kit.settings import ServerSettings
from kit.tools import Tool, Tools

STAND_INS = frozenset({"sandbox", "warehouse"})
COMMON = ("__init__", "__main__", "settings")
MODULES = (*COMMON, "models", "client", "tools", "server")
DOCUMENTS = ("service.yaml", "README.md")


class Exempt(BaseModel):
    """Why a quality rule does not apply."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    exempt: Annotated[str, Field(min_length=10)]


class Manifest(BaseModel):
    """``service.yaml``: what a service says of itself.

    A service has ``capabilities`` and ``tools``, a stand-in ``vendors``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    description: str
    capabilities: tuple[Capability, ...] = ()
    port: int
    settings_prefix: str
    tools: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    quality: dict[str, Literal["done", "todo"] | Exempt]


@dataclass(frozen=True, slots=True)
class Service:
    """One service, as its files and its modules declare it.

    Attributes:
        root: The checkout.
        name: The folder's name.
        manifest: Its ``service.yaml``.
        settings: Its settings class.
        tools: What it registers, in order; a stand-in registers none.
    """

    root: Path
    name: str
    manifest: Manifest
    settings: type[ServerSettings]
    tools: tuple[Tool[Any], ...]

    @property
    def folder(self) -> Path:
        """Where it lives."""
        return self.root / "services" / self.name

    @property
    def stand_in(self) -> bool:
        """Whether it stands in for vendors."""
        return self.name in STAND_INS

    @property
    def vendors(self) -> tuple[str, ...]:
        """The services that it stands in for."""
        inside = (path.stem for path in self.folder.iterdir() if self.stand_in)
        return tuple(sorted(set(names(self.root)) & set(inside)))

    @property
    def modules(self) -> tuple[Path, ...]:
        """Its Python files, those of its sub-packages too."""
        return tuple(sorted(self.folder.rglob("*.py")))


class Unreadable(Exception):
    """A service cannot be looked at; each argument is a line that says why."""


def names(root: Path) -> list[str]:
    """Return the services under *root*, stand-ins too."""
    return sorted(path.parent.name for path in (root / "services").glob("*/__init__.py"))


def service_of(root: Path, name: str) -> Service:
    """Return the service called *name*.

    Raises:
        Unreadable: it lacks a file, or a file does not have what every service's has.
    """
    missing = list(_missing_files(root, name))
    if missing:
        raise Unreadable(*missing)
    tools = () if name in STAND_INS else tuple(_tools(name))
    return Service(root, name, _manifest(root, name), _settings(name), tools)


def _missing_files(root: Path, name: str) -> Iterator[str]:
    folder = root / "services" / name
    for module in COMMON if name in STAND_INS else MODULES:
        if not (folder / f"{module}.py").is_file() and not (folder / module).is_dir():
            yield f"services/{name}/{module}.py: is missing; read two neighbours and add it"
    for document in DOCUMENTS:
        if not (folder / document).is_file():
            yield f"services/{name}/{document}: is missing; read two neighbours and add it"


def _manifest(root: Path, name: str) -> Manifest:
    where = f"services/{name}/service.yaml"
    text = (root / where).read_text(encoding="utf-8")
    try:
        return Manifest.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise Unreadable(f"{where}: {error}") from error
    except ValidationError as error:
        found = error.errors()
        places = (f"{where}: {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found)
        raise Unreadable(*places) from error


def _tools(name: str) -> Tools[Any]:
    tools = getattr(importlib.import_module(f"services.{name}.tools"), "tools", None)
    if not isinstance(tools, Tools):
        raise Unreadable(f"services/{name}/tools.py: has no `tools`; declare `tools: Tools[Deps]`")
    return tools


def _settings(name: str) -> type[ServerSettings]:
    declared = vars(importlib.import_module(f"services.{name}.settings")).values()
    found = [
        each
        for each in declared
        if isinstance(each, type)
        and issubclass(each, ServerSettings)
        and each.model_config.get("env_prefix")
    ]
    if len(found) != 1:
        raise Unreadable(
            f"services/{name}/settings.py: has {len(found)} settings classes; "
            "declare one ServerSettings with an env_prefix"
        )
    return found[0]
