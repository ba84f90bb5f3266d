"""Writes image files of many kinds and, beside each, what Pillow reads: NAME and NAME.rgb (width, height, RGB bytes).

Usage: pillow_images.py FOLDER. Files that Pillow refuses get an empty .rgb.
"""
import io
import pathlib
import struct
import sys
import zlib

import numpy
from PIL import Image


def photo(width, height, seed):
    rng = numpy.random.RandomState(seed)
    y, x = numpy.mgrid[0:height, 0:width].astype(numpy.float64)
    waves = [127 + 100 * numpy.sin(x * rng.uniform(0.02, 0.2) + y * rng.uniform(0.02, 0.2)) for _ in range(3)]
    return numpy.clip(numpy.stack(waves, -1) + rng.normal(0, 12, (height, width, 3)), 0, 255).astype(numpy.uint8)


def encode(image, format, **options):
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def with_png_chunk(png, kind, content):
    header_end = 33
    chunk = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return png[:header_end] + chunk + png[header_end:]


def jpeg_files():
    for width, height in ((64, 48), (61, 37), (1, 1), (8, 9), (17, 130)):
        rgb = Image.fromarray(photo(width, height, width))
        for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
            for progressive in (False, True):
                yield f"{width}x{height}_{name}_{progressive}.jpg", encode(
                    rgb, "JPEG", quality=88, subsampling=subsampling, progressive=progressive)
        yield f"{width}x{height}_gray.jpg", encode(rgb.convert("L"), "JPEG", quality=70)
        yield f"{width}x{height}_cmyk.jpg", encode(rgb.convert("CMYK"), "JPEG", quality=90)


def png_files():
    pixels = photo(45, 33, 5)
    rgb = Image.fromarray(pixels)
    alpha = Image.fromarray(photo(45, 33, 6)[:, :, 0])
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    gray16 = numpy.arange(45 * 33, dtype=numpy.uint16).reshape(33, 45) * 11
    yield "rgb.png", encode(rgb, "PNG")
    yield "rgba.png", encode(rgba, "PNG")
    yield "la.png", encode(rgba.convert("LA"), "PNG")
    yield "gray.png", encode(rgb.convert("L"), "PNG")
    yield "palette.png", encode(rgb.quantize(37), "PNG")
    yield "palette_clear.png", encode(rgb.quantize(13), "PNG", transparency=3)
    yield "gray_clear.png", encode(rgb.convert("L"), "PNG", transparency=100)
    yield "rgb_clear.png", encode(rgb, "PNG", transparency=tuple(int(v) for v in pixels[0, 0]))
    yield "bilevel.png", encode(rgb.convert("1"), "PNG")
    yield "gray16.png", encode(Image.fromarray(gray16), "PNG")
    yield "gray16_clear.png", with_png_chunk(encode(Image.fromarray(gray16), "PNG"), b"tRNS", b"\0\x6e")
    yield "gray16_gamma.png", with_png_chunk(
        encode(Image.fromarray(gray16), "PNG"), b"gAMA", struct.pack(">I", 100000))
    yield "rgb_gamma.png", with_png_chunk(encode(rgb, "PNG"), b"gAMA", struct.pack(">I", 100000))
    for bits in (1, 2, 4):
        yield f"palette{bits}.png", encode(rgb.quantize(1 << bits), "PNG", bits=bits)


def gif_files():
    rgb = Image.fromarray(photo(40, 31, 8))
    frames = [rgb.quantize(16), Image.fromarray(photo(40, 31, 9)).quantize(16)]
    yield "plain.gif", encode(frames[0], "GIF")
    yield "clear.gif", encode(frames[0], "GIF", transparency=2)
    yield "clear0.gif", encode(frames[0], "GIF", transparency=0)
    yield "moving.gif", encode(frames[0], "GIF", save_all=True, append_images=frames[1:], loop=0)
    yield "moving_clear.gif", encode(
        frames[0], "GIF", save_all=True, append_images=frames[1:], transparency=1, disposal=2)
    yield "gray.gif", encode(rgb.convert("L"), "GIF")
    yield "interlaced.gif", encode(frames[0], "GIF", interlace=True)


def other_files():
    rgb = Image.fromarray(photo(50, 41, 10))
    rgba = rgb.copy()
    rgba.putalpha(Image.fromarray(photo(50, 41, 11)[:, :, 1]))
    yield "rgb.bmp", encode(rgb, "BMP")
    yield "palette.bmp", encode(rgb.quantize(30), "BMP")
    yield "gray.bmp", encode(rgb.convert("L"), "BMP")
    yield "lossless.webp", encode(rgb, "WEBP", lossless=True)
    yield "lossless_alpha.webp", encode(rgba, "WEBP", lossless=True, exact=True)
    whole = encode(rgb, "JPEG", quality=90)
    yield "no_end_marker.jpg", whole[:-2]
    progressive = encode(rgb, "JPEG", quality=90, progressive=True)
    for cut in (1, 3, 4, 6, 10, 20, 100, 400):
        yield f"cut{cut}.jpg", whole[:-cut]
        yield f"cut{cut}_progressive.jpg", progressive[:-cut]
        yield f"cut{cut}.png", encode(rgb, "PNG")[:-cut]
        yield f"cut{cut}.gif", encode(rgb.quantize(16), "GIF")[:-cut]
        if cut > 1:  # The last byte of these is padding.
            yield f"cut{cut}.bmp", encode(rgb, "BMP")[:-cut]
            yield f"cut{cut}.webp", encode(rgb, "WEBP", lossless=True)[:-cut]
    yield "trailing_bytes.jpg", whole + b"\0" * 100
    yield "png_named.jpg", encode(rgb, "PNG")


def main():
    folder = pathlib.Path(sys.argv[1])
    for source in (jpeg_files, png_files, gif_files, other_files):
        for name, content in source():
            (folder / name).write_bytes(content)
            try:
                image = Image.open(io.BytesIO(content)).convert("RGB")
                expected = struct.pack("<ii", *image.size) + image.tobytes()
            except Exception:
                expected = b""
            (folder / (name + ".rgb")).write_bytes(expected)


main()
