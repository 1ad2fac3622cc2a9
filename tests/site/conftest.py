from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.site.html import Parsed


@pytest.fixture
def visit(in_app, anonymous: FlaskClient) -> Callable[[str], Parsed]:
    """Opens a public page, which must be there, as anybody."""

    def open_page(address: str) -> Parsed:
        response = anonymous.get(address)
        assert response.status_code == 200, response.text
        return Parsed(response.text)

    return open_page
