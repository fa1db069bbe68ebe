"""Exports: answers of many jobs as one file, which is written while it is read.

    pages of jobs ──▶ their answers ──▶ a child makes rows ──▶ pieces of the file ──▶ the client
    (keyset)          (a few at once)   (offloaded)            (csv, json lines, sheets of a workbook)

asked       what is wanted: of which jobs, in which form
batches     jobs with their answers on their way to a child
processes   the children that make rows, and how many exports run at once
offloaded   what a child does
reviewed    answers as people have put them right
tables      rows and cells: results, the rows of their lists, evidence
forms       rows as CSV, JSON Lines, and rows of a sheet
book        a workbook of several sheets, from its parts in `workbook`
writing     the file, piece by piece
download    the answer that sends it
"""
