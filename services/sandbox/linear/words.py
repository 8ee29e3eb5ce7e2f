"""Names and text: from the schema's spelling to ours, and what a search makes of a text."""

import re
import unicodedata
from functools import cache


@cache
def snake(name: str) -> str:
    """Return ``camelCase`` as ``snake_case``; ``attachmentsForURL`` is attachments_for_url."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def plain(text: str) -> str:
    """Return *text* without case and accents."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold()


def terms(text: str) -> list[str]:
    """Return the words of a search; punctuation separates, and ENG-12 stays one word."""
    return re.findall(r"[\w@.-]*\w", plain(text))
