"""Programs that try to get out of the sandbox or to exhaust it: each is refused, and the next one is served."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from pointsman.tools.code.sandbox import FLOOD, GRACE, Outcome, Sandbox

pytestmark = pytest.mark.skipif(find_spec("pydantic_monty") is None, reason="needs the [code] extra")

SECONDS = 0.2
SECRET = "hunter2-which-nobody-may-see"


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    monkeypatch.setenv("POINTSMAN_TEST_SECRET", SECRET)
    pool = Sandbox(seconds=SECONDS, memory=40_000_000, output=1_000, workers=1)
    yield pool
    await pool.close()


def leaks(outcome: Outcome) -> list[str]:
    """What of ours is in anything that a program, or the one who sent it, gets to see."""
    trouble = outcome.trouble
    seen = [outcome.printed, outcome.value, *((trouble.text, trouble.hint, *trouble.calls) if trouble else ())]
    ours = {
        SECRET, sys.prefix, sys.base_prefix, str(Path.cwd()), str(Path.home()), os.environ["PATH"],
        "site-packages", "bin/monty", "root:x:0", f" {os.getpid()}", "signal: 9", "SIGKILL", "pydantic",
    }  # fmt: skip
    return [text for text in seen for sign in ours if sign in text]


# Each with the beginning of what it is told.
ESCAPES = {
    "class": ("().__class__.__bases__[0].__subclasses__()", "AttributeError: 'tuple'"),
    "subclasses": ("type.__subclasses__(type)", "AttributeError"),
    "mro": ("int.__mro__[1]", "AttributeError: type object 'int'"),
    "class by getattr": ("getattr((), '__cl' + 'ass__')", "AttributeError: 'tuple'"),
    "function globals": ("(lambda: 0).__globals__['__builtins__']", "AttributeError: 'function'"),
    "function code": ("(lambda: 0).__code__.co_consts", "AttributeError: 'function'"),
    "closure": ("def f():\n    x = 1\n    return lambda: x\nf().__closure__", "AttributeError: 'function'"),
    "generator frame": ("(i for i in [1]).gi_frame.f_back.f_globals", "AttributeError"),
    "coroutine frame": ("async def f():\n    pass\nf().cr_frame.f_back", "AttributeError: 'coroutine'"),
    "frame by sys": ("import sys\nsys._getframe(0).f_back", "AttributeError: module 'sys'"),
    "traceback": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    error.__traceback__.tb_frame.f_back.f_globals",
        "AttributeError: 'ZeroDivisionError'",
    ),
    "context": ("try:\n    1 / 0\nexcept Exception as error:\n    error.__context__", "AttributeError"),
    "builtin self": ("print.__self__.open('/etc/passwd')", "AttributeError: 'builtin_function_or_method'"),
    "builtins": ("__builtins__.open('/etc/passwd')", "NameError"),
    "builtins module": ("import builtins\nbuiltins.open('/etc/passwd')", "ModuleNotFoundError"),
    "import function": ("__import__('os').system('id')", "NameError"),
    "importlib": ("import importlib\nimportlib.import_module('os')", "ModuleNotFoundError"),
    "loader": ("import math\nmath.__spec__.loader", "AttributeError: module 'math'"),
    "module dict": ("import math\nmath.__dict__['__builtins__']", "AttributeError: module 'math'"),
    "loaded modules": ("import sys\nsys.modules['os'].system('id')", "AttributeError: module 'sys'"),
    "os.system": ("import os\nos.system('id')", "AttributeError: module 'os'"),
    "os.popen": ("import os\nos.popen('id').read()", "AttributeError: module 'os'"),
    "os.fork": ("import os\nos.fork()", "AttributeError: module 'os'"),
    "os.kill": ("import os\nos.kill(os.getppid(), 9)", "AttributeError: module 'os'"),
    "environ": ("import os\nos.environ['POINTSMAN_TEST_SECRET']", "RuntimeError: 'os.environ' is not supported"),
    "getenv": ("import os\nos.getenv('POINTSMAN_TEST_SECRET')", "RuntimeError: 'os.getenv' is not supported"),
    "own environ file": ("open('/proc/self/environ').read()", "PermissionError"),
    "listdir": ("import os\nos.listdir('/proc/self/fd')", "PermissionError"),
    "open": ("open('/etc/passwd').read()", "PermissionError"),
    "open a descriptor": ("open(0).read()", "TypeError"),
    "write": ("open('/tmp/owned', 'w').write('x')", "PermissionError"),
    "pathlib": ("from pathlib import Path\nPath('/etc/passwd').read_text()", "PermissionError"),
    "dots": ("from pathlib import Path\nPath('../../../etc/passwd').read_text()", "PermissionError"),
    "pathlib write": ("from pathlib import Path\nPath('/tmp/owned').write_text('x')", "PermissionError"),
    "open by decorator": ("@open\ndef f():\n    pass", "TypeError"),
    "open by partial": ("from functools import partial\npartial(open, '/etc/passwd')()", "PermissionError"),
    "open by eval": ("eval('open(\"/etc/passwd\")', {'__builtins__': {}})", "PermissionError"),
    "subprocess": ("import subprocess\nsubprocess.run(['id'])", "ModuleNotFoundError"),
    "async subprocess": ("import asyncio\nawait asyncio.create_subprocess_shell('id')", "AttributeError"),
    "socket": ("import socket\nsocket.create_connection(('127.0.0.1', 22))", "ModuleNotFoundError"),
    "async socket": ("import asyncio\nawait asyncio.open_connection('127.0.0.1', 22)", "AttributeError"),
    "urllib": ("from urllib.request import urlopen\nurlopen('http://127.0.0.1')", "ModuleNotFoundError"),
    "ctypes": ("import ctypes\nctypes.CDLL(None).system(b'id')", "ModuleNotFoundError"),
    "pickle": ("import pickle\npickle.loads(b\"cos\\nsystem\\n(S'id'\\ntR.\")", "ModuleNotFoundError"),
    "eval": ('eval(\'__import__("os").system("id")\')', "NameError"),
    "exec": ("exec('import os; os.system(\"id\")')", "AttributeError: module 'os'"),
    "compile": ("exec(compile('import os', 'x', 'exec'))", "NameError"),
    "format": ("'{0.__class__.__init__.__globals__}'.format(1)", "AttributeError: 'int'"),
    "format of a class": ("class A:\n    pass\n'{0.__class__.__init__.__globals__}'.format(A())", "AttributeError"),
    "f-string": ("f'{(1).__class__.__base__.__subclasses__()}'", "AttributeError: 'int'"),
    "reduce": ("().__reduce_ex__(2)[0].__globals__", "AttributeError: 'tuple'"),
    "type with bases": ("type('X', (type,), {'__call__': open})", "TypeError"),
    "metaclass": ("class M(type):\n    pass\nclass A(metaclass=M):\n    pass", "this sandbox does not know class inh"),
    "dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\nA.__init__.__globals__",
        "AttributeError: 'function'",
    ),
    "namedtuple": ("from collections import namedtuple\nnamedtuple('A', 'x').__new__.__globals__", "AttributeError"),
    "patched type": ("setattr(int, '__add__', print)", "AttributeError"),
    "stdout": ("import sys\nsys.stdout.buffer.write(b'x')", "AttributeError"),
    "stdin": ("import sys\nsys.stdin.read()", "AttributeError: module 'sys'"),
    "signal": ("import signal\nsignal.signal(signal.SIGALRM, print)", "ModuleNotFoundError"),
    "threading": ("import threading\nthreading.Thread(target=print).start()", "ModuleNotFoundError"),
    "multiprocessing": ("import multiprocessing", "ModuleNotFoundError"),
    "gc": ("import gc\ngc.get_objects()", "ModuleNotFoundError"),
    "inspect": ("import inspect\ninspect.currentframe()", "ModuleNotFoundError"),
    "breakpoint": ("breakpoint()", "NameError"),
    "a function of ours": ("run_python('1')", "NameError"),
}


@pytest.mark.parametrize("name", ESCAPES)
async def test_no_program_gets_out(name: str, sandbox: Sandbox) -> None:
    program, told = ESCAPES[name]
    outcome = await sandbox.run(program)
    assert outcome.trouble is not None
    assert outcome.trouble.text.startswith(told)
    assert not leaks(outcome)
    assert (await sandbox.run("1 + 1")).value == "2"


def test_nothing_was_written() -> None:
    assert not Path("/tmp/owned").exists()  # noqa: S108 - a fixed name, as the programs have it


@pytest.mark.parametrize(
    ("program", "value"),
    [
        ("import sys\n(sys.argv, sys.executable, sys.platform, __file__)", "(['main.py'], '', 'monty', '/main.py')"),
        ("import os\nos.getcwd()", "'/'"),
        ("import time\ntime.tzname", "('UTC', 'UTC')"),
        ("locals()", "{}"),
    ],
)
async def test_what_a_program_can_learn_says_nothing_of_the_machine(program: str, value: str, sandbox: Sandbox) -> None:
    outcome = await sandbox.run(program)
    assert outcome.value == value
    assert not leaks(outcome)


TIME, MEMORY, PRINTED = (
    "it was still computing",
    "it wanted more than 40 MB",
    f"it printed more than {FLOOD * 1000:,} char",
)
STOPPED = (TIME, MEMORY)  # whichever comes first, which depends on the machine
DEEP, NESTED = "RecursionError", "SyntaxError: Source is too deeply nested"
BOMBS: dict[str, tuple[str, str | tuple[str, ...]]] = {
    "endless loop": ("while True:\n    pass", TIME),
    "endless catching": ("while True:\n    try:\n        while True: pass\n    except BaseException: pass", TIME),
    "endless finally": ("while True:\n    try:\n        1 / 0\n    finally:\n        continue", TIME),
    "long sum": ("sum(range(10**12))", TIME),
    "list": ("kept = []\nwhile True:\n    kept.append([0] * 1000)", STOPPED),
    "dict": ("kept = {}\nn = 0\nwhile True:\n    kept[n] = str(n) * 100\n    n += 1", STOPPED),
    "string": ("text = 'a'\nwhile True:\n    text += text", STOPPED),
    "string at once": ("'a' * 10**10", MEMORY),
    "width": ("'{:>1000000000}'.format(1)", STOPPED),
    "join": ("('a' * 1000).join(['b'] * 1000000)", STOPPED),
    "product": ("import itertools\nlist(itertools.product(range(100), repeat=6))", STOPPED),
    "power": ("10 ** 10 ** 8", MEMORY),
    "power that the interpreter's clock misses": ("int('9' * 4000) ** 4000", TIME),
    "factorial": ("import math\nmath.factorial(10**7)", MEMORY),
    "digits": ("from decimal import Decimal, getcontext\ngetcontext().prec = 10**8\nDecimal(1) / Decimal(3)", MEMORY),
    "huge int to text": ("str(10 ** 50000)", "ValueError: Exceeds the limit (4300 digits)"),
    "recursion": ("def f():\n    return f()\nf()", DEEP),
    "recursion by exec": ("code = 'exec(code)'\nexec(code)", DEEP),
    "nesting": ("x = " + "[" * 2000 + "]" * 2000, NESTED),
    "nesting of signs": ("x = " + "-" * 5000 + "1", NESTED),
    "nesting in eval": ("eval('(' * 5000 + ')' * 5000)", NESTED),
    "regex": ("import re\nre.match('(a+)+$', 'a' * 40 + 'b') is None", "True"),
    "regex of any length": ("import re\nre.compile('(?:a{1000}){1000}')", "re.PatternError"),
    "print flood": ("while True:\n    print('x' * 1000)", PRINTED),
    "one long line": ("print('x' * 10_000_000)", PRINTED),
    "sleep": ("import time\ntime.sleep(10**6)\n'slept'", "'slept'"),
    "sleeping tasks": (
        "import asyncio\nasync def f():\n    while True: await asyncio.sleep(9)\nawait asyncio.gather(f(), f())",
        TIME,
    ),
    "tasks without end": ("import asyncio\nasync def f():\n    await asyncio.gather(f(), f())\nawait f()", STOPPED),
    "hostile key": ("def key(x):\n    while True:\n        pass\nsorted([2, 1], key=key)", TIME),
    "hostile comparison": ("class A:\n    def __eq__(self, o):\n        while True: pass\nA() == A()", TIME),
    "hostile repr": ("class A:\n    def __repr__(self):\n        while True:\n            pass\nA()", TIME),
    "value without end": ("x = []\nfor _ in range(60):\n    x = [x, x]\nx", STOPPED),
    "long error": ("raise ValueError('x' * 1_000_000)", "ValueError: xxx"),
    "names": ("while True:\n    try:\n        nowhere\n    except NameError:\n        pass", "it asked for names"),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
async def test_no_program_exhausts_it(name: str, sandbox: Sandbox) -> None:
    program, told = BOMBS[name]
    began = time.monotonic()
    outcome = await sandbox.run(program)
    took = time.monotonic() - began
    assert (outcome.value or (outcome.trouble and outcome.trouble.text) or "").startswith(told)
    assert len(outcome.printed) <= 1_000
    assert outcome.trouble is None or len(outcome.trouble.text) < 1_000
    assert not leaks(outcome)
    assert took < 10 * (SECONDS + GRACE)  # generous: the machine may be busy
    assert (await sandbox.run("1 + 1")).value == "2"
