"""Chains of exceptions out of text: Python's tracebacks, and frames without a header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.sources.task_logs.chains import MOST_LINKS, Chain, Raised

HEADER = re.compile(r".{0,200}?(?:Exception Group )?Traceback \(most recent call last\):\s*$")
FRAME = re.compile(r'\s+File "[^"\n]*", line \d+')
EXCEPTION = re.compile(r"(?P<type>[A-Za-z_][\w.<>]*)(?::(?: (?P<message>.*)|$)|\s*$)", re.ASCII)
LIKELY = re.compile(
    r"(?P<type>(?:[A-Za-z_]\w*\.){0,20}[A-Z]\w*(?:Error|Exception|Timeout|Exit|Interrupt|Terminated"
    r"|Failure|Warning))(?:: (?P<message>.*)|\s*$)",
    re.ASCII,
)
LINKS = {
    "The above exception was the direct cause of the following exception:": "cause",
    "During handling of the above exception, another exception occurred:": "context",
}
GROUP = re.compile(r"\s*[|+](?:[-+ ]|$)")
BRANCH = re.compile(r"\s*\+(?:-\+)?-{4,} (?:\d+|\.\.\.) -{4,}\s*$")
FOOT = re.compile(r"\s*\+-{20,}\s*$")


@dataclass(slots=True)
class _Block:
    """One exception as it is printed, and how it hangs on the one printed before it."""

    type: str
    message: list[str]
    link: str
    inside: list[Raised]

    def raised(self, link: str) -> Raised:
        return Raised(
            type=self.type,
            message="\n".join(self.message).strip(),
            link=link,
            inside=tuple((item,) for item in self.inside[:MOST_LINKS]),
        )


def chain_of_text(lines: Sequence[str]) -> Chain:
    """Return the last chain that some lines of a log show; empty when they show none."""
    blocks = list(_blocks(lines))
    if blocks:
        return _last_chain(blocks)
    return _headless(lines)


def likely_exception(lines: Sequence[str]) -> Chain:
    """Return the last line that looks like an exception's, where no traceback says so."""
    for line in reversed(lines):
        if found := LIKELY.fullmatch(line.strip()):
            return (Raised(type=found["type"], message=(found["message"] or "").strip()),)
    return ()


def _last_chain(blocks: list[_Block]) -> Chain:
    """Turn what was printed innermost first around: the last block was finally raised."""
    chain: list[Raised] = []
    link = ""
    for block in reversed(blocks):
        chain.append(block.raised(link))
        link = block.link
        if not link or len(chain) >= MOST_LINKS:
            break
    return tuple(chain)


def _blocks(lines: Sequence[str]) -> Iterator[_Block]:
    """Yield the exceptions below the headers, in the order in which they are printed."""
    at, link = 0, ""
    while at < len(lines):
        header = HEADER.match(lines[at])
        if header is None:
            link = LINKS.get(_bare(lines[at]).strip(), link)
            at += 1
            continue
        block, at = _block(lines, at + 1, link)
        link = ""
        if block is not None:
            yield block


def _block(lines: Sequence[str], at: int, link: str) -> tuple[_Block | None, int]:
    """Read one exception: frames, its own line, what its message goes on with."""
    while at < len(lines) and not _ends_frames(_bare(lines[at])):
        at += 1
    found = EXCEPTION.match(_bare(lines[at])) if at < len(lines) else None
    if found is None:
        return None, at
    block = _Block(type=found["type"], message=[found["message"] or ""], link=link, inside=[])
    grouped = GROUP.match(lines[at]) is not None
    at += 1
    while at < len(lines) and not HEADER.match(lines[at]):
        line = lines[at]
        if BRANCH.match(line) or FOOT.match(line):
            at = _inside(lines, at, block)
            continue
        bare = _bare(line) if grouped else line
        if bare.strip() in LINKS:
            break
        block.message.append(bare)
        at += 1
    return block, at


def _inside(lines: Sequence[str], at: int, block: _Block) -> int:
    """Read the branches of a group: the first line of each that is an exception's own."""
    waiting = False
    while at < len(lines):
        line = lines[at]
        if not GROUP.match(line):
            return at
        if BRANCH.match(line):
            waiting = True
        elif waiting and not HEADER.match(line):
            found = EXCEPTION.match(_bare(line))
            if found:
                block.inside.append(Raised(type=found["type"], message=found["message"] or ""))
                waiting = False
        at += 1
    return at


def _ends_frames(bare: str) -> bool:
    return bool(bare.strip()) and not bare[0].isspace()


def _bare(line: str) -> str:
    """Return a line without the tree that is drawn around a group."""
    found = GROUP.match(line)
    return line[found.end() :] if found else line


def _headless(lines: Sequence[str]) -> Chain:
    """Read frames that no header announces: printed outermost first, each above its exception."""
    chain: list[Raised] = []
    at = 0
    while at < len(lines):
        if not FRAME.match(lines[at]):
            at += 1
            continue
        while at < len(lines) and (not lines[at].strip() or lines[at][0].isspace()):
            at += 1
        found = EXCEPTION.match(lines[at]) if at < len(lines) else None
        if found is None:
            continue
        message = [found["message"] or ""]
        at += 1
        while at < len(lines) and not FRAME.match(lines[at]):
            message.append(lines[at])
            at += 1
        chain.append(Raised(type=found["type"], message="\n".join(message).strip()))
    return tuple(chain[:MOST_LINKS])
