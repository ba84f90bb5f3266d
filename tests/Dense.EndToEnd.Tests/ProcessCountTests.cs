using System.Runtime.InteropServices;
using System.Text.Json;
using Dense.Checkpoints;

namespace Dense.EndToEnd.Tests;

/// <summary>
/// R13 through the whole program: the number of processes does not change what is trained, when the global batch is the
/// same, BatchNorm spans processes and every step sees the same images.
/// </summary>
[Trait("Category", "Mpi")]
public sealed class ProcessCountTests
{
    // Relative L2 distance of weights and statistics in float32: sums in another order, over two updates.
    private const double Tolerance = 1e-3;

    // One iteration per epoch: all processes together see all images, whatever their number.
    [Fact]
    public void Pretrain_EqualsOneProcessAndGoesOnWithAnotherNumber()
    {
        using var training = new SmallTraining();
        Run("one", 1, 2);
        Run("two", 2, 2);
        Run("mixed", 2, 1);
        Run("mixed", 4, 2);

        string one = training.Folder["one/epoch_2.pth"];
        AssertNear(one, training.Folder["two/epoch_2.pth"], "state_dict");
        AssertNear(one, training.Folder["mixed/epoch_2.pth"], "state_dict");
        Assert.ThrowsAny<Exception>(() => AssertNear(one, training.Folder["mixed/epoch_1.pth"], "state_dict"));

        void Run(string output, int processes, int epochs)
        {
            ChildProcess result = Densecl.Run(training.Arguments(
                output, "--num-processes", $"{processes}", "DATA.BATCH_SIZE_PER_PROCESS", $"{32 / processes}",
                "MODEL.BACKBONE.NORM", "SyncBN", "SOLVER.EPOCHS", $"{epochs}"));
            Assert.True(result.ExitCode == 0, result.Errors);
        }
    }

    // With weights that stand still, losses tell whether all saw the same images and divided alike; rounding is not
    // enlarged.
    [Fact]
    public void Train_HasTheLossesOfOneProcessAndGoesOnWithAnotherNumber()
    {
        using var detection = new SmallDetection();
        double[] losses = [Run("one", 1, 3), Run("two", 2, 3), Run("four", 4, 3)];

        Assert.All(losses, l => Assert.Equal(losses[0], l, losses[0] * 1e-5));
        Assert.True(Run("two", 4, 4) > 0);

        double Run(string output, int processes, int iterations)
        {
            ChildProcess result = detection.Run(
                output, "--resume", "--num-processes", $"{processes}", "SOLVER.IMS_PER_BATCH", "4",
                "SOLVER.MAX_ITER", $"{iterations}", "SOLVER.STEPS", "()", "SOLVER.BASE_LR", "1e-12",
                "DATALOADER.ASPECT_RATIO_GROUPING", "False", "DATASETS.TEST", "()", "TEST.PRECISE_BN.ENABLED", "False");
            Assert.True(result.ExitCode == 0, result.Errors);
            string last = File.ReadLines(detection.Folder[output + "/metrics.json"])
                .Last(l => l.Contains("total_loss"));
            return JsonDocument.Parse(last).RootElement.GetProperty("total_loss").GetDouble();
        }
    }

    private static void AssertNear(string expected, string found, string key)
    {
        CheckpointMap a = CheckpointFile.Read(expected).Map.GetMap(key), b = CheckpointFile.Read(found).Map.GetMap(key);
        Assert.Equal(a.Keys, b.Keys);
        foreach (var (name, tensor) in a.Tensors.Where(t => t.Value.ElementType == ElementType.Float32))
        {
            float[] x = Floats(tensor), y = Floats(b.GetTensor(name));
            double distance = Norm(x.Zip(y, (p, q) => p - q)), size = Norm(x);
            Assert.True(distance <= Tolerance * Math.Max(size, 1e-3), $"{name}: {distance / size:g3} of {size:g3}");
        }
    }

    private static float[] Floats(TensorRecord tensor) =>
        MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray();

    private static double Norm(IEnumerable<float> values) => Math.Sqrt(values.Sum(v => (double)v * v));
}
