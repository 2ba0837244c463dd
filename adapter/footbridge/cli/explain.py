"""``footbridge explain``: what a rule of the validation asks, with an example that breaks it and one that does not."""

import json
from typing import Any

import click

from footbridge.cli.failures import line_of
from footbridge.errors import NotFoundError
from footbridge.i18n.eager import _


@click.command("explain")
@click.argument("rule")
@click.option(
    "--package",
    "packages",
    multiple=True,
    metavar="ID#V|FILE|FOLDER",
    help="A package whose invariants may be asked about, as `invariant.KEY`; R4 and the embedded guides always may.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object: rule, note, spec, breaks, meets, issues and more.",
)
def command(rule: str, packages: tuple[str, ...], as_json: bool) -> None:
    """Explain a rule of the validation, with an example.

    RULE is the id that a report of `footbridge validate` has in brackets. Printed are what the rule says about a
    resource that breaks it, that resource, the nearest one that does not break it, and the text of the standard that
    the rule comes from. `footbridge validate explain RULE` is the same.

    \b
    Examples:
      footbridge explain binding.required
      footbridge explain invariant.dom-6 --json
    """
    from footbridge.validation.explain import explain, nearest  # noqa: PLC0415 - its help does not wait for it

    found = explain(rule, packages)
    if found is None:
        near = ", ".join(nearest(rule))
        raise NotFoundError(
            _("There is no rule {rule!r}. Did you mean: {near}?", rule=rule, near=near)
            if near
            else _("There is no rule {rule!r}; docs/reference/rules.md lists all.", rule=rule)
        )
    if as_json:
        shown = {
            "rule": found.rule, "note": found.note or None, "spec": found.spec, "breaks": found.breaks,
            "meets": found.meets, "profiles": found.profiles, "definitions": found.definitions,
            "options": found.options, "encoding": found.encoding or None,
            "issues": [
                {"severity": one.severity, "expression": one.expression, "message": one.message} for one in found.issues
            ],
            "unchecked": [{"expression": one.expression, "why": one.why} for one in found.unchecked],
        }  # fmt: skip
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    for line in _lines(found):
        click.echo(line)


def _lines(found: Any) -> list[str]:  # noqa: ANN401 - an Explanation; its module is imported when the command runs
    lines = [found.rule, *([found.note] if found.note else []), _("Text: {spec}", spec=found.spec)]
    if found.breaks is None:
        return lines
    lines += ["", _("Breaks it:"), _shown(found.breaks)]
    lines += [f"  {line_of(one, one.expression)}" for one in found.issues[:1]]
    if not found.issues:
        lines += [
            "  " + _("not checked: {expression}: {why}", expression=one.expression, why=one.why)
            for one in found.unchecked[:1]
        ]
    lines += ["", _("The nearest that does not:"), _shown(found.meets)]
    if found.profiles:
        lines += ["", _("Validated against: {profiles}", profiles=", ".join(found.profiles))]
    if found.definitions:
        lines += ["", _("Validated with (--definitions):"), *map(_shown, found.definitions)]
    if found.options:
        given = ", ".join(f"{name}={value}" for name, value in found.options.items())
        lines += ["", _("Options in Python: {given}", given=given)]
    if found.encoding:
        lines += ["", _("Written in: {encoding}", encoding=found.encoding)]
    return lines


def _shown(value: Any) -> str:  # noqa: ANN401 - any JSON
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return "\n".join(f"  {line}" for line in text.splitlines())
