"""`python -m tests.lab.realism --data DIR`: what labs' telemetry looks like beside that of public recordings.

Writes the tables of `docs/realism.md`. DIR holds the folders `petshop` (amazon-science/petshop-root-cause-analysis) and
`nab` (numenta/NAB).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.lab.realism import labs, recordings, summary
from tests.lab.realism.summary import Row

PROFILES = ("low_traffic", "high_traffic")


def main() -> None:
    """Write the tables to standard output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--apps", nargs="+", default=["hotel", "social", "boutique", "ticket", "random:40"])
    parser.add_argument("--hours", type=float, default=6.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--normal-only", action="store_true", help="Break nothing.")
    options = parser.parse_args()
    normal, broken, cloud = _recorded(options.data / "petshop" / "dataset", options.data / "nab")
    for application in options.apps:
        seed, *others = options.seeds
        world = labs.lived(application, seed, options.hours)
        normal[application] = summary.normal_rows(labs.columns(world))
        for kind, series in labs.cloud_metrics(world).items():
            cloud[kind][application] = summary.series_rows(series)
        if not options.normal_only:
            found = list(labs.troubles(world, seed))
            for other in others:
                found += labs.troubles(labs.lived(application, other, options.hours), other)
            broken[application] = summary.trouble_rows(found)
    tables = [summary.table("when nothing is wrong", normal)]
    tables += [summary.table(f"{kind}, five minutes", parties) for kind, parties in cloud.items()]
    if not options.normal_only:
        tables.append(summary.table("when something is wrong", broken))
    sys.stdout.write("\n\n".join(tables) + "\n")


def _recorded(
    petshop: Path, nab: Path
) -> tuple[dict[str, list[Row]], dict[str, list[Row]], dict[str, dict[str, list[Row]]]]:
    """(normal, broken, cloud metrics by kind): rows by party."""
    normal, broken = {}, {}
    for profile in PROFILES:
        name = f"PetShop {profile.removesuffix('_traffic')}"
        normal[name] = summary.normal_rows(recordings.petshop_normal(petshop / profile))
        broken[name] = summary.trouble_rows(recordings.petshop_troubles(petshop / profile))
    cloud = {kind: {"NAB": summary.series_rows(series)} for kind, series in recordings.nab_normal(nab).items()}
    return normal, broken, cloud


if __name__ == "__main__":
    main()
