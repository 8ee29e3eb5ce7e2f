"""Asana's rich text as Markdown.

Read with the standard library's tolerant HTML parser, since Asana adds tags over time: one
that is not known gives its text. (markdownify, the kept library for HTML, folds line
breaks into spaces; in Asana's rich text a line break is the paragraph.)
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

_EMPTY: Final = frozenset({"hr", "img", "br"})
_AROUND: Final = {"strong": "**", "b": "**", "em": "*", "i": "*", "s": "~~"}
_DEEPEST: Final = 100  # what stands deeper is read as if it stood there
_BACKTICKS: Final = re.compile("`+")


@dataclass(slots=True)
class _Node:
    """An element: its children are elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[_Node | str]" = field(default_factory=list)


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [_Node("root")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in _EMPTY and len(self.open) < _DEEPEST:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)

    def handle_endtag(self, tag: str) -> None:
        if any(node.tag == tag for node in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def _parsed(html: str) -> _Node:
    tree = _Tree()
    tree.feed(html)
    tree.close()
    return tree.open[0]


def to_markdown(html: str) -> str:
    """Return *html* (``html_notes``, ``html_text``) as Markdown."""
    return _blocks(_parsed(html))


def words(html: str) -> str:
    """Return the text of *html* without tags and white space, to compare two texts by."""
    return "".join("".join(_texts(_parsed(html))).split())


def _texts(node: _Node) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            yield child
        else:
            yield from _texts(child)


def _blocks(node: _Node) -> str:
    """Return the children of *node*: runs of text and blocks, a blank line between them."""
    parts: list[str] = []
    run = ""
    for child in node.children:
        if isinstance(child, _Node) and child.tag in _BLOCKS:
            parts += [run.strip("\n"), _BLOCKS[child.tag](child)]
            run = ""
        else:
            run += _inline(child)
    parts.append(run.strip("\n"))
    return "\n\n".join(part for part in parts if part)


def _heading(mark: str) -> Callable[[_Node], str]:
    return lambda node: f"{mark} {_inlines(node).strip()}"


def _code_block(node: _Node) -> str:
    text = "".join(_texts(node)).strip("\n")
    fence = "`" * max(3, _longest(text) + 1)
    return f"{fence}\n{text}\n{fence}"


def _quote(node: _Node) -> str:
    return "\n".join(f"> {line}".rstrip() for line in _blocks(node).split("\n"))


def _list(node: _Node) -> str:
    """Return a list; a list that stands directly in a list belongs to the item before it."""
    items: list[str] = []
    for child in node.children:
        if isinstance(child, str):
            continue
        if child.tag in {"ul", "ol"} and items:
            items[-1] += "\n" + _list(child)
        else:
            items.append(_item(child))
    marks = ("-" if node.tag == "ul" else f"{number}." for number in range(1, len(items) + 1))
    return "\n".join(
        f"{mark} {_indented(item, len(mark) + 1)}" for mark, item in zip(marks, items, strict=True)
    )


def _item(node: _Node) -> str:
    lines = ""
    for child in node.children:
        if isinstance(child, _Node) and child.tag in _BLOCKS:
            lines = lines.rstrip("\n") + "\n" + _BLOCKS[child.tag](child)
        else:
            lines += _inline(child)
    return lines.strip("\n")


def _indented(text: str, by: int) -> str:
    return text.replace("\n", "\n" + " " * by)


def _table(node: _Node) -> str:
    rows: list[str] = []
    for row in (each for each in _elements(node) if each.tag == "tr"):
        cells = [_inlines(cell).strip() for cell in row.children if isinstance(cell, _Node)]
        rows.append("| " + " | ".join(cells) + " |")
        if len(rows) == 1:
            rows.append("|" + " --- |" * len(cells))
    return "\n".join(rows)


def _elements(node: _Node) -> Iterator[_Node]:
    for child in node.children:
        if isinstance(child, _Node):
            yield child
            yield from _elements(child)


def _inlines(node: _Node) -> str:
    return "".join(_inline(child) for child in node.children)


def _inline(child: _Node | str) -> str:
    if isinstance(child, str):
        return child
    if child.tag in _AROUND:
        return _around(_AROUND[child.tag], _inlines(child))
    return _INLINES.get(child.tag, _inlines)(child)


def _image(node: _Node) -> str:
    return f"![{node.attributes.get('alt', '')}]({node.attributes.get('src', '')})"


def _around(mark: str, text: str) -> str:
    """Return *text* in *mark*; white space at its ends stays outside, as Markdown wants it."""
    inner = text.strip()
    if not inner:
        return text
    start = text.index(inner)
    return f"{text[:start]}{mark}{inner}{mark}{text[start + len(inner) :]}"


def _code(node: _Node) -> str:
    text = "".join(_texts(node))
    if not text:
        return ""
    fence = "`" * (_longest(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _longest(text: str) -> int:
    """Return the length of the longest run of backticks."""
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)


def _link(node: _Node) -> str:
    target, text = node.attributes.get("href", ""), _inlines(node)
    if not target or target == text:
        return text or target
    return f"[{text or target}]({target})"


_Render = Callable[[_Node], str]
_BLOCKS: Final[dict[str, _Render]] = {
    "h1": _heading("#"),
    "h2": _heading("##"),
    "hr": lambda _: "---",
    "pre": _code_block,
    "blockquote": _quote,
    "ul": _list,
    "ol": _list,
    "table": _table,
    "body": _blocks,
}
_INLINES: Final[dict[str, _Render]] = {
    "code": _code,
    "a": _link,
    "img": _image,
    "br": lambda _: "\n",
    "body": _blocks,
    "root": _blocks,
}
