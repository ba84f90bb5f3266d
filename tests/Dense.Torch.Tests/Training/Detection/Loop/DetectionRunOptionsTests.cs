using Dense.Detection.Settings;
using Dense.Distributed;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Loop;

/// <summary>What a command line adds to a configuration, without changing it (E-14, E-188).</summary>
[LeakCheck]
public sealed class DetectionRunOptionsTests : IDisposable
{
    private static readonly string Fcos = RepositoryRoot.Combine("configs", "DenseCL", "FCOS_R50_1x_DenseCL.yaml");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // KF-1, KF-14, KF-15, KF-18, KF-21, KF-22.
    [Fact]
    public void Options_ReachTheDetectorsSettings()
    {
        DetectionRunSettings settings = DetectionConfiguration.Load(Fcos, []).Settings;
        var solo = new SoloOptions
        {
            SmallestOwnsCell = true,
            OwnGrids = true,
            DropVanishedMasks = true,
            NormaliseOverRanks = true,
            CandidateLimit = 7,
        };

        var options = new DetectionRunOptions { Solo = solo, ClipsBeforeNms = true };

        DetectorSettings changed = options.ApplyTo(settings).Detector;
        DetectorSettings plain = new DetectionRunOptions().ApplyTo(settings).Detector;

        Assert.Equal((solo, true), (changed.SoloV2.Options, changed.Fcos.ClipsBeforeNms));
        Assert.Equal((new SoloOptions(), false), (plain.SoloV2.Options, plain.Fcos.ClipsBeforeNms));
    }

    // A rank's own device in config.yaml would send every rank of the next run there.
    [Fact]
    public void Device_OfOneRankIsNotThatOfTheConfiguration()
    {
        using var scope = NewDisposeScope();
        var configuration = DetectionConfiguration.Load(Fcos,
        [
            "MODEL.DEVICE", "cuda", "MODEL.WEIGHTS", "", "OUTPUT_DIR", _folder["run"], "DATASETS.TEST", "()",
            "MODEL.RESNETS.WIDTH_PER_GROUP", "4", "MODEL.RESNETS.RES2_OUT_CHANNELS", "8",
        ]);
        var options = new DetectionRunOptions
        {
            Device = "cpu",
            Task = DetectionTask.Evaluate,
            AllowMissingWeights = true,
        };

        Assert.Equal(DeviceType.CPU, DetectionDevices.Of(configuration, options).Device.type);
        using (new DetectionRun(configuration, options, screen: null, SingleProcess.Instance, TimeProvider.System))
        {
        }

        Assert.Contains("  DEVICE: cuda\n", File.ReadAllText(_folder["run/config.yaml"]));
    }
}
