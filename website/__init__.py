"""The documentation as a site, which `make site` builds into `site/`: the pages of docs/, and reference pages made out
of the code itself, so that they cannot say what the code does not.

    docs/*.md ───────────────┐
    settings, routes, ──▶ reference ──▶ one folder ──▶ zensical ──▶ site/
    commands, use cases      │
    README's pictures ───────┘
"""
