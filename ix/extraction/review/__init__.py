"""What of an answer needs a person's eyes, and what a person made of it: pure functions over JSON. Nothing here knows
of jobs, clients or databases.

    sums       declared sums that can be worked out, and the numbers that they prove
    points     what needs eyes: a failed check, no place, nothing found, a doubt, a table, a document
    paths      where in a result, its evidence and its schema a dotted path leads
    changes    what a person did, one after the other: values set, rows put in and out, points confirmed
    replay     the reviewed result: the answer as it was read, and all changes on it
    typed      from what a person typed to a value of a field's kind
    picked     from words of a page to a value with its evidence
    judging    all of that for a call from web, here or in a child process

The answer as it was read is never changed. What a person says of a value has evidence as any other, with `"source":
"person"` beside it and confidence 1; where nobody said on which words it stands, its match is none."""
