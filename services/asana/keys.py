"""How a write is recognised when it is repeated: a marker made from its key. All pure.

An OAuth app keeps the marker in the task's ``external.gid``. With a personal token Asana has
no such place, so it is the last line of the notes; answers leave it out.
"""

import re
from typing import Final
from uuid import UUID, uuid5

_NAMESPACE: Final = UUID("6f1d3a52-6f0b-4f7e-9d57-0c1f3a5be2a4")
_LABEL: Final = "sophia-key: "
_LINE: Final = re.compile(rf"\s*^[ \t]*{_LABEL}([0-9a-f]{{32}})[ \t]*$\s*", re.MULTILINE)


def marker(kind: str, key: str) -> str:
    """Return the marker of the write *key* of a *kind* of thing (``task``, ``project``)."""
    return uuid5(_NAMESPACE, f"{kind}:{key}").hex


def marked(notes: str, mark: str) -> str:
    """Return Markdown *notes* with *mark* as their last line."""
    return f"{notes.rstrip()}\n\n{_LABEL}{mark}".lstrip()


def marker_in(notes: str) -> str | None:
    """Return the marker in plain *notes*, if there is one."""
    found = _LINE.search(notes)
    return found[1] if found else None


def without_marker(notes: str) -> str:
    """Return *notes* as their author wrote them."""
    return _LINE.sub("\n\n", notes).strip("\n") if _LABEL in notes else notes
