"""What the tests of all checks share."""

import pytest

from course_utils.exercises.grading import WIDTH


@pytest.fixture
def printed(capsys):
    """Run a check on an answer and return what it prints."""

    def run(check, *answers, **keywords):
        assert check(*answers, **keywords) is None
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= WIDTH
        return " ".join(lines) + "\n"  # where a line ends says nothing

    return run
