"""The text of one page, without menus and footers: HTML on standard input, text on standard output (both UTF-8).

A program of its own, run by its path, that uses nothing of this package: libxml2 takes minutes for some pages (one
tag with 150,000 attributes: 339 s) and gigabytes for others, and no thread of ours could be stopped then.
"""

from __future__ import annotations

import sys

MOST_MEMORY = 768_000_000
MOST_SECONDS = 10
MOST_TEXT = 200_000


def set_limits() -> None:
    """Ends this program at so much memory and computing time, also where nobody is left to end it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, most in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_SECONDS)):
        _, hard = resource.getrlimit(kind)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))


def main() -> None:
    """Reads, extracts, writes."""
    set_limits()
    html = sys.stdin.buffer.read().decode("utf-8", "replace")
    import trafilatura

    text = trafilatura.extract(html, include_comments=False) or ""
    sys.stdout.buffer.write(text[:MOST_TEXT].encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
