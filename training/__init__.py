"""Training: how the weights in `ix/extraction/models/rules/weighing/weights/` are made (`make train`).

    labelled folders ──documents──▶ pages and labels ──tasks──▶ decisions (candidates, features, which are right)
                                                                    │
                      weights/NAME.json ◀──fitting── all of them ◀──┴──trials──▶ table: by hand and learned, by fold

Candidates and features come from the very code that runs in the service, so that what is fitted is what is asked.
`python -m training` says how it is called."""
