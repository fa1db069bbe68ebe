"""From the bytes of a request to a job on disk.

models      what a client may submit, as pydantic models: JSON, a form, a batch
body        a request to the submissions in its body: what is small at once, what is large in a child process
large       the parent's side of that, and `offloaded` the child's
reading     a whole body to the submissions in it; `forms` and `encodings` are what it reads with
configured  the saved configurations that are named, and what they come to with what is sent
validate    a payload and files to a `Submission`
quota       how many jobs one client may have waiting
caps        how many jobs and pages one client may have in a day
credits     what both let through uncounted
again       the passwords of a job that is retried
uploading   its large documents to the object store, where there is one
accept      a `Submission` to a job, and the status that tells of it
"""
