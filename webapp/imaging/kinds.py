"""Telling what a file is by its content. Names and declared types are never asked."""

MIME_TYPES: dict[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/gif": "gif",
    "image/heic": "heic",
}
"""Every type of picture we take, and the extension its files get."""

HEAD = 4096  # bytes that are enough to tell

AVIF_BRANDS = {b"avif", b"avis"}
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}

LOOKALIKES: tuple[tuple[bytes, str], ...] = (
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b", "GZIP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"BM", "BMP"),
    (b"8BPS", "Photoshop"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\x1a\x45\xdf\xa3", "video"),
    (b"\x00\x00\x01\xba", "video"),
    (b"FLV", "video"),
)


def picture_type(head: bytes) -> str | None:
    """The MIME type of the picture that starts with `head`, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return _by_brand(head) if head[4:8] == b"ftyp" else None


def _by_brand(head: bytes) -> str | None:
    main, others = head[8:12], head[16 : int.from_bytes(head[:4], "big")]
    brands = {main} | {others[at : at + 4] for at in range(0, len(others), 4)}
    # mif1 and msf1 only say "pictures"; which codec is in the other brands.
    if main in AVIF_BRANDS or (main in (b"mif1", b"msf1") and brands & AVIF_BRANDS):
        return "image/avif"
    return "image/heic" if main in HEIC_BRANDS else None


def looks_like(head: bytes) -> str | None:
    """A word for what a file that is no picture seems to be, or None if there is no telling."""
    if head[4:8] == b"ftyp" or (head.startswith(b"RIFF") and head[8:11] == b"AVI"):
        return "video"
    if b"%PDF-" in head[:1024]:
        return "PDF"
    for start, word in LOOKALIKES:
        if head.startswith(start):
            return word
    return _kind_of_text(head)


def _kind_of_text(head: bytes) -> str | None:
    text = _as_text(head)
    if text is None:
        return None
    text = text.lstrip("\ufeff \t\r\n").lower()
    if text.startswith(("<!doctype html", "<html", "<head", "<body", "<script")):
        return "HTML"
    if "<svg" in text:
        return "SVG"
    return "HTML" if "<html" in text else "text"


def _as_text(head: bytes) -> str | None:
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    try:
        # The last character may be cut in two by the end of the head.
        text = head.decode(encoding, "ignore" if len(head) == HEAD else "strict")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
