"""The HTTP surface. A resource is one file in `routes/`, found there; a newcomer adds a route by adding a file.

app, services       the composition root, and what it hands to the routes
middleware          what each request passes: request id and trace, admission, authentication
routes, lookup      the resources, and what several of them look up
submission          from the bytes of a request to a job on disk
live                answers that are held open: waiting for a job's end, event streams
openapi             the service's description of itself
problems, health    errors as problem documents; is each part well?
server              uvicorn, guarded against slow and hostile clients
"""
