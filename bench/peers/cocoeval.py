"""pycocotools on one results file: what its users run, on one core.

Usage: cocoeval.py GT DT bbox|segm. Prints CPU seconds as JSON: parse, rest, total.
"""
import gzip
import json
import sys
import time

try:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
except ImportError:
    sys.exit("pycocotools is not installed")


def read(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt") as file:
        return json.load(file)


def main():
    real_stdout, sys.stdout = sys.stdout, sys.stderr
    start = time.process_time()
    dataset, results = read(sys.argv[1]), read(sys.argv[2])
    parsed = time.process_time()
    truth = COCO()
    truth.dataset = dataset
    truth.createIndex()
    if sys.argv[3] == "segm":
        for record in results:
            record.pop("bbox", None)
    evaluation = COCOeval(truth, truth.loadRes(results), sys.argv[3])
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    end = time.process_time()
    json.dump({"parse": parsed - start, "rest": end - parsed, "total": end - start}, real_stdout)


if __name__ == "__main__":
    main()
