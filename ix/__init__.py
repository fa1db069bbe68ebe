"""ix turns documents into sourced JSON through a job service whose only moving part is PostgreSQL.

    client ──POST /jobs──▶ web ──insert + NOTIFY──▶ PostgreSQL ──wakes──▶ engine ──finish + NOTIFY──▶ waiting clients, callbacks
                                                        ▲                   │
                                                        └──SKIP LOCKED claim┘

Rooms, each importing only what stands below it; rooms on one line know nothing of each other (a tool checks this in
`make check`):

    cli                       the command `ix`
    api | engine | client     HTTP in, jobs run: two processes that share only the database | HTTP from Python
    extraction | use_cases | callbacks | local | migrate
                              reading documents | what can be asked for | telling the client | the embedded PostgreSQL | dbmate
    fleet                     which engines live
    repo | control | deliveries | feed | keys | limits | roles | outbound
                              the seams to the jobs | what clients do to them | callbacks owed | what streams are told | who may call
                              | how many may run at once | what each process may do in the database
                              | the one door out to addresses that clients name
    listen | coalesce         hearing a channel | many callers, one commit
    db | wire | actor | tracing | interpreter
                              connections | untrusted JSON | the start/stop contract of background loops | traces and spans
    events                    every log line
    job                       what a job is: submission, row, answer
    schema | traceparent      what a use case wants from a document | trace contexts on the wire
    config, errors            knobs, and everything raised on purpose

The engine knows no documents, only use cases; the extraction knows no jobs. Whatever a newcomer adds goes into one
folder and is found there: a route in `api/routes`, a use case in `use_cases`, a model backend in `extraction/models`,
an OCR engine in `extraction/ocr`, a kind of document in `extraction/documents`, a pipeline step in
`extraction/pipeline.py`."""
