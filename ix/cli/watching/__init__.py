"""`ix watch`: documents that arrive somewhere become jobs: in a folder, a mailbox or under a prefix of an S3 bucket.

    source ──arrivals──▶ Watcher ──submit──▶ web          at least once, and the same content once
                           │   └──answers──▶ a folder
                           ▼
                         Ledger                          what was handed over, of which content, as which job

A document is written into the ledger after the service has it. Who is killed between the two hands it over again, under
a request id that is made from its content, so that the service finds the same job.

    command   the command, and its arguments
    watcher   one look after another: hand over what is new, write down what is answered
    ledger    an SQLite file
    sources   where documents arrive: a file each
"""
