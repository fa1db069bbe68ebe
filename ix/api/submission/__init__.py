"""From the bytes of a request to a job on disk.

models      what a client may submit, as pydantic models: JSON, a form, a batch
body        bytes to a payload and files, by the request's media type
validate    a payload and files to a `Submission`
quota       how many jobs one client may have waiting
accept      a `Submission` to a job, and the status that tells of it
"""
