using System.CommandLine;
using Dense.Cli;
using Dense.Cli.Launch;
using Dense.Distributed;
using Dense.Distributed.Launch;

namespace Dense.EndToEnd.Tests.Launch;

/// <summary>How many processes, on which devices, and which of their failures is worth another attempt.</summary>
public class ProcessOptionsTests
{
    [Theory]
    [InlineData("cuda")]
    [InlineData("cpu", "--num-gpus", "0")]
    [InlineData("cuda", "--num-gpus", "2")]
    [InlineData("cpu", "--num-processes", "2")]
    [InlineData("cuda:1", "--num-gpus", "0", "DEVICE", "cuda:1")]
    [InlineData("cpu", "--num-gpus", "2", "DEVICE", "cpu")]
    [InlineData("cuda:1", "--num-processes", "2", "DEVICE", "cuda:1")]
    [InlineData("cpu", "--num-processes", "2", "DEVICE", "auto")]
    [InlineData("cuda", "--num-gpus", "2", "OTHER", "DEVICE")]
    public void Device_IsTheNamedOneElseTheOneThatIsCountedElseThatOfTheSettings(string expected, params string[] line)
    {
        var options = new ProcessOptions();
        string[] pairs = line.Length > 2 ? line[2..] : [];

        string[] all = options.WithDevice(Parse(options, line), "DEVICE", pairs);

        Assert.Equal(expected, all.Chunk(2).LastOrDefault(p => p[0] == "DEVICE")?[1] ?? "cuda");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1, "--num-gpus", "0")]
    [InlineData(3, "--num-gpus", "3")]
    [InlineData(3, "--num-processes", "3")]
    [InlineData(3, "--num-processes", "3", "--num-gpus", "0")]
    public void Count_IsThatOfProcessesOrGpus(int expected, params string[] line)
    {
        var options = new ProcessOptions();

        Assert.Equal(expected, options.Count(Parse(options, line)));
    }

    [Theory]
    [InlineData("--num-gpus -1: expected 0 or more", "--num-gpus", "-1")]
    [InlineData("--num-processes 0: expected 1 or more", "--num-processes", "0")]
    [InlineData("--max-restarts -1: expected 0 or more", "--max-restarts", "-1")]
    [InlineData("give one of them", "--num-processes", "2", "--num-gpus", "2")]
    public void Count_RefusesWhatCannotBe(string message, params string[] line)
    {
        var options = new ProcessOptions();

        Assert.Contains(message, Assert.Throws<UsageException>(() => options.Count(Parse(options, line))).Message);
    }

    // A task of srun may see its own GPU alone.
    [Theory]
    [InlineData(3, 8, "cuda:3")]
    [InlineData(3, 1, "cuda:0")]
    [InlineData(0, 1, "cuda:0")]
    [InlineData(3, 0, "cuda")]
    public void Device_OfARank_IsOneThatItSees(int localRank, int devices, string expected) =>
        Assert.Equal(expected, RankProcess.DeviceOf("cuda", localRank, devices));

    [Fact]
    public void Loss_IsWorthAnotherAttemptAndADisagreementIsNot()
    {
        Assert.Equal(LocalLauncher.RanksLost, CommandLine.CodeOf(new RankLostException("")));
        Assert.Equal(CommandLine.Failed, CommandLine.CodeOf(new CollectiveException("")));
        Assert.Equal(CommandLine.WrongUse, CommandLine.CodeOf(new LaunchException("")));
    }

    private static ParseResult Parse(ProcessOptions options, string[] line) => new Command("x")
    {
        options.Gpus, options.Number, options.MaxRestarts, new Argument<string[]>("KEY VALUE"),
    }.Parse(line);
}
