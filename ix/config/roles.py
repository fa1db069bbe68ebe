"""The setting `IX_OIDC_ROLES`: what people with a role may do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

RIGHTS = ("submit", "view", "review", "operate", "export", "administer")
"""What a key, or a person, may be allowed: to submit jobs, and to cancel, erase and retry them; to see jobs; to correct
answers; to go before other clients' jobs; to take answers out in numbers; to see and change what is everybody's."""


class Given(dict[str, Sequence[str]]):
    """Rights by role, which are written as they are read: as JSON, and as nothing where there are none."""

    def __str__(self) -> str:
        return json.dumps(self) if self else ""


def roles(given: object) -> object:
    """Rights by role, from a JSON object or a mapping. Raises `ValueError` naming what is none."""
    value: Any = given
    # from the environment it comes as text
    if isinstance(given, str):
        try:
            value = json.loads(given)
        except ValueError:
            raise ValueError('is no JSON such as {"accounts": ["view", "review"]}') from None
    if not isinstance(value, dict):
        raise ValueError('is no object such as {"accounts": ["view", "review"]}')
    return {_role(role): _rights(role, rights) for role, rights in value.items()}


def _role(role: str) -> str:
    if not role or not role.isprintable() or len(role) > 200:
        raise ValueError(f"{role!r} is no role")
    return role


def _rights(role: str, rights: object) -> tuple[str, ...]:
    if not isinstance(rights, (list, tuple)) or not rights:
        raise ValueError(f"{role!r} has no list of rights")
    if unknown := [right for right in rights if right not in RIGHTS]:
        raise ValueError(f"{unknown[0]!r} is none of {', '.join(RIGHTS)}")
    return tuple(rights)
