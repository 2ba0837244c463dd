"""HTML becomes plain text: no markup, no script, entities decoded once, paragraphs and every other word kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.partners.ocean.translate.plain import plain, sections


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<b>Reason for Referral:</b> Back pain&nbsp;", "Reason for Referral: Back pain"),
        ("BP <140 & >90", "BP <140 & >90"),
        ("a&amp;lt;b&amp;gt;c", "a&lt;b&gt;c"),
        ("&lt;script&gt;x&lt;/script&gt;", "<script>x</script>"),
        ("a<script>alert(1)</script>b<style>p{}</style>", "ab"),
        ("<title>t</title><template>u</template><iframe>v</iframe>w", "w"),
        ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
        ("<ul><li>a<li>b</ul>after", "- a\n- b\nafter"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("one\ntwo <i>three</i>", "one\ntwo three"),
        ('<img src=x onerror="alert(1)">hello<svg onload=alert(1)>', "hello"),
        ("&eacute;t&eacute; &#8217;&#x1F600;", "\u00e9t\u00e9 \u2019\U0001f600"),
        ("a&#0;&#1;\x07b\u200b", "a\ufffdb\u200b"),
        ("a<!-- hidden -->b<!-- open", "ab<!-- open"),
        ("", ""),
        ("&nbsp;<br/>&nbsp;", ""),
        ("fish &chips & peas", "fish &chips & peas"),
    ],
)
def test_texts(written: str, shown: str) -> None:
    assert plain(written) == shown


def test_bold_text_with_a_colon_begins_a_section() -> None:
    found = sections("Hello<br><b>Reason for Referral:</b> Lonely<strong>Notes</strong>: two<b>bold</b> words")
    assert [(part.heading, part.text) for part in found] == [
        (None, "Hello"),
        ("Reason for Referral", "Lonely"),
        ("Notes", "twobold words"),
    ]


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "Z"], exclude_characters="<>&")))
def test_a_text_without_markup_keeps_its_words(written: str) -> None:
    assert plain(written).split() == written.split()


@given(
    st.lists(
        st.sampled_from(
            [
                "<b>",
                "</b>",
                "<p>",
                "<br/>",
                "<script>",
                "</script>",
                "<",
                ">",
                "&lt;",
                "&",
                "x",
                ":",
                "\x01",
                "<!--",
                "-->",
                "<svg>",
                "&#1;",
            ]
        ),
        max_size=30,
    )
)
def test_nothing_that_came_as_markup_comes_out_as_markup(pieces: list[str]) -> None:
    written = "".join(pieces)
    shown = plain(written.replace("&lt;", ""))
    assert not any(tag in shown for tag in ("<b>", "<p>", "<br/>", "<script>", "<svg>", "\x01"))
