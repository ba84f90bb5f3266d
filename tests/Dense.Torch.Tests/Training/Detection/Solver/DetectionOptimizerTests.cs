using System.Text.Json;
using Dense.Checkpoints;
using Dense.Torch.Tests.Tensors;
using Dense.Training.Detection.Settings;
using Dense.Training.Detection.Solver;
using static TorchSharp.torch;

namespace Dense.Torch.Tests.Training.Detection.Solver;

[LeakCheck]
public class DetectionOptimizerTests
{
    // pieces/README.md: parameters after each step.
    private const double Tolerance = 1e-6;

    public static TheoryData<string> Cases =>
        [.. JsonDocument.Parse(File.ReadAllText(Golden.Require("detection", "pieces", "optimizer.json")))
            .RootElement.EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Cases))]
    public void Parameters_FollowTheReference(string name)
    {
        using var scope = NewDisposeScope();
        using var document = JsonDocument.Parse(
            File.ReadAllText(Golden.Require("detection", "pieces", "optimizer.json")));
        JsonElement entry = document.RootElement.EnumerateArray()
            .Single(c => c.GetProperty("name").GetString() == name);
        var expected = GoldenTensors.Read(Golden.Require("detection", "pieces", "optimizer.safetensors"));
        DetectionSolverSettings settings = new DetectionSolverSettings()
            .With(entry.GetProperty("base_options")).With(entry.GetProperty("options"));
        using var optimizer = new DetectionOptimizer(ToyParameters.Create(), settings);
        var schedule = new DetectionSchedule(settings);

        int compared = 0;
        JsonElement[] rates = [.. entry.GetProperty("lr_per_group_per_step").EnumerateArray()];
        for (int step = 0; step < rates.Length; step++)
        {
            optimizer.SetRates(schedule.Factor(step));
            Assert.Equal(
                rates[step].EnumerateArray().Select(r => r.GetDouble()), optimizer.Groups.Select(g => g.LearningRate));
            ToyParameters.SetGradients(optimizer, step);
            optimizer.ClipGradients();
            optimizer.Step();

            foreach (var (parameter, _) in ToyParameters.Shapes)
            {
                if (!expected.TryGetValue($"{name}.step{step + 1}.{parameter}", out TensorRecord? values))
                    continue;

                Tensor actual = optimizer.Parameters.View(optimizer.Parameters.Values, optimizer.Parameters[parameter]);
                Assert.InRange(TensorValues.Distance(values.Doubles(), actual.Doubles()), 0, Tolerance);
                compared++;
            }
        }

        Assert.Equal(3 * ToyParameters.Shapes.Length, compared);
    }

    [Fact]
    public void State_ReadsBackBitByBit()
    {
        using var scope = NewDisposeScope();
        var settings = new DetectionSolverSettings { BaseRate = 0.1 };
        using var first = new DetectionOptimizer(ToyParameters.Create(), settings);
        using var second = new DetectionOptimizer(ToyParameters.Create(), settings);
        Advance(first, 1, 4);

        second.Parameters.Values.copy_(first.Parameters.Values);
        second.Load(ThroughAFile(first.Save()), null, "test.pth");
        Advance(first, 5, 8);
        Advance(second, 5, 8);

        Assert.Equal(first.Parameters.Values.Doubles(), second.Parameters.Values.Doubles());
    }

    [Fact]
    public void State_NumbersParametersGroupByGroup()
    {
        using var scope = NewDisposeScope();
        using var optimizer = new DetectionOptimizer(ToyParameters.Create(), new DetectionSolverSettings());

        CheckpointMap state = optimizer.Save();

        CheckpointMap[] groups = [.. state.GetList("param_groups").Cast<CheckpointMap>()];
        Assert.Equal([0L, 1L, 2L, 3L], groups[0].GetList("params"));
        Assert.Equal([4L, 5L, 6L, 7L], groups[1].GetList("params"));
        Assert.Equal([4, 3, 3, 3], state.GetMap("state").GetMap(0L).GetTensor("momentum_buffer").Shape);
        Assert.Equal([6, 5], state.GetMap("state").GetMap(2L).GetTensor("momentum_buffer").Shape);
        Assert.Equal(
            ["lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize", "foreach", "differentiable",
                "initial_lr", "params"],
            groups[0].Keys);
    }

    // Old versions of detectron2 wrote one group per parameter, in the order of the state dictionary (E-70).
    [Fact]
    public void State_OfOneGroupPerParameterIsTaken()
    {
        using var scope = NewDisposeScope();
        using var optimizer = new DetectionOptimizer(ToyParameters.Create(), new DetectionSolverSettings());
        var state = new CheckpointMap();
        var groups = new List<object?>();
        foreach (var (_, shape) in ToyParameters.Shapes)
        {
            long number = state.Count;
            using Tensor momentum = full(shape, (double)number);
            state.Add(number, new CheckpointMap { { "momentum_buffer", momentum.ToRecord() } });
            groups.Add(new CheckpointMap
            {
                { "lr", 0.5 }, { "momentum", 0.8 }, { "weight_decay", 0.25 }, { "nesterov", true },
                { "params", new List<object?> { number } },
            });
        }

        optimizer.Load(
            new CheckpointMap { { "state", state }, { "param_groups", groups } }, Enumerable.Repeat(0.7, 8).ToList(),
            "old");

        foreach (var (slot, momentum) in optimizer.MomentumBySlot())
            Assert.Equal(Array.FindIndex(ToyParameters.Shapes, s => s.Name == slot.Name), momentum.Doubles()[0]);

        Assert.Equal([0.7, 0.7], optimizer.BaseRates);
        Assert.All(optimizer.Groups, g => Assert.Equal((0.8, 0.25, true), (g.Momentum, g.WeightDecay, g.Nesterov)));
    }

    [Fact]
    public void State_OfAnotherModelIsRefused()
    {
        using var scope = NewDisposeScope();
        using var whole = new DetectionOptimizer(ToyParameters.Create(), new DetectionSolverSettings());
        using var part = new DetectionOptimizer([.. ToyParameters.Create().Skip(1)], new DetectionSolverSettings());

        var e = Assert.Throws<CheckpointFormatException>(() => part.Load(whole.Save(), null, "other.pth"));

        Assert.Contains("other.pth", e.Message);
        Assert.Contains("8 parameters in groups of 4, 4, this model has 7 in groups of 3, 4", e.Message);
    }

    [Fact]
    public void Scaler_HalvesAtOnceAndDoublesAfterTwoThousandGoodSteps()
    {
        var scaler = new GradientScaler();

        scaler.Update(finite: false);
        Assert.Equal(32768, scaler.Scale);
        for (int i = 0; i < 1999; i++)
            scaler.Update(finite: true);

        var restored = new GradientScaler();
        restored.Load(scaler.Save());
        Assert.Equal(32768, restored.Scale);
        restored.Update(finite: true);
        Assert.Equal(65536, restored.Scale);
    }

    private static void Advance(DetectionOptimizer optimizer, int first, int last)
    {
        for (int step = first; step <= last; step++)
        {
            ToyParameters.SetGradients(optimizer, step);
            optimizer.Step();
        }
    }

    private static CheckpointMap ThroughAFile(CheckpointMap map)
    {
        using var folder = new TempFolder();
        TorchFile.Write(folder["optimizer.pth"], map);
        return CheckpointFile.Read(folder["optimizer.pth"]).Map;
    }
}
