"""Weighing: learned weights say how likely each candidate is the right one.

    candidates ──features──▶ one row of numbers each ──Scorer──▶ probabilities ──▶ the best, and its margin

A finder that weighs names its features in one place, a `NamedTuple` of floats. `python -m training` gathers candidates
from labelled documents by the very code that runs here, fits the weights and writes them to `weights/`. Features tell
of words, places and kinds; none knows the name of a use case or a company."""
