"""An OpenID provider on this machine: it says yes to everybody, as whoever it is told."""

from __future__ import annotations

import base64
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "rapt", "the client's secret"


class OpenIdProvider:
    """Issues codes and tokens as the specification has it; ``claims`` say for whom."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.claims: dict[str, object] = {"email": "anna@example.org", "email_verified": True}
        self._key = RSAKey.generate_key(2048, {"kid": "k1", "alg": "RS256", "use": "sig"})
        self._codes: dict[str, dict[str, str]] = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.metadata),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
            ]
        )

    @property
    def metadata_url(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"

    async def metadata(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        asked = request.query_params
        code = secrets.token_urlsafe(8)
        self._codes[code] = dict(asked)
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def token(self, request: Request) -> Response:
        given = {name: one[0] for name, one in parse_qs((await request.body()).decode()).items()}
        asked = self._codes.pop(given.get("code", ""), None)  # a code is good once
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        told = request.headers.get("authorization", "").removeprefix("Basic ")
        if asked is None or (told != expected and given.get("client_secret") != SECRET):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300,
            "nonce": asked.get("nonce", ""), **self.claims,
        }  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self._key)
        return JSONResponse(
            {"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": token}
        )


@contextmanager
def serving() -> Iterator[OpenIdProvider]:
    listener = socket.create_server(("127.0.0.1", 0))
    provider = OpenIdProvider(listener.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(provider.app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join(timeout=10)
