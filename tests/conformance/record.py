"""Makes recordings: `python -m tests.conformance.record [AREA | AREA/NAME ...]`.

On the cluster that AIOPS_TEST_KUBECONFIG names, else on a control plane that is started for it."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.cluster.build import BuildError, binary
from tests.cluster.kubectl import KubectlError
from tests.cluster.launch import GIVEN, StartError, control_plane
from tests.conformance.player import Player
from tests.conformance.real import RealCluster, real_cluster
from tests.conformance.recording import Recording, kubectl_version, save_recording, steps_of
from tests.conformance.script import Script, ScriptError, find_scripts

AT_ONCE = 4
"""Scripts that are recorded at the same time: most of it is waiting for controllers."""


async def record(cluster: RealCluster, script: Script) -> Recording:
    """Play a script on a real cluster. Raises `ScriptError` where it waits for what does not come."""
    with TemporaryDirectory() as home:
        player = Player(cluster, Path(home), script, strict=True)
        await player.clean_up(wait=True)
        try:
            played = await player.play()
        finally:
            await player.clean_up(wait=False)
    for each in played:
        if each.answer.get("met") is False or each.answer.get("code", 0) < 0:
            raise ScriptError(f"{script.name}: {each.step.id} waited in vain: {str(each.answer)[:3000]}")
    version = (await cluster.people["admin"].http.get("/version")).json()["gitVersion"]
    return Recording(version, kubectl_version(), steps_of(script, played))


async def _record_all(admin: Path, scripts: list[Script]) -> int:
    """Record several at once, then those that want the cluster for themselves; the number that could not be."""
    with TemporaryDirectory() as folder:
        async with real_cluster(admin, Path(folder)) as cluster:
            turns = asyncio.Semaphore(AT_ONCE)
            together = [_save(cluster, script, turns) for script in scripts if not script.alone]
            good = await asyncio.gather(*together)
            good += [await _save(cluster, script, turns) for script in scripts if script.alone]
    return good.count(False)


async def _save(cluster: RealCluster, script: Script, turns: asyncio.Semaphore) -> bool:
    async with turns:
        try:
            changed = save_recording(script.name, await record(cluster, script))
        except ScriptError as error:
            sys.stdout.write(f"{error}\n")
            return False
    sys.stdout.write(f"{script.name}: {'recorded' if changed else 'as before'}\n")
    sys.stdout.flush()
    return True


def main() -> None:
    """Record the scripts that the arguments name, or all."""
    try:
        scripts = find_scripts(sys.argv[1:])
        with ExitStack() as stack:
            given = os.environ.get(GIVEN)
            admin = Path(given) if given else stack.enter_context(control_plane(binary()))
            failed = asyncio.run(_record_all(admin, scripts))
    except (BuildError, StartError, ScriptError, KubectlError) as error:
        sys.exit(str(error))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
