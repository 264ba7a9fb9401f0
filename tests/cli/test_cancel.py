"""`enigma queue cancel` says what it has done."""

import sys

import pytest

from enigma.cli.main import main
from enigma.jobs import queue
from enigma.store.home import Home
from tests.conftest import TINY


@pytest.mark.parametrize(("state", "said"), [("waiting", "out of the queue"), ("running", "after the current step")])
def test_cancelling_says_whether_the_job_is_gone_or_will_stop(
    state: str, said: str, home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job = queue.Job(f"{7:020d}", TINY.to_dict(), state=state)
    queue.write(home, job)
    monkeypatch.setattr(sys, "argv", ["enigma", "--home", str(home.path), "queue", "cancel", job.id])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert said in capsys.readouterr().out
    assert [one.state for one in queue.jobs(home)] == ([] if state == "waiting" else ["running"])
