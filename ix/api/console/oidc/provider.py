"""An OpenID provider: what it says of itself (Discovery 1.0), its keys, and how a code becomes claims.

The operator names the provider, so that it may stand inside one's own network. Its answers are capped, each call has a
deadline, no redirects are followed, and it is asked for what it says of itself once an hour."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import SplitResult, quote_plus, urlencode, urlsplit

import httpx

from ix import untrusted
from ix.api.console.oidc import id_token
from ix.api.console.oidc.failures import NotSignedInThereError, failed
from ix.config import MIB, Settings
from ix.config.addresses import is_loopback
from ix.errors import InvalidInput

WELL_KNOWN = "/.well-known/openid-configuration"
"""Where it says so, below the issuer's address (Discovery 1.0, 4)."""
CALL_SECONDS = 10.0
"""Time limit of one call."""
MAX_BYTES = MIB
"""Largest answer that is read."""
FRESH_SECONDS = 3600.0
"""How long what the provider says of itself, and its keys, are remembered."""
RENEWAL_SECONDS = 10.0
"""Least time between two reads of its keys: a token of an unknown key asks for one, so that a new key works at once."""
CALLS = 8
"""Connections to it at once."""


class Described(NamedTuple):
    """What a provider says of itself. `with_body`: it wants the secret in the body and not in a field; `names_itself`:
    the answer of each sign-in says who gave it (RFC 9207)."""

    authorization: str
    token: str
    keys: str
    userinfo: str
    with_body: bool
    names_itself: bool


class Redeemed(NamedTuple):
    """What a code was worth: the claims of the ID token, and what the provider tells more of the person for."""

    claims: dict[str, Any]
    access_token: str


class Provider:
    """The provider that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._described: Described | None = None
        self._keys: list[id_token.Key] = []
        self._described_at = self._keys_at = self._failed_at = float("-inf")
        self._asking = asyncio.Lock()

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        """Made at the first sign-in: to read the root certificates takes its time."""
        return httpx.AsyncClient(
            # nothing packed, so that MAX_BYTES is what arrives
            headers={"accept": "application/json", "accept-encoding": "identity"},
            limits=httpx.Limits(max_connections=CALLS, max_keepalive_connections=0),
            timeout=CALL_SECONDS,
            # SSL_CERT_FILE names authorities of one's own
            verify=httpx.create_ssl_context(),
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Closes its connections; it is not used afterwards."""
        if "_client" in self.__dict__:
            await self._client.aclose()

    async def described(self) -> Described:
        """What it says of itself. Raises `NotSignedInThereError`."""
        async with self._asking:
            now = time.monotonic()
            if self._described is None or now - self._described_at > FRESH_SECONDS:
                # whoever waits for one that does not answer would wait as long, one after the other
                if now - self._failed_at < RENEWAL_SECONDS:
                    raise failed("the provider did not answer a moment ago")
                self._described = await self._discovered()
                self._described_at = now
            return self._described

    async def keys(self) -> Sequence[id_token.Key]:
        """The keys that it signs with. Raises `NotSignedInThereError`."""
        return await self._keys_for(None, await self.described())

    async def redeem(self, code: str, verifier: str, nonce: str, redirect_uri: str) -> Redeemed:
        """What a code is worth, once. Raises `NotSignedInThereError`."""
        described = await self.described()
        body = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        # PKCE: the provider compares its hash with what the browser brought at the beginning
        body["code_verifier"] = verifier
        content, fields = self._authenticated(described, body)
        answer = await self._json("POST", described.token, content, fields)
        token, access = answer.get("id_token"), answer.get("access_token")
        if not isinstance(token, str) or len(token) > id_token.MOST_BYTES:
            raise failed("there is no ID token")
        claims = id_token.claims_of(token, await self._keys_for(id_token.kid_of(token), described))
        id_token.check(claims, self._settings.oidc_issuer, self._settings.oidc_client_id, nonce, time.time())
        return Redeemed(claims, access if isinstance(access, str) and access.isascii() else "")

    async def more_of(self, redeemed: Redeemed) -> dict[str, Any]:
        """The claims, and what the provider says of the same person where it is asked once more (Core 1.0, 5.3). Raises
        `NotSignedInThereError`."""
        described = await self.described()
        if not described.userinfo or not redeemed.access_token:
            return redeemed.claims
        fields = {"authorization": f"Bearer {redeemed.access_token}"}
        told = await self._json("GET", described.userinfo, fields=fields)
        # what it says of somebody else is not to be used
        if told.get("sub") != redeemed.claims["sub"]:
            raise failed("what the provider tells is about somebody else")
        # what is signed wins
        return {**told, **redeemed.claims}

    def _authenticated(self, described: Described, body: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        """Body and fields of a call that shows who asks (RFC 6749, 2.3.1)."""
        name, secret = self._settings.oidc_client_id, self._settings.oidc_client_secret.get_secret_value()
        fields = {"content-type": "application/x-www-form-urlencoded"}
        if not secret or described.with_body:
            body = {**body, "client_id": name, **({"client_secret": secret} if secret else {})}
        else:
            # each half as a form writes it, so that a colon in one is none between them
            pair = f"{quote_plus(name)}:{quote_plus(secret)}".encode()
            fields["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return urlencode(body).encode(), fields

    async def _keys_for(self, kid: str | None, described: Described) -> list[id_token.Key]:
        """The keys that may have signed a token."""
        async with self._asking:
            age = time.monotonic() - self._keys_at
            is_unknown = kid is not None and kid not in (key.kid for key in self._keys)
            if age > FRESH_SECONDS or (is_unknown and age > RENEWAL_SECONDS):
                # before the call: keys that cannot be had are not asked for again at once
                self._keys_at = time.monotonic()
                self._keys = id_token.keys_of(await self._json("GET", described.keys))
        return [key for key in self._keys if kid is None or key.kid in (kid, None)]

    async def _discovered(self) -> Described:
        try:
            return self._read(await self._json("GET", f"{self._settings.oidc_issuer.rstrip('/')}{WELL_KNOWN}"))
        except NotSignedInThereError:
            self._failed_at = time.monotonic()
            raise

    def _read(self, told: Mapping[str, Any]) -> Described:
        # to the letter: else one provider could speak for another (Discovery 1.0, 4.3)
        if told.get("issuer") != self._settings.oidc_issuer:
            raise failed("the provider calls itself something else than IX_OIDC_ISSUER")
        # where nothing is said, this is the way (Discovery 1.0, 3)
        methods = told.get("token_endpoint_auth_methods_supported")
        basic = not isinstance(methods, list) or "client_secret_basic" in methods
        return Described(
            authorization=self._address(told, "authorization_endpoint"),
            token=self._address(told, "token_endpoint"),
            keys=self._address(told, "jwks_uri"),
            userinfo=self._address(told, "userinfo_endpoint") if "userinfo_endpoint" in told else "",
            with_body=not basic,
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        )

    def _address(self, told: Mapping[str, Any], name: str) -> str:
        """One of its addresses; over plain HTTP only on this machine, as the issuer's own."""
        given = told.get(name)
        try:
            parts = urlsplit(given) if isinstance(given, str) else None
        except ValueError:
            parts = None
        if (
            not isinstance(given, str)
            or parts is None
            or not _is_safe(parts)
            or not (given.isascii() and given.isprintable())
        ):
            raise failed(f"the provider has no {name}")
        return given

    async def _json(
        self, method: str, address: str, content: bytes | None = None, fields: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The JSON object that answers a call. Raises `NotSignedInThereError`."""
        try:
            async with (
                asyncio.timeout(CALL_SECONDS),
                self._client.stream(method, address, content=content, headers=fields) as answer,
            ):
                body = await _capped(answer)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise failed(f"the provider does not answer ({type(error).__name__})") from None
        # a redirect too: secrets go to the address that was named, and to no other
        if answer.status_code != httpx.codes.OK:
            raise failed(f"the provider answered {answer.status_code}")
        try:
            found = untrusted.parse(body)
        except InvalidInput:
            raise failed("the provider did not answer with JSON") from None
        if not isinstance(found, dict):
            raise failed("the provider answered with no object")
        return found


def _is_safe(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


async def _capped(answer: httpx.Response) -> bytes:
    body = bytearray()
    # raw: unpacking would make more of a small body than MAX_BYTES
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > MAX_BYTES:
            raise failed("the provider answered too much")
    return bytes(body)
