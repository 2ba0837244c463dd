"""The users of the tenant: add one, change a role, remove one."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, Response

from footbridge.errors import ConfigurationError, ConflictError, NotFoundError
from footbridge.i18n import _, current, spoken
from footbridge.security.access import require, role_text, user_roles, works_for_partner
from footbridge.security.people import may_sign_in, works_for
from footbridge.store.partners import list_partners
from footbridge.store.users import User, add_user, find_user, list_users, new_user, remove_user, set_role, user_of
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.admin.forms_of import field, typed
from footbridge.web.portal.forms import Field
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
    """Add a user."""
    me = door.signed_in()
    require(me.principal, "users.manage")
    fields = _fields()
    said = typed(fields)
    if door.only_speaks():
        return _page(fields, None)
    here = app_context()
    try:
        with here.database.write() as connection:
            partner = works_for(connection, me.user.tenant, said["role"], said["partner"] or None)
            user = new_user(me.user.tenant, said["email"], said["name"], said["role"], partner, here.clock.now())
            add_user(connection, user)
    except KeyError:
        return _page(fields, spoken(_("Select a role.")))
    except ConflictError as error:
        if not _is_there(said, me.user.tenant):
            return _page(fields, spoken(str(error)))
    except (ConfigurationError, NotFoundError) as error:
        return _page(fields, spoken(str(error)))
    return door.see_other(f"{PATH}?done=yes")


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
    try:
        with app_context().database.write() as connection:
            set_role(
                connection, one, said["role"], works_for(connection, one.tenant, said["role"], said["partner"] or None)
            )
    except KeyError:
        return _one(one, spoken(_("Select a role.")))
    except (ConfigurationError, NotFoundError) as error:
        return _one(one, spoken(str(error)))
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
    return door.see_other(f"{PATH}?done=yes")


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
    return page("admin_users.html", 422 if problem else 200, users=named, fields=fields, problem=problem)


def _one(one: User, problem: str | None, fields: list[Field] | None = None) -> Response:
    status = 422 if problem else 200
    fields = fields or _fields(one)[2:]
    return page("admin_user.html", status, user=one, fields=fields, problem=problem, comes_in=may_sign_in(one))
