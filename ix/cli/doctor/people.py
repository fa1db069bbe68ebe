"""Check of how people come to the console."""

from __future__ import annotations

from ix.cli.doctor.patient import Finding, Patient, fail, off, ok


async def sign_in(patient: Patient) -> Finding:
    """A browser is let sign in from where it comes, and the provider that a setting names answers as it has to."""
    settings = patient.settings
    if not settings.console:
        return off("IX_CONSOLE is off")
    # no fault: pages need not be for everybody whom the API is for
    is_safe = settings.serves_loopback_only or settings.tls_cert or settings.trusted_proxies
    where = "" if is_safe else ", on this machine alone: IX_TLS_CERT and IX_TRUSTED_PROXIES are not set"
    if not settings.oidc_issuer:
        return ok(f"people sign in with keys{where}")
    # here: signatures take their time to import
    from ix.api.console.oidc.failures import NotSignedInThereError
    from ix.api.console.oidc.provider import Provider

    provider = Provider(settings)
    try:
        keys = await provider.keys()
    except NotSignedInThereError as error:
        return fail(f"nobody can sign in at {settings.oidc_issuer}: {error.reason}", "see IX_OIDC_ISSUER")
    finally:
        await provider.aclose()
    if not keys:
        return fail(f"{settings.oidc_issuer} has no key that ix takes", "let it sign with RS256 or ES256")
    return ok(f"people sign in with keys, and at {settings.oidc_issuer}{where}")
