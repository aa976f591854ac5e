"""For all tests: the same examples every time where main must stay green."""

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("steady")
