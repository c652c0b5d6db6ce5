"""What the tests of all checks share."""

import pytest


@pytest.fixture
def printed(capsys):
    """Run a check on an answer and return what it prints."""

    def run(check, *answers, **keywords):
        assert check(*answers, **keywords) is None
        return capsys.readouterr().out

    return run
