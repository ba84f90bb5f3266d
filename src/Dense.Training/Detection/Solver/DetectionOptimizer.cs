using Dense.Checkpoints;
using Dense.Detection;
using Dense.Torch;
using Dense.Torch.Flat;
using Dense.Training.Detection.Settings;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dense.Training.Detection.Solver;

/// <summary>
/// SGD over a detector's trainable parameters (E-76 to E-83). Parameters lie in one buffer group by group, which is
/// also
/// how checkpoints number them.
/// </summary>
public sealed class DetectionOptimizer : IDisposable
{
    private readonly GradientClipping? _clipping;
    private readonly IReadOnlyList<string> _traversal;
    private readonly FlatSgd _sgd;

    /// <summary>Lays the parameters out; each becomes a view of the buffer.</summary>
    /// <param name="parameters">The trainable ones in the order of the state dictionary (E-78, E-79), on their
    /// device.</param>
    /// <param name="settings">SOLVER.</param>
    /// <param name="channelsLast">Whether convolution weights lie channels-last.</param>
    public DetectionOptimizer(
        IReadOnlyList<DetectorEntry> parameters, DetectionSolverSettings settings, bool channelsLast = false)
    {
        _clipping = settings.Clipping;
        _traversal = [.. parameters.Select(p => p.Name)];
        IReadOnlyList<SgdGroup> groups = DetectionParameterGroups.Create(parameters, settings);
        var byName = parameters.ToDictionary(
            p => p.Name, p => new NamedParameter(p.Name, (Parameter)p.Tensor), StringComparer.Ordinal);
        Parameters = new FlatParameters([.. groups.SelectMany(g => g.Names).Select(n => byName[n])], channelsLast);
        _sgd = new FlatSgd(Parameters, groups);
        BaseRates = [.. groups.Select(g => g.LearningRate)];
    }

    /// <summary>Values and gradients.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>The groups; <see cref="SetRates"/> changes their rates.</summary>
    public IReadOnlyList<SgdGroup> Groups => _sgd.Groups;

    /// <summary>What the schedule scales, per group.</summary>
    public IReadOnlyList<double> BaseRates { get; private set; }

    /// <summary>The rate that logs show: that of the group with the most parameters (E-81).</summary>
    public double Rate => Groups.MaxBy(g => g.Names.Count)!.LearningRate;

    /// <summary>The momentum buffers, laid out as the parameters are.</summary>
    internal Tensor Momentum => _sgd.Momentum;

    /// <summary>The momentum buffers by parameter, each a view that the caller owns.</summary>
    internal IEnumerable<(FlatSlot Slot, Tensor Momentum)> MomentumBySlot() => _sgd.MomentumBySlot();

    /// <summary>Names in the order of the state dictionary.</summary>
    internal IReadOnlyList<string> Traversal => _traversal;

    /// <summary>Sets the rate of every group for the next step.</summary>
    /// <param name="factor">From <see cref="DetectionSchedule"/>.</param>
    public void SetRates(double factor)
    {
        for (int i = 0; i < Groups.Count; i++)
            Groups[i].LearningRate = BaseRates[i] * factor;
    }

    /// <summary>Clips each parameter's gradient by itself (E-83); waits for nothing.</summary>
    public void ClipGradients()
    {
        if (_clipping is not { } clip)
            return;

        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        if (!clip.ByNorm)
        {
            using Scalar least = -clip.Limit, most = clip.Limit;
            Parameters.Gradients.clamp_(least, most);
            return;
        }

        foreach (FlatSlot slot in Parameters.Slots)
        {
            Tensor gradient = Parameters.Gradients.narrow(0, slot.Offset, slot.Length);
            Tensor norm = gradient.VectorNorm(clip.NormType);
            gradient.mul_(GradientClip.Factor(norm, clip.Limit));
        }
    }

    /// <summary>Applies the gradients, at the rates that are set.</summary>
    public void Step() => _sgd.Step();

    /// <summary>Sets all gradients to zero.</summary>
    public void ZeroGradients() => Parameters.ZeroGradients();

    /// <summary>The state in PyTorch's layout (E-70).</summary>
    public CheckpointMap Save() => DetectionOptimizerState.Save(this);

    /// <summary>
    /// Restores momentum and the groups' settings (E-68, E-70); a changed base rate is for the caller to report.
    /// </summary>
    /// <param name="saved">The map <c>optimizer</c> of a checkpoint, of this program or of detectron2.</param>
    /// <param name="baseRates">The list <c>base_lrs</c> of its scheduler, if it has one.</param>
    /// <param name="file">Its name in messages.</param>
    /// <exception cref="CheckpointFormatException">It describes other parameters.</exception>
    public void Load(CheckpointMap saved, IReadOnlyList<double>? baseRates, string file) =>
        BaseRates = DetectionOptimizerState.Load(saved, baseRates, this, file);

    /// <inheritdoc/>
    public void Dispose()
    {
        _sgd.Dispose();
        Parameters.Dispose();
    }
}
