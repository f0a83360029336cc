"""Nothing that somebody wrote becomes HTML that we did not mean."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.dashboard.safehtml import LONGEST_MARKDOWN, joined, markdown, tag

# What CommonMark makes, and no more.
TEXTS = "p em strong s a code pre h1 h2 h3 h4 h5 h6 blockquote br hr img"
LISTS = "ul ol li table thead tbody tr th td"
KNOWN = {*TEXTS.split(), *LISTS.split()}
KNOWN_ATTRIBUTES = {"href", "title", "class", "start", "style", "src", "alt"}


class Found(HTMLParser):
    """The tags and attributes of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


HTML = ("<script>", "</p>", "<img src=x onerror=a>", "<!--", "<a:b>", "&lt;", "&#x3c;", " onclick=a ", ">", '"', "'")
LINKS = ("](javascript:a)", "[x", "![y](http://h/a.png", ")", "[r]: data:text/html,x\n", "[r]")
MARKS = ("`", "```", "\n", "\n\n", "*", "**", "| a | b |\n|---|---|\n", "- ", "# ", "\\", "\0", "é")
PIECES = st.sampled_from((*HTML, *LINKS, *MARKS))


@given(st.lists(PIECES | st.text(max_size=5), max_size=25).map("".join))
def test_markdown_makes_only_harmless_html(text: str) -> None:
    for name, attributes in Found(markdown(text)).tags:
        assert name in KNOWN
        assert set(attributes) <= KNOWN_ATTRIBUTES
        assert not (attributes.get("href") or "").lower().startswith(("javascript:", "vbscript:", "data:", "file:"))
        assert (attributes.get("src") or "data:image/").startswith("data:image/")


@given(st.text(), st.text())
def test_what_is_put_into_an_element_stays_text(inner: str, value: str) -> None:
    found = Found(tag("p", "a b", inner, title=value))
    assert found.tags[0][0] == "p"
    assert len(found.tags) == 1


def test_elements_nest_and_texts_do_not() -> None:
    assert tag("b", "", tag("i", "x", "<"), "<u>") == '<b class=""><i class="x">&lt;</i>&lt;u&gt;</b>'
    assert joined("<", tag("br", "")) == '&lt;<br class=""></br>'
    assert tag("a", "", aria_label='"', class_="x") == '<a class="" aria-label="&quot;" class="x"></a>'


def test_pictures_from_elsewhere_become_links_and_those_inside_stay() -> None:
    assert markdown("![p](http://h/a.png)") == '<p><a class="" href="http://h/a.png">p</a></p>\n'
    assert markdown("![](http://h/a.png)") == '<p><a class="" href="http://h/a.png">http://h/a.png</a></p>\n'
    assert '<img src="data:image/png;base64,AA" alt="p"' in markdown("![p](data:image/png;base64,AA)")


@pytest.mark.parametrize("text", ["**a** " * LONGEST_MARKDOWN, "[" * (LONGEST_MARKDOWN + 1)])
def test_a_very_long_reply_is_shown_as_it_is(text: str) -> None:
    assert markdown(text).startswith('<pre class="pm-plain">')
