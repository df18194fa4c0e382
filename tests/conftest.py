"""What every test shares."""

from hypothesis import settings

settings.register_profile("dondoc", deadline=None)  # a busy machine is no failure
settings.load_profile("dondoc")
