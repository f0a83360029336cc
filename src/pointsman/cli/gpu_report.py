"""How the cards stand, as a terminal shows it: a gauge, the ledger, the queue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pointsman.observe.amounts import in_gb, seconds, size

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from pointsman.cli.gpu_looking import Looked
    from pointsman.gpu.snapshot import CardNow, TenantNow, WishNow

WIDEST: Final = 100
LONGEST_NAME: Final = 32
# Signs differ too, for whoever has no colours.
OURS: Final = ("█", "cyan")
OTHERS: Final = ("▓", "yellow")
DRIVER: Final = ("▒", "bright_black")
FREE: Final = ("░", "bright_black")
STATES: Final = {"cold": "not loaded", "loading": "loading", "releasing": "giving way"}
STATIC: Final = "static"
SOURCES: Final = {
    "nvml": "read by NVIDIA's driver",
    "amd-sysfs": "read from AMD's driver",
    "comfyui": "told by ComfyUI",
    "memory": "this computer's memory, as no card is seen",
    STATIC: "a budget that nobody measures",
}
LOOKED_HERE: Final = (
    "No gateway runs here that owns the card, so this was looked up just now; what is booked and who waits is known "
    "once `pointsman serve` runs."
)
NO_CARD: Final = """\
Models of Ollama and ComfyUI are not loaded until a card is seen, or pointsman.yaml says how much may be filled:

  gpu:
    budget: 20GB        # or, where they compute without a card: enabled: false

The embedded model, fixed replies and services need no card."""


NOT_OURS: Final = (
    "The memory of the cards is left to the servers (gpu.enabled: false): they load what they are asked for, and "
    "nobody waits for room."
)


def report(looked: Looked, width: int) -> Iterator[RenderableType]:
    """What is shown, part by part."""
    from rich.text import Text

    found, known = looked.snapshot, looked.by == "gateway"
    if not found.cards:
        yield from no_card(looked)
    for place, card in enumerate(found.cards):
        if place:
            yield Text()
        yield from gauge(card, min(width, WIDEST), known=known)
        yield Text()
        only = len(found.cards) == 1
        yield ledger(card, [it for it in found.tenants if only or it.device == card.device], known=known)
    placed = {it.device for it in found.cards}
    if elsewhere := [it for it in found.tenants if len(placed) != 1 and it.device not in placed]:
        yield Text()
        yield ledger(None, elsewhere, known=known)
    if found.cards:
        yield Text()
        yield from remarks(looked)


def remarks(looked: Looked) -> Iterator[Text]:
    """What spilled, who waits, what could not be asked, and who looked."""
    from rich.text import Text

    found = looked.snapshot
    for tenant in found.tenants:
        if tenant.spilled:
            yield Text(f"{tenant.name}: {spilled(tenant)}", style="yellow")
    for remark in (*looked.remarks, *([f"cure: {looked.cure}"] if looked.cure else [])):
        yield Text(remark, style="yellow")
    for wish in found.queue:
        yield waiting(wish)
    if looked.by == "here":
        yield Text(LOOKED_HERE, style="dim")
    elif not found.queue:
        yield Text("Nobody waits.", style="dim")


def gauge(card: CardNow, width: int, *, known: bool) -> Iterator[Text]:
    """A card's name, a bar of who holds how much, the same in numbers, and who the others are."""
    from rich.text import Text

    static = card.source == STATIC
    head = Text(f"{card.name}  " if card.name else "", style="bold")
    said = (card.device, "" if static else gib(card.total), SOURCES.get(card.source, f"read by {card.source}"))
    head.append(", ".join(it for it in said if it) + looked_at(card), "not bold dim")
    yield head
    bar = Text(no_wrap=True)
    for (sign, style), cells in zip((OURS, OTHERS, DRIVER, FREE), shares(card, width), strict=True):
        bar.append(sign * cells, style)
    yield bar
    parts = (
        (OURS, f"{'booked' if static else 'ours'} {in_gb(held_by_us(card))}"),
        (OTHERS, "" if static else f"others {in_gb(card.external)}"),
        (DRIVER, f"driver {in_gb(card.reserved)}" if card.reserved else ""),
        (FREE, f"free {in_gb(free_on(card))} of {in_gb(card.total)} GB, {in_gb(card.margin)} kept"),
    )
    yield Text("   ").join(Text.assemble((f"{sign} ", style), words) for (sign, style), words in parts if words)
    if card.holders:
        # Without a gateway nobody knows which of the processes are our servers'.
        yield Text(f"{'others' if known else 'on it'}: {card.holders}", style="dim")


def gib(total: int) -> str:
    """A card's memory as its box says it: a card that is sold as 24 GB has 24 GiB."""
    return f"{total / 2**30:.0f} GiB" if total >= 2**30 else size(total)


def held_by_us(card: CardNow) -> int:
    """The bytes that our tenants hold: as measured, or, where nobody measures, as booked."""
    return card.booked if card.source == STATIC else max(0, card.used - card.external)


def free_on(card: CardNow) -> int:
    """The bytes that nobody holds."""
    return max(0, card.total - card.reserved - held_by_us(card) - card.external)


def looked_at(card: CardNow) -> str:
    """How long ago, where that is not just now."""
    return f" {seconds(card.age)} ago" if card.age >= 2 and card.source != STATIC else ""


def shares(card: CardNow, width: int) -> tuple[int, int, int, int]:
    """The cells of ours, of others, of the driver and of what is free; whoever holds anything has one."""
    total = max(1, card.total)
    amounts = (held_by_us(card), card.external, card.reserved)
    taken = [max(1, round(width * it / total)) if it else 0 for it in amounts]
    while sum(taken) > width:
        taken[taken.index(max(taken))] -= 1
    ours, others, driver = taken
    return ours, others, driver, width - sum(taken)


def ledger(card: CardNow | None, tenants: Sequence[TenantNow], *, known: bool) -> Table:
    """Who holds what on a card, by what was booked, what its server reports, what was measured, what others hold."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    longest = max((len(it.name) for it in tenants), default=0)
    table.add_column("GB", overflow="fold", min_width=min(longest, LONGEST_NAME))
    table.add_column("state", overflow="fold")
    for name in ("booked", "reported", "measured", "external"):
        table.add_column(name, justify="right", no_wrap=True)
    for it in tenants:
        booked = in_gb(it.booked) if known else "-"
        table.add_row(called(it), state(it, known=known), booked, in_gb(it.reported), in_gb(it.measured), "-")
    external = None if card is None or card.source == STATIC else card.external
    if external is not None:
        table.add_row("others", "", "-", "-", "-", in_gb(external))
    if len(tenants) > 1:
        booked = in_gb(sum(it.booked for it in tenants)) if known else "-"
        sums = (total(it.reported for it in tenants), total(it.measured for it in tenants), external)
        table.add_section()
        table.add_row("together", "", booked, *map(in_gb, sums))
    return table


def total(amounts: Iterable[int | None]) -> int | None:
    """The sum of those that are known; None where none is."""
    found = [it for it in amounts if it is not None]
    return sum(found) if found else None


def called(tenant: TenantNow) -> str:
    """A tenant's name, with the options that it was loaded with."""
    return f"{tenant.name} {tenant.variant}".strip()


def state(tenant: TenantNow, *, known: bool) -> str:
    """What a tenant does just now."""
    if tenant.phase != "resident":
        said = STATES[tenant.phase]
    elif not known:
        said = "loaded"
    elif tenant.users:
        said = "in use" if tenant.users == 1 else f"in use by {tenant.users}"
    else:
        said = f"idle {seconds(tenant.idle_seconds)}"
    return f"{said}, pinned" if tenant.pinned else said


def spilled(tenant: TenantNow) -> str:
    """What a part in the computer's memory means."""
    return (
        f"{size(tenant.spilled)} of it lie in the computer's memory, which makes it many times slower; "
        f"pointsman gpu free {tenant.name} makes it load anew"
    )


def waiting(wish: WishNow) -> Text:
    """Who waits, for what, how long, and why."""
    from rich.text import Text

    urgency = "" if wish.priority == "interactive" else f" ({wish.priority})"
    named = f" with {wish.tenant}" if wish.tenant else ""
    left = f", about {seconds(wish.seconds)} more" if wish.seconds else ""
    said = Text(f"{wish.position}. {wish.kind}{named}{urgency} waits {seconds(wish.waited)}{left}")
    said.append(f": {wish.why}" if wish.why else "", "dim")
    return said


def no_card(looked: Looked) -> Iterator[Text]:
    """That there is no card, calmly, and what follows from it."""
    from rich.text import Text

    yield Text("No graphics card is seen here.", style="bold")
    for remark in looked.remarks:
        yield Text(f"  {remark}", style="dim")
    if looked.cure and "gpu.budget" not in looked.cure:  # which is said below
        yield Text(f"  cure: {looked.cure}", style="dim")
    yield Text()
    yield Text(NOT_OURS if looked.left_alone else NO_CARD)


def line(looked: Looked, when: str) -> str:
    """The same on one line, for a log."""
    cards = [
        f"{it.device} {size(it.total)}: {size(held_by_us(it))} ours, "
        f"{size(it.external)} others, {size(free_on(it))} free"
        for it in looked.snapshot.cards
    ]
    busy = [f"{it.name} {state(it, known=looked.by == 'gateway')}" for it in looked.snapshot.tenants]
    waits = len(looked.snapshot.queue)
    return "; ".join([f"{when} {'; '.join(cards) or 'no card'}", *busy, *([f"{waits} waiting"] if waits else [])])


def show(looked: Looked, console: Console) -> None:
    """Prints it."""
    for part in report(looked, console.width):
        console.print(part, highlight=False)
