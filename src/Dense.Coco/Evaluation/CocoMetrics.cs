namespace Dense.Coco.Evaluation;

/// <summary>COCO's twelve numbers (E-134) as fractions; −1 where there is no ground truth.</summary>
/// <param name="AP">Average precision over all IoU thresholds.</param>
/// <param name="AP50">Average precision at IoU 0.50.</param>
/// <param name="AP75">Average precision at IoU 0.75.</param>
/// <param name="APs">Average precision of small objects.</param>
/// <param name="APm">Average precision of medium objects.</param>
/// <param name="APl">Average precision of large objects.</param>
/// <param name="AR1">Average recall with the smallest detection limit, 1 by default.</param>
/// <param name="AR10">Average recall with the second limit, 10 by default.</param>
/// <param name="AR100">Average recall with the third limit, 100 by default.</param>
/// <param name="ARs">Average recall of small objects.</param>
/// <param name="ARm">Average recall of medium objects.</param>
/// <param name="ARl">Average recall of large objects.</param>
public sealed record CocoMetrics(
    double AP,
    double AP50,
    double AP75,
    double APs,
    double APm,
    double APl,
    double AR1,
    double AR10,
    double AR100,
    double ARs,
    double ARm,
    double ARl)
{
    /// <summary>The numbers with their names, in COCO's order.</summary>
    public IReadOnlyList<(string Name, double Value)> ToList() =>
    [
        (nameof(AP), AP), (nameof(AP50), AP50), (nameof(AP75), AP75),
        (nameof(APs), APs), (nameof(APm), APm), (nameof(APl), APl),
        (nameof(AR1), AR1), (nameof(AR10), AR10), (nameof(AR100), AR100),
        (nameof(ARs), ARs), (nameof(ARm), ARm), (nameof(ARl), ARl),
    ];
}
