"""From what an OpenID provider says of a person to what the person may do here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ix.config import Settings
from ix.database.keys import RIGHTS, Caller
from ix.database.sessions import Person

MOST_ROLES = 100
"""Of what a provider says: groups of a large house are many, and those that are set here are few."""


class Roles:
    """The rights that the settings give to roles. Those of several roles add up."""

    def __init__(self, settings: Settings) -> None:
        self._rights = {role: frozenset(rights) for role, rights in settings.oidc_roles.items()}
        self._issuer = settings.oidc_issuer
        self._claim = settings.oidc_claim
        self._client_claim = settings.oidc_client_claim

    def caller(self, person: Person) -> Caller | None:
        """The person with its rights; None for one whose roles give none, or who came from another provider than the
        one that is set now."""
        rights = frozenset[str]().union(*(self._rights.get(role, frozenset()) for role in person.roles))
        # what is everybody's is no client's, as for keys
        if person.client_id is not None:
            rights -= {"administer"}
        # where people are bound to clients now, whoever was not when the session began is bound to none
        is_unbound = bool(self._client_claim) and person.client_id is None and "administer" not in rights
        if not rights or is_unbound or person.issuer != self._issuer:
            return None
        may = frozenset(right for right in RIGHTS if right in rights)
        return Caller(person.client_id, may=may, name=person.name, person=f"{person.issuer} {person.subject}")

    def person(self, claims: Mapping[str, Any]) -> Person:
        """Whom verified claims are about, with those of its roles that the settings name."""
        roles = tuple(role for role in _texts(found(claims, self._claim)) if role in self._rights)
        # without that setting people are not bound to clients, and see those of all
        client_id = None
        if self._client_claim:
            named = _texts(found(claims, self._client_claim))
            # several clients are nobody's: each job has one
            client_id = named[0] if len(named) == 1 and len(named[0]) <= 200 else None
        return Person(self._issuer, str(claims["sub"]), name_of(claims), roles, client_id)


def found(claims: Mapping[str, Any], path: str) -> Any:
    """What claims say under a name, such as `groups` or `https://example.org/roles`; else under a path of names, such
    as `realm_access.roles`. None where they say nothing."""
    if path in claims:
        return claims[path]
    node: Any = claims
    for name in path.split("."):
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def name_of(claims: Mapping[str, Any]) -> str:
    """What other people call the person: the name, and what tells it from others of that name."""
    email = _plain(claims.get("email")) if claims.get("email_verified") is not False else ""
    unique = email or _plain(claims.get("preferred_username")) or _plain(claims["sub"])
    name = _plain(claims.get("name"))
    return (f"{name} ({unique})" if name and name != unique else unique)[:200]


def _plain(value: object) -> str:
    """A text as one line: what turns or hides letters could make one person look like another."""
    return "".join(sign for sign in value if sign.isprintable()).strip()[:100] if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    given = value if isinstance(value, list) else [value]
    return [one for one in given[:MOST_ROLES] if isinstance(one, str) and one and one.isprintable()]
