using Dense.Coco.Annotations;
using Dense.Coco.Results;

namespace Dense.Coco.Evaluation;

/// <summary>
/// Everything that is sorted, sorted once: detections and annotations grouped by class and image, and the detections of
/// each class by score. Below, a "slot" is a position in the grouped order.
/// </summary>
internal sealed class EvaluationPlan
{
    private readonly Dictionary<long, int> _imageIndex = [];
    private readonly Dictionary<long, int> _categoryIndex = [];

    public EvaluationPlan(CocoDataset dataset, DetectionList detections, EvaluationSettings settings)
    {
        (Dataset, Detections) = (dataset, detections);
        ImageIds = settings.ImageIds is { } images
            ? SortedIds(images)
            : SortedIds(dataset.Images.ConvertAll(i => i.Id));
        CategoryIds = settings.CategoryIds is not { } categories
            ? SortedIds(dataset.Categories.ConvertAll(c => c.Id))
            : settings.UseCategories ? SortedIds(categories) : [.. categories.Distinct()];
        for (int i = 0; i < ImageIds.Length; i++)
            _imageIndex[ImageIds[i]] = i;

        for (int k = 0; k < CategoryIds.Length; k++)
            _categoryIndex[CategoryIds[k]] = k;

        Images = new CocoImage?[ImageIds.Length];
        foreach (CocoImage image in dataset.Images)
        {
            if (_imageIndex.TryGetValue(image.Id, out int index))
                Images[index] = image;
        }

        CategoryCount = settings.UseCategories ? CategoryIds.Length : 1;
        int[] groundTruthImage = [], groundTruthCategory = [], detectionImage = [], detectionCategory = [];
        SharedWork.Run(count: 2, chunk: 1, settings.MaxThreads, () => part =>
        {
            if (part == 0)
                OrderDetections(settings, out detectionImage, out detectionCategory);
            else
                OrderGroundTruth(settings.UseCategories, out groundTruthImage, out groundTruthCategory);
        });
        Groups = BuildGroups(settings, groundTruthImage, groundTruthCategory, detectionImage, detectionCategory);
    }

    public CocoDataset Dataset { get; }

    public DetectionList Detections { get; }

    /// <summary>Ids of the images that count, ascending.</summary>
    public long[] ImageIds { get; }

    /// <summary>The images that count; null where the file has none of that id.</summary>
    public CocoImage?[] Images { get; }

    /// <summary>Ids of the classes that count, ascending.</summary>
    public long[] CategoryIds { get; }

    /// <summary>Number of classes that are told apart.</summary>
    public int CategoryCount { get; }

    /// <summary>Index of the annotation in each ground-truth slot.</summary>
    public int[] GroundTruth { get; private set; } = [];

    /// <summary>The slots at which the classes' annotations start, and their total.</summary>
    public int[] GroundTruthStart { get; private set; } = [];

    /// <summary>Index of the detection in each detection slot; within a group the best come first.</summary>
    public int[] Detection { get; private set; } = [];

    /// <summary>Place of each detection slot in its group, from 0.</summary>
    public int[] Rank { get; private set; } = [];

    /// <summary>For each class in turn its detection slots, the best first.</summary>
    public int[] SlotsByScore { get; private set; } = [];

    /// <summary>Where the classes start in <see cref="SlotsByScore"/>, and the total.</summary>
    public int[] SlotsByScoreStart { get; private set; } = [];

    /// <summary>The groups that have anything in them, by class and image.</summary>
    public Group[] Groups { get; }

    /// <summary>The score of the detection in a slot.</summary>
    public double ScoreOfSlot(int slot) => Detections.Records[Detection[slot]].Score;

    private void OrderGroundTruth(bool useCategories, out int[] images, out int[] categories)
    {
        AnnotationList annotations = Dataset.Annotations;
        int[] last = LastOfEachId(annotations);
        images = new int[annotations.Count];
        categories = new int[annotations.Count];
        int[] ownImage = last.Length == 0 ? images : new int[annotations.Count];
        var selected = new List<int>(annotations.Count);
        for (int i = 0; i < annotations.Count; i++)
        {
            ref readonly AnnotationList.Row own = ref annotations.Records[i];
            if (!_imageIndex.TryGetValue(own.ImageId, out ownImage[i])
                || !_categoryIndex.TryGetValue(own.CategoryId, out categories[i]))
            {
                continue;
            }

            if (last.Length > 0)
            {
                // COCOeval finds annotations by id, so that the last of several with one id stands in for them all
                // (E-129).
                ref readonly AnnotationList.Row meant = ref annotations.Records[last[i]];
                if (!_imageIndex.TryGetValue(meant.ImageId, out images[i])
                    || !_categoryIndex.TryGetValue(meant.CategoryId, out categories[i]))
                {
                    continue;
                }
            }

            selected.Add(i);
        }

        int[] order = StableOrder.ByKey([.. selected], ownImage, ImageIds.Length, out _);
        if (last.Length > 0)
            order = StableOrder.ByKey(order, images, ImageIds.Length, out _);

        order = Grouped(order, images, categories, useCategories, out int[] starts);
        (GroundTruth, GroundTruthStart) = (last.Length == 0 ? order : [.. order.Select(i => last[i])], starts);
    }

    private void OrderDetections(EvaluationSettings settings, out int[] images, out int[] categories)
    {
        images = new int[Detections.Count];
        categories = new int[Detections.Count];
        double[] scores = new double[Detections.Count];
        int[] selected = new int[Detections.Count];
        int count = 0, image = 0;
        long lastImage = ImageIds.Length > 0 ? ImageIds[0] : 0;
        for (int i = 0; i < selected.Length; i++)
        {
            // Results come image by image, so that the dictionary is asked once an image.
            ref readonly DetectionList.Row row = ref Detections.Records[i];
            if (row.ImageId != lastImage || ImageIds.Length == 0)
            {
                image = _imageIndex.GetValueOrDefault(row.ImageId, -1);
                lastImage = row.ImageId;
            }

            if (image < 0 || !_categoryIndex.TryGetValue(row.CategoryId, out categories[i]))
                continue;

            images[i] = image;
            scores[i] = row.Score;
            selected[count++] = i;
        }

        int[] order = StableOrder.ByKey(selected.AsSpan(0, count), images, ImageIds.Length, out _);
        if (!settings.UseCategories)
        {
            // Without classes COCOeval lists an image's detections class by class, and that order decides ties.
            order = StableOrder.ByKey(order, categories, CategoryIds.Length, out _);
            order = StableOrder.ByKey(order, images, ImageIds.Length, out _);
            Array.Clear(categories);
        }

        int[] byScore = StableOrder.ByScoreDescending(order, scores);
        Detection = StableOrder.ByKey(byScore, images, ImageIds.Length, out _);
        Detection = StableOrder.ByKey(Detection, categories, CategoryCount, out int[] starts);

        int[] slot = new int[Detections.Count];
        for (int s = 0; s < Detection.Length; s++)
            slot[Detection[s]] = s;

        SlotsByScore = StableOrder.ByKey(byScore, categories, CategoryCount, out _);
        SlotsByScoreStart = starts;
        foreach (ref int item in SlotsByScore.AsSpan())
            item = slot[item];
    }

    private int[] Grouped(int[] byImage, int[] images, int[] categories, bool useCategories, out int[] starts)
    {
        int[] byCategory = StableOrder.ByKey(byImage, categories, Math.Max(1, CategoryIds.Length), out starts);
        if (useCategories)
            return byCategory;

        starts = [0, byCategory.Length];
        return StableOrder.ByKey(byCategory, images, ImageIds.Length, out _);
    }

    private Group[] BuildGroups(
        EvaluationSettings settings, int[] gtImage, int[] gtCategory, int[] detectionImage, int[] detectionCategory)
    {
        if (!settings.UseCategories)
            Array.Clear(gtCategory);

        int most = settings.MaxDetections.Max();
        Rank = new int[Detection.Length];
        var groups = new List<Group>(Detection.Length / 2);
        for (int d = 0, g = 0; d < Detection.Length || g < GroundTruth.Length;)
        {
            (int Category, int Image) next = (int.MaxValue, 0);
            if (d < Detection.Length)
                next = (detectionCategory[Detection[d]], detectionImage[Detection[d]]);
            if (g < GroundTruth.Length)
                next = Earlier(next, (gtCategory[GroundTruth[g]], gtImage[GroundTruth[g]]));

            (int firstDetection, int firstGroundTruth) = (d, g);
            for (; d < Detection.Length && IsNext(detectionCategory, detectionImage, Detection[d]); d++)
                Rank[d] = d - firstDetection;
            while (g < GroundTruth.Length && IsNext(gtCategory, gtImage, GroundTruth[g]))
                g++;

            groups.Add(new Group(
                next.Category, next.Image, firstDetection, Math.Min(most, d - firstDetection), firstGroundTruth,
                g - firstGroundTruth));

            bool IsNext(int[] category, int[] image, int index) =>
                category[index] == next.Category && image[index] == next.Image;
        }

        return [.. groups];
    }

    private static (int Category, int Image) Earlier((int Category, int Image) a, (int Category, int Image) b) =>
        b.Category < a.Category || (b.Category == a.Category && b.Image < a.Image) ? b : a;

    private static long[] SortedIds(IReadOnlyList<long> ids)
    {
        long[] sorted = [.. ids];
        Array.Sort(sorted);
        int count = 0;
        foreach (long id in sorted)
        {
            if (count == 0 || sorted[count - 1] != id)
                sorted[count++] = id;
        }

        return sorted[..count];
    }

    // For each annotation the last one with its id; empty when no id occurs twice, as it should be.
    private static int[] LastOfEachId(AnnotationList annotations)
    {
        bool ascending = true;
        for (int i = 1; i < annotations.Count && ascending; i++)
            ascending = annotations.Records[i - 1].Id < annotations.Records[i].Id;

        if (ascending)
            return [];

        var lastById = new Dictionary<long, int>(annotations.Count);
        for (int i = 0; i < annotations.Count; i++)
            lastById[annotations.Records[i].Id] = i;

        if (lastById.Count == annotations.Count)
            return [];

        int[] last = new int[annotations.Count];
        for (int i = 0; i < last.Length; i++)
            last[i] = lastById[annotations.Records[i].Id];

        return last;
    }
}
