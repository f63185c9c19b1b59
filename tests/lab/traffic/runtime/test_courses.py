"""Containers that run a command in the place of a server."""

from __future__ import annotations

import pytest

from tests.support.pods import PodBench


@pytest.fixture
def bench() -> PodBench:
    return PodBench()


@pytest.mark.parametrize(
    ("command", "phase", "code", "log"),
    [
        (["true"], "Succeeded", 0, []),
        (["false"], "Failed", 1, []),
        (["echo", "hello", "world"], "Succeeded", 0, ["hello world"]),
        (["sh", "-c", "echo one; echo two; exit 3"], "Failed", 3, ["one", "two"]),
        (["sh", "-c", "exit 0"], "Succeeded", 0, []),
        (["sh", "-c", "echo start && sleep 2 && echo end"], "Succeeded", 0, ["start", "end"]),
        (["sh", "-c", "cat /nope | sort > /out"], "Succeeded", 0, []),
        (["sleep", "x"], "Failed", 1, ["sleep: invalid number 'x'"]),
    ],
)
def test_commands_that_end(bench: PodBench, command: list[str], phase: str, code: int, log: list[str]) -> None:
    bench.run(*command)
    bench.ticks(2)
    assert bench.status["phase"] == phase
    assert bench.container["state"]["terminated"]["exitCode"] == code
    assert bench.log == log


@pytest.mark.parametrize("command", [["sleep", "3600"], ["sleep", "infinity"], ["tail", "-f", "/dev/null"]])
def test_commands_that_go_on_and_ignore_sigterm(bench: PodBench, command: list[str]) -> None:
    bench.run(*command)
    bench.ticks(20)
    assert bench.status["phase"] == "Running"
    bench.store.delete("Pod", "default", "one")
    bench.ticks(1)
    assert bench.store.find("Pod", "default", "one") is not None
    bench.ticks(2)
    assert bench.store.find("Pod", "default", "one") is None


def test_a_loop_writes_as_time_goes_by(bench: PodBench) -> None:
    bench.run("/bin/sh", "-c", "while true; do date; sleep 10; done", restart="Always")
    before = len(bench.log)
    bench.ticks(12)
    assert bench.status["phase"] == "Running"
    assert len(bench.log) == before + 6
    assert bench.log[0].endswith(" UTC 2026")
    assert len(set(bench.log)) == len(bench.log)


def test_an_exec_probe_sees_the_files_that_the_command_makes(bench: PodBench) -> None:
    probe = {"exec": {"command": ["cat", "/tmp/healthy"]}, "initialDelaySeconds": 5, "periodSeconds": 5}
    script = "touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600"
    bench.run("/bin/sh", "-c", script, restart="Always", livenessProbe=probe)
    bench.ticks(4)
    assert bench.container["restartCount"] == 0
    bench.ticks(14)
    assert bench.container["restartCount"] >= 1
    messages = [event.get("message") for event in bench.store.objects("Event")]
    missing = "Liveness probe failed: cat: /tmp/healthy: No such file or directory\n"
    assert missing in messages


def test_a_program_that_is_not_in_the_image(bench: PodBench) -> None:
    bench.run("nope")
    terminated = bench.container["lastState"].get("terminated") or bench.container["state"]["terminated"]
    assert (terminated["reason"], terminated["exitCode"]) == ("StartError", 128)
    assert 'exec: "nope": executable file not found in $PATH' in terminated["message"]
    assert bench.status["phase"] == "Failed"


@pytest.mark.parametrize(
    ("image", "phase"),
    [
        ("nginx:1.25", "Running"),
        ("registry.k8s.io/pause:3.9", "Running"),
        ("hello-world", "Succeeded"),
        ("busybox", "Succeeded"),
    ],
)
def test_images_that_people_run(bench: PodBench, image: str, phase: str) -> None:
    bench.run(image=image)
    bench.ticks(3)
    assert bench.status["phase"] == phase


def test_a_shell_with_an_open_input_waits(bench: PodBench) -> None:
    bench.run(stdin=True, tty=True)
    bench.ticks(3)
    assert bench.status["phase"] == "Running"


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("nginx:1.161", "not found"),
        ("nginxx", "pull access denied"),
        ("quay.nowhere/x:1", "no such host"),
        ("registry.private.example/team/web:1.0", "401 Unauthorized"),
    ],
)
def test_images_that_nobody_has(bench: PodBench, image: str, reason: str) -> None:
    bench.run(image=image)
    assert reason in bench.container["state"]["waiting"]["message"]


def test_a_private_image_is_pulled_with_its_login(bench: PodBench) -> None:
    logins = {"registry.private.example": ("puller", "let-me-in")}
    assert bench.runtime.pull("registry.private.example/team/web:1.0", logins) is None
    assert bench.runtime.pull("registry.private.example/team/web:1.0", {}) is not None


def test_a_server_serves_what_another_container_asks(bench: PodBench) -> None:
    bench.run(image="nginx:1.25", restart="Always", ports=[{"containerPort": 80}])
    bench.ticks(2)
    address = bench.status["podIP"]
    entry = bench.container["containerID"].partition("://")[2]
    assert bench.runtime.execute(entry, ["curl", "-s", "localhost"]).stdout == "ok\n"
    assert bench.runtime.execute(entry, ["curl", "-s", f"http://{address}/"]).exit_code == 0
    assert bench.runtime.execute(entry, ["curl", "-s", "http://localhost:81/"]).exit_code == 7


def test_a_replaced_volume_is_read_anew(bench: PodBench) -> None:
    bench.run(image="nginx:1.25", restart="Always")
    entry = bench.container["containerID"].partition("://")[2]
    bench.runtime.rewrite(entry, {"/etc/app/mode": "fast"})
    assert bench.runtime.execute(entry, ["cat", "/etc/app/mode"]).stdout == "fast"
    assert bench.runtime.execute(entry, ["ls", "/etc/app"]).stdout == "mode\n"


_ASK = ["-sS", "http://127.0.0.1:1/"]


@pytest.mark.parametrize("words", [["curl", *_ASK], _ASK, ["sh", "-c", f"curl {' '.join(_ASK)}"]])
def test_an_entrypoint_runs_the_program_that_it_is_given(bench: PodBench, words: list[str]) -> None:
    bench.run(image="curlimages/curl", args=words)
    bench.ticks(2)
    assert bench.container["state"]["terminated"]["exitCode"] == 7
    assert bench.log[0].startswith("curl: (7) Failed to connect to 127.0.0.1 port 1 ")


def test_a_script_waits_for_a_name_that_is_not_there(bench: PodBench) -> None:
    bench.run("sh", "-c", "echo first; until nslookup db; do echo waiting; sleep 4; done; echo found")
    bench.ticks(10)
    assert bench.status["phase"] == "Running"
    assert bench.log.count("first") == 1
    before = bench.log.count("waiting")
    assert before >= 2


@pytest.mark.parametrize("script", ["until true; do sleep 1; done; echo on", "while ! true; do sleep 1; done\necho on"])
def test_a_script_that_need_not_wait_goes_on(bench: PodBench, script: str) -> None:
    bench.run("sh", "-c", script)
    bench.ticks(2)
    assert bench.status["phase"] == "Succeeded"
    assert bench.log == ["on"]


def test_a_script_goes_on_once_a_file_is_there(bench: PodBench) -> None:
    script = "until test -f /tmp/ready; do sleep 2; done; echo ready; exit 4"
    bench.run("sh", "-c", script)
    bench.ticks(3)
    assert bench.status["phase"] == "Running"
    process = bench.runtime.running()[0]
    process.files = {**process.files, "/tmp/ready": ""}
    bench.ticks(3)
    assert bench.status["phase"] == "Failed"
    assert bench.container["state"]["terminated"]["exitCode"] == 4
    assert bench.log[-1] == "ready"


def test_an_init_container_that_is_not_understood_comes_to_its_end(bench: PodBench) -> None:
    first = {"name": "first", "image": "busybox:1.36", "command": ["sh", "-c", "cat /x | sort > /y"]}
    last = {"name": "app", "image": "busybox:1.36", "command": ["sleep", "infinity"]}
    pod = {
        "metadata": {"name": "two", "namespace": "default"},
        "spec": {"initContainers": [first], "containers": [last]},
    }
    bench.store.create({"apiVersion": "v1", "kind": "Pod", **pod}, manager="test")
    bench.ticks(8)
    assert bench.store.get("Pod", "default", "two")["status"]["phase"] == "Running"
