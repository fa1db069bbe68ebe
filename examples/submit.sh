#!/bin/sh
# Submits a file and prints the job with its answer: sh submit.sh FILE USE_CASE
# IX_URL says where web is, IX_KEY is the API key where the service has keys.
set -eu
url=${IX_URL:-http://127.0.0.1:8080}
file=$1 use_case=$2

# The same content is the same request: a repeat, after a failure or by mistake, finds the same job (200, not 201).
request_id=$(cksum "$file" | tr ' ' '-' | cut -c 1-100)-$use_case

set -- --silent --show-error --fail-with-body --retry 5 --retry-connrefused
if [ -n "${IX_KEY:-}" ]; then
    set -- "$@" -H "Authorization: Bearer $IX_KEY"
else
    set -- "$@" -F client_id=me
fi

# Holds the answer for up to 30 s. A job that takes longer comes back without its response: ask again with
# curl "$url/jobs?client_id=me&request_id=$request_id" -H 'Prefer: wait=30'
exec curl "$@" -H 'Prefer: wait=30' -F "request_id=$request_id" -F "use_case=$use_case" -F "documents=@$file" "$url/jobs"
