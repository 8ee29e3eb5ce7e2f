import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.asana.markdown import to_markdown
from services.asana.richtext import payload, to_html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("plain", "plain"),
        ("one\ntwo", "one\ntwo"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("**b** *i* ~~s~~ `c<d`", "<strong>b</strong> <em>i</em> <s>s</s> <code>c&lt;d</code>"),
        ("# One\n## Two\n### Three", "<h1>One</h1>\n<h2>Two</h2>\n<strong>Three</strong>"),
        ("text\n\n- a\n- b", "text\n<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n   - b", "<ol><li>a<ul><li>b</li></ul></li></ol>"),
        ("> said\n> - so", "<blockquote>said\n- so</blockquote>"),
        ("```py\nx < 1\n```", "<pre>x &lt; 1</pre>"),
        ("a\n\n---\n\nb", "a\n<hr/>\nb"),
        ("[x](https://a.example/?b=1&c)", '<a href="https://a.example/?b=1&amp;c">x</a>'),
        ("![x](https://a.example/y.png)", '<a href="https://a.example/y.png">x</a>'),
        ("[x](relative)", "x (relative)"),
        ("<b>no</b> & co", "&lt;b&gt;no&lt;/b&gt; &amp; co"),
        ("- a\n\n  ```\n  code\n  ```", "<ul><li>a\n<code>code</code></li></ul>"),
        ("a\x0bb\x00c", "ab\N{REPLACEMENT CHARACTER}c".replace("\N{REPLACEMENT CHARACTER}", "")),
    ],
)
def test_markdown_becomes_the_subset_that_asana_takes(markdown: str, html: str) -> None:
    assert to_html(markdown) == f"<body>{html}</body>"


def test_a_comment_takes_no_heading_and_no_rule() -> None:
    html = to_html("# Title\n\n---\n\nend", comment=True)
    assert html == "<body><strong>Title</strong>\n\n---\n\nend</body>"


@pytest.mark.parametrize(
    ("markdown", "data"),
    [
        ("a & b", {"notes": "a & b"}),
        ("", {"notes": ""}),
        ("**a**", {"html_notes": "<body><strong>a</strong></body>"}),
    ],
)
def test_lines_of_text_alone_are_sent_as_plain_notes(markdown: str, data: dict[str, str]) -> None:
    assert payload("notes", markdown) == data


WORD = st.text("abcxyz", min_size=1, max_size=6)
INLINE = st.one_of(
    WORD,
    WORD.map("**{}**".format),
    WORD.map("*{}*".format),
    WORD.map("~~{}~~".format),
    WORD.map("`{}`".format),
    WORD.map("[x](https://a.example/{})".format),
)
LINE = st.lists(INLINE, min_size=1, max_size=4).map(" ".join)
BLOCK = st.one_of(
    st.lists(LINE, min_size=1, max_size=3).map("\n".join),
    LINE.map("# {}".format),
    LINE.map("> {}".format),
    WORD.map("```\n{}\n```".format),
    st.lists(LINE, min_size=1, max_size=3).map(lambda each: "\n".join(f"- {x}" for x in each)),
    st.lists(LINE, min_size=1, max_size=3).map(
        lambda each: "\n".join(f"{n}. {x}" for n, x in enumerate(each, 1))
    ),
)


@given(st.lists(BLOCK, max_size=5).map("\n\n".join))
def test_what_was_written_reads_back_as_what_writes_the_same(markdown: str) -> None:
    html = to_html(markdown)
    assert to_html(to_markdown(html)) == html
