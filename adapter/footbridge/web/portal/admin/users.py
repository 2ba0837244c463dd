"""The users of the tenant: add one, change a role, remove one."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Blueprint, Response

from footbridge.errors import ConfigurationError, ConflictError, NotFoundError
from footbridge.i18n import _, current, spoken
from footbridge.referrals.sign_in_mail import WELCOME, queue_link
from footbridge.security.access import require, role_text, user_roles, works_for_partner
from footbridge.security.people import may_sign_in, works_for
from footbridge.store.partners import list_partners
from footbridge.store.users import (
    User,
    add_user,
    find_user,
    list_users,
    new_user,
    read_email,
    remove_user,
    set_role,
    user_of,
)
from footbridge.web.context import app_context
from footbridge.web.portal import door, presented
from footbridge.web.portal.admin.forms_of import field, typed
from footbridge.web.portal.forms import Field, mark_unfit
from footbridge.web.portal.pages import page

PATH = "/portal/admin/users"

routes = Blueprint("admin_users", __name__)


@routes.get(PATH)
def show() -> Response:
    """Everybody, and the form for a new user."""
    require(door.signed_in().principal, "users.manage")
    return _page(_fields(), None)


@routes.post(PATH)
def add() -> Response:
    """Add a user, and send them a link to sign in."""
    me = door.signed_in()
    require(me.principal, "users.manage")
    fields = _fields()
    said = typed(fields)
    if door.only_speaks():
        return _page(fields, None)
    if _has_errors(fields, said):
        return _page(fields, None)
    here = app_context()
    try:
        with here.database.write() as connection:
            partner = works_for(connection, me.user.tenant, said["role"], said["partner"] or None)
            user = new_user(me.user.tenant, said["email"], said["name"], said["role"], partner, here.clock.now())
            add_user(connection, user)
            queue_link(connection, here.clock, user.tenant, user.id, current(), WELCOME)
    except ConflictError as error:
        if not _is_there(said, me.user.tenant):
            return _page(fields, spoken(str(error)))
    except (ConfigurationError, NotFoundError) as error:
        return _page(fields, spoken(str(error)))
    here.wake()
    return door.see_other(f"{PATH}?done=user")


def _has_errors(fields: Sequence[Field], said: Mapping[str, str]) -> bool:
    """Whether something is missing or does not fit; each error stands at its field."""
    found = {one.name: one for one in fields}
    errors: dict[str, str] = {}
    if "name" in found and not said["name"]:
        errors["name"] = _("Enter the name of the person.")
    if "email" in found:
        try:
            read_email(said["email"])
        except ConfigurationError as error:
            errors["email"] = str(error)
    if said["role"] not in user_roles():
        errors["role"] = _("Select a role.")
    elif works_for_partner(said["role"]) and not said["partner"]:
        errors["partner"] = _("Select the service that the person works for.")
    elif said["partner"] and not works_for_partner(said["role"]):
        errors["partner"] = _("Only a service worker works for a service: leave it empty, or change the role.")
    for name, text in errors.items():
        found[name].error = spoken(text)
    return not mark_unfit(fields)


def _is_there(said: Mapping[str, str], tenant: str) -> bool:
    """Whether just this user is there: the click came twice."""
    with app_context().database.read() as connection:
        found = find_user(connection, said["email"].lower())
    wanted = (tenant, said["name"], said["role"], said["partner"] if works_for_partner(said["role"]) else None)
    return found is not None and (found.tenant, found.name, found.role, found.partner) == wanted


@routes.get(f"{PATH}/<uuid:user>")
def edit(user: UUID) -> Response:
    """One user, with the forms to change the role and to remove them."""
    return _one(_theirs(user), None)


@routes.post(f"{PATH}/<uuid:user>/role")
def change(user: UUID) -> Response:
    """Give a user another role."""
    one = _theirs(user)
    fields = _fields()[2:]
    said = typed(fields)
    if door.only_speaks():
        return _one(one, None, fields)
    if one.id == door.signed_in().user.id:
        return _one(one, spoken(_("Nobody changes their own role: another administrator does.")))
    if _has_errors(fields, said):
        return _one(one, None, fields)
    try:
        with app_context().database.write() as connection:
            set_role(
                connection, one, said["role"], works_for(connection, one.tenant, said["role"], said["partner"] or None)
            )
    except (ConfigurationError, NotFoundError) as error:
        return _one(one, spoken(str(error)), fields)
    return door.see_other(f"{PATH}?done=role")


@routes.post(f"{PATH}/<uuid:user>/presented")
def present(user: UUID) -> Response:
    """Say how letters present a user."""
    one = _theirs(user)
    fields = presented.fields_of(one)
    said = typed(fields)
    if door.only_speaks() or not fields:
        return _one(one, None, shown=fields)
    try:
        presented.present(one, said)
    except ConfigurationError as error:
        return _one(one, spoken(str(error)), shown=fields)
    return door.see_other(f"{PATH}?done=yes")


@routes.post(f"{PATH}/<uuid:user>/remove")
def remove(user: UUID) -> Response:
    """Remove a user; their sessions end at once. One who is gone already stays gone: the click came twice."""
    try:
        one = _theirs(user)
    except NotFoundError:
        return door.see_other(PATH)
    if one.id == door.signed_in().user.id:
        return _one(one, spoken(_("Nobody removes themselves: another administrator does.")))
    with app_context().database.write() as connection:
        remove_user(connection, one)
    return door.see_other(f"{PATH}?done=user-removed")


def _theirs(identity: UUID) -> User:
    """A user of the same tenant. Raises ForbiddenError, NotFoundError."""
    me = door.signed_in()
    require(me.principal, "users.manage")
    with app_context().database.read() as connection:
        found = user_of(connection, str(identity))
    if found is None or found.tenant != me.user.tenant:
        raise NotFoundError(_("There is no such user."))
    return found


def _fields(one: User | None = None) -> list[Field]:
    with app_context().database.read() as connection:
        partners = list_partners(connection, door.signed_in().user.tenant)
    services = [(known.name, known.title) for known in partners if known.role == "recipient"]
    roles = [(role, role_text(role, current())) for role in user_roles()]
    works_at = "" if one is None else one.partner or ""
    return [
        field("name", "line", spoken(_("Name"))),
        field("email", "line", spoken(_("E-mail address"))),
        field("role", "select", spoken(_("Role")), roles, "" if one is None else one.role),
        field("partner", "select", spoken(_("Of a service worker: the service")), services, works_at),
    ]


def _page(fields: list[Field], problem: str | None) -> Response:
    with app_context().database.read() as connection:
        users = list_users(connection, door.signed_in().user.tenant)
    named = [(one, role_text(one.role, current()), may_sign_in(one)) for one in users]
    status = 422 if problem or any(one.error for one in fields) else 200
    return page("admin_users.html", status, users=named, fields=fields, problem=problem)


def _one(
    one: User, problem: str | None, fields: list[Field] | None = None, *, shown: list[Field] | None = None
) -> Response:
    fields = fields or _fields(one)[2:]
    status = 422 if problem or any(each.error for each in fields) else 200
    told = {"fields": fields, "problem": problem, "shown": shown or presented.fields_of(one)}
    return page("admin_user.html", status, user=one, comes_in=may_sign_in(one), **told)
