using Dense.Training.Logging;

namespace Dense.Training.Hints;

/// <summary>
/// Explains, beside the loss, what users of contrastive methods ask about most (P-226): a loss that rises while the
/// queue fills, one that stays at chance level, collapsed embeddings, a queue larger than the data set (P-207), and a
/// loop that waits for its data. Each hint is given once; waiting for data again when it had ended in between.
/// </summary>
public sealed class TrainingHints
{
    private readonly HintSettings _settings;
    private bool _saidQueueFull;
    private bool _saidChance;
    private bool _saidCollapse;
    private bool _saidWaiting;

    /// <summary>Creates the hints of one run.</summary>
    public TrainingHints(HintSettings settings) => _settings = settings;

    /// <summary>Steps until the queue holds no random vectors any more: K/B, rounded up; 0 without a queue.</summary>
    public int QueueFillSteps =>
        (_settings.QueueLength + _settings.GlobalBatchSize - 1) / _settings.GlobalBatchSize;

    /// <summary>
    /// The loss of guessing among one positive and K negatives, ln(K + 1): 11.09 for K = 65,536. 0 without a queue.
    /// </summary>
    public double ChanceLevel => Math.Log(_settings.QueueLength + 1.0);

    /// <summary>What can be said before the first step.</summary>
    public IReadOnlyList<Hint> AtStart()
    {
        var hints = new List<Hint>();
        if (_settings.QueueLength > 0)
        {
            hints.Add(new(LogLevel.Info,
                $"Queue filling: a rise of the loss is expected until step {QueueFillSteps} (K/B = " +
                $"{_settings.QueueLength}/{_settings.GlobalBatchSize}); guessing gives ln(K+1) = " +
                $"{ChanceLevel:F2} per term."));
        }

        // An image's own older keys are among its negatives once the queue reaches back a good part of an epoch.
        if (_settings.QueueLength > _settings.DatasetSize / 2)
        {
            hints.Add(new(LogLevel.Warning,
                $"The queue (K = {_settings.QueueLength}) is large for {_settings.DatasetSize} images: an " +
                "image's own older " +
                "keys serve as its negatives, and the loss may only rise. Set the queue length to " +
                $"{SuggestedQueue()} or add images."));
        }

        return hints;
    }

    /// <summary>What the figures of a log point call for; usually nothing.</summary>
    public IReadOnlyList<Hint> After(HintFigures figures)
    {
        var hints = new List<Hint>();
        AddQueueFull(figures, hints);
        AddChance(figures, hints);
        AddCollapse(figures, hints);
        AddWaiting(figures, hints);
        return hints;
    }

    private void AddQueueFull(HintFigures figures, List<Hint> hints)
    {
        if (_saidQueueFull || _settings.QueueLength == 0 || figures.CompletedIterations < QueueFillSteps)
            return;

        _saidQueueFull = true;
        hints.Add(new(LogLevel.Info,
            $"The queue is full since step {QueueFillSteps}: from here on the contrastive loss should fall."));
    }

    private void AddChance(HintFigures figures, List<Hint> hints)
    {
        if (_saidChance || _settings.QueueLength == 0
            || figures.CompletedIterations < QueueFillSteps + _settings.ChancePatience)
        {
            return;
        }

        foreach (var (name, value) in figures.ContrastiveLosses)
        {
            if (Math.Abs(value - ChanceLevel) > _settings.ChanceTolerance * ChanceLevel)
                continue;

            _saidChance = true;
            hints.Add(new(LogLevel.Warning,
                $"{name} is {value:F4} after {figures.CompletedIterations} steps: chance level, ln(K+1) = " +
                $"{ChanceLevel:F4}. " +
                "Nothing is learned. Check learning rate, temperature, and that the two views show the same image."));
        }
    }

    private void AddCollapse(HintFigures figures, List<Hint> hints)
    {
        if (_saidCollapse || figures.EmbeddingSpread is not { } spread || spread >= _settings.CollapseSpread)
            return;

        _saidCollapse = true;
        hints.Add(new(LogLevel.Warning,
            $"The embeddings have collapsed: their spread is {spread:F4} (about 1 is healthy, 0 means that " +
            "all are equal). " +
            "Lower the learning rate; on a single device use split batch normalisation instead of shuffling."));
    }

    private void AddWaiting(HintFigures figures, List<Hint> hints)
    {
        double share = figures.StepSeconds > 0 ? figures.DataSeconds / figures.StepSeconds : 0;
        if (share <= _settings.DataWaitShare)
        {
            _saidWaiting = false;
            return;
        }

        if (_saidWaiting)
            return;

        _saidWaiting = true;
        hints.Add(new(LogLevel.Warning,
            $"{share:P0} of the time is spent waiting for data. Raise the number of loader workers, put " +
            "the images on a faster disk or into one .tar archive, or store them smaller."));
    }

    // The largest multiple of the batch within half the data set, and at least one batch.
    private int SuggestedQueue() => Math.Max(
        _settings.DatasetSize / 2 / _settings.GlobalBatchSize * _settings.GlobalBatchSize, _settings.GlobalBatchSize);
}
