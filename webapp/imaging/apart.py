"""A program of its own: reads a HEIC or AVIF from stdin, writes its upright pixels to stdout.

Started by decoding.py with a Pillow format and a limit of memory in bytes, so that a file which crashes
a decoder, or makes it take all memory, only takes this process with it. Imports nothing of ours: that
would load the whole web application.
"""

import io
import json
import resource
import sys

from PIL import AvifImagePlugin, Image, ImageOps

CPU_SECONDS = 60
THREADS = 2  # their stacks count as memory, so not as many as there are processors


def main(pillow_format: str, memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if pillow_format == "HEIF":
        from pi_heif import register_heif_opener

        register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=THREADS)
    AvifImagePlugin.DEFAULT_MAX_THREADS = THREADS
    image: Image.Image = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=[pillow_format])
    profile = image.info.get("icc_profile") or b""
    image = ImageOps.exif_transpose(image)
    header = {"mode": image.mode, "size": image.size, "icc_profile": profile.hex()}
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n")
    sys.stdout.buffer.write(image.tobytes())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
