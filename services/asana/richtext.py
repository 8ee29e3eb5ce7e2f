"""Markdown to and from Asana's rich text, the small XML of ``html_notes`` and ``html_text``.

What Asana takes (developers.asana.com/docs/rich-text, read 2026-11): a root ``<body>``;
``strong em u s code a ol ul li blockquote pre``; in tasks and projects also ``h1 h2 hr``.
There is no ``<p>`` and no ``<br>``: a line break is a line break in the text. No block
stands inside a list item, and no list inside a quotation.

What has no form there is kept as text: a third-level heading becomes bold, an image a
link, a table its own lines. Markdown read back is not escaped: people wrote it as text.
"""

import re
from collections.abc import Callable, Iterable
from html import escape, unescape
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_PARSER: Final = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0 has no form
_TAGS: Final = {"strong": "strong", "em": "em", "s": "s"}
_SAFE_LINK: Final = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_HEADINGS: Final = {"h1": "h1", "h2": "h2"}
_MARKUP: Final = re.compile("<(?!/?body>)")


def to_html(markdown: str, *, comment: bool = False) -> str:
    """Return *markdown* as Asana's rich text.

    Args:
        markdown: CommonMark with ``~~strikethrough~~``; HTML in it is text.
        comment: For a comment, which takes no heading and no rule.
    """
    tree = SyntaxTreeNode(_PARSER.parse(_UNFIT.sub("", markdown)))
    return f"<body>{_blocks(tree.children, comment=comment)}</body>"


def payload(field: str, markdown: str, *, comment: bool = False) -> dict[str, str]:
    """Return *markdown* as what to send: ``html_<field>``, or *field* for lines of text alone."""
    html = to_html(markdown, comment=comment)
    if _MARKUP.search(html):
        return {f"html_{field}": html}
    return {field: unescape(html.removeprefix("<body>").removesuffix("</body>"))}


def _blocks(nodes: Iterable[SyntaxTreeNode], *, comment: bool) -> str:
    """Return blocks one under the other: a blank line between texts, none at other blocks."""
    out = ""
    after_text = False
    for node in nodes:
        html, is_text = _block(node, comment=comment)
        if out:
            out += "\n\n" if after_text and is_text else "\n"
        out += html
        after_text = is_text
    return out


def _block(node: SyntaxTreeNode, *, comment: bool) -> tuple[str, bool]:
    """Return one block, and whether it is text that needs its own line breaks."""
    match node.type:
        case "heading":
            words = _inlines(node.children).replace("\n", " ")
            tag = None if comment else _HEADINGS.get(node.tag)
            return (f"<{tag}>{words}</{tag}>", False) if tag else (_bold(words), True)
        case "hr":
            return ("---", True) if comment else ("<hr/>", False)
        case "bullet_list" | "ordered_list":
            return _list(node), False
        case "blockquote":
            return f"<blockquote>{_flat(node.children)}</blockquote>", False
        case "fence" | "code_block":
            return f"<pre>{_listing(node)}</pre>", False
        case _:
            return _inlines(node.children), True


def _bold(words: str) -> str:
    return f"<strong>{words}</strong>" if words else ""


def _list(node: SyntaxTreeNode) -> str:
    tag = "ul" if node.type == "bullet_list" else "ol"
    return f"<{tag}>{''.join(f'<li>{_item(each)}</li>' for each in node.children)}</{tag}>"


def _item(node: SyntaxTreeNode) -> str:
    """Return a list item: text lines first joined, lists nested, other blocks as text."""
    out = ""
    for child in node.children:
        if child.type in {"bullet_list", "ordered_list"}:
            out += _list(child)
        else:
            out += ("\n" if out else "") + _flat([child])
    return out


def _flat(nodes: Iterable[SyntaxTreeNode]) -> str:
    """Return blocks as lines of text with inline markup alone."""
    lines: list[str] = []
    for node in nodes:
        match node.type:
            case "bullet_list" | "ordered_list":
                lines += [f"- {_flat(item.children)}" for item in node.children]
            case "blockquote":
                lines.append(_flat(node.children))
            case "fence" | "code_block":
                lines.append(f"<code>{_listing(node)}</code>")
            case "heading":
                lines.append(_bold(_inlines(node.children)))
            case "hr":
                lines.append("---")
            case _:
                lines.append(_inlines(node.children))
    return "\n".join(lines)


def _inlines(nodes: Iterable[SyntaxTreeNode]) -> str:
    return "".join(_inline(node) for node in nodes)


def _inline(node: SyntaxTreeNode) -> str:
    if node.type in _TAGS:
        inner = _inlines(node.children)
        return f"<{_TAGS[node.type]}>{inner}</{_TAGS[node.type]}>" if inner else ""
    render = _INLINES.get(node.type)
    return render(node) if render else _inlines(node.children)


def _listing(node: SyntaxTreeNode) -> str:
    return escape(node.content.rstrip("\n"), quote=False)


def _words(node: SyntaxTreeNode) -> str:
    return escape(node.content, quote=False)


def _code(node: SyntaxTreeNode) -> str:
    return f"<code>{_words(node)}</code>"


def _anchor(node: SyntaxTreeNode) -> str:
    return _link(str(node.attrGet("href") or ""), _inlines(node.children))


def _image(node: SyntaxTreeNode) -> str:
    source = str(node.attrGet("src") or "")
    return _link(source, _words(node) or escape(source, quote=False))


def _line_break(_: SyntaxTreeNode) -> str:
    return "\n"


def _link(target: str, words: str) -> str:
    """Return a link; a target that Asana would refuse stays readable beside its words."""
    if _SAFE_LINK.match(target):
        return f'<a href="{escape(target)}">{words or escape(target, quote=False)}</a>'
    return f"{words} ({escape(target, quote=False)})" if target else words


_INLINES: Final[dict[str, Callable[[SyntaxTreeNode], str]]] = {
    "text": _words,
    "code_inline": _code,
    "link": _anchor,
    "image": _image,
    "softbreak": _line_break,
    "hardbreak": _line_break,
}
