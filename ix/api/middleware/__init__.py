"""What each request passes before its route, from the outside in.

proxies         who sent it, and under which address, as trusted proxies say
cors            pages of other sites, where settings name them
request_id      an id, a place in a trace, a log line, and an answer whatever is raised further in
admission       how much one process takes on at once
shares          how much of it may be one client's
auth            who calls; without keys, whether it is this machine (loopback)
last_use        when each key was last used
"""
