"""ix turns documents into sourced JSON through a job service whose only moving part is PostgreSQL.

    client ──POST /jobs──▶ web ──insert + NOTIFY──▶ PostgreSQL ──wakes──▶ engine ──finish + NOTIFY──▶ clients, callbacks
                                                      ▲                     │
                                                      └──SKIP LOCKED claim──┘

Packages in layers. Each may import what stands below it; those on one line know nothing of each other (the layers
contract in pyproject.toml, checked by `make check`):

    cli                        the command `ix`
    api | engine               two processes that share the database only: HTTP in | jobs run
    database | client          every SQL statement, LISTEN, migrations | HTTP from Python
    use_cases | extraction | callbacks | outbound | background | console
                               what can be asked for | documents read, models asked, values placed and checked
                               | telling that a job has ended | the one way out to addresses that clients name
                               | loops that start and stop, group commit | the pages that browsers load
    telemetry | untrusted      log lines, traces, health | the one way in for JSON and text of others
    job | fields | languages   what a job is | what a use case wants from a document
                               | the words that documents are written with, a language a file
    config                     every setting
    errors                     everything raised on purpose

The engine knows no documents, only use cases; the extraction knows no jobs. Whatever a newcomer adds is one file that
is found in its folder: a route in `api/routes`, a loop in `engine/maintenance`, a use case in `use_cases`, a language
in `languages`, a model backend in `extraction/models`, an OCR engine in `extraction/ocr`, a document format in
`extraction/documents`."""
