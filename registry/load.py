"""The registry file, read whole: valid, or every mistake with its file, line and key."""

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, Final

from pydantic import ValidationError

from registry.check import check
from registry.mistakes import RegistryInvalid, told_by_pydantic
from registry.model import Document, Server
from registry.places import Mistake, Parsed, Path, parse

FILE_BYTES: Final = 10_000_000


def load(path: FilePath, environment: Mapping[str, str]) -> Document:
    """Return what the file at *path* says.

    Raises:
        RegistryInvalid: it cannot be read, is not YAML, or breaks a rule.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        mistake = Mistake((), f"cannot be read: {error.strerror}")
        raise RegistryInvalid(str(path), [mistake]) from error
    return load_content(content, str(path), environment)


def load_content(content: bytes, source: str, environment: Mapping[str, str]) -> Document:
    """Return what a file's *content* says; *source* is its path, for mistakes.

    Raises:
        RegistryInvalid: it is too large, no text, not YAML, or breaks a rule.
    """
    if len(content) > FILE_BYTES:
        raise RegistryInvalid(source, [Mistake((), f"is larger than {FILE_BYTES} bytes")])
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RegistryInvalid(source, [Mistake((), "is not UTF-8 text")]) from error
    return loads(text, source, environment)


def loads(text: str, source: str, environment: Mapping[str, str]) -> Document:
    """Return what *text* says; *source* is its name in mistakes.

    Raises:
        RegistryInvalid: it is not YAML, or breaks a rule.
    """
    parsed = parse(text, environment)
    mistakes = list(parsed.mistakes)
    if parsed.data is None:
        raise RegistryInvalid(source, mistakes or [Mistake((), "the file is empty", 1)])
    document = None
    try:
        document = Document.model_validate(parsed.data)
    except ValidationError as error:
        told = {each.path for each in mistakes}
        mistakes += [each for each in told_by_pydantic(error) if each.path not in told]
    servers = _servers(parsed.data, document)
    mistakes += _cross_checks(servers, parsed)
    if mistakes or document is None:
        placed = [_placed(each, parsed) for each in mistakes]
        raise RegistryInvalid(source, placed, parsed.data)
    return document


def declared(data: Mapping[str, Any], source: str, others: Mapping[str, Server]) -> Server:
    """Return the one server that *data* declares, beside the *others* that are known.

    Raises:
        RegistryInvalid: it breaks a rule.
    """
    try:
        server = Server.model_validate(data)
    except ValidationError as error:
        raise RegistryInvalid(source, told_by_pydantic(error, ("servers", 0))) from error
    known = {**others, server.name: server}
    mistakes = [Mistake(path, message) for path, message in check(server, known)]
    if mistakes:
        raise RegistryInvalid(source, mistakes)
    return server


def _placed(mistake: Mistake, parsed: Parsed) -> Mistake:
    if mistake.line is not None:
        return mistake
    return Mistake(mistake.path, mistake.message, parsed.line(mistake.path))


def _servers(data: Any, document: Document | None) -> dict[int, tuple[str, Server | None]]:
    """Return name and server by index; none for a server that is not valid by itself."""
    if document is not None:
        return {index: (each.name, each) for index, each in enumerate(document.servers)}
    items = data.get("servers") if isinstance(data, dict) else None
    found: dict[int, tuple[str, Server | None]] = {}
    for index, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            try:
                found[index] = (item["name"], Server.model_validate(item))
            except ValidationError:
                found[index] = (item["name"], None)
    return found


def _cross_checks(servers: dict[int, tuple[str, Server | None]], parsed: Parsed) -> list[Mistake]:
    mistakes: list[Mistake] = []
    by_name: dict[str, Server | None] = {}
    first: dict[str, int] = {}
    for index, (name, server) in servers.items():
        if name in first:
            line = parsed.line(("servers", first[name], "name"))
            path: Path = ("servers", index, "name")
            mistakes.append(Mistake(path, f"is taken by the server on line {line}"))
            continue
        first[name] = index
        by_name[name] = server
    for index, (_, server) in servers.items():
        if server is not None:
            mistakes += [
                Mistake(("servers", index, *path), message)
                for path, message in check(server, by_name)
            ]
    return mistakes
