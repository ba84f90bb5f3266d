using Dense.Training.Metrics;
using TorchSharp;

namespace Dense.Torch.Tests.Training.Metrics;

public class ProcessMemoryTests
{
    [Fact]
    public void Memory_CountsThisProcessAndItsTensors()
    {
        using var tensor = torch.ones(64, 1024, 1024);

        ProcessMemory memory = ProcessMemory.Read();

        Assert.True(memory.LiveTensors >= 1);
        Assert.True(memory.PeakMebibytes >= 256);
        Assert.True(memory.ResidentMebibytes >= 256);
    }
}
