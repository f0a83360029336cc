"""What `pointsman doctor` finds out about the gateway: its address, who may call and how much, its mode."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from pointsman.cli.finding import Finding

if TYPE_CHECKING:
    from pointsman.config.load import Loaded
    from pointsman.config.model import Config
    from pointsman.config.server import Allowance

# 128 random bits in base64 have 22 letters; what people make up themselves is shorter.
SHORTEST: Final = 20
ALL: Final = "0.0.0.0"  # noqa: S104 - nothing listens here
MAKE_ONE: Final = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))' makes one"
SECRET: Final = ("key", "token")


def address(config: Config) -> Finding:
    """Is the port free, or is Pointsman itself there?"""
    import socket

    host, port = config.server.host, config.server.port
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return taken(host, port, error.strerror or str(error))
    return Finding("address", "ok", f"{host}:{port} is free")


def taken(host: str, port: int, why: str) -> Finding:
    """Who has the port, where that is Pointsman itself; else what to do."""
    import asyncio

    from pointsman.build.survey_servers import health

    local = {ALL: "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    said = asyncio.run(health(f"http://{local}:{port}"))
    if said is None:
        cure = f"stop what listens there, or take another: POINTSMAN_PORT={port % 65_535 + 1}"
        return Finding("address", "warning", f"{host}:{port} cannot be bound: {why}", cure)
    config = said.get("config")
    problem = str(config.get("problem") or "") if isinstance(config, dict) else ""
    running = f"Pointsman {said.get('version')} is running at {host}:{port}"
    if problem:
        return Finding("address", "warning", f"{running}, with an older configuration: {problem}", "correct the file")
    return Finding("address", "ok", running)


def access(config: Config) -> Sequence[Finding]:
    """Who may call, and is every key one?"""
    server = config.server
    if server.key is None and not server.keys:
        what = f"{server.host} is this machine alone, and nobody needs a key"
        return [Finding("access", "ok", what)]
    named = {"main": server.key, **{name: it.key for name, it in server.keys.items()}}
    short = [name for name, key in named.items() if key and len(key.get_secret_value()) < SHORTEST]
    found = [
        Finding("access", "warning", f"the key {name!r} has fewer than {SHORTEST} letters", MAKE_ONE) for name in short
    ]
    if server.key is None and not any("admin" in it.scopes for it in server.keys.values()):
        what = "no key has the scope admin, so nobody can correct, or reload the configuration, from outside"
        found.append(Finding("access", "warning", what, "give one `scopes: [use, read, admin]`, or set server.key"))
    if "*" in server.origins:
        what = "every page that somebody looks at may call with a key that it knows (server.origins)"
        found.append(Finding("access", "warning", what, "name the pages"))
    told = ["main (all)"] if server.key is not None else []
    told += [f"{name} ({', '.join(it.scopes)})" for name, it in server.keys.items()]
    return [*found, Finding("access", "ok", f"{server.host}, with the key{'s' * (len(told) > 1)} {', '.join(told)}")]


def limits(config: Config) -> Sequence[Finding]:
    """Can every limit be reached, or does a tighter one always come first?"""
    server = config.server
    found = list(idle("server.limits", server.limits, None))
    for name, key in server.keys.items():
        found += idle(f"server.keys.{name}.limits", key.limits, server.limits)
    return found or [Finding("limits", "ok", told(config))]


def told(config: Config) -> str:
    """How much may be asked."""
    whole = config.server.limits
    parts = [f"{', '.join(getattr(whole, it))} {it}" for it in ("messages", "pictures", "tokens") if getattr(whole, it)]
    parts += [f"{whole.at_once} at once"] if whole.at_once else []
    own = sum(it.limits != type(whole)() for it in config.server.keys.values())
    each = f"; {own} key{'s' * (own != 1)} with limits of {'their' if own != 1 else 'its'} own" if own else ""
    return f"all callers together: {', '.join(parts) or 'no limit'}{each}"


def idle(where: str, own: Allowance, whole: Allowance | None) -> Iterator[Finding]:
    """Limits of `own` that another one of the same, or that of all callers together, always comes before."""
    from pointsman.config.server import amount_in

    for what in ("messages", "pictures", "tokens"):
        rates = {rate: amount_in(rate) for rate in getattr(own, what)}
        others = dict(rates) if whole is None else rates | {it: amount_in(it) for it in getattr(whole, what)}
        for rate, (amount, span) in rates.items():
            before = [it for it, (less, time) in others.items() if it != rate and less <= amount and time >= span]
            if before:
                cure = f"take {rate} out, or make it smaller than {before[0]}"
                yield Finding("limits", "warning", f"{where}.{what}: {rate} is never reached before {before[0]}", cure)
    if whole is not None and own.at_once and whole.at_once and own.at_once > whole.at_once:
        what = f"{where}.at_once: {own.at_once} are never reached, as all together may have {whole.at_once}"
        yield Finding("limits", "warning", what, f"make it at most {whole.at_once}")


def mode(config: Config) -> Finding:
    """Does Pointsman serve what it decides?"""
    if config.mode == "full":
        return Finding("mode", "ok", "full: every message is served by its track")
    what = {
        "shadow": "shadow: messages are decided about and logged, and all of them go to the main model",
        "assist": "assist: templates, sums and pictures are served, all else goes to the main model without tools",
    }[config.mode]
    return Finding("mode", "warning", what, "when the decisions are right (pointsman eval FILE): mode: full")


def clients(config: Config) -> Finding:
    """Where do programs that chat have to point?"""
    host = "127.0.0.1" if config.server.host in {ALL, "::"} else config.server.host
    url = f"http://{f'[{host}]' if ':' in host else host}:{config.server.port}"
    only = "; a container needs --network=host for it" if config.server.host == "127.0.0.1" else ""
    return Finding("clients", "ok", f"OpenAI API at {url}/v1, Ollama and Open WebUI at {url}, model auto{only}")


def secrets(loaded: Loaded) -> Finding:
    """Does anybody else read the keys in the file?"""
    if loaded.source is None:
        return Finding("secrets", "ok", "no file, so none in it")
    named = list(secrets_in(loaded.document.data, ""))
    if not named:
        return Finding("secrets", "ok", "none in the configuration file")
    if loaded.source.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        what = f"others on this machine can read {', '.join(named)} in {loaded.document.name}"
        return Finding(
            "secrets", "warning", what, f"chmod 600 {loaded.document.name}, or write ${{SOME_VARIABLE}} there"
        )
    return Finding("secrets", "ok", f"{', '.join(named)} in {loaded.document.name}, which only you can read")


def secrets_in(data: object, at: str) -> Iterator[str]:
    """The keys of a file that hold a secret itself, and no variable."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            here = f"{at}.{name}" if at else str(name)
            if name in SECRET and isinstance(value, str) and value and "${" not in value:
                yield here
            else:
                yield from secrets_in(value, here)
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from secrets_in(value, f"{at}.{place}")
