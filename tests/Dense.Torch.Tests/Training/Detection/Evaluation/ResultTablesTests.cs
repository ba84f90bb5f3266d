using Dense.Training.Detection.Evaluation;

namespace Dense.Torch.Tests.Training.Detection.Evaluation;

public class ResultTablesTests
{
    private static readonly TaskMetrics Metrics = new(
        "bbox",
        [("AP", 89.758), ("AP50", 100), ("AP75", 89.769), ("APs", 89.758), ("APm", double.NaN), ("APl", double.NaN)],
        [("person", 98.036), ("traffic light", 77.129), ("toothbrush", 94.109), ("never", double.NaN)]);

    // Both tables of E-34.
    [Fact]
    public void Tables_AreLaidOutAsDetectron2Does()
    {
        Assert.Equal(
            """
            |   AP   |  AP50   |  AP75  |  APs   |  APm  |  APl  |
            |:------:|:-------:|:------:|:------:|:-----:|:-----:|
            | 89.758 | 100.000 | 89.769 | 89.758 |  nan  |  nan  |
            """,
            ResultTables.Overall(Metrics));
        Assert.Equal(
            """
            | category   | AP     | category      | AP     | category   | AP     |
            |:-----------|:-------|:--------------|:-------|:-----------|:-------|
            | person     | 98.036 | traffic light | 77.129 | toothbrush | 94.109 |
            | never      | nan    |               |        |            |        |
            """,
            ResultTables.PerClass(Metrics));
    }

    [Fact]
    public void CopyPaste_HasThreeLines() => Assert.Equal(
        ["copypaste: Task: bbox", "copypaste: AP,AP50,AP75,APs,APm,APl",
            "copypaste: 89.7580,100.0000,89.7690,89.7580,nan,nan"],
        ResultTables.CopyPaste(Metrics));

    [Fact]
    public void Expectations_HoldWithinTheirTolerance()
    {
        var actual = new Dictionary<string, double> { ["bbox/AP"] = 38.4, ["segm/AP"] = double.NaN };

        Assert.Empty(ExpectedResults.Failures([new("bbox", "AP", 38.5, 0.2)], actual));
        Assert.Contains("expected 38.5 ± 0.05, found 38.4",
            Assert.Single(ExpectedResults.Failures([new("bbox", "AP", 38.5, 0.05)], actual)));
        Assert.Contains("found nan", Assert.Single(ExpectedResults.Failures([new("segm", "AP", 1, 100)], actual)));
        Assert.Contains(
            "not among the results", Assert.Single(ExpectedResults.Failures([new("bbox", "AR", 1, 100)], actual)));
    }
}
