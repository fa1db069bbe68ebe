"""Settings of the console, and of signing in at an OpenID provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SecretStr

from ix.config import addresses, roles


class PeopleSettings(BaseModel):
    """What of `ix.config.Settings` is for people with a browser."""

    console: Annotated[bool, Field(description="Serve the pages for people under /console")] = True
    console_drafts: Annotated[
        bool, Field(description="Corrections that are not sent yet may be kept in the browser, for up to 7 days")
    ] = True
    oidc_issuer: Annotated[
        str,
        AfterValidator(addresses.issuer),
        Field(description="OpenID provider at which people may sign in to the console; empty for none"),
    ] = ""
    oidc_client_id: Annotated[str, Field(description="What the provider calls ix")] = ""
    oidc_client_secret: Annotated[SecretStr, Field(description="By which it knows ix; empty for a public client")] = (
        SecretStr("")
    )
    oidc_scope: Annotated[str, Field(description="What is asked of it; must hold openid")] = "openid profile email"
    oidc_claim: Annotated[str, Field(description="The claim that holds a person's roles")] = "groups"
    oidc_roles: Annotated[
        Mapping[str, Sequence[str]],
        BeforeValidator(roles.roles),
        AfterValidator(roles.Given),
        Field(
            description='What each role may, such as {"accounts": ["view", "review"]}, of submit, view, review, '
            "operate, export, administer"
        ),
    ] = roles.Given()
    oidc_client_claim: Annotated[
        str,
        Field(description="The claim that names the client whose jobs a person sees; empty: those of all clients"),
    ] = ""
