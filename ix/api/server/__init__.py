"""uvicorn as ix runs it.

serve       the server: its settings, its socket, its signals
places      which connections are kept, and which make room
protocol    one connection, guarded against slow and hostile clients
cycle       one request on it, and how its answer is written
tls         its certificate, and the next one
"""
