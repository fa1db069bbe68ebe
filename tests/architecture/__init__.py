"""The rules of the code, one test each. The docstring of a test is the rule.

What a rule excepts is listed by name beside it, with a reason; an exception that nothing needs any more fails too."""
