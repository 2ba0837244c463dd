"""One result as JSON: the line of ``ndjson``, and a row of ``json``."""

from typing import Any

from footbridge.validation.bulk.checked import Checked


def record(checked: Checked) -> dict[str, Any]:
    """The members, in the order in which they are published."""
    return {
        "source": checked.source,
        "resourceType": checked.resource_type,
        "id": checked.id,
        "valid": checked.outcome.valid,
        "issues": [
            {
                "rule": issue.rule,
                "severity": issue.severity,
                "code": issue.code,
                "expression": issue.expression,
                "line": issue.line,
                "column": issue.column,
                "profile": issue.profile,
                "message": issue.message,
                "spec": issue.spec,
            }
            for issue in checked.outcome.issues
        ],
        "unchecked": [
            {"rule": row.rule, "expression": row.expression, "why": row.why} for row in checked.outcome.unchecked
        ],
    }
