"""Faults of the narrative: markup that XHTML or FHIR does not allow, beside markup that both do."""

from collections.abc import Iterator

from benchmarks.mutants import Fault, Json, putting

_START = '<div xmlns="http://www.w3.org/1999/xhtml">'
DIVS: tuple[tuple[str, str], ...] = (
    ("iframe", _START + '<iframe src="https://hospital.test"/></div>'),
    ("form", _START + "<form><input/></form></div>"),
    ("style", _START + "<style>p {}</style><p>x</p></div>"),
    ("style attribute", _START + '<p style="color:red">x</p></div>'),
    ("class", _START + '<p class="x" id="y" lang="en" title="t" dir="ltr">x</p></div>'),
    ("image", _START + '<img src="https://hospital.test/x.png" alt="x"/></div>'),
    ("image without alt", _START + '<img src="x.png"/></div>'),
    ("comment", _START + "<!-- x --><p>x</p></div>"),
    ("comment alone", _START + "<!-- x --></div>"),
    ("instruction", _START + "<?x y?><p>x</p></div>"),
    ("CDATA", _START + "<![CDATA[x]]></div>"),
    ("doctype", "<!DOCTYPE html>" + _START + "x</div>"),
    ("declaration", '<?xml version="1.0"?>' + _START + "x</div>"),
    ("upper case", _START + "<P>x</P></div>"),
    ("unquoted", _START + "<p class=x>x</p></div>"),
    ("unclosed br", _START + "x<br>y</div>"),
    ("closed br", _START + "x<br/>y</div>"),
    ("other root", '<p xmlns="http://www.w3.org/1999/xhtml">x</p>'),
    ("other namespace", '<div xmlns="http://hl7.org/fhir">x</div>'),
    ("two roots", _START + "x</div>" + _START + "y</div>"),
    ("text after", _START + "x</div>y"),
    ("text before", "y" + _START + "x</div>"),
    ("blank after", _START + "x</div> \n"),
    ("blanks alone", _START + " \n </div>"),
    ("break alone", _START + "<br/></div>"),
    ("empty paragraph", _START + "<p></p></div>"),
    ("number entity", _START + "&#160;x</div>"),
    ("bare ampersand", _START + "a & b</div>"),
    ("copyright", _START + "&copy; x</div>"),
    ("unknown tag", _START + "<nonsense>x</nonsense></div>"),
    ("unknown attribute", _START + '<p nonsense="x">x</p></div>'),
    ("object", _START + '<object data="x"/></div>'),
    ("javascript link", _START + '<a href="javascript:alert(1)">x</a></div>'),
    ("dead link", _START + '<a href="#nowhere">x</a></div>'),
    ("good link", _START + '<a href="https://hospital.test">x</a></div>'),
    ("html5", _START + "<section>x</section></div>"),
    ("prefix", '<h:div xmlns:h="http://www.w3.org/1999/xhtml">x</h:div>'),
    ("font", _START + '<font color="red">x</font></div>'),
    ("table", _START + "<table><tr><td>x</td></tr></table></div>"),
    ("cell out of place", _START + "<td>x</td></div>"),
    ("item out of place", _START + "<li>x</li></div>"),
    ("text in a list", _START + "<ul>x</ul></div>"),
    ("block in a paragraph", _START + "<p><div>x</div></p></div>"),
    ("block in a span", _START + "<span><table><tr><td>x</td></tr></table></span></div>"),
    ("link in a link", _START + '<a href="https://hospital.test">x<a href="https://hospital.test">y</a></a></div>'),
    ("list", _START + "<ul><li>x</li></ul><ol><li>y</li></ol><dl><dt>a</dt><dd>b</dd></dl></div>"),
    ("typed list", _START + '<ol type="a"><li>x</li></ol></div>'),
    ("link elsewhere", _START + '<a href="https://hospital.test" target="_blank">x</a></div>'),
    ("empty link", _START + '<a href="">x</a></div>'),
    ("image of nothing", _START + '<img src="#nothing" alt="x"/></div>'),
    ("no-break space", _START + "x&nbsp;y</div>"),
    ("same id twice", _START + '<p id="a">x</p><p id="a">y</p></div>'),
)


def faults(_: Json) -> Iterator[Fault]:
    """Every other narrative that a resource can be given; it need not have one."""
    for name, markup in DIVS:
        text = {"status": "generated", "div": markup}
        yield "narrative", ("text", name), putting(("text",), text)
    for status in ("generated", "extensions", "additional", "empty", "nonsense"):
        text = {"status": status, "div": _START + "x</div>"}
        yield "narrative status", ("text",), putting(("text",), text)
    for part in ("status", "div"):
        yield (
            "narrative half",
            ("text",),
            putting(("text",), {part: {"status": "generated", "div": _START + "x</div>"}[part]}),
        )
