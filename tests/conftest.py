"""What holds for all tests."""

from hypothesis import settings

# A machine that stalls for a moment is no failure: a test that hangs is stopped by its timeout.
settings.register_profile("vocpipe", deadline=None)
settings.load_profile("vocpipe")
