"""Pages as PDF, for people to keep: the picture of each with its words behind it, unseen, where they stand on it, so
that they can be searched, marked and copied; or with the values that were found drawn on it.

font        a font of blank glyphs, for letters that are there and not seen
sheet       one page: its picture and what stands on it; a child makes it
binding     the file around the pages
"""
