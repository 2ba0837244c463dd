"""Small real PDF files (1.4), a page each, for letters and attachments: https://www.iso.org/standard/51502.html.

Text is Latin (WinAnsi); other characters become question marks, for the standard fonts have none.
"""

from collections.abc import Iterable, Sequence

_LINE = 16  # points between lines
_PAGE = (612, 792)  # points: US Letter, which Canada uses
_MARGIN = 56
_WIDTH = 88  # characters of a line
_LINES = (_PAGE[1] - 2 * _MARGIN) // _LINE


def pdf_of(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF of pages, each a sequence of lines; lines that are too long are broken, pages that are too long are cut."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        box = f"[0 0 {_PAGE[0]} {_PAGE[1]}]"
        resources = "<< /Font << /F1 3 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Resources {resources}".encode()
            + f" /Contents {5 + 2 * number} 0 R >>".encode()
        )
        stream = _stream(lines)
        objects.append(f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
    return _file(objects)


def _stream(lines: Iterable[str]) -> bytes:
    shown = [part for line in lines for part in _broken(line)][:_LINES]
    body = b"".join(b"(" + _escaped(one) + b") Tj T*\n" for one in shown)
    start = f"BT /F1 11 Tf {_LINE} TL {_MARGIN} {_PAGE[1] - _MARGIN} Td\n".encode()
    return start + body + b"ET"


def _broken(line: str) -> list[str]:
    plain = " ".join(line.split())
    return [plain[start : start + _WIDTH] for start in range(0, len(plain), _WIDTH)] or [""]


def _escaped(text: str) -> bytes:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return escaped.encode("cp1252", "replace")


def _file(objects: Sequence[bytes]) -> bytes:
    made = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    made += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    made += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(made)
