using Dense.Torch;
using Dense.Torch.Flat;
using Dense.Torch.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dense.Distributed.Gradients;

/// <summary>
/// Averages the gradients of a module over ranks (P-110, E-150): all at once, or part by part while the backward pass
/// goes on. With two ranks both give the same bits.
/// </summary>
public sealed class GradientExchange
{
    private readonly FlatParameters _parameters;
    private readonly ICollectives _ranks;
    private readonly List<Bucket> _buckets;

    /// <summary>Finds where the gradients of the network's parts lie.</summary>
    /// <param name="parameters">All parameters that learn.</param>
    /// <param name="ranks">The other ranks.</param>
    /// <param name="parts">The parameters of the parts 1, 2, … that a <see cref="SegmentedBackward"/> separates, frozen
    /// ones included; all others belong to its last part.</param>
    public GradientExchange(
        FlatParameters parameters, ICollectives ranks, IReadOnlyList<IReadOnlyList<Parameter>> parts)
    {
        _parameters = parameters;
        _ranks = ranks;

        var partAt = new Dictionary<long, int>();
        foreach (var (index, part) in parts.Index())
        {
            foreach (long offset in part.Select(OffsetOf))
                partAt[offset] = index + 1;
        }

        _buckets = [.. parameters.Slots
            .GroupBy(s => partAt.GetValueOrDefault(s.Offset, SegmentedBackward.LastPart))
            .OrderByDescending(part => part.Key)
            .Select(part => new Bucket(part.Key, Runs([.. part])))];
    }

    /// <summary>The marks for a step whose gradients are averaged during the backward pass; null where there is nobody
    /// to exchange with.</summary>
    public SegmentedBackward? NewSegments() => _ranks.WorldSize > 1 ? new SegmentedBackward() : null;

    /// <summary>Averages all gradients after the backward pass.</summary>
    public void Average()
    {
        if (_ranks.WorldSize == 1)
            return;

        _ranks.SumInPlace(_parameters.Gradients);
        Divide();
    }

    /// <summary>Computes the gradients and, on request, averages them.</summary>
    /// <param name="total">The loss, 0-dimensional.</param>
    /// <param name="segments">What the forward pass marked: they are averaged anyway, those of each part while the
    /// parts before it compute. Null for an ordinary backward pass.</param>
    /// <param name="average">Whether to average after an ordinary pass.</param>
    public void Backward(Tensor total, SegmentedBackward? segments, bool average = true)
    {
        if (segments is not null)
        {
            AverageDuringBackward(total, segments);
            return;
        }

        total.backward();
        if (average)
            Average();
    }

    private void AverageDuringBackward(Tensor total, SegmentedBackward segments)
    {
        using IDisposable scope = NewDisposeScope();
        var waiting = new Queue<Bucket>(_buckets);
        var pending = new List<IPendingSum>();

        // In the same order on all ranks, whatever parts a rank's loss does not reach.
        segments.Run(total, completed => Start(part => part >= completed));
        Start(_ => true);
        foreach (IPendingSum sum in pending)
            sum.Wait();

        Divide();

        void Start(Func<int, bool> isComplete)
        {
            while (waiting.TryPeek(out Bucket? bucket) && isComplete(bucket.Part))
            {
                foreach (var (offset, length) in waiting.Dequeue().Runs)
                    pending.Add(_ranks.StartSum(_parameters.Gradients.narrow(0, offset, length)));
            }
        }
    }

    private void Divide()
    {
        using IDisposable noGradient = no_grad();
        _parameters.Gradients.DivideInPlace(_ranks.WorldSize);
    }

    // Parameters are views of the buffer; one that is frozen need not be. Parts are told apart by where they lie.
    private long OffsetOf(Parameter parameter) =>
        (TensorMemory.AddressOf(parameter) - TensorMemory.AddressOf(_parameters.Values))
        / _parameters.Values.element_size();

    // Neighbours travel together, with the zeros between them.
    private List<(long Offset, long Length)> Runs(HashSet<FlatSlot> own)
    {
        var runs = new List<(long Offset, long Length)>();
        bool previousIsOwn = false;
        foreach (FlatSlot slot in _parameters.Slots)
        {
            bool isOwn = own.Contains(slot);
            if (isOwn && previousIsOwn)
                runs[^1] = (runs[^1].Offset, slot.Offset + slot.Length - runs[^1].Offset);
            else if (isOwn)
                runs.Add((slot.Offset, slot.Length));

            previousIsOwn = isOwn;
        }

        return runs;
    }

    private sealed record Bucket(int Part, List<(long Offset, long Length)> Runs);
}
