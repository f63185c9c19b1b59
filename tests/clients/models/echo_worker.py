"""A child for tests of `Worker`: does what each request says."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading


def main(start: str) -> None:
    if start == "dies":
        os.kill(os.getpid(), signal.SIGSEGV)
    say({"ready": True} if start == "ready" else {"error": "not today"})
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if request["do"] == "hang":
            threading.Event().wait()
        say({"pid": os.getpid(), "seen": sorted(name for name in os.environ if name.startswith("AIOPS_"))})


def say(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
