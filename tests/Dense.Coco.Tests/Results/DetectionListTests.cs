using Dense.Coco.Annotations;
using Dense.Coco.Masks;
using Dense.Coco.Results;

namespace Dense.Coco.Tests.Results;

public class DetectionListTests
{
    [Fact]
    public void WrittenFile_HasDetectron2sForm()
    {
        using var folder = new TempFolder();
        var detections = new DetectionList
        {
            new Detection(42, 18, 0.23599999, new BoxXywh(258, 41.5, 348.25f, 243.78000000000003)),
            new Detection(73, 11, 1e-7, new BoxXywh(0, 0, 1, 1), Segmentation.FromMask(
                RunLengthMask.FromCounts(8, 8, [26, 1, 7, 2, 28]))),
        };

        detections.Save(folder["results.json"]);

        Assert.Equal(
            """[{"image_id":42,"category_id":18,"bbox":[258.0,41.5,348.25,243.78000000000003],"score":0.23599999},"""
            + """{"image_id":73,"category_id":11,"bbox":[0.0,0.0,1.0,1.0],"score":1E-07,"segmentation":{"size":[8,8],"counts":"j0171e0"}}]""",
            File.ReadAllText(folder["results.json"]));
    }

    [Fact]
    public void WrittenFile_ReadsAsTheSameDetections()
    {
        using var folder = new TempFolder();
        DetectionList original = SmallCase.LoadDetections();

        original.Save(folder["results.json.gz"]);
        var read = DetectionList.Load(folder["results.json.gz"]);

        Assert.Equal(original.Select(d => d with { Segmentation = default }),
            read.Select(d => d with { Segmentation = default }));
        Assert.Equal(original.Select(d => d.Segmentation.RunLengthText()),
            read.Select(d => d.Segmentation.RunLengthText()));
    }

    [Theory]
    [InlineData("{}", "$: expected a results file")]
    [InlineData("[7]", "$[0]: expected a detection, found 7")]
    [InlineData("""[{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}]""", "$[0]: the field 'score' is missing")]
    [InlineData("""[{"image_id": 1, "category_id": 1, "score": null}]""", "$[0].score: expected a finite " +
        "number, found null")]
    [InlineData("""[{"image_id": 1, "category_id": 1, "score": NaN}]""", "$[0].score: not valid JSON")]
    [InlineData("""[{"image_id": "1"}]""", "$[0].image_id: expected a whole number")]
    [InlineData("""[{"score": 0.5}, """, "$[0]: the field 'image_id' is missing")]
    public void FaultyFiles_AreRefusedWithThePlace(string json, string expected)
    {
        var e = Assert.Throws<CocoFormatException>(() => SmallCase.Detections(json));

        Assert.StartsWith("dt.json: ", e.Message);
        Assert.Contains(expected, e.Message);
    }

    [Fact]
    public void ScoreThatIsNoNumber_IsRefused() =>
        Assert.Throws<ArgumentException>(() =>
            new DetectionList { new Detection(1, 1, double.NaN, new BoxXywh(0, 0, 1, 1)) });
}
