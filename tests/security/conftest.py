"""An editor's browser, as the tests of the admin have it."""

from tests.admin.conftest import post  # noqa: F401
