"""Asana's rich text, as far as the sandbox needs it."""

import html
import re
from xml.etree import ElementTree as ET

from services.sandbox.asana import errors, params

_INLINE = {"a", "b", "code", "em", "i", "s", "strong", "u"}
_COMMENT = frozenset({"body", "blockquote", "li", "ol", "pre", "ul", *_INLINE})
_NOTES = _COMMENT | {"h1", "h2", "hr"}


def html_of(text: str) -> str:
    """Return plain *text* as Asana's HTML."""
    return f"<body>{html.escape(text, quote=False)}</body>"


def text_of(markup: str) -> str:
    """Return Asana's HTML without its tags, a list's items on lines of their own."""
    lines = re.sub(r"</(?:li|p|h1|h2)>|<br\s*/?>", "\n", markup)
    return html.unescape(re.sub(r"<[^>]+>", "", lines)).strip()


def markup(field: str, value: object) -> str:
    """Return rich text that Asana takes in *field* (developers.asana.com/docs/rich-text).

    Raises:
        Refused: it is not one ``<body>`` of well-formed XML, or has a tag of another kind.
    """
    given = params.text(field, value)
    try:
        root = ET.fromstring(given)  # noqa: S314 -- its callers are our own tests
    except ET.ParseError as error:
        raise errors.wrong(field, f"XML is invalid: {error}") from None
    if root.tag != "body":
        raise errors.wrong(field, "XML is invalid: must be one <body>")
    allowed = _COMMENT if field == "html_text" else _NOTES
    other = {each.tag for each in root.iter()} - allowed
    if other:
        raise errors.wrong(field, f"XML is invalid: no <{min(other)}> here")
    return given
