"""Programs that read files: those that volumes put there, the few of `/etc`, `/proc` and `/sys` that people look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiops.lab.ports import ExecResult
from aiops.lab.traffic.network.resolver import Resolver
from aiops.lab.traffic.runtime.commands.inside import Inside, failed
from aiops.lab.traffic.runtime.commands.machine import cgroup_files


def files(inside: Inside) -> dict[str, str]:
    """Every file that can be read, by path."""
    dns = inside.dns
    found = {
        "/etc/hostname": f"{inside.hostname}\n",
        "/etc/hosts": f"127.0.0.1\tlocalhost\n{inside.address}\t{inside.hostname}\n",
        "/etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nID=debian\n',
        "/etc/resolv.conf": _resolv_conf(dns.resolver),
        "/dev/null": "",
    }
    return {**found, **cgroup_files(inside), **inside.process.files_at(inside.now)}


def _resolv_conf(resolver: Resolver) -> str:
    search = f"search {' '.join(resolver.search)}\n" if resolver.search else ""
    servers = "".join(f"nameserver {server}\n" for server in resolver.servers)
    return f"{search}{servers}" + (f"options ndots:{resolver.ndots}\n" if resolver.ndots > 1 else "")


def cat(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    return _read("cat", inside, [each for each in arguments if not each.startswith("-")], lambda text: text)


def head(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    count, names = _count(arguments)
    return _read("head", inside, names, lambda text: "".join(text.splitlines(keepends=True)[:count]))


def tail(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    count, names = _count([each for each in arguments if each not in ("-f", "-F")])
    result = _read(
        "tail", inside, names, lambda text: "".join(text.splitlines(keepends=True)[-count:] if count else ())
    )
    if result.exit_code == 0 and len(names) < len(arguments) and {"-f", "-F"} & set(arguments):
        return ExecResult(0, result.stdout, seconds=float("inf"))
    return result


def list_(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    """`ls` of folders that hold known files."""
    known, lines, code, errors = files(inside), [], 0, ""
    for name in [each for each in arguments if not each.startswith("-")] or ["/"]:
        folder = name.rstrip("/") + "/"
        inner = sorted({path.removeprefix(folder).split("/")[0] for path in known if path.startswith(folder)})
        if inner or name == "/":
            lines += inner
        elif name in known:
            lines.append(name)
        else:
            code, errors = 2, errors + f"ls: cannot access '{name}': No such file or directory\n"
    return ExecResult(code, "".join(f"{line}\n" for line in lines), errors)


def test(inside: Inside, arguments: Sequence[str]) -> ExecResult:
    """`test -f FILE` and its like; `[ ... ]` too."""
    words = [each for each in arguments if each != "]"]
    if len(words) == 2 and words[0] in ("-f", "-e", "-d", "-r", "-s"):
        known, folder = files(inside), words[1].rstrip("/") + "/"
        is_folder = any(path.startswith(folder) for path in known)
        holds = is_folder if words[0] == "-d" else words[1] in known or (words[0] == "-e" and is_folder)
        return ExecResult(0 if holds else 1)
    if len(words) == 2 and words[0] in ("-n", "-z"):
        return ExecResult(0 if bool(words[1]) == (words[0] == "-n") else 1)
    if len(words) == 3 and words[1] in ("=", "==", "!="):
        return ExecResult(0 if (words[0] == words[2]) == (words[1] != "!=") else 1)
    return failed(2, "test: this form is not supported here")


def touch(_inside: Inside, _arguments: Sequence[str]) -> ExecResult:
    """Writing is a container's own affair: its main command's files are kept (see `courses`), nobody else's are."""
    return ExecResult()


def remove(_inside: Inside, _arguments: Sequence[str]) -> ExecResult:
    return ExecResult()


def _read(program: str, inside: Inside, names: Sequence[str], part: Callable[[str], str]) -> ExecResult:
    known, text, errors = files(inside), "", ""
    for name in names:
        if name in known:
            text += part(known[name])
        elif any(path.startswith(name.rstrip("/") + "/") for path in known):
            errors += f"{program}: {name}: Is a directory\n"
        else:
            errors += f"{program}: {name}: No such file or directory\n"
    return ExecResult(1 if errors else 0, text, errors)


def _count(arguments: Sequence[str]) -> tuple[int, list[str]]:
    """(how many lines, the files)."""
    count, names, rest = 10, [], list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "-n" and rest:
            word = "-n" + rest.pop(0)
        digits = word.removeprefix("-n").lstrip("-+")
        if word.startswith("-") and digits.isdecimal():
            count = int(digits)
        elif not word.startswith("-"):
            names.append(word)
    return count, names
