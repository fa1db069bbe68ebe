"""From documents to sourced JSON. Knows no jobs.

pipeline      the five steps, in order
reader        open and read: `documents` (kinds of files) and `ocr` (engines), each in child processes (`processes`)
models        ask: who answers (`rules`, `ollama`, `openai`)
evidence      place: where on the pages each value stands
checks        check: what the schema says of the values
page, layout  the nouns, and where words stand
values        how amounts, dates and codes are written
annotate      evidence drawn on a page, for people
"""
