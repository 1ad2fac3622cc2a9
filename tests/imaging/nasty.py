"""Files that are no pictures, and pictures that are meant to burst whoever opens them."""

import struct

from PIL import Image

from .samples import animation, encoded, sample, zip_file

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

NOT_PICTURES = {
    "SVG": [SVG, b"<svg onload='alert(1)'/>", "\ufeff<svg/>".encode(), "<svg/>".encode("utf-16")],
    "HTML": [b"<!DOCTYPE html><p>Hi", b"  <html><svg></svg></html>", b"<script>alert(1)</script>"],
    "PDF": [b"%PDF-1.7\n%\xe2\xe3", b"\n\n%PDF-1.4"],
    "EPS": [b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xc5\xd0\xd3\xc6" + bytes(30)],
    "ZIP": [zip_file()],
    "TIFF": [encoded(Image.new("RGB", (9, 9)), "TIFF"), b"MM\0*" + bytes(99)],
    "BMP": [encoded(Image.new("RGB", (9, 9)), "BMP")],
    "text": [b"push graphic-context\nfill 'url(https://example.com/)'", b"a", "猫 ".encode() * 2000],
    "video": [b"\0\0\0\x18ftypmp42" + bytes(40), b"RIFF\0\0\0\0AVI LIST", b"\x1a\x45\xdf\xa3" + bytes(40)],
}


def large_png(width: int, height: int) -> bytes:
    return encoded(Image.new("1", (width, height)), "PNG")


def forged_avif(width: int, height: int) -> bytes:
    data, size = sample("AVIF"), struct.pack(">II", 60, 40)
    assert size in data
    return data.replace(size, struct.pack(">II", width, height))


def forged_webp(width: int, height: int) -> bytes:
    data = animation("WEBP", 2)
    return data[:24] + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little") + data[30:]


def endless_gif(frames: int) -> bytes:
    one = b",\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0" + bytes(6) + one * frames + b";"


def forged_avif_frames(count: int) -> bytes:
    data = animation("AVIF", 3)
    at = data.index(b"stsz") + 12
    return data[:at] + struct.pack(">I", count) + data[at + 4 :]


def crumbs_of_png(count: int) -> bytes:
    whole = sample("PNG")
    return whole[:33] + (bytes(4) + b"teSt" + bytes(4)) * count + whole[33:]


def filled_jpeg(count: int) -> bytes:
    whole = sample("JPEG")
    return whole[:2] + b"\xff" * count + whole[2:]


BOMBS = {
    "9000x9000.png": (lambda: large_png(9_000, 9_000), "9,000 × 9,000"),
    "17000x17000.avif": (lambda: forged_avif(17_000, 17_000), "17,000 × 17,000"),
    "16000x16000.webp": (lambda: forged_webp(16_000, 16_000), "16,000 × 16,000"),
    "million.gif": (lambda: endless_gif(1_000_000), "more than 500 frames"),
    "million.avif": (lambda: forged_avif_frames(1_000_000), "more than 500 frames"),
    "crumbs.png": (lambda: crumbs_of_png(600_000), "is damaged"),
    "fill.jpg": (lambda: filled_jpeg(20_000_000), "is damaged"),
}
