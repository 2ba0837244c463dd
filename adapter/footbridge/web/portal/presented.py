"""How prescriptions and letters present a user: the form for profession, phone and role as a requester.

The user fills it in on the own account page, an administrator on the page of the user; `footbridge user set` does the
same.
"""

from footbridge.i18n import _, current, spoken
from footbridge.mapping.terms import own_text
from footbridge.security.access import may, users_principal
from footbridge.store.users import ASKS_AS, User, set_presented
from footbridge.web.context import app_context
from footbridge.web.portal.admin.forms_of import field
from footbridge.web.portal.forms import Field


def prescribes(user: User) -> bool:
    """Whether prescriptions can be of this user: nobody else is presented."""
    return may(users_principal(user.role, user.partner, name=user.name, tenant=user.tenant), "prescription.submit")


def fields_of(user: User) -> list[Field]:
    """The fields, with what is said now; none for a user who writes no prescriptions."""
    if not prescribes(user):
        return []
    roles = [(one, own_text("requester-role", one, current())) for one in ASKS_AS]
    by_role = "navigator" if user.role == "navigator" else "clinician"
    return [
        field("profession", "line", spoken(_("Profession, such as nurse practitioner")), value=user.profession or ""),
        field("phone", "line", spoken(_("Phone at which services ask")), value=user.phone or ""),
        field("asks_as", "select", spoken(_("Role as a requester")), roles, user.asks_as or by_role),
    ]


def present(user: User, said: dict[str, str]) -> User:
    """Store what was typed. Raises ConfigurationError."""
    with app_context().database.write() as connection:
        return set_presented(connection, user, **said)
