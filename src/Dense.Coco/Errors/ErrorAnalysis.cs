using Dense.Coco.Annotations;
using Dense.Coco.Evaluation;
using Dense.Coco.Results;

namespace Dense.Coco.Errors;

/// <summary>Sorts what a detector got wrong into TIDE's six kinds of error and says what each costs.</summary>
/// <remarks>
/// Where the definitions overlap, the larger overlap comes first and then the detection's own class: duplicate,
/// classification, localisation, both, background. Detections and objects that the evaluation ignores, such as crowds,
/// are left out here too.
/// </remarks>
public static class ErrorAnalysis
{
    private const double Foreground = 0.5;
    private const double Background = 0.1;

    /// <summary>Finds and weighs the errors.</summary>
    /// <param name="dataset">The annotations.</param>
    /// <param name="detections">The detections.</param>
    /// <param name="settings">Task, images and classes; thresholds, limits and area ranges are TIDE's own.</param>
    /// <exception cref="CocoFormatException">As for the evaluation.</exception>
    public static ErrorBreakdown Analyse(CocoDataset dataset, DetectionList detections, EvaluationSettings settings)
    {
        EvaluationSettings ownSettings = settings with
        {
            IouThresholds = [Foreground],
            MaxDetections = [settings.MaxDetections.Max()],
            AreaRanges = [AreaRange.Coco[0]],
            UseCategories = true,
            MaxThreads = 1,
        };
        EvaluationPlan? plan = null;
        var matches = new List<(int DetectionSlot, int GroundTruthSlot)>();
        CocoEvaluator.Evaluate(dataset, detections, ownSettings, p =>
        {
            plan = p;
            return (_, detection, groundTruth, _) => matches.Add((detection, groundTruth));
        });

        return new Run(plan!, ownSettings, matches).Analyse();
    }

    private sealed class Run(
        EvaluationPlan plan, EvaluationSettings settings, List<(int DetectionSlot, int GroundTruthSlot)> matches)
    {
        private readonly bool[] _isCrowd =
            [.. plan.GroundTruth.Select(g => plan.Dataset.Annotations.Records[g].IsCrowd)];
        private readonly int[] _matchOf = Filled(plan.Detection.Length);
        private readonly bool[] _isFound = new bool[plan.GroundTruth.Length];
        private readonly List<(int Slot, int Category, ErrorKind Kind, int GroundTruth)> _wrong = [];
        private readonly List<int> _right = [];
        private readonly int[] _categoryOfGroundTruth = new int[plan.GroundTruth.Length];
        private readonly int[] _objects = new int[plan.CategoryCount];

        public ErrorBreakdown Analyse()
        {
            foreach ((int detection, int groundTruth) in matches)
            {
                _matchOf[detection] = groundTruth;
                _isFound[groundTruth] = true;
            }

            foreach (Group group in plan.Groups)
            {
                for (int g = group.GroundTruthStart; g < group.GroundTruthStart + group.GroundTruthCount; g++)
                {
                    _categoryOfGroundTruth[g] = group.Category;
                    _objects[group.Category] += _isCrowd[g] ? 0 : 1;
                }
            }

            var overlaps = new ImageOverlaps(plan, settings.Task);
            foreach (IGrouping<int, Group> image in plan.Groups.GroupBy(g => g.Image).OrderBy(g => g.Key))
                Classify([.. image], overlaps);

            return Summarise();
        }

        private void Classify(Group[] groups, ImageOverlaps overlaps)
        {
            int[] objects =
            [
                .. groups.SelectMany(g => Enumerable.Range(g.GroundTruthStart, g.GroundTruthCount))
                    .Where(g => !_isCrowd[g]),
            ];
            overlaps.Open(objects, groups[0].Image);
            foreach (Group group in groups)
            {
                for (int d = group.DetectionStart; d < group.DetectionStart + group.DetectionCount; d++)
                {
                    if (_matchOf[d] < 0)
                        _wrong.Add(Classify(d, group.Category, objects, overlaps));
                    else if (!_isCrowd[_matchOf[d]])
                        _right.Add(d);
                }
            }
        }

        private (int Slot, int Category, ErrorKind Kind, int GroundTruth) Classify(
            int slot, int category, int[] objects, ImageOverlaps overlaps)
        {
            ReadOnlySpan<double> ious = overlaps.Of(slot);
            int own = -1, other = -1;
            for (int i = 0; i < objects.Length; i++)
            {
                ref int best = ref _categoryOfGroundTruth[objects[i]] == category ? ref own : ref other;
                if (best < 0 || ious[i] > ious[best])
                    best = i;
            }

            double ownIou = own < 0 ? 0 : ious[own], otherIou = other < 0 ? 0 : ious[other];
            (ErrorKind kind, int about) = (ownIou, otherIou) switch
            {
                ( >= Foreground, _) => (ErrorKind.Duplicate, own),
                (_, >= Foreground) => (ErrorKind.Classification, other),
                ( >= Background, _) => (ErrorKind.Localisation, own),
                (_, >= Background) => (ErrorKind.Both, other),
                _ => (ErrorKind.Background, -1),
            };
            return (slot, category, kind, about < 0 ? -1 : objects[about]);
        }

        private ErrorBreakdown Summarise()
        {
            HashSet<int> nearlyFound =
            [
                .. _wrong.Where(w => w.Kind is ErrorKind.Classification or ErrorKind.Localisation)
                    .Select(w => w.GroundTruth),
            ];
            int[] missed =
            [
                .. Enumerable.Range(0, plan.GroundTruth.Length)
                    .Where(g => !_isCrowd[g] && !_isFound[g] && !nearlyFound.Contains(g)),
            ];

            var right = _right.ConvertAll(d => Outcome(d, CategoryOf(d), isRight: true));
            var all = right.Concat(_wrong.Select(w => Outcome(w.Slot, w.Category, isRight: false))).ToList();
            double ap = AveragePrecision.Mean(all, _objects);
            ErrorSummary[] summaries =
            [
                .. Enum.GetValues<ErrorKind>().Select(kind => new ErrorSummary(
                    kind,
                    kind == ErrorKind.Missed ? missed.Length : _wrong.Count(w => w.Kind == kind),
                    (kind == ErrorKind.Missed ? WithoutMissed(all, missed) : PutRight(right, kind)) - ap)),
            ];
            return new ErrorBreakdown(
                [.. _wrong.Select(Describe).Concat(missed.Select(DescribeMissed)).OrderBy(e => e.ImageId)],
                summaries,
                [.. _right.Select(d => plan.Detection[d]).Order()],
                ap);
        }

        // TIDE, section 2.3: what can be mended becomes right, unless its object is found; everything else goes.
        private double PutRight(List<AveragePrecision.Outcome> right, ErrorKind kind)
        {
            var outcomes = new List<AveragePrecision.Outcome>(right);
            var taken = new HashSet<int>();
            foreach (var wrong in _wrong.OrderByDescending(w => plan.ScoreOfSlot(w.Slot))
                .ThenBy(w => plan.Detection[w.Slot]))
            {
                if (wrong.Kind != kind)
                    outcomes.Add(Outcome(wrong.Slot, wrong.Category, isRight: false));
                else if (kind is ErrorKind.Classification or ErrorKind.Localisation
                    && !_isFound[wrong.GroundTruth] && taken.Add(wrong.GroundTruth))
                {
                    outcomes.Add(Outcome(wrong.Slot, _categoryOfGroundTruth[wrong.GroundTruth], isRight: true));
                }
            }

            return AveragePrecision.Mean(outcomes, _objects);
        }

        private double WithoutMissed(List<AveragePrecision.Outcome> all, int[] missed)
        {
            int[] objects = [.. _objects];
            foreach (int g in missed)
                objects[_categoryOfGroundTruth[g]]--;

            return AveragePrecision.Mean(all, objects);
        }

        private AveragePrecision.Outcome Outcome(int slot, int category, bool isRight) =>
            new(category, plan.ScoreOfSlot(slot), plan.Detection[slot], isRight);

        private int CategoryOf(int slot) => _categoryOfGroundTruth[_matchOf[slot]];

        private DetectionError Describe((int Slot, int Category, ErrorKind Kind, int GroundTruth) wrong)
        {
            int detection = plan.Detection[wrong.Slot];
            int annotation = wrong.GroundTruth < 0 ? -1 : plan.GroundTruth[wrong.GroundTruth];
            ref readonly DetectionList.Row row = ref plan.Detections.Records[detection];
            return new DetectionError(wrong.Kind, detection, annotation, row.ImageId, row.Score);
        }

        private DetectionError DescribeMissed(int groundTruth)
        {
            int annotation = plan.GroundTruth[groundTruth];
            return new DetectionError(
                ErrorKind.Missed, -1, annotation, plan.Dataset.Annotations.Records[annotation].ImageId, 0);
        }

        private static int[] Filled(int length)
        {
            int[] values = new int[length];
            values.AsSpan().Fill(-1);
            return values;
        }
    }
}
