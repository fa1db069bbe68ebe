"""From documents to sourced JSON. Knows nothing of queues and databases.

    pipeline    the steps, in order: open, read, and in a child process `answering`: ask, place, check
    reader      open and read: `documents` (formats of files) and `ocr` (engines), each in child processes (`processes`)
    models      ask: who answers (`rules`, `ollama`, `openai`)
    evidence    place: where on the pages each value stands
    checks      check: what the schema says of the values, walked by `checked`
    shapes      what a use case's own model of the result says of them
    sealed      the response, as bytes to whoever does not look into it
    page        documents, pages and words, as all of these see them
    layout      where words stand: lines, cells, boxes
    values      how amounts, dates and codes are written
    annotate    evidence drawn on a page, for people

A format, an engine and a model are one file each, in `documents`, `ocr` and `models`; nothing else names them.
"""
