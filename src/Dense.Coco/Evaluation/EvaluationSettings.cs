namespace Dense.Coco.Evaluation;

/// <summary>What COCOeval calls its parameters (E-128). The defaults are COCO's own.</summary>
public sealed record EvaluationSettings
{
    private const int MostThresholds = 64;

    /// <summary>What is compared (<c>iouType</c>).</summary>
    public EvaluationTask Task { get; init; } = EvaluationTask.Box;

    /// <summary>
    /// Overlaps from which a detection is right (<c>iouThrs</c>); 0.50 to 0.95 in steps of 0.05. At most 64.
    /// </summary>
    public IReadOnlyList<double> IouThresholds { get; init; } = Linear(0.5, 0.95, 10);

    /// <summary>Recalls at which precision is read (<c>recThrs</c>), ascending; 0 to 1 in steps of 0.01.</summary>
    public IReadOnlyList<double> RecallThresholds { get; init; } = Linear(0, 1, 101);

    /// <summary>
    /// How many detections of a class in an image count (<c>maxDets</c>); 1, 10 and 100. Order does not matter.
    /// </summary>
    public IReadOnlyList<int> MaxDetections { get; init; } = [1, 10, 100];

    /// <summary>Size classes (<c>areaRng</c>).</summary>
    public IReadOnlyList<AreaRange> AreaRanges { get; init; } = AreaRange.Coco;

    /// <summary>Whether classes are told apart (<c>useCats</c>); without, all objects form one class.</summary>
    public bool UseCategories { get; init; } = true;

    /// <summary>The images that count (<c>imgIds</c>); null for all of the annotation file.</summary>
    public IReadOnlyList<long>? ImageIds { get; init; }

    /// <summary>The classes that count (<c>catIds</c>); null for all of the annotation file.</summary>
    public IReadOnlyList<long>? CategoryIds { get; init; }

    /// <summary>
    /// Whether annotation id 0 is an annotation like any other. COCOeval reads it as "no match", and so do we by
    /// default, so that the numbers are the same; a warning says when it happens (E-201).
    /// </summary>
    public bool FixAnnotationIdZero { get; init; }

    /// <summary>Threads that work at most; the numbers do not depend on it.</summary>
    public int MaxThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is impossible; says which.</exception>
    public void Validate()
    {
        if (IouThresholds.Count is 0 or > MostThresholds || IouThresholds.Any(t => !(t is >= 0 and <= 1)))
        {
            throw new ArgumentException(
                $"{nameof(IouThresholds)}: expected 1 to {MostThresholds} numbers from 0 to 1.");
        }

        if (RecallThresholds.Count == 0 || RecallThresholds.Any(r => !double.IsFinite(r))
            || RecallThresholds.Zip(RecallThresholds.Skip(1)).Any(pair => pair.First > pair.Second))
        {
            throw new ArgumentException(
                $"{nameof(RecallThresholds)}: expected one or more numbers in ascending order.");
        }

        if (MaxDetections.Count == 0 || MaxDetections.Any(m => m < 1))
            throw new ArgumentException($"{nameof(MaxDetections)}: expected one or more numbers from 1 on.");

        if (AreaRanges.Count == 0 || AreaRanges.Any(a => double.IsNaN(a.Smallest) || double.IsNaN(a.Largest)))
            throw new ArgumentException($"{nameof(AreaRanges)}: expected one or more ranges.");

        if (MaxThreads < 1)
            throw new ArgumentException($"{nameof(MaxThreads)}: expected 1 or more, found {MaxThreads}.");
    }

    // The numbers of numpy.linspace, digit for digit: multiples of the step, the last one exact.
    private static double[] Linear(double first, double last, int count)
    {
        double step = (last - first) / (count - 1);
        double[] values = [.. Enumerable.Range(0, count).Select(i => first + i * step)];
        values[^1] = last;
        return values;
    }
}
