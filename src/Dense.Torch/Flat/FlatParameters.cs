using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Torch.Flat;

/// <summary>
/// The parameters of a module in one buffer, their gradients in another of the same layout; the module's own tensors
/// become views of them. Optimiser, moving average, gradient averaging and norms are then each one pass over memory.
/// </summary>
/// <remarks>
/// Make it after the module was moved to its device and type: a move replaces the parameters. Gradients exist from the
/// start and backward adds to them, so clear them with <see cref="ZeroGradients"/>, never with <c>zero_grad</c>.
/// Parameters lie in the order given, each starting at a multiple of 64 bytes; the gaps hold zeros.
/// </remarks>
public sealed class FlatParameters : IDisposable
{
    private const long AlignmentBytes = 64;
    private readonly bool _channelsLast;
    private readonly Tensor? _gradients;
    private readonly Dictionary<string, FlatSlot> _byName;

    /// <summary>Copies the parameters together and turns them into views.</summary>
    /// <param name="parameters">Of one element type, on one device, names distinct.</param>
    /// <param name="channelsLast">Whether four-dimensional parameters (convolution weights) lie channels-last.</param>
    /// <param name="withGradients">Whether to keep gradients; not for a momentum encoder.</param>
    /// <exception cref="ArgumentException">No parameters, mixed types or devices, or a name twice.</exception>
    public FlatParameters(
        IReadOnlyList<NamedParameter> parameters, bool channelsLast = false, bool withGradients = true)
    {
        if (parameters.Count == 0)
            throw new ArgumentException("There are no parameters to lay out.", nameof(parameters));

        Tensor first = parameters[0].Parameter;
        if (parameters.Any(p => p.Parameter.dtype != first.dtype
            || p.Parameter.device_type != first.device_type || p.Parameter.device_index != first.device_index))
        {
            throw new ArgumentException(
                "All parameters must have one element type and one device.", nameof(parameters));
        }

        _channelsLast = channelsLast;
        Slots = LayOut(parameters, AlignmentBytes / first.element_size(), out long length);
        _byName = Slots.ToDictionary(s => s.Name, StringComparer.Ordinal);

        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Values = zeros(length, first.dtype, first.device).DetachFromDisposeScope();
        _gradients = withGradients ? zeros_like(Values).DetachFromDisposeScope() : null;

        foreach (var (parameter, slot) in parameters.Zip(Slots, (p, s) => (p.Parameter, s)))
        {
            Tensor view = View(Values, slot);
            view.copy_(parameter);
            parameter.set_(view);
            if (_gradients is not null && slot.Trainable)
                parameter.grad = View(_gradients, slot);
        }
    }

    /// <summary>The layout, in the order of the parameters.</summary>
    public IReadOnlyList<FlatSlot> Slots { get; }

    /// <summary>All parameters, one-dimensional.</summary>
    public Tensor Values { get; }

    /// <summary>All gradients, laid out as <see cref="Values"/>; zero where nothing learns.</summary>
    public Tensor Gradients => _gradients ?? throw new InvalidOperationException("These parameters keep no gradients.");

    /// <summary>The slot of a parameter.</summary>
    /// <exception cref="KeyNotFoundException">There is no parameter of that name.</exception>
    public FlatSlot this[string name] => _byName[name];

    /// <summary>One parameter's part of a buffer that is laid out as <see cref="Values"/>, in the parameter's
    /// shape.</summary>
    /// <returns>A view that the caller owns.</returns>
    public Tensor View(Tensor buffer, FlatSlot slot)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = buffer.narrow(0, slot.Offset, slot.Length);
        long[] shape = [.. slot.Shape];
        Tensor view = _channelsLast && shape.Length == 4
            ? flat.view(shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2)
            : flat.view(shape);
        return view.MoveToOuterDisposeScope();
    }

    /// <summary>A buffer of zeros with the same layout, for what an optimiser remembers.</summary>
    public Tensor NewBuffer() => zeros_like(Values);

    /// <summary>Sets all gradients to zero; they stay in place.</summary>
    public void ZeroGradients() => Gradients.Fill(0);

    /// <summary>
    /// The Euclidean norm of all gradients, 0-dimensional on their device. It is finite exactly when every gradient is
    /// (and the sum of squares does not overflow), so one number checks for divergence.
    /// </summary>
    public Tensor GradientNorm()
    {
        using IDisposable noGradient = no_grad();
        return Gradients.norm();
    }

    /// <summary>Scales the gradients down so that their norm is at most <paramref name="maximum"/>; waits for
    /// nothing.</summary>
    /// <param name="norm">What <see cref="GradientNorm"/> returned.</param>
    /// <param name="maximum">Positive.</param>
    public void ClipGradients(Tensor norm, double maximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximum);
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Gradients.mul_(GradientClip.Factor(norm, maximum));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        _gradients?.Dispose();
    }

    private static List<FlatSlot> LayOut(IReadOnlyList<NamedParameter> parameters, long alignment, out long length)
    {
        var slots = new List<FlatSlot>(parameters.Count);
        length = 0;
        foreach (NamedParameter p in parameters)
        {
            long count = p.Parameter.numel();
            slots.Add(new FlatSlot(p.Name, p.Trainable, length, count, p.Parameter.shape));
            length += (count + alignment - 1) / alignment * alignment;
        }

        return slots;
    }
}
