"""Refuses the network to every Python process that finds this folder on its PYTHONPATH.

Python imports `sitecustomize` when it starts. An audit hook then refuses each connection, datagram
and name look-up that leaves the loopback, with an OSError, and writes a line for it to the file
named by OFFLINE_ATTEMPTS: an attempt is found out even where the code swallows the error. Kernels
talk to their client over the loopback, which stays open, as do Unix sockets. Programs that are not
Python have no such hook: `make test-offline` cuts those off too.
"""

import ipaddress
import os
import sys


def _stays_here(host):
    """Returns whether a host name or address is this machine."""
    if host in (None, "", "localhost", b"", b"localhost"):
        return True
    try:
        host = host.decode() if isinstance(host, bytes) else host
        address = ipaddress.ip_address(host.split("%")[0])
    except (AttributeError, UnicodeDecodeError, ValueError):
        return False
    return address.is_loopback or address.is_unspecified


def _refuse(event, arguments):
    """The audit hook; sockets raise their events before anything leaves the process."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        # A Unix socket's address is a string; a connected socket sends to None.
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    else:
        return
    if _stays_here(host):
        return
    attempts = os.environ.get("OFFLINE_ATTEMPTS")
    if attempts:
        descriptor = os.open(attempts, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.write(descriptor, f"{event} {host}\n".encode())
        os.close(descriptor)
    raise OSError(f"the network is off in this course: {event} {host}")


sys.addaudithook(_refuse)
