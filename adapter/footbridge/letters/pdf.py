"""Puts a letter into a PDF of one page that a screen reader can read: PDF/UA-1, by WeasyPrint.

https://pdfa.org/resource/iso-14289-pdfua/; the verdict of veraPDF on our letters is ``profiles/pdf-ua.json``.
WeasyPrint is the extra ``letter``; it needs Pango. Nothing is loaded from the network or from a file.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from footbridge.errors import ConfigurationError
from footbridge.i18n import _, speaking
from footbridge.i18n.eager import _ as said
from footbridge.letters.page import html_of, style
from footbridge.letters.values import Block, Letter, Reply

WHOLE: Final = ("normal", "small")
"""Sizes of the type in which a letter is tried whole."""
CUTS: Final = (2400, 1700, 1200, 850, 600, 420, 300, 210, 150, 100, 60, 30)
"""The most characters of one text, where a letter has to be cut: so the longest are cut first."""
FEWEST: Final = 300
"""Characters that are left of a line of what stays."""
VARIANT: Final = "pdf/ua-1"
_LINES = ((600, 20), (210, 8), (60, 4), (0, 1))
"""How many lines of a block are left, by the most characters of one."""


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
    sheet = weasyprint.CSS(string=style(), url_fetcher=_nothing)

    def rendered(shown: Letter, size: str) -> Any:  # noqa: ANN401 - a document of WeasyPrint
        page = weasyprint.HTML(string=html_of(shown, reply, size=size), url_fetcher=_nothing)
        return page.render(stylesheets=[sheet], pdf_variant=VARIANT, pdf_tags=True)

    document = next((one for one in (rendered(letter, size) for size in WHOLE) if len(one.pages) == 1), None)
    if document is None:
        document = _least_cut(lambda most: rendered(shortened(letter, most), WHOLE[-1]))
    made: bytes = document.write_pdf(pdf_variant=VARIANT, pdf_tags=True)
    return made


def _least_cut(rendered: Callable[[int], Any]) -> Any:  # noqa: ANN401 - a document of WeasyPrint
    """The document with the longest texts that fit on one page; where none does, the shortest."""
    first, last = 0, len(CUTS) - 1
    found = None
    while first <= last:
        middle = (first + last) // 2
        document = rendered(CUTS[middle])
        if len(document.pages) == 1:
            found, last = document, middle - 1
        else:
            first = middle + 1
    return rendered(CUTS[-1]) if found is None else found


def shortened(letter: Letter, most: int) -> Letter:
    """The letter with each text cut to so many characters, and a sentence that says so.

    Of what stays (``Block.stays``) each line is there, how to reach the person and what nobody may do among them.
    """
    lines = next(count for least, count in _LINES if most >= least)
    with speaking(letter.language):
        note = said("This letter is shortened to one page. Ask the sender for the rest, or read it at the link.")
    blocks = tuple(_shortened(one, most, lines) for one in letter.blocks)
    lead = tuple(_cut(line, 2 * most) for line in letter.lead[:lines])
    return replace(letter, lead=lead, blocks=blocks, ending=(note, *letter.ending), contact=_cut(letter.contact, 300))


def _shortened(block: Block, most: int, lines: int) -> Block:
    if block.stays:
        left = max(most, FEWEST) if most > 100 else 2 * most  # of very many needs less, so that it is one page
        return replace(block, lines=tuple(_cut(line, left) for line in block.lines))
    more = ("[…]",) if len(block.lines) > lines else ()
    return replace(block, lines=(*(_cut(line, most) for line in block.lines[:lines]), *more))


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
