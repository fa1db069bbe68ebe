"""`ix mcp`: what agents may do with ix, over the Model Context Protocol (https://modelcontextprotocol.io).

    agent ──stdio──▶ `ix mcp` ──HTTP, one key──▶ web

It is one more client of the public API: it sees what its key sees, and of the disk the folders that it was given.

    command   the command, and its arguments
    server    tools and resources, under the names that agents see
    answers   what the tools give back
    folders   which files an agent may hand over
"""
