"""ID tokens: who signed one, for whom, and whether it is still true (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from ix import untrusted
from ix.api.console.oidc.failures import failed
from ix.errors import InvalidInput

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key that only the provider has. `none` is nobody's, and HS256 whoever's who knows the secret."""
LEEWAY_SECONDS = 60.0
"""How far the clocks of two machines may be apart."""
MOST_KEYS = 50
MOST_BYTES = 64 * 1024
LEAST_CHARACTERS = 2048 // 6
"""Of an RSA key's modulus in base64url (RFC 7518, 3.3)."""
_KINDS = ("RSA", "EC", "OKP")
Key = RSAKey | ECKey | OKPKey


def keys_of(published: Any) -> list[Key]:
    """The keys with which a provider may sign, of those that it publishes (RFC 7517, 5): what is not understood, or is
    for something else, is left out."""
    given = published.get("keys") if isinstance(published, dict) else None
    found = []
    for one in given[:MOST_KEYS] if isinstance(given, list) else ():
        # looked at before: the library warns of weak keys, and takes them
        if not isinstance(one, dict) or not _is_for_signatures(one):
            continue
        try:
            key = import_key(one)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, Key):
            found.append(key)
    return found


def kid_of(token: str) -> str | None:
    """Which key a token says that it was signed with; None where it does not say. Raises `NotSignedInThereError`."""
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError):
        raise failed("the ID token is none") from None
    kid = header.get("kid")
    return kid if isinstance(kid, str) else None


def claims_of(token: str, keys: Sequence[Key]) -> dict[str, Any]:
    """What a token says, which one of the keys has signed. Raises `NotSignedInThereError`."""
    # few: those of its id, or all where a token names none
    for key in keys:
        try:
            payload = jws.deserialize_compact(token.encode(), key, algorithms=ALGORITHMS).payload
            claims = untrusted.parse(payload or b"")
        # a key of another kind than the signature's, or another key
        except (JoseError, ValueError, TypeError):
            continue
        # signed, and nothing that can be taken in
        except InvalidInput:
            break
        if isinstance(claims, dict):
            return claims
    raise failed("the ID token is not signed by the provider")


def check(claims: Mapping[str, Any], issuer: str, client_id: str, nonce: str, now: float) -> None:
    """Raises `NotSignedInThereError` unless the claims are this issuer's, for this client and for the sign-in of this
    nonce, and true at the moment `now`, in seconds since 1970."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp")
    given, subject = claims.get("nonce"), claims.get("sub")
    holds = {
        "issuer": claims.get("iss") == issuer,
        "audience": client_id in audiences,
        # of several, one is the one that asked (3.1.3.7, 4 and 5)
        "authorized party": party == client_id if party is not None else len(audiences) == 1,
        "expiry": _seconds(claims, "exp") > now - LEEWAY_SECONDS,
        "moment of issue": 0 < _seconds(claims, "iat") < now + LEEWAY_SECONDS,
        "beginning": "nbf" not in claims or 0 < _seconds(claims, "nbf") < now + LEEWAY_SECONDS,
        "nonce": isinstance(given, str) and hmac.compare_digest(given.encode(), nonce.encode()),
        "subject": isinstance(subject, str) and 0 < len(subject) <= 255 and subject.isprintable(),
    }
    if wrong := [name for name, is_right in holds.items() if not is_right]:
        raise failed(f"of the ID token {wrong[0]} is wrong")


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    # a bool is an int to Python; texts that look like numbers are none (RFC 7519, 2)
    value = claims.get(name)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0


def _is_for_signatures(published: Mapping[str, Any]) -> bool:
    """Whether a key is of a kind that only its owner signs with, strong enough, and not for something else."""
    kind = published.get("kty")
    is_weak = kind == "RSA" and len(str(published.get("n", ""))) < LEAST_CHARACTERS
    return kind in _KINDS and not is_weak and published.get("use", "sig") == "sig"
