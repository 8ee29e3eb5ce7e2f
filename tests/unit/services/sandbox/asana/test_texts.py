import pytest

from services.sandbox.asana.errors import Refused
from services.sandbox.asana.texts import html_of, markup, text_of


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("html_notes", "<body>a &lt; b\n<ul><li><strong>x</strong></li></ul></body>"),
        ("html_notes", "<body><h1>Why</h1><hr/><pre>x</pre></body>"),
        ("html_text", '<body><a href="https://a.example">x</a></body>'),
    ],
)
def test_rich_text_is_taken_as_it_is(field: str, given: str) -> None:
    assert markup(field, given) == given


@pytest.mark.parametrize(
    ("field", "given", "why"),
    [
        ("html_notes", "plain", "XML is invalid: syntax error"),
        ("html_notes", "<body>a & b</body>", "not well-formed"),
        ("html_notes", "<p>a</p>", "must be one <body>"),
        ("html_notes", "<body><p>a</p></body>", "no <p> here"),
        ("html_text", "<body><h1>a</h1></body>", "no <h1> here"),
    ],
)
def test_what_is_no_rich_text_of_asanas_is_refused(field: str, given: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as caught:
        markup(field, given)
    assert caught.value.status == 400
    assert caught.value.message.startswith(f"{field}: XML is invalid")


def test_text_and_rich_text_become_each_other() -> None:
    assert html_of("a < b") == "<body>a &lt; b</body>"
    assert text_of("<body>a &lt; b<ul><li>x</li><li>y</li></ul></body>") == "a < bx\ny"
