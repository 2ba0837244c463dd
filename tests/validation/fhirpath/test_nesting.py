"""What may stand where in a narrative."""

import pytest

from footbridge.validation.fhirpath.narrative import faults

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


@pytest.mark.parametrize(
    "inner",
    [
        "<ul> <li>x</li> <!-- c --> <li><p>y</p><ul><li>z</li></ul></li></ul>", "<dl><dt>a</dt><dd>b</dd></dl>",
        ("<table><caption>c</caption><colgroup><col/></colgroup><thead><tr><th>x</th></tr></thead>"
        "<tbody><tr><td><p>x</p><table><tr><td>x</td></tr></table></td></tr></tbody></table>"),
        "<p>x <b>y <i>z</i></b><br/><span>x<span>y</span></span></p>", "<blockquote><p>x</p><pre>y</pre></blockquote>",
        "<div><div>x</div></div>", "x<map name='m'><area shape='rect'/></map>",
    ],
)  # fmt: skip
def test_good_nesting(inner):
    assert faults(DIV.format(inner)) == []


@pytest.mark.parametrize(
    "inner",
    [
        "<td>x</td>", "<tr><td>x</td></tr>", "<li>x</li>", "<dt>x</dt>", "<table><td>x</td></table>", "<table>x</table>",
        "<table><tr><p>x</p></tr></table>", "<ul>x</ul>", "<ul><li>x</li>tail</ul>", "<ul><p>x</p></ul>",
        "<ul><ul><li>x</li></ul></ul>", "<p><p>x</p></p>", "<p><div>x</div></p>", "<p><b><ul><li>x</li></ul></b></p>",
        "<span><div>x</div></span>", "<h1><table><tr><td>x</td></tr></table></h1>", "<pre><pre>x</pre></pre>",
        "<a href='http://a.test'>x<b><a href='http://a.test'>y</a></b></a>", "<b>x<b>y</b></b>",
        "<p><span><blockquote>x</blockquote></span></p>", "<caption>x</caption>",
    ],
)  # fmt: skip
def test_bad_nesting(inner):
    assert "narrative.nesting" in {fault.rule for fault in faults(DIV.format(inner))}
