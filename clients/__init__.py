"""Clients in other languages; the Python one is `ix.client`.

`python -m clients` writes what is generated of them: the types of the TypeScript client, out of the OpenAPI document of
the built-in use cases.
"""
