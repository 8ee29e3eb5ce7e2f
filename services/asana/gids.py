"""What people paste for a task or a project: a gid, a ref or the address of its page. All pure."""

import re
from typing import Final

from kit.errors import Invalid
from services.asana.errors import PROVIDER

_GID: Final = re.compile(r"[0-9]{6,30}")
_REF: Final = re.compile(r"([a-z]+):([a-z][a-z0-9-]*):(.+)", re.DOTALL)
_KINDS: Final = frozenset({"task", "project", "team", "section", "tag", "person"})
_PAGES: Final = {
    "task": re.compile(r"https://[^/]+/(?:.*/task/|0/[^/]+/)([0-9]{6,30})(?:[/?#]|$)"),
    "project": re.compile(r"https://[^/]+/(?:.*/project/|0/)([0-9]{6,30})(?:[/?#]|$)"),
}


def is_gid(text: str) -> bool:
    """Say whether *text* has the form of a gid."""
    return _GID.fullmatch(text) is not None


def said(text: str, kind: str, field: str) -> tuple[str | None, str]:
    """Return the gid that *text* is or points to, and the name that it is otherwise.

    Raises:
        Invalid: a ref of another provider or of another kind of thing.
    """
    text = text.strip()
    ref = _REF.fullmatch(text)
    if ref is not None and ref[1] in _KINDS:
        if (ref[1], ref[2]) != (kind, PROVIDER):
            raise Invalid(
                f"{field}: {text[:100]!r} is no {kind} of Asana; expected {kind}:{PROVIDER}:<gid>",
                provider=PROVIDER,
                field=field,
            )
        text = ref[3]
    if is_gid(text):
        return text, text
    page = _PAGES[kind].match(text) if kind in _PAGES else None
    return (page[1] if page else None), text


def task_gid(text: str, field: str = "task") -> str:
    """Return the gid of the task that *text* is or points to.

    Raises:
        Invalid: it is no task.
    """
    gid, _ = said(text, "task", field)
    if gid is None:
        raise Invalid(
            f"{field}: {text[:100]!r} is no task; give its gid, task:{PROVIDER}:<gid> or URL",
            provider=PROVIDER,
            field=field,
        )
    return gid
