namespace Dense.EndToEnd.Tests;

public sealed class ConfigPrintTests : IDisposable
{
    private static readonly string Published =
        RepositoryRoot.Combine("configs", "pretraining", "densecl", "densecl_coco_1600ep.yaml");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(string name, string text)
    {
        string path = _folder[name];
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public void Print_ShowsEachValueWithItsOrigin()
    {
        ChildProcess result = Densecl.Run("config", "print", "--config-file", Published, "SEED", "7");

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Contains("SEED: 7  # command line\n", result.Output);
        Assert.Contains("  EPOCHS: 1600  # " + Published + ":4\n", result.Output);
        Assert.Contains("  NESTEROV: false  # default\n", result.Output);
        Assert.Matches("""BASE_LR: 0\.3  # \S*densecl_coco_800ep\.yaml:\d+\n""", result.Output);
    }

    [Fact]
    public void Print_GivesAFileThatPrintsTheSameSettings()
    {
        string copy =
            Write("copy.yaml", Densecl.Run("config", "print", "--config-file", Published, "SEED", "7").Output);

        string first = File.ReadAllText(copy);
        string second = Densecl.Run("config", "print", "--config-file", copy).Output;

        Assert.Equal(WithoutComments(first), WithoutComments(second));
    }

    [Fact]
    public void Print_ReportsEveryProblemWithFileLineAndAdvice()
    {
        string file = Write("mine.yaml", $"_BASE_: {Published}\nSOLVER:\n  BASE_LRR: 0.1\nMODEL:\n  QUEUE_LEN: many\n");

        ChildProcess result = Densecl.Run("config", "print", "--config-file", file, "SEEED", "1");

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(
            $"{file}:3: SOLVER.BASE_LRR: there is no such key. Did you mean SOLVER.BASE_LR?", result.Errors);
        Assert.Contains($"{file}:5: MODEL.QUEUE_LEN: expected int such as 65536, found string 'many'.", result.Errors);
        Assert.Contains("command line: SEEED: there is no such key. Did you mean SEED?", result.Errors);
    }

    [Fact]
    public void Print_WorksWithoutLibtorch()
    {
        var environment = new Dictionary<string, string> { ["DENSECL_LIBTORCH"] = _folder["nowhere"] };

        ChildProcess result = Densecl.Run(Densecl.Folder, environment, "config", "print", "--config-file", Published);

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
    }

    [Fact]
    public void Print_KnowsDetectionConfigurationsAndWarnsOfIdleKeys()
    {
        string file = RepositoryRoot.Combine("configs", "DenseCL", "FCOS_R50_1x.yaml");

        ChildProcess result = Densecl.Run("config", "print", "--config-file", file, "TEST.DETECTIONS_PER_IMAGE", "50");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("  META_ARCHITECTURE: OneStageDetector  # ", result.Output);
        Assert.Contains("SEED: -1  # default\n", result.Output);
        Assert.Contains("warning: command line: TEST.DETECTIONS_PER_IMAGE: has no effect on FCOS", result.Errors);
    }

    [Theory]
    [InlineData("SEED")]
    [InlineData("--sed", "1")]
    public void Print_RefusesWhatIsNoPair(params string[] rest)
    {
        ChildProcess result = Densecl.Run(["config", "print", "--config-file", Published, .. rest]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(rest[0], result.Errors);
    }

    private static IEnumerable<string> WithoutComments(string yaml) =>
        yaml.Split('\n').Select(line => line.Split("  # ")[0]);
}
