"""Settings of which each is right and which do not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ix.config.choices import server_of
from ix.errors import ConfigError

if TYPE_CHECKING:
    from ix.config import Settings


def check(settings: Settings) -> None:
    """Raises `ConfigError` that names one of two settings at odds, and says what to do."""
    # between two heartbeats an engine must not look frozen, and one of them may be late
    if settings.liveness_limit < 2 * settings.heartbeat_interval:
        raise ConfigError(
            "IX_LIVENESS_LIMIT: must be at least twice IX_HEARTBEAT_INTERVAL, or engines that live count as frozen"
        )
    if settings.tls_key and not settings.tls_cert:
        raise ConfigError("IX_TLS_CERT: name the certificate that IX_TLS_KEY belongs to")
    if settings.s3_endpoint and not settings.s3_bucket:
        raise ConfigError("IX_S3_BUCKET: name the bucket at IX_S3_ENDPOINT")
    if bool(settings.s3_access_key_id) != bool(settings.s3_secret_access_key.get_secret_value()):
        raise ConfigError("IX_S3_ACCESS_KEY_ID, IX_S3_SECRET_ACCESS_KEY: set both, or neither")
    if settings.engine_bytes < settings.max_job_bytes:
        raise ConfigError("IX_ENGINE_BYTES: must be at least IX_MAX_JOB_BYTES, or the largest jobs wait for ever")
    if settings.oidc_issuer and not (settings.oidc_client_id and settings.oidc_roles):
        raise ConfigError("IX_OIDC_CLIENT_ID, IX_OIDC_ROLES: IX_OIDC_ISSUER needs both of them")
    if settings.oidc_issuer and "openid" not in settings.oidc_scope.split():
        raise ConfigError("IX_OIDC_SCOPE: must hold openid")
    if server_of(settings.extractor) and not settings.model:
        raise ConfigError(
            f"IX_MODEL: name the model that IX_EXTRACTOR={settings.extractor} asks, for example IX_MODEL=qwen3:8b"
        )
