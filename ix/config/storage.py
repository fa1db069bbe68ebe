"""Settings of the store that holds documents beside PostgreSQL."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, NonNegativeInt, SecretStr

from ix.config import addresses
from ix.config.units import Seconds


class StorageSettings(BaseModel):
    """What of `ix.config.Settings` says where documents are. Give web and every engine the same."""

    s3_bucket: Annotated[
        str,
        Field(
            description="S3 bucket that documents go to; empty keeps them in PostgreSQL; give web and engines the same"
        ),
    ] = ""
    s3_endpoint: Annotated[
        str,
        AfterValidator(addresses.store),
        Field(description="Address of the S3 server, such as http://127.0.0.1:8333; empty: Amazon's of the region"),
    ] = ""
    s3_region: Annotated[str, Field(description="Region of the bucket; servers of one's own mostly take any")] = (
        "us-east-1"
    )
    s3_access_key_id: Annotated[
        str, Field(description="Id of the S3 access key; empty: what the machine or the pod is given by its platform")
    ] = ""
    s3_secret_access_key: Annotated[SecretStr, Field(description="The access key's secret")] = SecretStr("")
    s3_prefix: Annotated[
        str, Field(description="Begin of all keys in the bucket, where several ix share one; never change it later")
    ] = ""
    s3_bucket_in_host: Annotated[
        bool, Field(description="Name the bucket in the host (bucket.s3.example) instead of the path, as Amazon wants")
    ] = False
    s3_least_bytes: Annotated[
        NonNegativeInt, Field(description="Documents of fewer bytes stay in PostgreSQL, which stores them sooner")
    ] = 65_536
    s3_timeout: Annotated[
        Seconds, Field(description="Time limit of one request to the S3 server, and of its repetitions, seconds")
    ] = 30.0
