"""The tree in the docstring of ``footbridge.errors`` is the tree that there is."""

import importlib
import pkgutil
import re

import footbridge
from footbridge import errors
from footbridge.errors import FootbridgeError
from footbridge.fhirserver.outcomes import refusal_of
from footbridge.store.interaction_errors import InteractionError


def tree(kind: type[FootbridgeError], depth: int = 0) -> list[tuple[int, str]]:
    found = [(depth, kind.__name__)]
    for below in kind.__subclasses__():
        if below.__module__.startswith("footbridge."):
            found += tree(below, depth + 1)
    return found


def test_every_error_of_the_package_is_in_the_docstring_at_its_place():
    for module in pkgutil.walk_packages(footbridge.__path__, "footbridge."):
        if not re.search(r"__main__|migrations", module.name):
            importlib.import_module(module.name)
    rows = re.findall(r"^((?:│   |    )*)(├── |└── |)([A-Z]\w+)", errors.__doc__, re.MULTILINE)
    written = [(len(stem) // 4 + bool(branch), name) for stem, branch, name in rows if name != "Every"]
    assert sorted(written) == sorted(tree(FootbridgeError))


def test_the_statuses_in_the_docstring_are_those_of_the_interactions():
    written = dict(re.findall(r"([A-Z]\w+) +(\d{3}) ", errors.__doc__))
    kinds = {name: kind for kind in InteractionError.__subclasses__() for name in [kind.__name__]}
    assert {name: int(written[name]) for name in kinds} == {name: kind.status for name, kind in kinds.items()}


def test_what_no_caller_can_cause_is_a_500_with_nothing_of_its_text():
    for error in (errors.ConfigurationError("secret"), errors.MappingFault([]), ValueError("secret")):
        refusal = refusal_of(error)
        assert refusal.status == 500
        assert "secret" not in refusal.issues[0].message


def test_what_a_caller_can_cause_has_its_status():
    for error, status in [
        (errors.NotFoundError("No such tenant."), 404),
        (errors.ConflictError("Stale.", retry_after=3), 409),
        (errors.LifecycleError("Not now."), 422),
        (errors.PartnerUnavailable("Later.", retry_after=2.5), 503),
    ]:
        refusal = refusal_of(error)
        assert (refusal.status, refusal.issues[0].message) == (status, str(error))
    assert refusal_of(errors.ConflictError("Stale.", retry_after=3)).headers == {"Retry-After": "3"}
