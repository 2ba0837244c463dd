"""The page: folders of both sides, a referral with its history and messages, and what a person can do.

It needs no JavaScript. What it shows of a referral is escaped, and its policy allows no script and no other site.
A form that comes from another site, or a host name that is not this machine's, is refused.
"""

from typing import Any, Final

import orjson
from flask import Blueprint, Response, redirect, render_template, request, send_from_directory, url_for
from werkzeug.exceptions import HTTPException

from footbridge.errors import FootbridgeError, NotFoundError
from footbridge.i18n import _, current, spoken, start_speaking, stop_speaking
from footbridge.i18n.accept_language import wanted_language
from footbridge.simulators.ocean.generator import PRESCRIPTION, QUICK, texts
from footbridge.simulators.ocean.local_only import is_foreign
from footbridge.simulators.ocean.ocean import Ocean
from footbridge.simulators.ocean.page_actions import act, move_clock, refer
from footbridge.simulators.ocean.page_words import WORDS
from footbridge.simulators.ocean.state import Referral, Side

POLICY: Final = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_ROWS: Final = 100
"""Referrals on one page."""


def page_of(ocean: Ocean) -> Blueprint:
    """The blueprint of one simulator."""
    blueprint = Blueprint("page", __name__, template_folder="templates")
    _add_frame(blueprint)
    _add_views(blueprint, ocean)
    _add_acts(blueprint, ocean)
    return blueprint


def _add_frame(blueprint: Blueprint) -> None:
    """Languages, headers, errors: what all pages have."""

    @blueprint.before_request
    def check() -> tuple[str, int] | None:
        start_speaking(wanted_language(request.headers.get("Accept-Language")))
        if is_foreign(request):
            return _problem(403, spoken(WORDS["wrong_origin"]))
        return None

    @blueprint.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    @blueprint.teardown_request
    def forget(_error: BaseException | None) -> None:
        stop_speaking()

    @blueprint.context_processor
    def words() -> dict[str, Any]:
        return {"words": {name: spoken(text) for name, text in WORDS.items()}, "lang": current(), "spoken": spoken}

    @blueprint.errorhandler(FootbridgeError)
    def refused(error: FootbridgeError) -> tuple[str, int]:
        return _problem(404 if isinstance(error, NotFoundError) else 409, spoken(error.args[0]))

    @blueprint.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> tuple[str, int]:
        return _problem(error.code or 500, error.name)

    @blueprint.get("/style.css")
    def style() -> Response:
        return send_from_directory(f"{blueprint.root_path}/static", "style.css")


def _problem(status: int, text: str) -> tuple[str, int]:
    return render_template("ocean/problem.html", text=text), status


def _add_views(blueprint: Blueprint, ocean: Ocean) -> None:
    @blueprint.get("/")
    def index() -> str:
        site, side, folder = request.args.get("site"), _side(request.args.get("side")), request.args.get("folder")
        number = max(request.args.get("page", 1, int), 1)
        with ocean.ledger.lock:
            shown = _chosen(ocean, side, site, folder)
            rows = list(reversed(shown))[(number - 1) * _ROWS : number * _ROWS]
            counts = [
                (
                    site_.number,
                    site_.name,
                    [(name, len(refs)) for name, refs in ocean.folders("received", site_.number).items()],
                )
                for site_ in ocean.ledger.sites.values()
            ]
            sent = [(name, len(refs)) for name, refs in ocean.folders("sent").items()]
            return render_template(
                "ocean/index.html", ocean=ocean, rows=rows, counts=counts, sent=sent, side=side, site=site,
                folder=folder, number=number, more=len(shown) > number * _ROWS, needs=sorted(texts()["needs"]),
                forms=(QUICK, PRESCRIPTION), listings=list(ocean.ledger.listings.values()),
                queued=sum(one.state == "queued" for one in ocean.messages()),
                down=ocean.faults.down_until if ocean.faults.is_down(ocean.now()) else None,
            )  # fmt: skip

    @blueprint.get("/referrals/<ref>")
    def referral(ref: str) -> str:
        with ocean.ledger.lock:
            found = ocean.referral(ref)
            arrivals = [(number, one) for number, one in enumerate(ocean.ledger.arrivals) if one.ref == ref]
            others = [one for one in ocean.ledger.listings.values() if one.reference != found.listing]
            return render_template(
                "ocean/referral.html", one=found, messages=ocean.messages(ref), arrivals=arrivals, listings=others,
                ended=found.folder.id in {"cancelled", "forwarded"},
            )  # fmt: skip

    @blueprint.get("/messages/<id_>")
    def message(id_: str) -> str:
        found = ocean.ledger.messages.get(id_)
        if found is None:
            raise NotFoundError(_("Ocean has no message {name}.", name=id_))
        return render_template("ocean/raw.html", text=pretty(found.body), ref=found.ref)

    @blueprint.get("/arrivals/<int:number>")
    def arrival(number: int) -> str:
        if number >= len(ocean.ledger.arrivals):
            raise NotFoundError(_("Ocean has no message {name}.", name=number))
        found = ocean.ledger.arrivals[number]
        return render_template("ocean/raw.html", text=pretty(found.body), ref=found.ref)

    @blueprint.get("/mails")
    def mails() -> str:
        return render_template("ocean/mails.html", mails=ocean.mails())


def _chosen(ocean: Ocean, side: Side, site: str | None, folder: str | None) -> list[Referral]:
    found = ocean.folders(side, site)
    refs = found.get(folder, []) if folder else [ref for all_ in found.values() for ref in all_]
    return sorted((ocean.referral(ref) for ref in refs), key=lambda one: one.created)


def _side(text: str | None) -> Side:
    return "sent" if text == "sent" else "received"


def pretty(body: bytes) -> str:
    """A body with indents when it is JSON; as text otherwise."""
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")


def _add_acts(blueprint: Blueprint, ocean: Ocean) -> None:
    @blueprint.post("/refer")
    def refer_now() -> Any:  # noqa: ANN401 - a redirect is a werkzeug response
        refs = refer(ocean, request.form)
        return redirect(url_for("page.referral", ref=refs[0]) if len(refs) == 1 else url_for("page.index"), 303)

    @blueprint.post("/clock")
    def clock() -> Any:  # noqa: ANN401 - as above
        move_clock(ocean, request.form)
        return redirect(url_for("page.index"), 303)

    @blueprint.post("/referrals/<ref>/<action>")
    def act_now(ref: str, action: str) -> Any:  # noqa: ANN401 - as above
        act(ocean, ref, action, request.form)
        return redirect(url_for("page.referral", ref=ref), 303)
