"""What reaches a page is on the allow-list, whatever a file holds and whatever the check missed."""

import re
from html.parser import HTMLParser

import pytest

from devotional.content.markdown import Renderer
from devotional.content.sanitise import ALLOWED, clean, faults, words

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img/src=/static/x.png/onload=alert(1)>",
    '<img src="https://evil.example/pixel.gif">',
    '<img src="/\\evil.example/pixel.gif">',
    "<img src='/static/a.png' srcset='https://evil.example/b.png'>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img onerror=x&gt;'>",
    "<iframe src=https://evil.example></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x></object><embed src=x>",
    "<form action=/sign-out/ method=post><button>Go</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<textarea name=text-a>yours</textarea>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>body{display:none}</style>",
    "<p style='position:fixed;inset:0'>over all</p>",
    "<b hx-get=/journal/ hx-trigger=load>b</b>",
    "<b data-hx-get=/journal/>b</b>",
    "<div hx-on:click='alert(1)'>d</div>",
    "<p class=panel id=panel>p</p>",
    "<div role=alert>d</div>",
    "<a href=javascript:alert(1)>a</a>",
    "<a href='  java\tscript:alert(1)'>a</a>",
    "<a href='&#106;avascript&colon;alert(1)'>a</a>",
    "<a href=vbscript:x>a</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>a</a>",
    "<a href=https://x.example target=_blank ping=https://evil.example>a</a>",
    "[a](javascript:alert(1))",
    "[a](<java&#115;cript:alert(1)>)",
    "[a]: javascript:alert(1)\n\n[a]",
    "![a](https://evil.example/x.png)",
    "![a][r]\n\n[r]: https://evil.example/x.png",
    "*a*{: onclick=alert(1) }",
    "a\n{: hx-post=/erase/ }",
    "```{ .x onclick=alert(1) style=x hx-get=/ }\na\n```",
    "<video src=x><source onerror=alert(1)></video>",
    "<details open ontoggle=alert(1)>d</details>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<?php echo 1 ?>",
    "<!DOCTYPE html>",
]
GENERATED = {"class", "rel", "role", "tabindex", "aria-label"}


class Elements(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def trespasses(html: str) -> list[str]:
    """What in some HTML a page must not hold, by a reading of its own."""
    wrong: list[str] = []
    for tag, attributes in Elements(html).found:
        names = ALLOWED.get(tag)
        if names is None:
            wrong.append(tag)
            continue
        wrong += [f"{tag} {name}" for name in attributes if name not in names | GENERATED]
        if re.search(r"[:\\]|//|\.\.|^/(?!static/)", attributes.get("src", "")):
            wrong.append(f"src {attributes['src']}")
        scheme, colon, _ = attributes.get("href", "").partition(":")
        if colon and scheme not in ("http", "https", "mailto"):
            wrong.append(f"href {attributes['href']}")
        if attributes.get("class") in ("panel", "x"):
            wrong.append("class")
    return wrong


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_told_and_taken_out(attack: str) -> None:
    rendered = Renderer(attack).section(attack, "s")
    assert trespasses(rendered.html) == []
    assert rendered.faults != ()


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_cleaner_doesnt_rely_on_markdown(attack: str) -> None:
    assert trespasses(clean(attack)) == []


@pytest.mark.parametrize(
    "sound",
    [
        '<p lang="he" dir="rtl">שלום</p>',
        '<abbr title="Anno Domini">AD</abbr>',
        '<td colspan="2">x</td>',
        "H<sub>2</sub>O and x<sup>2</sup>",
        '<a href="mailto:a@example.org">a</a>',
        '<a href="/about/#top">a</a>',
        '<code class="language-python">x</code>',
        "<!-- a remark -->",
    ],
)
def test_sound_html_is_no_fault(sound: str) -> None:
    assert faults(sound) == []


def test_a_link_tells_the_other_site_nothing() -> None:
    assert clean('<a href="https://x.org" target="_blank">x</a>') == (
        '<a href="https://x.org" rel="noopener noreferrer">x</a>'
    )


def test_words_that_a_browser_would_move_are_a_fault() -> None:
    """Two readings of broken HTML may differ; then no word is lost or moved in silence."""
    html = "<table><tr><td>One</td></tr>two</table>"
    assert words(clean(html)) == "two One"
    assert [(fault.kind, fault.clue) for fault in faults(html)] == [("E015", "<")]


def test_words_keep_blocks_apart_and_leave_out_note_marks() -> None:
    html = (
        "<p>One<em>two</em><br>three</p><p>four"
        '<sup><a class="footnote-ref" href="#fn-a-1">1</a></sup></p>'
    )
    assert words(html) == "Onetwo three four"
