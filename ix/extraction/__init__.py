"""From documents to sourced JSON. Knows nothing of queues and databases.

    pipeline    the five steps, in order
    reader      open and read: `documents` (formats of files) and `ocr` (engines), each in child processes (`processes`)
    models      ask: who answers (`rules`, `ollama`, `openai`)
    evidence    place: where on the pages each value stands
    checks      check: what the schema says of the values, walked by `checked`
    page        documents, pages and words, as all of these see them
    layout      where words stand: lines, cells, boxes
    values      how amounts, dates and codes are written
    annotate    evidence drawn on a page, for people

A format, an engine and a model are one file each, in `documents`, `ocr` and `models`; nothing else names them.
"""
