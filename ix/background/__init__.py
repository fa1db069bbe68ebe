"""What runs in the background, whatever it works on: the contract and the kinds of its loops.

actor           a loop that is started and stopped again and again, and leaves nothing behind
periodic        a loop that pauses and looks, and that a database which does not answer only delays
group_commit    arrivals during a commit share the next one
batcher         a call for one item, made one of many in a group commit
eventloop       how the Python of a long-lived process is set
"""
