"""pycocotools' C mask API on one core.

Usage: rle.py RESULTS GT. Prints CPU seconds a call as JSON: decode, encode, area, box, iou, union, polygon.
"""
import gzip
import json
import sys
import time

try:
    from pycocotools import mask
except ImportError:
    sys.exit("pycocotools is not installed")


def timed(action, count):
    action()
    start = time.process_time()
    action()
    return (time.process_time() - start) / count


def main():
    results = json.load(gzip.open(sys.argv[1], "rt"))
    dataset = json.load(gzip.open(sys.argv[2], "rt"))
    sizes = {image["id"]: (image["height"], image["width"]) for image in dataset["images"]}
    masks = [record["segmentation"] for record in results[:2000]]
    pixels = [mask.decode(m) for m in masks]
    same = [(a, b) for a, b in zip(masks, masks[1:]) if a["size"] == b["size"]]
    polygons = [a for a in dataset["annotations"] if isinstance(a["segmentation"], list)][:2000]
    figures = {
        "decode": timed(lambda: [mask.decode(m) for m in masks], len(masks)),
        "encode": timed(lambda: [mask.encode(p) for p in pixels], len(pixels)),
        "area": timed(lambda: mask.area(masks), len(masks)),
        "box": timed(lambda: mask.toBbox(masks), len(masks)),
        "iou": timed(lambda: [mask.iou([a], [b], [0]) for a, b in same], len(same)),
        "union": timed(lambda: [mask.merge([a, b]) for a, b in same], len(same)),
        "polygon": timed(
            lambda: [mask.frPyObjects(a["segmentation"], *sizes[a["image_id"]]) for a in polygons], len(polygons)
        ),
    }
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
