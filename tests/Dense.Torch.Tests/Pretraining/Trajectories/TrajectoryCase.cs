using System.Text.Json;
using Dense.Checkpoints;
using Dense.Distributed;
using Dense.Models.Backbones;
using Dense.Models.Layers;
using Dense.Pretraining;
using Dense.Torch.Flat;
using Dense.Torch.Tests.Tensors;

namespace Dense.Torch.Tests.Pretraining.Trajectories;

/// <summary>One folder of the golden trajectories.</summary>
internal sealed class TrajectoryCase
{
    private readonly string _folder;
    private readonly JsonElement _root;
    private readonly JsonElement _options;
    private readonly JsonElement _weights;

    public TrajectoryCase(string name)
    {
        _folder = Golden.Require("pretraining", "trajectories", name);
        _root = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "case.json"))).RootElement;
        _options = _root.GetProperty("options");
        _weights = _root.GetProperty("initial_weights");
        Inputs = GoldenTensors.Read(Path.Combine(_folder, "inputs.safetensors"));
    }

    public Dictionary<string, TensorRecord> Inputs { get; }

    public int Steps => Option("steps");

    public int WorldSize => Option("world_size");

    public double LearningRate => _root.GetProperty("optimizer").GetProperty("lr").GetDouble();

    public bool IsSupervised => _options.TryGetProperty("num_classes", out _);

    public bool KeyEqualsQuery => !_weights.TryGetProperty("key_encoder", out JsonElement key)
        || key.GetString()!.StartsWith("equal", StringComparison.Ordinal);

    public FillRule Fill => new(
        _weights.GetProperty("case_seed").GetUInt64(), _weights.GetProperty("bn_weight_jitter").GetDouble(),
        _weights.GetProperty("bias_jitter").GetDouble(), _weights.GetProperty("running_stat_jitter").GetDouble());

    /// <summary>A limit of case.json; null means "do not compare".</summary>
    public double? Tolerance(string precision, string name)
    {
        JsonElement value = _root.GetProperty("tolerance").GetProperty(precision).GetProperty(name);
        return value.ValueKind == JsonValueKind.Null ? null : value.GetDouble();
    }

    /// <summary>What the reference reports of each step on a rank.</summary>
    public JsonElement StepsOf(string precision, int rank) => WorldSize == 1
        ? _root.GetProperty($"steps_{precision}")
        : _root.GetProperty($"steps_{precision}_per_rank")[rank];

    /// <summary>A file of tensors; null when the case does not have it.</summary>
    public Dictionary<string, TensorRecord>? Tensors(string file) =>
        File.Exists(Path.Combine(_folder, file)) ? GoldenTensors.Read(Path.Combine(_folder, file)) : null;

    /// <summary>A JSON file; null when the case does not have it.</summary>
    public JsonElement? Json(string file)
    {
        string path = Path.Combine(_folder, file);
        return File.Exists(path) ? JsonDocument.Parse(File.ReadAllText(path)).RootElement : null;
    }

    /// <summary>The method with random weights.</summary>
    public PretrainingMethod Build(ICollectives collectives)
    {
        JsonElement shape = _root.GetProperty("backbone");
        int stages = shape.GetProperty("num_stages").GetInt32();
        var backbone = new ResNetSettings
        {
            Depth = shape.GetProperty("depth").GetInt32(),
            NumStages = stages,
            OutIndices = [stages],
            FrozenStages = shape.GetProperty("frozen_stages").GetInt32(),
            Norm = new NormSettings { Kind = NormKind.Batch },
        };
        if (IsSupervised)
        {
            return new Classification(
                new ClassificationSettings
                {
                    Backbone = backbone,
                    NumClasses = Option("num_classes"),
                    InChannels = backbone.FeatureChannels,
                }, collectives);
        }

        int hidden = Option("hid_channels"), dim = Option("feat_dim");
        double temperature = _options.GetProperty("temperature").GetDouble();
        double momentum = _options.GetProperty("key_momentum").GetDouble();
        if (_root.GetProperty("model").GetString() == "DenseCL")
        {
            return new DenseCl(
                new DenseClSettings
                {
                    Backbone = backbone,
                    QueueLength = Option("queue_len"),
                    FeatureDim = dim,
                    KeyMomentum = momentum,
                    Temperature = temperature,
                    LossLambda = _options.GetProperty("loss_lambda").GetDouble(),
                    WarmupIterations = _options.TryGetProperty("lambda_warmup_iters", out var w) ? w.GetInt64() : 0,
                    Neck = new DenseClNeckSettings
                    {
                        InChannels = backbone.FeatureChannels,
                        HiddenChannels = hidden,
                        OutChannels = dim,
                    },
                }, collectives);
        }

        return new MoCo(
            new MoCoSettings
            {
                Backbone = backbone,
                QueueLength = Option("queue_len"),
                FeatureDim = dim,
                KeyMomentum = momentum,
                Temperature = temperature,
                Neck = new MoCoNeckSettings
                {
                    InChannels = backbone.FeatureChannels,
                    HiddenChannels = hidden,
                    OutChannels = dim,
                },
            }, collectives);
    }

    /// <summary>The initial state by the fill rule, for a model with these entries.</summary>
    public Dictionary<string, TensorRecord> InitialState(IEnumerable<KeyValuePair<string, TensorRecord>> entries)
    {
        var state = new Dictionary<string, TensorRecord>(StringComparer.Ordinal);
        foreach (var (name, entry) in entries)
        {
            if (!IsSupervised && name.StartsWith("backbone.", StringComparison.Ordinal))
                continue;

            if (entry.ElementType == ElementType.Int64)
                state[name] = new TensorRecord(ElementType.Int64, entry.Shape, new byte[8]);
            else if (Inputs.TryGetValue(name + "_init", out TensorRecord? given))
                state[name] = given;
            else
                state[name] = Filled(KeyEqualsQuery ? name.Replace("encoder_k.", "encoder_q.") : name, entry.Shape);
        }

        return state;
    }

    /// <summary>The optimiser's one group.</summary>
    public SgdGroup Group(FlatParameters parameters)
    {
        JsonElement sgd = _root.GetProperty("optimizer");
        return new SgdGroup
        {
            Names = [.. parameters.Slots.Where(s => s.Trainable).Select(s => s.Name)],
            LearningRate = sgd.GetProperty("lr").GetDouble(),
            Momentum = sgd.GetProperty("momentum").GetDouble(),
            WeightDecay = sgd.GetProperty("weight_decay").GetDouble(),
            Nesterov = sgd.GetProperty("nesterov").GetBoolean(),
        };
    }

    private int Option(string name) => _options.GetProperty(name).GetInt32();

    private TensorRecord Filled(string name, IReadOnlyList<long> shape)
    {
        float[] values = Fill.Values(name, shape);
        byte[] bytes = new byte[values.Length * sizeof(float)];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return new TensorRecord(ElementType.Float32, shape, bytes);
    }
}
