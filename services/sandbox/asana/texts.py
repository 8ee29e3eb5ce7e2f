"""Asana's rich text, as far as the sandbox needs it."""

import html
import re


def html_of(text: str) -> str:
    """Return plain *text* as Asana's HTML."""
    return f"<body>{html.escape(text, quote=False)}</body>"


def text_of(markup: str) -> str:
    """Return Asana's HTML without its tags, a list's items on lines of their own."""
    lines = re.sub(r"</(?:li|p|h1|h2)>|<br\s*/?>", "\n", markup)
    return html.unescape(re.sub(r"<[^>]+>", "", lines)).strip()
