"""The parts of `python -m training.calibrate`: values with their signs and whether they are right, and the fit."""
