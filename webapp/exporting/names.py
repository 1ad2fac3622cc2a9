"""Names for files in an archive that any system can unpack, each once."""

from __future__ import annotations

import re
import unicodedata

REFUSED_BY_WINDOWS = re.compile(r'[<>:"/\\|?*]')
DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\.|$)", re.IGNORECASE)
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control characters and what turns the writing direction
LONGEST = 150  # bytes; what file systems hold is 255, and the folder it is unpacked to counts on Windows
SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/avif": (".avif",),
    "image/gif": (".gif",),
    "image/heic": (".heic", ".heif"),
}


class UniqueNames:
    """Gives each file a name of its own, also for systems to which "A.jpg" and "a.jpg" are one."""

    def __init__(self, *taken: str) -> None:
        self._taken = {same(name) for name in taken}
        self._counts: dict[str, int] = {}  # so that a thousand of one name are not looked through a thousand times

    def give(self, filename: str, mime_type: str) -> str:
        stem, suffix = safe_name(filename, mime_type)
        name, first = stem + suffix, same(stem + suffix)
        while same(name) in self._taken:
            self._counts[first] = self._counts.get(first, 1) + 1
            name = f"{stem} ({self._counts[first]}){suffix}"
        self._taken.add(same(name))
        return name


def same(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def safe_name(filename: str, mime_type: str) -> tuple[str, str]:
    """Its stem and suffix, without folders. The suffix says what the file is, so that no click on it runs anything."""
    last = re.split(r"[/\\]", filename)[-1]
    shown = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c) not in INVISIBLE)
    name = REFUSED_BY_WINDOWS.sub("_", shown).rstrip(" .")
    suffixes = SUFFIXES.get(mime_type, (".bin",))
    known = next((s for s in suffixes if name.lower().endswith(s)), "")
    stem, suffix = name[: len(name) - len(known)], name[len(name) - len(known) :]
    stem = cut(stem.strip(" .")) or "picture"
    return (f"_{stem}" if DEVICES.match(stem) else stem), suffix or suffixes[0]


def cut(stem: str) -> str:
    return stem.encode()[:LONGEST].decode(errors="ignore").rstrip(" .")
