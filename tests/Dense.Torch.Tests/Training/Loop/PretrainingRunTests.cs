using Dense.Distributed;
using Dense.Training.Loop;
using Dense.Training.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Loop;

public class PretrainingRunTests
{
    // The settings in OUTPUT_DIR start the run again in any process, as E-14 asks of detectors.
    [Fact]
    public void OwnDeviceOfAProcess_StaysOutOfTheSettings()
    {
        using DisposeScope scope = NewDisposeScope();
        using var small = new SmallRun();
        var configuration = PretrainingConfiguration.Load(small.Folder["run.yaml"],
            [.. small.Method("MoCo"), "OUTPUT_DIR", small.Folder["run"], "DEVICE", "cuda"]);

        using var run = new PretrainingRun(
            configuration, startFresh: true, [], SingleProcess.Instance, TimeProvider.System, device: "cpu");
        var stop = new StopRequest();
        stop.Set("the test");
        run.Execute(stop);

        Assert.Contains("DEVICE: cuda\n", File.ReadAllText(small.Folder["run/config.yaml"]));
    }
}
