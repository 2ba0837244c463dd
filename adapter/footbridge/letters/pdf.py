"""Puts a letter into a PDF of one page that a screen reader can read: PDF/UA-1, by WeasyPrint.

https://pdfa.org/resource/iso-14289-pdfua/; the verdict of veraPDF on our letters is ``profiles/pdf-ua.json``.
WeasyPrint is the extra ``letter``; it needs Pango. Nothing is loaded from the network or from a file.
"""

import logging
from dataclasses import replace
from typing import Any, Final

from footbridge.errors import ConfigurationError
from footbridge.i18n import _, speaking
from footbridge.i18n.eager import _ as said
from footbridge.letters.page import html_of, style
from footbridge.letters.values import Block, Letter, Reply

STEPS: Final = (("normal", None), ("small", None), ("small", 700), ("small", 300), ("small", 120), ("small", 60))
"""How a letter is made to fit: size of the type, and the most characters of one text."""
VARIANT: Final = "pdf/ua-1"
MOST_LINES = 4
"""Lines of a block where texts are cut."""


def is_available() -> bool:
    """Whether PDFs can be made here."""
    try:
        _weasyprint()
    except ConfigurationError:
        return False
    return True


def must_be_available() -> None:
    """Raise ConfigurationError where no PDF can be made here; it says what to install."""
    _weasyprint()


def pdf_of(letter: Letter, reply: Reply | None = None) -> bytes:
    """The letter on one page; long texts are cut, and the letter says so, where it does not fit.

    Raises ConfigurationError where WeasyPrint is not installed.
    """
    weasyprint = _weasyprint()
    document: Any = None
    sheet = weasyprint.CSS(string=style(), url_fetcher=_nothing)
    for size, most in STEPS:
        text = html_of(letter if most is None else shortened(letter, most), reply, size=size)
        page = weasyprint.HTML(string=text, url_fetcher=_nothing)
        document = page.render(stylesheets=[sheet], pdf_variant=VARIANT, pdf_tags=True)
        if len(document.pages) == 1:
            break
    made: bytes = document.write_pdf(pdf_variant=VARIANT, pdf_tags=True)
    return made


def shortened(letter: Letter, most: int) -> Letter:
    """The letter with each text cut to so many characters, and a sentence that says so."""
    with speaking(letter.language):
        note = said("This letter is shortened to one page. Ask the sender for the rest, or read it at the link.")
    blocks = tuple(
        Block(one.heading, tuple(_cut(line, most) for line in one.lines[:MOST_LINES])
              + (("[…]",) if len(one.lines) > MOST_LINES else ()), one.said)
        for one in letter.blocks
    )  # fmt: skip
    lead = tuple(_cut(line, 2 * most) for line in letter.lead[:MOST_LINES])
    return replace(letter, lead=lead, blocks=blocks, ending=(note, *letter.ending), contact=_cut(letter.contact, 300))


def _cut(text: str, most: int) -> str:
    joined = " ".join(text.split())
    return text if len(joined) <= most and "\n" not in text else f"{joined[:most].rstrip()} […]"


def _nothing(url: str, *_more: Any, **_other: Any) -> Any:  # noqa: ANN401 - WeasyPrint's own signature
    raise ValueError(f"a letter loads nothing: {url[:20]}")


def _weasyprint() -> Any:  # noqa: ANN401 - a module without types
    try:
        import weasyprint  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra, and slow to import
    except (ImportError, OSError) as error:  # OSError: Pango is not there
        raise ConfigurationError(
            _(
                "Letters need WeasyPrint and Pango: pip install 'footbridge-fhir[letter]', and on Debian apt-get "
                "install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0."
            )
        ) from error
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)  # what it says of style sheets is for their author
    return weasyprint
