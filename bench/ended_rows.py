"""Ended jobs of a service that has read invoices, receipts and letters for months, and has dropped their scans."""

from __future__ import annotations

from typing import Any

SMALL_JOBS = 20
"""Of the client that has few, however many there are of all."""
CLIENTS = {"everybody": None, "a client with half": "big", f"a client with {SMALL_JOBS}": "small"}
# one for all: nothing here reads more of it than its size, and to parse ten million takes minutes
ANSWER = """{"result": {"number": "2026-1048", "date": "2026-03-14", "seller": {"name": "Harbour Lane Grocers"},
    "total": "20.21"}, "evidence": {"total": {"page": 2, "box": [0.8, 0.71, 0.88, 0.73],
    "text": "20,21"}}, "error": null, "warnings": [], "timings": {"read": 0.021}, "usage": {"pages": 2}}"""
FAILURE = """{"result": null, "evidence": null, "error": {"code": "document_unreadable",
    "message": "the document cannot be opened"}, "warnings": [], "timings": {"read": 0.021}, "usage": {}}"""
REQUEST = """{"documents": [{"name": "invoice 1048.pdf", "media_type": "application/pdf", "sha256": null,
    "size": 48213, "url": null}], "options": {}}"""
# Numbers from $1 to $2, the oldest first, a second apart, the last one a minute ago. Half are one client's and the
# others' are shared by 49, but for those few of the small one, which lie anywhere. Two in a hundred failed and a few
# were cancelled; the newest thousands have answers that people are still to look at. Half of the clients' own ids are
# random, as UUIDs are. What is rare lies among the oldest.
ROWS = f"""
    INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, attempts, status,
        created_at, started_at, finished_at, claim_token, document_name, document_count, page_count, headline, review,
        points, error_code, documents_erased, request, response)
    SELECT CASE WHEN n % ($2::int / {SMALL_JOBS}) = 7 THEN 'small' WHEN n % 2 = 0 THEN 'big'
            ELSE 'client-' || n % 49 END,
        CASE WHEN n % 4 < 2 THEN md5(n::text)::uuid::text ELSE 'order ' || n END, use_case, sha256(n::text::bytea), 3,
        CASE status WHEN 'cancelled' THEN 0 ELSE 1 END, status, at, at + interval '0.1 s',
        at + interval '1 s' * (1 + n % 7), gen_random_uuid(), name, 1, CASE WHEN status = 'done' THEN 1 + n % 3 END,
        CASE WHEN status = 'done' THEN 'Harbour Lane Grocers, 20.21 EUR' END, review,
        CASE review WHEN 'needed' THEN 2 END, CASE WHEN status = 'error' THEN code END, at + interval '1 minute',
        '{REQUEST}', CASE status WHEN 'done' THEN '{ANSWER}'::jsonb WHEN 'error' THEN '{FAILURE}'::jsonb END
    FROM generate_series($1::int, $2::int) AS n, LATERAL (SELECT now() - ($2 - n + 60) * interval '1 s' AS at,
        n <= {SMALL_JOBS} AS is_rare, (ARRAY['invoice', 'receipt', 'letter'])[1 + n % 3] AS common,
        CASE WHEN n % 50 = 3 THEN 'error' WHEN n % 200 = 9 THEN 'cancelled' ELSE 'done' END AS status) AS one,
    LATERAL (SELECT CASE WHEN is_rare THEN 'seldom' ELSE common END AS use_case,
        CASE WHEN is_rare THEN 'zebra' ELSE common END || ' ' || n || '.pdf' AS name,
        CASE WHEN is_rare THEN 'document_too_large' ELSE 'document_unreadable' END AS code,
        CASE WHEN status <> 'done' THEN NULL WHEN n % 12 = 5 AND n > $2 - 10000 THEN 'needed'
            WHEN n % 300 = 5 THEN 'rejected' WHEN n % 12 = 5 THEN 'approved' ELSE 'straight' END AS review) AS named"""
FILTERS: dict[str, dict[str, Any]] = {
    "no filter": {},
    "done": {"status": ("done",)},
    "in error": {"status": ("error",)},
    "waiting or running": {"status": ("pending", "running")},
    "use case": {"use_case": "invoice"},
    "use case, rare": {"use_case": "seldom"},
    "use case, in error": {"use_case": "invoice", "status": ("error",)},
    "error": {"error_code": "document_unreadable"},
    "straight": {"review": "straight"},
    "to check": {"review": "needed"},
    "search, common name": {"q": "invoice"},
    "search, one name": {"q": "zebra"},
    "search, one request": {"q": "order 2"},
    "search, nothing": {"q": "no such thing"},
}
