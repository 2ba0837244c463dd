"""An OpenID Connect issuer on loopback: discovery, a form that signs somebody in, token, keys and UserInfo.

What it says of a person, and what is wrong with it, a test sets: ``claims`` go over what a sound ID token has, a header
over its header, ``answers`` over what an address answers.
"""

import base64
import hashlib
import html
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from support.key_server import jwks

RSA = RSAKey.generate_key(2048, {"kid": "one"})
EC = ECKey.generate_key("P-256", {"kid": "two"})
CLIENT, SECRET = "footbridge", "s3cret of the client"


class Issuer:
    def __init__(self, clock):
        self.clock = clock
        self.person = {"sub": "7", "email": "kit@north.example", "email_verified": True}
        self.claims, self.userinfo, self.answers, self.metadata = {}, {}, {}, {}
        self.key, self.algorithm, self.published = RSA, "RS256", [RSA, EC]
        self.codes, self.asked, self.header, self.pause = {}, [], {}, 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self, {})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.answer(self, {name: values[0] for name, values in parse_qs(body).items()})

            def log_message(self, *_):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self):
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def answer(self, request, form):
        place = urlsplit(request.path)
        self.asked.append(place.path)
        time.sleep(self.pause)
        status, headers, body = self.answers.get(place.path) or self._made(place, form, request.headers)
        data = (
            body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        )
        request.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(data))}).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)

    def _made(self, place, form, headers):
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        if place.path == "/.well-known/openid-configuration":
            return 200, {}, self._configuration()
        if place.path == "/authorize":  # by a form, and then over another address, as many issuers do
            fields = "".join(f'<input type="hidden" name="{n}" value="{html.escape(v)}">' for n, v in query.items())
            page = f"<!doctype html><title>x</title><form method=post action=/signed-in>{fields}<button>It is me</button></form>"
            return 200, {"Content-Type": "text/html"}, page
        if place.path == "/signed-in":
            return 303, {"Location": self.consent(form)}, ""
        if place.path == "/keys":
            return 200, {}, jwks(*self.published)
        if place.path == "/userinfo":
            return 200, {}, {"sub": self.person["sub"]} | self.userinfo
        return self._token(form, headers) if place.path == "/token" else (404, {}, "")

    def _configuration(self):
        names = {"authorization": "/authorize", "token": "/token", "userinfo": "/userinfo"}
        said = {f"{name}_endpoint": self.url + path for name, path in names.items()}
        return said | {"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | self.metadata

    def consent(self, asked):
        """The person agrees; the address that the browser is sent back to."""
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.url})}"

    def _token(self, form, headers):
        asked = self.codes.pop(form.get("code"), None)
        given = base64.b64decode(headers.get("Authorization", "").removeprefix("Basic ")).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or given != f"{CLIENT}:s3cret%20of%20the%20client":
            return 400, {}, {"error": "invalid_grant"}
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {}, {"error": "invalid_grant"}
        now = int(self.clock.now().timestamp())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        said = {name: value for name, value in (claims | self.person | self.claims).items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid} | self.header
        header = {name: value for name, value in header.items() if value is not None}
        token = jwt.encode(header, said, self.key, algorithms=[self.algorithm])
        return 200, {}, {"access_token": "an-access-token", "token_type": "Bearer", "id_token": token}
