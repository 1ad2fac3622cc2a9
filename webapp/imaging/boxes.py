"""Walking the boxes of AVIF and HEIC, which share a container."""

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.imaging.layout import Layout
from webapp.imaging.window import Window
from webapp.imaging.words import CutOff, Damaged

# Boxes made of boxes, and the bytes before the first one inside.
CONTAINERS = {b"meta": 4, b"iprp": 0, b"ipco": 0, b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"stbl": 0}
FULL = 4  # version and flags at the start of many boxes
DEEPEST = 8


@dataclass(frozen=True)
class Box:
    kind: bytes
    parent: bytes
    start: int  # of what is inside
    end: int


def walk(window: Window, max_frames: int) -> Layout:
    """Raises CutOff if a box reaches past the end of the file, or there is nothing but headers."""
    boxes = list(all_boxes(window, 0, window.size))
    kinds = {box.kind for box in boxes}
    if not kinds & {b"meta", b"moov"} or not kinds & {b"mdat", b"idat"}:
        raise CutOff
    # A file holds the sizes of its thumbnails and tiles as well; the picture is the largest.
    sizes = [_size(window, box) for box in boxes if box.kind == b"ispe"] or [(0, 0)]
    counts = [window.number(box.start + FULL + 4, 4) for box in boxes if box.kind in (b"stsz", b"stz2")]
    frames = min(max(counts, default=1), max_frames + 1)
    return Layout(*max(sizes, key=lambda size: size[0] * size[1]), frames, _shown(window, boxes))


def all_boxes(window: Window, start: int, end: int, parent: bytes = b"", depth: int = 0) -> Iterator[Box]:
    if depth > DEEPEST:
        raise Damaged
    data_seen = False
    while start < end:
        if data_seen and not window.at(min(start + 4, end - 1), 1).isalpha():
            return  # something was appended that is no box: not ours
        box = _box(window, start, end, parent)
        yield box
        if box.kind in CONTAINERS:
            yield from all_boxes(window, box.start + CONTAINERS[box.kind], box.end, box.kind, depth + 1)
        data_seen = data_seen or box.kind == b"mdat"
        start = box.end


def _box(window: Window, start: int, end: int, parent: bytes) -> Box:
    length, header = window.number(start, 4), 8
    if length == 1:
        length, header = window.number(start + 8, 8), 16
    elif length == 0:  # up to the end of whatever it is in
        length = end - start
    if length < header:
        raise Damaged
    if start + length > end:
        raise CutOff if end == window.size else Damaged
    return Box(window.at(start + 4, 4), parent, start + header, start + length)


def _size(window: Window, box: Box) -> tuple[int, int]:
    return window.number(box.start + FULL, 4), window.number(box.start + FULL + 4, 4)


def _shown(window: Window, boxes: list[Box]) -> tuple[int, int] | None:
    """The size of the primary picture after its crop and turns, in the order the file gives them."""
    properties = [box for box in boxes if box.parent == b"ipco"]
    width = height = 0
    for number in _properties_of_primary(window, boxes):
        if not 1 <= number <= len(properties):
            continue
        box = properties[number - 1]
        if box.kind == b"ispe":
            width, height = _size(window, box)
        elif box.kind == b"clap":
            width, height = _fraction(window, box.start), _fraction(window, box.start + 8)
        elif box.kind == b"irot" and window.number(box.start, 1) & 1:  # by 90 or 270 degrees
            width, height = height, width
    return (width, height) if width and height else None


def _fraction(window: Window, at: int) -> int:
    return round(window.number(at, 4) / max(1, window.number(at + 4, 4)))


def _properties_of_primary(window: Window, boxes: list[Box]) -> Iterator[int]:
    """Their places in the list of all properties, from 1."""
    primary = _primary(window, boxes)
    for box in boxes:
        if box.kind == b"ipma":
            yield from _associations(window, box, primary)


def _primary(window: Window, boxes: list[Box]) -> int | None:
    for box in boxes:
        if box.kind == b"pitm":
            return window.number(box.start + FULL, 4 if window.number(box.start, 1) else 2)
    return None


def _associations(window: Window, box: Box, primary: int | None) -> Iterator[int]:
    id_length = 4 if window.number(box.start, 1) else 2
    length = 2 if window.number(box.start + 3, 1) & 1 else 1
    at = box.start + FULL + 4
    while at < box.end:
        item, count = window.number(at, id_length), window.number(at + id_length, 1)
        at += id_length + 1
        if item == primary:
            for place in range(at, at + count * length, length):
                yield window.number(place, length) & (0x7FFF if length == 2 else 0x7F)  # less a flag
        at += count * length
