using Dense.Distributed;
using Dense.Torch.Native;
using Dense.Training.Detection.Logging;
using Dense.Training.Detection.Loop;
using Dense.Training.Detection.Settings;

namespace Dense.Torch.Tests.Training.Detection.Logging;

public class RunDescriptionTests
{
    // E-24, E-27.
    [Fact]
    public void Log_HoldsTheEnvironmentAndTheConfigurationFileAsItIsWritten()
    {
        using var folder = new TempFolder();
        string file = folder.Write("mine.yaml", $"""
            # A remark.
            _BASE_: {RepositoryRoot.Combine("configs", "DenseCL", "FCOS_R50_1x_DenseCL.yaml")}
            """);
        DetectionConfiguration configuration = DetectionConfiguration.Load(file, ["OUTPUT_DIR", folder["run"]]);
        using (var log = new DetectionLog(folder["run"], 0, null, TimeProvider.System))
        {
            RunDescription.Write(
                log, configuration, new DetectionRunOptions { ConfigurationFile = file }, SingleProcess.Instance);
        }

        string text = File.ReadAllText(folder["run/log.txt"]);
        Assert.Contains($"Contents of args.config_file={file}:\n{File.ReadAllText(file)}\n", text);
        Assert.Matches(@"\nlibtorch  +\d+\.\d+\.\d+", text);
        Assert.Matches(@"\nCUDA devices  +(none|\d+)\n", text);
        Assert.True(File.Exists(folder["run/config.yaml"]));
    }

    [Theory]
    [InlineData(90800, "9.8.0")]
    [InlineData(91002, "9.10.2")]
    [InlineData(8902, "8.9.2")]
    public void CudnnsNumber_IsReadInBothOfItsForms(long number, string expected) =>
        Assert.Equal(expected, CudaInventory.CudnnText(number));

    [Theory]
    [InlineData(12080, "12.8")]
    [InlineData(13000, "13.0")]
    public void CudasNumber_IsRead(int number, string expected) =>
        Assert.Equal(expected, CudaInventory.CudaText(number));
}
