"""Getting in by OpenID Connect, at an issuer on loopback: once, in the browser that went, as a user that is known."""

import base64
import hmac
import html
import json
import re
import socket
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from support.browser import CHROMIUM, check, follow, window
from support.issuer import CLIENT, EC, RSA, SECRET, Issuer

from footbridge.partners import openid as asking
from footbridge.security import openid, sign_in
from footbridge.settings import settings
from footbridge.store.users import remove_user

START, BACK = "/portal/sign-in/openid", "/portal/sign-in/openid/back"


@pytest.fixture
def issuer(clock, monkeypatch, tmp_path):
    found = Issuer(clock)
    secret = tmp_path / "client-secret"
    secret.write_text(f"{SECRET}\n")
    monkeypatch.setenv("FOOTBRIDGE_OIDC_ISSUER", found.url)
    monkeypatch.setenv("FOOTBRIDGE_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("FOOTBRIDGE_OIDC_CLIENT_SECRET", f"file:{secret}")
    settings.cache_clear()
    yield found
    found.stop()


def asked_of(browser, **headers):
    """What the issuer is asked when the browser goes there."""
    answer = browser.get(START, **headers)
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.location).query))


def way_back(browser, issuer, **changes):
    """The address to which the issuer sends the browser back, without its host."""
    place = urlsplit(issuer.consent(asked_of(browser)))
    query = {name: values[0] for name, values in parse_qs(place.query).items()} | changes
    return f"{place.path}?{urlencode({name: value for name, value in query.items() if value is not None})}"


def is_in(browser):
    return browser.get("/portal").status_code == 200


def plain(answer):
    """The page without what differs at each request."""
    return answer.status_code, re.sub(r"[0-9a-f-]{36}|value=\"[^\"]*\"", "", answer.text)


def test_the_issuer_signs_a_user_in(issuer, both):
    browser = both.browser()
    assert START in browser.get("/portal/sign-in").text
    assert asked_of(both.browser(), Host="evil.example")["redirect_uri"] == f"https://care.example{BACK}"
    asked = asked_of(browser)
    assert asked["redirect_uri"] == f"https://care.example{BACK}"
    assert asked["scope"] == "openid email"
    assert len(asked["nonce"]) == len(asked["code_challenge"]) == 43
    path = issuer.consent(asked).removeprefix("https://care.example")
    answer = browser.get(path)
    assert (answer.status_code, answer.location) == (303, "/portal")
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("footbridge_session")]
    assert "HttpOnly" in cookie
    assert "Secure" in cookie
    assert "Kit" in browser.get("/portal/account").text
    again = browser.get(path)
    assert again.status_code == 403
    assert "Set-Cookie" not in again.headers
    with both.database.write() as connection:
        remove_user(connection, both.users["kit"])
    assert not is_in(browser)


def test_the_way_back_leads_to_the_page_that_was_asked_for(issuer, house):
    _prescription, referral = house.prescribe()
    browser, path = house.browser(), f"/portal/referrals/{referral}"
    page = browser.get(browser.get(path).location).text
    out = browser.get(html.unescape(re.search(rf'href="({START}[^"]*)"', page)[1]))
    assert referral not in out.location
    back = issuer.consent(dict(parse_qsl(urlsplit(out.location).query))).removeprefix("https://care.example")
    answer = browser.get(back)
    assert (answer.status_code, answer.location) == (303, path)
    assert browser.get(path).status_code == 200
    elsewhere = house.browser()
    out = elsewhere.get(f"{START}?after=//evil.example")
    back = issuer.consent(dict(parse_qsl(urlsplit(out.location).query))).removeprefix("https://care.example")
    assert elsewhere.get(back).location == "/portal"


def test_another_process_serves_the_way_back(issuer, house):
    from footbridge.web.app import create_app

    browser = house.browser()
    path = way_back(browser, issuer)
    cookie = browser.client.get_cookie("footbridge_browser", path="/portal", domain="localhost")
    other = create_app(house.database, house.clock).test_client()
    other.set_cookie("footbridge_browser", cookie.value, path="/portal")
    assert other.get(path).location == "/portal"


def test_a_session_of_the_issuer_ends_as_any_other(issuer, house):
    browser = house.browser()
    browser.get(way_back(browser, issuer))
    assert is_in(browser)
    house.clock.advance(sign_in.idle_life())
    assert not is_in(browser)


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "PS256"), (EC, "ES256")])
def test_other_signatures_with_public_keys_count(issuer, house, key, algorithm):
    issuer.key, issuer.algorithm = key, algorithm
    browser = house.browser()
    assert browser.get(way_back(browser, issuer)).location == "/portal"


def test_a_new_key_of_the_issuer_is_fetched(issuer, house):
    first = house.browser()
    first.get(way_back(first, issuer))
    issuer.key = RSAKey.generate_key(2048, {"kid": "new"})
    issuer.published = [issuer.key]
    second = house.browser()
    assert second.get(way_back(second, issuer)).location == "/portal"


def test_the_only_key_of_an_issuer_needs_no_name(issuer, house):
    issuer.key = RSAKey.generate_key(2048, auto_kid=False)
    issuer.published, issuer.header = [issuer.key], {"kid": None}
    browser = house.browser()
    assert browser.get(way_back(browser, issuer)).location == "/portal"


def test_the_issuer_is_asked_in_the_language_of_the_page(issuer, house):
    assert asked_of(house.browser(), **{"Accept-Language": "fr-CA"})["ui_locales"] == "fr"


def test_userinfo_says_what_the_token_leaves_out(issuer, house):
    issuer.person = {"sub": "7"}
    issuer.userinfo = {"email": "KIT@north.example", "email_verified": True}
    browser = house.browser()
    assert browser.get(way_back(browser, issuer)).location == "/portal"
    issuer.userinfo |= {"sub": "8"}
    other = house.browser()
    assert other.get(way_back(other, issuer)).status_code == 403


def test_another_claim_names_the_user(issuer, house, monkeypatch):
    monkeypatch.setenv("FOOTBRIDGE_OIDC_CLAIM", "preferred_username")
    settings.cache_clear()
    issuer.person = {"sub": "7", "preferred_username": "kit@north.example", "email": "root@north.example"}
    browser = house.browser()
    assert asked_of(browser)["scope"] == "openid email profile"
    browser.get(way_back(browser, issuer))
    assert "Kit" in browser.get("/portal/account").text


WRONG_CLAIMS = {
    "nobody that we know": {"email": "nobody@north.example"},
    "address not verified": {"email_verified": False},
    "nothing said of it": {"email_verified": None},
    "said as a text": {"email_verified": "true"},
    "no address": {"email": ["kit@north.example"]},
    "nonce of another try": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "someone-else"},
    "several audiences without azp": {"aud": [CLIENT, "someone-else"]},
    "issued to somebody else": {"aud": [CLIENT, "someone-else"], "azp": "someone-else"},
    "expired": {"exp": 1_000_000_000},
    "no end": {"exp": None},
    "end that is no number": {"exp": "soon"},
    "issued in the future": {"iat": 99_999_999_999},
    "no subject": {"sub": None},
}


def test_every_refusal_is_the_same_page(issuer, house):
    pages = {}
    for name, claims in WRONG_CLAIMS.items():
        issuer.claims = claims
        browser = house.browser()
        pages[name] = plain(browser.get(way_back(browser, issuer)))
        assert not is_in(browser), name
    issuer.claims = {}
    browser = house.browser()
    for name, changes in {
        "refused there": {"code": None, "error": "access_denied", "error_description": "Kit Moreau said no"},
        "no code": {"code": None},
        "unknown code": {"code": "made-up"},
        "long code": {"code": "x" * 5000},
        "no state": {"state": None},
        "odd state": {"state": "é.x.y"},
        "state changed": {"state": "1.2.3"},
        "mixed up": {"iss": "https://evil.example"},
    }.items():
        pages[name] = plain(browser.get(way_back(browser, issuer, **changes)))
        assert not is_in(browser), name
    assert len(set(pages.values())) == 1, pages
    assert pages["no state"][0] == 403
    assert "Traceback" not in pages["no state"][1]


def forged(issuer, house, kind):
    now = int(house.clock.now().timestamp())
    asked = list(issuer.codes.values())[-1]
    claims = issuer.person | {"iss": issuer.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
    if kind == "key of its own":
        own = RSAKey.generate_key(2048, {"kid": "one"})
        return jwt.encode({"alg": "RS256", "kid": "one", "jwk": own.as_dict(private=False)}, claims, own)
    secret = {"public key": RSA.as_pem(private=False), "our own secret": SECRET.encode(), "none": None}.get(kind, b"")
    if secret == b"":
        return kind
    head = {"alg": "none"} if secret is None else {"alg": "HS256", "kid": "one"}
    signed = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (head, claims))
    digest = b"" if secret is None else hmac.digest(secret, signed, "sha256")
    return (signed + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")).decode()


def test_a_forged_token_signs_nobody_in(issuer, house):
    for kind in ("none", "public key", "our own secret", "key of its own", "", "a.b.c", "é", "x" * 60_000):
        browser = house.browser()
        path = way_back(browser, issuer)
        said = {"access_token": "x", "token_type": "Bearer", "id_token": forged(issuer, house, kind)}
        issuer.answers["/token"] = 200, {}, said
        assert browser.get(path).status_code == 403, kind
        assert not is_in(browser), kind


def test_a_try_is_of_one_browser_and_lasts_ten_minutes(issuer, both):
    mine, other = both.browser(), both.browser()
    path = way_back(mine, issuer)
    assert other.get(path).status_code == 403  # without any cookie
    assert other.get(path).status_code == 403  # with its own
    assert not is_in(other)
    assert mine.get(path).location == "/portal"  # what the other one did spends nothing
    late = both.browser()
    path = way_back(late, issuer)
    both.clock.advance(openid.TRY)
    assert late.get(path).status_code == 403


BAD_ANSWERS = (
    (500, {}, "Traceback: secret-of-theirs"),
    (302, {"Location": "/elsewhere"}, ""),
    (200, {}, "<html>secret-of-theirs"),
    (200, {}, b"\xff\xfe[["),
    (200, {}, []),
    (200, {}, "x" * 300_000),
    (200, {}, {"issuer": "https://evil.example", "id_token": 7, "keys": [7, {"kty": "RSA", "kid": "one"}]}),
)


@pytest.fixture
def nothing_kept(monkeypatch):
    monkeypatch.setattr(asking, "KEPT", 0)
    monkeypatch.setattr(asking, "LEFT_ALONE", 0)


@pytest.mark.parametrize("place", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_an_issuer_that_answers_badly_gets_a_plain_page(issuer, house, nothing_kept, caplog, place):
    caplog.set_level("DEBUG")
    for answer in BAD_ANSWERS:
        issuer.answers.clear()
        browser = house.browser()
        path = way_back(browser, issuer)
        issuer.answers[place] = answer
        found = browser.get(path)
        assert found.status_code == 403, answer
        assert "Try again" in found.text
        assert "secret-of-theirs" not in found.text
        assert not is_in(browser)
    assert "secret-of-theirs" not in caplog.text
    assert "sign_in.failed" in caplog.text
    assert "/elsewhere" not in issuer.asked


def test_no_request_goes_where_none_may(issuer, house, nothing_kept):
    for endpoint in ("token_endpoint", "jwks_uri", "authorization_endpoint", "userinfo_endpoint"):
        for url in ("http://login.example/x", "http://169.254.169.254/x", "file:///etc/passwd", "/x", "javascript:x"):
            issuer.metadata = {endpoint: url}
            assert house.browser().get(START).status_code == 403, (endpoint, url)
    issuer.metadata = {"authorization_endpoint": f"{issuer.url}/authorize?policy=one"}  # some have a query
    assert asked_of(house.browser())["policy"] == "one"


def test_a_slow_issuer_is_waited_for_until_the_deadline(issuer, house, monkeypatch):
    monkeypatch.setattr(asking, "TOTAL", 0.2)
    issuer.pause = 0.6
    assert house.browser().get(START).status_code == 403
    count = len(issuer.asked)
    assert house.browser().get(START).status_code == 403
    assert len(issuer.asked) == count  # it is left alone for a while


def test_an_issuer_that_is_down_leaves_links_by_mail(issuer, house, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("FOOTBRIDGE_OIDC_ISSUER", f"http://127.0.0.1:{free.getsockname()[1]}")
    settings.cache_clear()
    browser = house.browser()
    answer = browser.get(START)
    assert answer.status_code == 403
    assert "link by e-mail" in answer.text
    assert browser.send(browser.get("/portal/sign-in"), "/portal/sign-in", email="kit@north.example").status_code == 200


def test_neither_code_nor_token_is_in_a_log_or_on_a_page(issuer, house, caplog):
    caplog.set_level("DEBUG")
    browser = house.browser()
    path = way_back(browser, issuer)
    assert browser.get(path).status_code == 303
    answer = browser.get(path)
    said = caplog.text + "".join(str(vars(one)) for one in caplog.records) + answer.text
    assert "sign_in.failed" in said
    assert "replayed" in said
    query = dict(parse_qsl(urlsplit(path).query))
    for secret in (query["code"], query["state"], "an-access-token", SECRET, "kit@north.example"):
        assert secret not in said


def test_without_an_issuer_there_is_no_such_way(house):
    browser = house.browser()
    assert START not in browser.get("/portal/sign-in").text
    for path in (START, f"{BACK}?code=x&state=y"):
        assert browser.get(path, follow_redirects=False).status_code == 303
    assert not is_in(browser)


def test_a_setting_turns_links_by_mail_off(issuer, house, mail, monkeypatch):
    browser = house.browser()
    page = browser.get("/portal/sign-in")
    with house.database.write() as connection:
        secret = sign_in.make_link(connection, house.users["kit"], house.clock.now())
    link = browser.get(f"/portal/link/{secret}")
    monkeypatch.setenv("FOOTBRIDGE_PORTAL_LINKS", "false")
    settings.cache_clear()
    assert "Send me a link" not in browser.get("/portal/sign-in").text
    assert browser.send(page, "/portal/sign-in", email="kit@north.example").status_code == 403
    house.work()
    assert not list(mail.glob("*"))
    assert browser.send(link, secret).status_code == 410
    assert not is_in(browser)
    browser.get(way_back(browser, issuer))
    assert is_in(browser)


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
def test_a_person_signs_in_at_the_issuer_in_chromium(issuer, house, base, chromium, axe, monkeypatch):
    monkeypatch.setenv("FOOTBRIDGE_PUBLIC_URL", base)
    settings.cache_clear()
    with window(chromium, house, base, java_script_enabled=True) as page:
        page.goto(f"{base}/portal/sign-in")
        check(page, axe)
        follow(page, "main a.primary")
        page.click("text=It is me")
        page.wait_for_url(f"{base}/portal")
        page.goto(f"{base}/portal/account")
        assert "Kit" in page.content()
    with window(chromium, house, base) as page:
        page.goto(f"{base}{BACK}?code=x&state=y")
        check(page, axe)
        follow(page, "main a.primary")
        assert page.url == f"{base}/portal/sign-in"
