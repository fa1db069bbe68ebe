"""The HTTP surface. A resource is one file in `routes/`; a newcomer adds a route there and names it in `app.ROUTES`."""
