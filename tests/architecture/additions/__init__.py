"""What somebody adds to ix, each by one file; `checks` shows that each works. `tests.architecture.test_additions` puts
them into a copy of the package, one at a time."""
