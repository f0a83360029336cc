"""What happens in a run, from its seed alone, so that both processes know: the sessions, the keys, every message."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pointsman.core.message import Message, Origin, Turn

SERVICES: Final = ("cloudflare", "groq", "huggingface", "server")
MOST_SESSIONS: Final = 20
CREDIT: Final = 0.3  # dollars that Hugging Face gives in a month
PREFIXES: Final = {"cloudflare": "cfat_", "groq": "gsk_", "huggingface": "hf_", "server": "sk-proj-"}
DAY: Final = 86_400.0
LONG: Final = "Here is what I wrote down about the garden this week, in no order at all. "
# Of so many messages the first so many come in a rush, so that the limits of a minute are met.
EVERY: Final = 500
RUSH: Final = 125
TEXTS: Final = (
    "please draw a heron by a pond for {marker}, and write to {email} when it is done",
    "hello {marker}, my number is {phone}",
    "thanks {marker}! call me at {phone} if anything is missing",
    "what is the capital of the country of {marker}? answer to {email}",
    "why does {marker} keep falling over when I lean on it? my address: {email}",
    "run this script about {marker} for me, {phone} is where I can be reached",
    "goodnight {marker}, see you tomorrow ({email}, {phone})",
    "tell me something about {marker}; <{email}>",
    "is there any news about {marker} today? phone: {phone}",
)
PHONES: Final = (
    "+49 151 2345{0:04d}",
    "+1 (555) 201-{0:04d}",
    "030 555{0:04d}",
    "(555) 201-{0:04d}",
    "0044 20 7946 {0:04d}",
)


@dataclass(frozen=True, slots=True)
class Session:
    """One life of the router: which messages, how many at once, in how many processes' places, with which keys."""

    number: int
    first: int
    size: int
    at_once: int
    deadline: float
    hedge: bool
    routers: int
    debug: bool
    leap: float
    order: tuple[str, ...]
    keys: Mapping[str, str]
    neurons: float
    told_limits: bool
    sensors: bool
    guarded: bool

    @property
    def numbers(self) -> range:
        """The numbers of its messages."""
        return range(self.first, self.first + self.size)


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in one message: a word that no other has, and what must not leave this machine."""

    marker: str
    email: str
    phone: str
    user: str

    @property
    def private(self) -> tuple[str, ...]:
        """What no service may see."""
        return (self.email, self.phone, self.user)


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run."""

    seed: int
    messages: int
    account: str
    neurons: float
    sessions: tuple[Session, ...]

    def session_of(self, number: int) -> Session:
        """The session that a message belongs to."""
        return next(it for it in self.sessions if number in it.numbers)

    def words(self, number: int) -> Words:
        """What stands in a message."""
        chance = random.Random(f"words {self.seed} {number}")
        word = "".join(chance.choices(string.ascii_lowercase, k=7))
        return Words(
            f"quag{word}",
            f"{word[:4]}.{number}@{word[3:]}.example.org",
            PHONES[number % len(PHONES)].format(number % 10_000),
            f"user{word}",
        )

    def direct(self, number: int) -> bool:
        """Whether a message is a direct one, which stays on this machine."""
        return number % 41 == 7

    def message(self, number: int) -> Message:
        """A message with a history, a system prompt, a user and a channel."""
        words = self.words(number)
        text = TEXTS[number % len(TEXTS)].format(marker=words.marker, email=words.email, phone=words.phone)
        if number % 97 == 5:
            text = f"{text}\n{LONG * (20 + number % 50)}{words.email}\n{LONG * 20}"
        history = (
            Turn("system", f"You serve {words.user} and nobody else."),
            Turn("user", f"I am {words.user}."),
            Turn("assistant", f"Hello {words.user}!"),
        )
        origin = Origin("discord", words.user, f"channel-{words.user}", words.user, direct=self.direct(number))
        return Message(text, history, origin=origin)

    def pause(self, number: int) -> float:
        """How many simulated seconds pass before a message: mostly hardly any, at times minutes, seldom an hour.

        Now and then there is a rush, in which everybody comes within a minute.
        """
        chance = random.Random(f"pause {self.seed} {number}")
        if number % EVERY < RUSH:
            return chance.uniform(0.0, 0.4)
        span = chance.choices(((0.0, 1.5), (2.0, 60.0), (200.0, 3600.0)), (82, 16, 2))[0]
        return chance.uniform(*span)

    @property
    def secrets(self) -> tuple[str, ...]:
        """All keys, and the account."""
        return (self.account, *dict.fromkeys(key for it in self.sessions for key in it.keys.values()))


def plan_of(seed: int, messages: int) -> Plan:
    """The run of a seed."""
    chance = random.Random(f"plan {seed}")
    count = max(4, min(MOST_SESSIONS, messages // 75))
    starts = [round(messages * it / count) for it in range(count + 1)]
    account = f"{chance.getrandbits(128):032x}"
    keys = {name: new_key(name, chance) for name in SERVICES}
    sessions: list[Session] = []
    for number in range(count):
        keys = {name: new_key(name, chance) if number and chance.random() < 0.5 else key for name, key in keys.items()}
        debug = number % 10 == 3 and count == MOST_SESSIONS  # asyncio takes twice as long then
        patient = number % 4 == 2
        sessions.append(
            Session(
                number,
                starts[number],
                starts[number + 1] - starts[number],
                # One after the other in some: then nothing is in flight that could excuse anything. All messages
                # share one core with their services' encoder, so where the deadline is short fewer come at once.
                at_once=1 if number % 7 == 6 else 4 if debug else 10 if patient else 6,
                deadline=1.0 if patient else 0.3,
                hedge=number % 2 == 1,
                routers=2 if number % 3 == 2 else 1,
                debug=debug,
                # Once, a month's end passes.
                leap=10 * DAY if number == count // 2 else chance.uniform(0, DAY) if number else 0.0,
                order=tuple(chance.sample(SERVICES, len(SERVICES))),
                keys=keys,
                neurons=chance.choice((1200.0, 10_000.0)),
                told_limits=seed % 2 == 1,  # all along, as only known limits are kept books of
                sensors=number % 3 == 1,
                guarded=number % 7 == 6,
            )
        )
    return Plan(seed, messages, account, 1500.0, tuple(sessions))


def new_key(name: str, chance: random.Random) -> str:
    """A key as a service's look."""
    return PREFIXES[name] + "".join(chance.choices(string.ascii_letters + string.digits, k=40))


def config_of(plan: Plan, session: Session, store: str, urls: Mapping[str, str]) -> dict[str, Any]:
    """What a user would configure: nothing but the cloud tier."""
    limits = {"requests_per_minute": 20, "requests_per_day": 250} if session.told_limits else {}
    # The fakes are on this machine, and are to be treated as if they were far away.
    server = {"name": "server", "url": urls["server"], "key": session.keys["server"], "local": False}
    groq = {"url": urls["groq"], "key": session.keys["groq"], "limits": GROQ_LIMITS}
    if session.sensors:
        groq["prompt_guard"] = "meta-llama/llama-prompt-guard-2-22m"
    return {
        "store": {"path": store},
        "safety": {"enabled": session.guarded},
        "tiers": [{"kind": "cloud", "deadline": session.deadline, "hedge": session.hedge}],
        "cloud": {
            "order": list(session.order),
            "cloudflare": {
                "url": urls["cloudflare"],
                "account": plan.account,
                "token": session.keys["cloudflare"],
                "neurons_per_day": session.neurons,
                "sentiment": session.sensors,
            },
            "groq": groq,
            "huggingface": {
                "url": urls["huggingface"],
                "token": session.keys["huggingface"],
                "dollars_per_month": CREDIT,
            },
            "servers": [{**server, "models": ["m", "n"], "limits": limits}],
        },
    }


# What the fake Groq allows as well: all of it is known to the router.
GROQ_LIMITS: Final = {
    "requests_per_minute": 30,
    "requests_per_day": 300,
    "tokens_per_minute": 8000,
    "tokens_per_day": 150_000,
}
