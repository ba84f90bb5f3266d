using System.Text;
using Dense.Coco.Annotations;
using Dense.Coco.Results;

namespace Dense.Coco.Tests;

/// <summary>The small evaluation of the specification, appendix C.1.</summary>
internal static class SmallCase
{
    public static readonly string Annotations = """
        {"info": {}, "images": [{"id": 1, "height": 100, "width": 120}, {"id": 2, "height": 80, "width": 80}],
         "categories": [{"id": 1, "name": "a"}, {"id": 3, "name": "b"}, {"id": 7, "name": "c"}],
         "annotations": [
         {"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 20, 20], "area": 400, "iscrowd": 0, "segmentation": [[10, 10, 30, 10, 30, 30, 10, 30]]},
         {"id": 2, "image_id": 1, "category_id": 1, "bbox": [40, 10, 50, 60], "area": 3000, "iscrowd": 0, "segmentation": [[40, 10, 90, 10, 90, 70, 40, 70]]},
         {"id": 3, "image_id": 1, "category_id": 1, "bbox": [0, 70, 120, 30], "area": 3600, "iscrowd": 1, "segmentation": {"size": [100, 120], "counts": CROWD}},
         {"id": 4, "image_id": 2, "category_id": 1, "bbox": [5.5, 5.5, 30.25, 40.5], "area": 1225.125, "iscrowd": 0, "segmentation": [[5.5, 5.5, 35.75, 5.5, 35.75, 46.0, 5.5, 46.0]]},
         {"id": 5, "image_id": 2, "category_id": 3, "bbox": [50, 50, 10, 10], "area": 100, "iscrowd": 0, "segmentation": [[50, 50, 60, 50, 60, 60, 50, 60]]}]}
        """.Replace("CROWD", "[70" + string.Concat(Enumerable.Repeat(",30,70", 119)) + ",30]");

    public static readonly string Results = """
        [
         {"image_id": 1, "category_id": 1, "bbox": [11.0, 10.0, 20.0, 20.0], "score": 0.9, "segmentation": {"size": [100, 120], "counts": "fR1d0`20000000000000000000000000000000000000je8"}},
         {"image_id": 1, "category_id": 1, "bbox": [42.0, 12.0, 50.0, 60.0], "score": 0.8, "segmentation": {"size": [100, 120], "counts": "dS4l1X10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000Tg2"}},
         {"image_id": 1, "category_id": 1, "bbox": [41.0, 10.0, 50.0, 61.0], "score": 0.8, "segmentation": {"size": [100, 120], "counts": "^P4m1W10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000Zj2"}},
         {"image_id": 1, "category_id": 1, "bbox": [5.0, 75.0, 20.0, 20.0], "score": 0.95, "segmentation": {"size": [100, 120], "counts": "oa0d0`20000000000000000000000000000000000000aV9"}},
         {"image_id": 1, "category_id": 1, "bbox": [90.0, 5.0, 25.0, 25.0], "score": 0.85, "segmentation": {"size": [100, 120], "counts": "]i8i0[200000000000000000000000000000000000000000000000_?"}},
         {"image_id": 2, "category_id": 1, "bbox": [5.5, 5.5, 30.25, 36.0], "score": 0.7, "segmentation": {"size": [80, 80], "counts": "V?T1\\1000000000000000000000000000000000000000000000000000000000j]3"}},
         {"image_id": 2, "category_id": 1, "bbox": [60.0, 60.0, 15.0, 15.0], "score": 0.6, "segmentation": {"size": [80, 80], "counts": "lg4?Q2000000000000000000000000000d:"}},
         {"image_id": 2, "category_id": 3, "bbox": [50.0, 52.0, 10.0, 10.0], "score": 0.5, "segmentation": {"size": [80, 80], "counts": "dn3:V200000000000000000\\`1"}},
         {"image_id": 2, "category_id": 7, "bbox": [1.0, 1.0, 5.0, 5.0], "score": 0.99, "segmentation": {"size": [80, 80], "counts": "a25[20000000oh5"}}
        ]
        """;

    public static CocoDataset LoadDataset() => Dataset(Annotations);

    public static DetectionList LoadDetections() => Detections(Results);

    public static CocoDataset Dataset(string json) =>
        CocoDataset.Load(new MemoryStream(Encoding.UTF8.GetBytes(json)), "gt.json");

    public static DetectionList Detections(string json) =>
        DetectionList.Load(new MemoryStream(Encoding.UTF8.GetBytes(json)), "dt.json");
}
