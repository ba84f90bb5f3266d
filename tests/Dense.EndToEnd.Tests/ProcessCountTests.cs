using System.Runtime.InteropServices;
using Dense.Checkpoints;

namespace Dense.EndToEnd.Tests;

/// <summary>
/// R13 through the whole program: the number of processes does not change what is trained, when the global batch is the same,
/// BatchNorm spans processes and every step sees the same images.
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

    [Theory]
    [InlineData("OneStageDetector")]
    [InlineData("SOLOv2")]
    public void Train_EqualsOneProcessAndGoesOnWithAnotherNumber(string architecture)
    {
        using var detection = new SmallDetection();
        string[] solo = architecture != "SOLOv2" ? [] :
        [
            "MODEL.META_ARCHITECTURE", architecture, "MODEL.BACKBONE.NAME", "build_resnet_fpn_backbone",
            "MODEL.RESNETS.OUT_FEATURES", "['res2','res3','res4','res5']",
            "MODEL.FPN.IN_FEATURES", "['res2','res3','res4','res5']", "MODEL.SOLOV2.NUM_CLASSES", "8",
            "MODEL.SOLOV2.INSTANCE_IN_CHANNELS", "32", "MODEL.SOLOV2.INSTANCE_CHANNELS", "32", "MODEL.SOLOV2.NUM_KERNELS", "32",
            "MODEL.SOLOV2.MASK_IN_CHANNELS", "32", "MODEL.SOLOV2.MASK_CHANNELS", "32", "MODEL.SOLOV2.NUM_MASKS", "32",
            "MODEL.SOLOV2.NUM_INSTANCE_CONVS", "1",
        ];
        Run("one", 1, 2);
        Run("two", 2, 2);
        Run("mixed", 2, 1);
        Run("mixed", 4, 2);

        string one = detection.Folder["one/model_final.pth"];
        AssertNear(one, detection.Folder["two/model_final.pth"], "model");
        AssertNear(one, detection.Folder["mixed/model_final.pth"], "model");
        Assert.ThrowsAny<Exception>(() => AssertNear(one, detection.Folder["mixed/model_0000000.pth"], "model"));

        void Run(string output, int processes, int iterations)
        {
            ChildProcess result = detection.Run(
                output, ["--resume", "--solov2-normalise-over-ranks", "--num-processes", $"{processes}", .. solo,
                "SOLVER.IMS_PER_BATCH", "4", "SOLVER.MAX_ITER", $"{iterations}", "SOLVER.STEPS", "()",
                "SOLVER.CHECKPOINT_PERIOD", "1", "DATALOADER.ASPECT_RATIO_GROUPING", "False", "DATASETS.TEST", "()",
                "TEST.PRECISE_BN.NUM_ITER", "1"]);
            Assert.True(result.ExitCode == 0, result.Errors);
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
