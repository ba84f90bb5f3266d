"""Pillow and numpy making a detector's input of each image: the reference's steps on one core, without objects.

Usage: detection_mapper.py FOLDER PASSES. Prints CPU seconds per image as JSON: decode, transform, total.
"""
import pathlib
import sys

import numpy
from PIL import Image, ImageOps

from step_clock import print_seconds

SHORT, LONG = 800, 1333


def decode(path):
    return numpy.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))[:, :, ::-1]


def transform(pixels):
    h, w = pixels.shape[:2]
    scale = SHORT / min(h, w)
    nh, nw = (SHORT, scale * w) if h < w else (scale * h, SHORT)
    if max(nh, nw) > LONG:
        k = LONG / max(nh, nw)
        nh, nw = nh * k, nw * k
    size = (int(nw + 0.5), int(nh + 0.5))
    resized = numpy.asarray(Image.fromarray(numpy.ascontiguousarray(pixels)).resize(size, Image.BILINEAR))
    return numpy.ascontiguousarray(resized[:, ::-1].transpose(2, 0, 1))


def main():
    folder, passes = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    files = [p for p in sorted(folder.iterdir()) if p.suffix == ".jpg"]
    images = [decode(f) for f in files]
    print_seconds({
        "decode": lambda i: decode(files[i]),
        "transform": lambda i: transform(images[i]),
        "total": lambda i: transform(decode(files[i])),
    }, len(files), passes)


main()
