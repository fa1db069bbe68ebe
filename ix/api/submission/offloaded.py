"""What a child process does with a large body: `ix.extraction.processes.child` runs it.

    in    how the body came and who sent it, its bytes
    out   of each submission its columns, and its request and documents as bytes; or the problem with it

The parent looks into none of these bytes. Where a document stands in the body as it is, only its place travels back.
The pool limits its memory, and for each body its time and its processor time."""

from __future__ import annotations

from typing import Any

from ix import use_cases
from ix.api.problems import Problem
from ix.api.submission.configured import SAVED, Unresolved
from ix.api.submission.large import CALLER, COLUMNS
from ix.api.submission.reading import Body, Places, Read, submissions
from ix.config import Settings
from ix.database import jsonb
from ix.extraction.processes.frames import Frame

# when the process starts: the parent has found that these can be loaded
_SETTINGS = Settings.from_env()
_USE_CASES = use_cases.load(_SETTINGS.use_case_dir, _SETTINGS.drill)


def handle(body: dict[str, Any], blobs: list[bytes]) -> Frame:
    """The submissions in a body."""
    given, places = Body(blobs[0], body["content_type"], body["encoding"], body["many"]), Places()
    out: list[bytes] = []
    try:
        caller = CALLER.validate_python(body["caller"])
        known = {(client, named): saved and SAVED.validate_python(saved) for client, named, saved in body["known"]}
        found = list(submissions(given, _SETTINGS, _USE_CASES, caller, places, known))
    except Unresolved as unresolved:
        return {"unresolved": unresolved.named}, []
    except Problem as refusal:
        return {"refused": vars(refusal)}, []
    # places in what was unpacked are none in what was sent
    return {"found": [_told(one, out, {} if given.encoding else places) for one in found]}, out


def _told(one: Read, out: list[bytes], places: Places) -> dict[str, Any]:
    if isinstance(one, Problem):
        return {"problem": vars(one)}
    documents: dict[str, Any] = {}
    for sha, data in one.blobs.items():
        documents[sha] = places.get(sha) or _put(data, out)
    return {
        "columns": {name: getattr(one, name) for name in COLUMNS},
        "configuration": one.configuration and one.configuration.model_dump(),
        "refusal": one.refusal and vars(one.refusal),
        "run_at": one.run_at.isoformat() if one.run_at else None,
        "digest": one.content_digest().hex(),
        "named": one.document(),
        "passwords": {at: secret.get_secret_value() for at, secret in one.passwords.items()},
        "request": _put(jsonb.written(one.request.stored()), out),
        "documents": documents,
    }


def _put(data: bytes, out: list[bytes]) -> int:
    out.append(data)
    return len(out) - 1
