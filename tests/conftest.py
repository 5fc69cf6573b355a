"""What all tests share."""

from hypothesis import settings
from hypothesis.internal.conjecture import providers

# Its own profile for such a run: the same examples each time, however slow or busy the machine is.
# `--hypothesis-profile=default` looks for others.
settings.load_profile("ci")

# Hypothesis looks for constants in every module that is imported. The SDK loads its own when they are first looked at:
# all 150 MB would be, and one of them (dlc) isn't valid Python.
providers._get_local_constants = lambda: providers._local_constants  # type: ignore[assignment]
