"""Which computers the servers run on, what measures their cards, and which cards a server may fill."""

from __future__ import annotations

import time
from typing import Final
from urllib.parse import urlsplit

from pointsman.config.model import Config
from pointsman.config.models import OpenAiModel
from pointsman.config.ollama import OllamaModel
from pointsman.core.loopback import is_here
from pointsman.providers.comfyui.client import ComfyClient
from pointsman.providers.probes.choice import Kind, open_sensor
from pointsman.providers.probes.hosts import HostsProbe, device_on
from pointsman.providers.probes.trouble import Sensor

HERE: Final = ""
# Names that a card may have on its computer; where there are several computers, a rung says which of them it may take.
CARDS: Final = (*(f"gpu{number}" for number in range(8)), "memory")


def host_of(url: str) -> str:
    """The computer of an address; "" for this one."""
    return HERE if is_here(url) else urlsplit(url).hostname or HERE


def urls_of(config: Config) -> tuple[str, ...]:
    """The addresses of the servers that hold memory of cards; ComfyUI's only where it was set up or is elsewhere."""
    models = (config.models.main, config.models.small)
    urls = [it.url for it in models if isinstance(it, OllamaModel) or (isinstance(it, OpenAiModel) and it.router)]
    comfyui = config.images.comfyui
    if comfyui.enabled is True or (comfyui.enabled == "auto" and host_of(comfyui.url)):
        urls.append(comfyui.url)
    return tuple(dict.fromkeys(urls))


def hosts_of(config: Config) -> tuple[str, ...]:
    """The computers that they run on, each once; this one where there is none."""
    return tuple(dict.fromkeys(map(host_of, urls_of(config)))) or (HERE,)


def devices_for(config: Config, url: str) -> tuple[str, ...]:
    """The cards that the server at an address may fill; none named where all are on its computer."""
    if len(hosts_of(config)) == 1:
        return ()
    return tuple(device_on(host_of(url), card) for card in CARDS)


def open_cards(config: Config) -> Sensor:
    """What measures the cards of all those computers.

    Of another computer only the ComfyUI on it tells; without one a budget counts, such as gpu.devices.box/gpu0. Where
    every server is on one other computer, its card is simply gpu0.
    """
    hosts = hosts_of(config)
    if len(hosts) == 1:
        return sensor_of(config, hosts[0], alone=True)
    return HostsProbe({host: sensor_of(config, host, alone=False) for host in hosts})


def sensor_of(config: Config, host: str, *, alone: bool) -> Sensor:
    """What measures the cards of one computer; `alone` says that there is no other."""
    comfyui = config.images.comfyui
    is_his = comfyui.enabled is not False and host_of(comfyui.url) == host
    kind: Kind = config.gpu.probe
    budgets = {
        device.removeprefix(f"{host}/"): size
        for device, size in config.gpu.budgets.items()
        if alone or (("/" in device) == bool(host) and device.startswith(f"{host}/" if host else ""))
    }
    if host and kind == "auto":
        kind = "static" if budgets or not is_his else "comfyui"
    # Asked last: where no driver is seen here, as in a container, ComfyUI may have a card all the same.
    client = ComfyClient(comfyui.url) if is_his and kind in {"auto", "comfyui"} else None
    return open_sensor(
        kind,
        clock=time.monotonic,
        budgets=budgets,
        comfyui=client.system_stats if client else None,
        close_comfyui=client.close if client else None,
        serves=lambda device: config.gpu.serves(device if alone else device_on(host, device)),
    )
