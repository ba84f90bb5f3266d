"""Pillow and torchvision making two DenseCL views of each image: the reference's pipeline on one core.

Usage: augmentation.py FOLDER PASSES. Prints CPU seconds per image as JSON: decode, views, total.
"""
import io
import pathlib
import random
import sys

import torch
from PIL import Image, ImageFilter
from torchvision import transforms

from step_clock import print_seconds


class GaussianBlur:
    """The blur that MoCo-v2 and DenseCL use: Pillow's, with a random standard deviation."""

    def __call__(self, image):
        return image.filter(ImageFilter.GaussianBlur(radius=random.uniform(0.1, 2.0)))


def decode(encoded):
    return Image.open(io.BytesIO(encoded)).convert("RGB")


def main():
    torch.set_num_threads(1)
    folder, passes = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    files = [p.read_bytes() for p in sorted(folder.iterdir()) if p.suffix == ".jpg"]
    view = transforms.Compose([
        transforms.RandomResizedCrop(224, scale=(0.2, 1.0)),
        transforms.RandomApply([transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
        transforms.RandomGrayscale(p=0.2),
        transforms.RandomApply([GaussianBlur()], p=0.5),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ])

    def two_views(image):
        return view(image), view(image)

    images = [decode(f) for f in files]
    print_seconds({
        "decode": lambda i: decode(files[i]),
        "views": lambda i: two_views(images[i]),
        "total": lambda i: two_views(decode(files[i])),
    }, len(files), passes)


main()
