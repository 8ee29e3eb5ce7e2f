"""A service that keeps every house rule, as small as one can be: text by path."""

from pathlib import Path

from kit.settings import ServerSettings
from tools.house.rules import shown

SHARED_ROWS = "\n".join(
    f"| `SPECIMEN_{name.upper()}` | `{shown(field)}` | {field.description} |"
    for name, field in ServerSettings.model_fields.items()
    if name != "port"
)
QUALITY = """\
  vendor-errors-mapped: done
  rate-limits-read: done
  results-paged: todo
  names-resolved: {exempt: it names nobody}
  writes-idempotent: {exempt: it writes nothing}
  unknown-outcomes-read-back: {exempt: it writes nothing}
  readiness-asks-vendor: done
  sandbox: done
  specification-checked: todo
  stand-in-refused: done
"""

SPECIMEN = {
    "services/specimen/__init__.py": '"""A specimen."""\n',
    "services/specimen/__main__.py": "",
    "services/specimen/server.py": "",
    "services/specimen/settings.py": """\
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from kit.settings import Port, ServerSettings


class SpecimenSettings(ServerSettings):
    model_config = SettingsConfigDict(env_prefix="SPECIMEN_")

    port: Port = Field(default=9999, description="port to listen on")
    token: SecretStr | None = Field(default=None, description="what the vendor gave")
""",
    "services/specimen/models.py": """\
from pydantic import BaseModel


class Stone(BaseModel):
    name: str
""",
    "services/specimen/client.py": "from kit.http import HttpClient\n",
    "services/specimen/errors.py": "from kit.http import HttpAnswer\n",
    "services/specimen/tools.py": '''\
from typing import Annotated, Any

from pydantic import Field

from kit.contract import people
from kit.tools import READ_ONLY, Tools
from services.specimen.models import Stone

tools: Tools[Any] = Tools("specimen")


@tools.serves(people.RESOLVE)
async def resolve(deps, arguments):
    ...


@tools.native(title="Get a stone", hint=READ_ONLY)
async def specimen_get_stone(
    deps: Any, stone: Annotated[str, Field(description="its name")]
) -> Stone:
    """Read one stone of the collection by its name."""
''',
    "services/specimen/service.yaml": f"""\
name: specimen
title: Specimen
description: Stones.
capabilities: [PEOPLE]
port: 9999
settings_prefix: SPECIMEN_
tools: [people_resolve, specimen_get_stone]
quality:
{QUALITY}""",
    "services/specimen/README.md": f"""\
# Specimen

| variable | default | meaning |
|---|---|---|
| `SPECIMEN_PORT` | `9999` | port to listen on |
| `SPECIMEN_TOKEN` | `none` | what the vendor gave |
{SHARED_ROWS}
""",
    "services/sandbox/specimen.py": "",
    "tests/unit/services/specimen/test_errors.py": "",
    "tests/contract/services/specimen/test_client.py": "",
    "tests/contract/services/specimen/test_tools_read.py": "",
    "tests/integration/services/specimen/test_server.py": "",
}


STAND_IN = {
    **{
        f"services/sandbox/{name}": SPECIMEN[f"services/specimen/{name}"].replace(
            "SPECIMEN", "SANDBOX"
        )
        for name in ("__init__.py", "__main__.py", "settings.py", "README.md")
    },
    "services/sandbox/service.yaml": f"""\
name: sandbox
title: The specimen's stand-in
description: Stones that are not there.
port: 9999
settings_prefix: SANDBOX_
vendors: [specimen]
quality:
{QUALITY.replace("sandbox: done", "sandbox: {exempt: it is the sandbox}")}""",
}


def write(root: Path, files: dict[str, str]) -> None:
    """Write *files* under *root*."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
