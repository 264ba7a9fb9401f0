"""`enigma app` as a user starts it: a process of its own, on a free port, with a home of its own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass

from enigma.jobs import queue
from enigma.store.home import Home
from tests.browser.waiting import until

# What a home keeps between tests: images that were corrupted once, and the worker with its locks.
_KEPT = ("cache", "queue")


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes:
        url: where it listens, without a path.
        home: the folder it keeps everything in; it was started there too.
    """

    url: str
    home: Home
    process: subprocess.Popen

    @classmethod
    def start(cls, home: Home, *flags: str, port: int = 0) -> "Server":
        """Starts it, on a free port unless one is named, and waits until it answers.

        Args:
            flags: further options of `enigma app`.
        """
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("localhost", port))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "enigma", "app", "--port", str(port), "--no-browser", *flags]
        environment = {**os.environ, "ENIGMA_HOME": str(home.path)}
        process = subprocess.Popen(command, env=environment, cwd=home.path, start_new_session=True)
        server = cls(f"http://localhost:{port}", home, process)
        until(server.answers, "the server answers")
        return server

    def answers(self) -> bool:
        assert self.process.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2)
        except OSError:
            return False
        return True

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends the server alone: a worker is in a session of its own, so that it outlives the server."""
        os.killpg(self.process.pid, how)
        self.process.wait()

    def end_workers(self) -> None:
        for started in self.home.queue.glob("*.started"):
            # One that was started a moment ago has not written its process id yet.
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.kill(int(started.read_text()), signal.SIGTERM)

    def clear(self) -> None:
        """Ends all jobs and empties the home; its worker stays, so that the next job begins soon."""
        home = self.home
        for job in queue.jobs(home):
            queue.cancel(home, job)
        until(lambda: not queue.active(home), "no job goes on")
        for job in queue.jobs(home):
            queue.dismiss(home, job)
        for path in home.path.iterdir():
            if path.name not in _KEPT:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        home.runs.mkdir()
