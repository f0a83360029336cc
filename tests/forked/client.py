"""Has a command run by the server: gives it its own streams, passes signals on, and ends as the command ended."""

import json
import os
import signal
import socket
import struct
import sys

server = socket.socket(socket.AF_UNIX)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, lambda number, _: server.sendall(bytes([number])))
server.connect(sys.argv[1])
told = json.dumps([sys.argv[2:], dict(os.environ), os.getcwd()]).encode()  # noqa: PTH109 - pathlib takes 10 ms
socket.send_fds(server, [struct.pack("!I", len(told))], [0, 1, 2])
server.sendall(told)
ended = b""
while len(ended) < 4:
    if not (part := server.recv(4 - len(ended))):
        sys.exit("the server of tests/forked is gone")
    ended += part
(status,) = struct.unpack("!i", ended)
if status < 0:
    signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
os._exit(status)
