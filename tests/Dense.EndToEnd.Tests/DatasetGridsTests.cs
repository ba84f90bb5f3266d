using Dense.Training.Detection.Settings;

namespace Dense.EndToEnd.Tests;

public sealed class DatasetGridsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // What is printed must be taken by the command that it is for, and no torch is needed to print it.
    [Fact]
    public void Proposal_CanBeCopiedIntoTheSettings()
    {
        Densecl.Run("dataset", "generate", _folder["scenes"], "--images", "6", "--unlabelled", "0", "--probe", "0");
        string annotations = _folder["scenes/annotations/instances.json"];
        var environment = new Dictionary<string, string> { ["DENSECL_LIBTORCH"] = _folder["nowhere"] };
        string config = Path.Combine(RepositoryRoot.Path, "configs", "DenseCL", "SOLOv2_R50_1x.yaml");

        ChildProcess plain = Densecl.Run(Densecl.Folder, environment, "dataset", "grids", annotations);
        ChildProcess same = Densecl.Run(
            Densecl.Folder, environment, "dataset", "grids", annotations, "--config-file", config);

        Assert.True(plain.ExitCode == 0, plain.Errors);
        Assert.Contains("objects; images with a short side of 720 pixels, at most 1333 long", plain.Output);
        Assert.Contains("Proposed: 0 objects on no level", plain.Output);
        Assert.Equal(plain.Output, same.Output);
        string[] words = plain.Output.Trim().Split('\n')[^1].Split('"', StringSplitOptions.TrimEntries);
        Assert.Equal("MODEL.SOLOV2.FPN_SCALE_RANGES", words[0]);
        var settings = DetectionConfiguration.Load(config, [words[0], words[1], words[2], words[3]]).Settings;
        Assert.Equal(5, settings.Detector.SoloV2.Grids.Count);
        Assert.Equal(1, settings.Detector.SoloV2.ScaleRanges[0].Low);
    }

    [Fact]
    public void DataSetWithoutObjects_SaysSo()
    {
        _folder.Write("empty.json", """{"images": [], "categories": [], "annotations": []}""");

        ChildProcess run = Densecl.Run("dataset", "grids", _folder["empty.json"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("empty.json: there is no object with a box", run.Errors);
    }

    [Fact]
    public void ConfigurationOfAnFcos_IsRefused()
    {
        string config = Path.Combine(RepositoryRoot.Path, "configs", "DenseCL", "FCOS_R50_1x.yaml");

        ChildProcess run = Densecl.Run("dataset", "grids", _folder["any.json"], "--config-file", config);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("it describes FCOS (MODEL.META_ARCHITECTURE)", run.Errors);
    }
}
