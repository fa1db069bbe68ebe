"""Electronic invoices: XML that says what the page shows, and more. Everything here runs in child processes.

    parsing             XML of strangers into a plain tree
    kinds               which XML is an invoice
    cii, ubl, fatturapa where each syntax holds what EN 16931 knows
    mapping             these tables applied: values, and the path of each in the XML
    texts               what a text says, by the kind of field that wants it
    reading             all that together: an invoice's values
    sheet               the values as lines of text, for XML without a page
    electronic          the values as an answer, each sought on the pages
    comparing           what the pages say differently, by what they print (`printing`) and by arithmetic (`reckoning`)
    columns, positions  rows of the XML beside those of the page: where each stands, which is missing
    rules_of_en16931    the arithmetic that the standard asks for
    schematron          the official rules, in a child of its own

A syntax is a table of paths like `ubl`, named in `kinds` and `reading`. Who opens documents imports no more than
`kinds` until one is an invoice."""
