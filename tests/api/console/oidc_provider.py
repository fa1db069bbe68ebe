"""A small OpenID provider in the test's own process. It does what a real one does, or what a test wants of it that no
real one would do."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

ISSUER = "https://login.example/realms/office"
SECRET = "s3cret: 100 % of it"


@cache
def ec_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


@cache
def rsa_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid})


@cache
def weak_key() -> dict[str, str]:
    """A key of 1024 bits, which the library would not make without a word."""
    modulus = generate_private_key(65537, 1024).public_key().public_numbers().n
    written = base64.urlsafe_b64encode(modulus.to_bytes(128, "big")).rstrip(b"=").decode()
    return {"kty": "RSA", "kid": "weak", "e": "AQAB", "n": written}


Claims = dict[str, Any]


def answered(value: Any, status: int = 200) -> httpx.Response:
    """JSON, not read yet, as it comes from a wire."""
    return unread(json.dumps(value).encode(), status)


def unread(content: bytes, status: int = 200) -> httpx.Response:
    return httpx.Response(status, stream=httpx.ByteStream(content))


class FakeProvider:
    """One client, `ix`, and one person, whose claims are `person`. `change` is what becomes of the ID token's claims,
    `forge` of the token itself; `keys` are published, and the first of them signs."""

    def __init__(self) -> None:
        self.person: Claims = {"sub": "7", "name": "Anna Weber", "email": "anna@example.org", "groups": ["accounts"]}
        self.keys: list[ECKey | RSAKey] = [ec_key("one")]
        self.metadata: Claims = {}
        self.change: Callable[[Claims], Claims] = lambda claims: claims
        self.forge: Callable[[str], str] = lambda token: token
        self.in_userinfo: Claims = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.answers: dict[str, Callable[[], httpx.Response]] = {}
        self._codes: dict[str, Claims] = {}

    @property
    def client(self) -> httpx.AsyncClient:
        """What leads to it, and to nobody else."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer), timeout=5)

    def authorize(self, address: str) -> dict[str, str]:
        """Somebody has signed in at the address to which ix has led the browser: what comes back."""
        asked = {name: value for name, [value] in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{ISSUER}/authorize?")
        assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == ("ix", "code", "S256")
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": ISSUER}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/realms/office/")
        self.asked.append((path, dict(request.headers)))
        if path in self.answers:
            return self.answers[path]()
        return {
            ".well-known/openid-configuration": self._describe,
            "jwks": self._publish,
            "token": self._redeem,
            "userinfo": self._tell,
        }[path](request)

    def _describe(self, request: httpx.Request) -> httpx.Response:
        return answered(self.description)

    @property
    def description(self) -> Claims:
        """What it says of itself."""
        told = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "authorization_response_iss_parameter_supported": True,
        }
        return {**told, **self.metadata}

    def _publish(self, request: httpx.Request) -> httpx.Response:
        strange = [
            {"kty": "PQ", "kid": "new"},
            {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"},
            "none",
            {"kty": "RSA"},
            weak_key(),
            {**ec_key("encrypts").as_dict(private=False), "use": "enc"},
        ]
        return answered({"keys": [*strange, *(key.as_dict(private=False) for key in self.keys)]})

    def _redeem(self, request: httpx.Request) -> httpx.Response:
        sent = {name: value for name, [value] in parse_qs(request.content.decode()).items()}
        name, secret = "", ""
        if basic := request.headers.get("authorization", ""):
            name, _, secret = base64.b64decode(basic.removeprefix("Basic ")).decode().partition(":")
        name, secret = (
            unquote_plus(name) or sent.get("client_id", ""),
            unquote_plus(secret) or sent.get("client_secret", ""),
        )
        asked = self._codes.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (name, secret) != ("ix", SECRET):
            return answered({"error": "invalid_client"}, 401)
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != sent["redirect_uri"]:
            return answered({"error": "invalid_grant"}, 400)
        return answered({"id_token": self._token(asked["nonce"]), "access_token": "at"})

    def _token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {**self.person, "iss": ISSUER, "aud": "ix", "iat": now, "exp": now + 300, "nonce": nonce}
        key = self.keys[0]
        header = {"alg": "ES256" if isinstance(key, ECKey) else "RS256", "kid": key.kid}
        return self.forge(jwt.encode(header, self.change(claims), key, algorithms=["ES256", "RS256"]))

    def _tell(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer at"
        return answered({"sub": self.person["sub"], **self.in_userinfo})
