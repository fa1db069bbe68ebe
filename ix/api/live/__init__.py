"""Answers that are held open: a request that waits for its job's end, and event streams.

notifications   the one LISTEN connection, and its subscribers: waiters, broadcast, and authentication
waiters         requests that wait for the end of a job
broadcast       from notifications to subscriptions: one read for all streams
subscription    what one stream has still to send
streams         what one reader is sent, of one job or of all jobs of a client
sse             server-sent events as bytes, and the response that sends them
"""
