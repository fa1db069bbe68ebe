"""The pulse: a process beside the engine's that its work cannot hold.

A use case may compute without end, or call into C code that keeps the interpreter to itself: then no task and no thread
of the engine runs, whatever it is for. So both that say whether an engine lives stand in a process of its own:

    engine ──a tick, while its event loop turns──▶ pulse     no tick: the pulse beats in the engine's place
                                                             none for `IX_LIVENESS_LIMIT`: it ends the engine

actor      the engine's side: starts the process, and another one should that end
process    the other side: waits for ticks
"""
