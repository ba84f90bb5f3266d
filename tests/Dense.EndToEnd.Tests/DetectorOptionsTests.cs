using System.CommandLine;
using Dense.Cli.Commands;
using Dense.Detection.Settings;
using Dense.Training.Detection.Loop;

namespace Dense.EndToEnd.Tests;

/// <summary>From flags to the options of a run (KF-1, KF-14, KF-15, KF-18, KF-21, KF-22, E-51, E-188).</summary>
public class DetectorOptionsTests
{
    public static TheoryData<string[], SoloOptions, bool> Flags => new()
    {
        { [], new SoloOptions(), false },
        { ["--fcos-clip-before-nms"], new SoloOptions(), true },
        { ["--solov2-smallest-owns-cell"], new SoloOptions { SmallestOwnsCell = true }, false },
        { ["--solov2-normalise-over-ranks"], new SoloOptions { NormaliseOverRanks = true }, false },
        { ["--solov2-max-candidates", "7"], new SoloOptions { CandidateLimit = 7 }, false },
        { ["--solov2-own-grids"], new SoloOptions { OwnGrids = true }, false },
        { ["--solov2-drop-vanished"], new SoloOptions { DropVanishedMasks = true }, false },
    };

    [Theory]
    [MemberData(nameof(Flags))]
    public void Flag_OfTrainSetsItsOptionAndNoOther(string[] flags, SoloOptions solo, bool clips)
    {
        DetectionRunOptions options = TrainCommand.OptionsOf(Parse(TrainCommand.Create(), flags));

        Assert.Equal((solo, clips), (options.Solo, options.ClipsBeforeNms));
    }

    [Fact]
    public void Flag_OfPredictSetsItsOption()
    {
        DetectionRunOptions fcos = PredictCommand.OptionsOf(Parse(PredictCommand.Create(), "--fcos-clip-before-nms"));
        DetectionRunOptions solo = PredictCommand.OptionsOf(
            Parse(PredictCommand.Create(), "--solov2-max-candidates", "7"));

        Assert.True(fcos.ClipsBeforeNms);
        Assert.Equal(new SoloOptions { CandidateLimit = 7 }, solo.Solo);
    }

    [Fact]
    public void OpaqueObjects_AreAllowedByAFlagOnly()
    {
        Assert.True(TrainCommand.OptionsOf(
            Parse(TrainCommand.Create(), "--allow-opaque-pickle-objects")).AllowOpaqueObjects);
        Assert.False(TrainCommand.OptionsOf(Parse(TrainCommand.Create())).AllowOpaqueObjects);
    }

    // Other required options are not given: their absence is an error of the parser that no one asks for here.
    private static ParseResult Parse(Command command, params string[] arguments) =>
        command.Parse(["--config-file", "run.yaml", .. arguments]);
}
