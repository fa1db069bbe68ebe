"""The service described to machines and people: what routes say of themselves, made into an OpenAPI 3.1 document and a
page to read.

operation       the words in which a route describes itself, standing above its function
shared          what many routes have in common: parameters, headers, answers
callback        the one call that goes the other way
examples        one receipt's way through the service, in the real models
results         the results of the use cases
document        all of it as one OpenAPI document
samples, page   the document as lines to paste, and as HTML
served          both, as bytes that are made once
"""
