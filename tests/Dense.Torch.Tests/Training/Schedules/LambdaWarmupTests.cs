using System.Text.Json;
using Dense.Pretraining;

namespace Dense.Torch.Tests.Training.Schedules;

/// <summary>λ over a run (P-35).</summary>
public class LambdaWarmupTests
{
    [Fact]
    [Trait("Category", "Golden")]
    public void Lambda_EqualsTheReferenceAtEveryRecordedIteration()
    {
        string path = Golden.Require("pretraining", "schedules", "lambda_warmup.json");
        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(path));

        int compared = 0;
        foreach (JsonElement golden in file.RootElement.GetProperty("cases").EnumerateArray())
        {
            var settings = new DenseClSettings
            {
                LossLambda = golden.GetProperty("loss_lambda").GetDouble(),
                WarmupIterations = golden.GetProperty("start_iters").GetInt32(),
            };
            foreach (var (iteration, lambda) in Recorded(golden))
            {
                Assert.Equal(lambda, settings.LambdaAt(iteration));
                compared++;
            }
        }

        Assert.NotEqual(0, compared);
    }

    [Fact]
    public void Lambda_IsTheConfiguredOneFromTheStartByDefault() =>
        Assert.Equal(0.5, new DenseClSettings().LambdaAt(0));

    private static IEnumerable<(long Iteration, double Lambda)> Recorded(JsonElement golden)
    {
        bool sparse = golden.TryGetProperty("checkpoints", out JsonElement pairs);
        return sparse
            ? pairs.EnumerateArray().Select(pair => (pair[0].GetInt64(), pair[1].GetDouble()))
            : golden.GetProperty("lambda_by_iter").EnumerateArray().Select((value, i) => ((long)i, value.GetDouble()));
    }
}
