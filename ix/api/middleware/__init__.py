"""What each request passes before its route, from the outside in.

request_id      an id, a place in a trace, a log line, and an answer whatever is raised further in
admission       how much one process takes on at once
shares          how much of it may be one client's
auth            who calls
last_use        when each key was last used
"""
