using Dense.Checkpoints;
using Dense.Torch;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Solver;

/// <summary>
/// Keeps float16 gradients from vanishing: the loss is multiplied by a scale that grows while gradients stay finite and
/// is halved when they do not (E-84).
/// </summary>
public sealed class GradientScaler
{
    private const double GrowthFactor = 2, BackoffFactor = 0.5;
    private const long GrowthInterval = 2000;
    private long _goodSteps;

    /// <summary>The scale.</summary>
    public double Scale { get; private set; } = 65536;

    /// <summary>The loss to call backward on; the caller owns it.</summary>
    public Tensor Apply(Tensor loss) => loss.Times(Scale);

    /// <summary>Divides the gradients by the scale, in place.</summary>
    public void Unscale(Tensor gradients)
    {
        using IDisposable noGradient = no_grad();
        gradients.MultiplyInPlace(1 / Scale);
    }

    /// <summary>Adapts the scale after a step.</summary>
    /// <param name="finite">Whether all gradients were finite; the step is to be skipped otherwise.</param>
    public void Update(bool finite)
    {
        _goodSteps = finite ? _goodSteps + 1 : 0;
        if (!finite)
            Scale *= BackoffFactor;
        else if (_goodSteps == GrowthInterval)
            (Scale, _goodSteps) = (Scale * GrowthFactor, 0);
    }

    /// <summary>The state in PyTorch's words.</summary>
    public CheckpointMap Save() => new()
    {
        { "scale", Scale },
        { "growth_factor", GrowthFactor },
        { "backoff_factor", BackoffFactor },
        { "growth_interval", GrowthInterval },
        { "_growth_tracker", _goodSteps },
    };

    /// <summary>Restores scale and progress; an empty map (a run without scaling) changes nothing.</summary>
    public void Load(CheckpointMap saved)
    {
        if (saved.Count > 0)
            (Scale, _goodSteps) = (saved.GetDouble("scale"), saved.GetInt64("_growth_tracker"));
    }
}
