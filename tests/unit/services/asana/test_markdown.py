import pytest

from services.asana.markdown import to_markdown, words


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("one\ntwo", "one\ntwo"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("a <strong> b </strong>c", "a  **b** c"),
        ("<em></em>x", "x"),
        ("<u>u</u>", "u"),
        ("<code>a`b</code>", "``a`b``"),
        ("<h1>One</h1>text", "# One\n\ntext"),
        ("intro\n<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>end", None),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b"),
        ("<blockquote>one\ntwo</blockquote>", "> one\n> two"),
        ("<pre>x &lt; 1\n```</pre>", "````\nx < 1\n```\n````"),
        ("a<hr>b", "a\n\n---\n\nb"),
        ('<a href="https://a.example">https://a.example</a>', "https://a.example"),
        (
            '<a data-asana-gid="1" href="https://a.example/1">@Ann</a>',
            "[@Ann](https://a.example/1)",
        ),
        ('<img src="https://a.example/x.png" alt="x"/>', "![x](https://a.example/x.png)"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "| a | b |\n| --- | --- |"),
        ("<shiny>new</shiny> tag", "new tag"),
        ("</em>stray <li>end", "stray end"),
    ],
)
def test_rich_text_becomes_markdown(html: str, markdown: str | None) -> None:
    expected = "intro\n\n- a\n- b\n  1. c\n\nend" if markdown is None else markdown
    assert to_markdown(f"<body>{html}</body>") == expected


def test_text_nested_without_end_is_read_all_the_same() -> None:
    html = "<em>" * 5000 + "deep" + "</em>" * 5000
    assert words(html) == "deep"
    assert "deep" in to_markdown(html)


def test_words_leave_out_tags_and_white_space() -> None:
    assert words("<body>a <em>b</em>\n\n<ul><li>c</li></ul></body>") == "abc"
