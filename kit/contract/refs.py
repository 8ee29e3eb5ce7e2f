"""Refs: ``<kind>:<provider>:<native id>``, the only way to name a thing across servers."""

import re
from typing import Annotated, NamedTuple, Self

from pydantic import Field

from kit.errors import Invalid

PATTERN = r"^[a-z_]+:[a-z][a-z0-9-]*:.+$"
_REF = re.compile(r"([a-z_]+):([a-z][a-z0-9-]*):(.+)", re.DOTALL)


class Ref(NamedTuple):
    """A parsed ref; ``str()`` gives it back.

    Attributes:
        kind: What it is: ``task``, ``project``, ``team``, ``comment``, ``person``.
        provider: The server that holds it, ``linear``.
        native_id: The vendor's own id; it may contain colons.
    """

    kind: str
    provider: str
    native_id: str

    @classmethod
    def parse(cls, text: str, *, field: str = "ref") -> Self:
        """Return the ref in *text*.

        Raises:
            Invalid: *text* is no ref; the error names *field*.
        """
        match = _REF.fullmatch(text)
        if match is None:
            raise Invalid(
                f"{text[:100]!r} is not a ref; expected <kind>:<provider>:<id>, "
                "for example task:linear:ENG-12",
                field=field,
            )
        return cls(*match.groups())

    def __str__(self) -> str:
        return f"{self.kind}:{self.provider}:{self.native_id}"


RefText = Annotated[
    str,
    Field(
        pattern=PATTERN,
        max_length=500,
        description="<kind>:<provider>:<native id>, as an earlier answer gave it",
    ),
]
