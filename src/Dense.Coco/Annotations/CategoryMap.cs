namespace Dense.Coco.Annotations;

/// <summary>
/// Between the category ids of a data set, which may have gaps, and contiguous ids 0…K−1, the ranks of the ids (E-93).
/// </summary>
public sealed class CategoryMap
{
    private readonly Dictionary<long, int> _contiguous;

    /// <summary>Orders the classes by id; a class that occurs twice counts once, with its last name.</summary>
    public CategoryMap(IEnumerable<CocoCategory> categories)
    {
        Categories = [.. categories.GroupBy(c => c.Id).Select(g => g.Last()).OrderBy(c => c.Id)];
        _contiguous = Categories.Select((c, i) => (c.Id, i)).ToDictionary(p => p.Id, p => p.i);
    }

    /// <summary>The classes in ascending order of their id; the position is the contiguous id.</summary>
    public IReadOnlyList<CocoCategory> Categories { get; }

    /// <summary>Whether the ids are exactly 1…K, so that the mapping surprises nobody.</summary>
    public bool IsOneToCount => Categories.Select((c, i) => c.Id == i + 1).All(same => same);

    /// <summary>The contiguous id of a class.</summary>
    /// <exception cref="CocoFormatException">There is no class with this id.</exception>
    public int ToContiguous(long categoryId) => TryToContiguous(categoryId, out int contiguous)
        ? contiguous
        : throw new CocoFormatException(
            $"Category id {categoryId} is not among the file's {Categories.Count} categories. Add it to 'categories'.");

    /// <summary>The contiguous id of a class, if there is one with this id.</summary>
    public bool TryToContiguous(long categoryId, out int contiguous) =>
        _contiguous.TryGetValue(categoryId, out contiguous);

    /// <summary>The category id of a contiguous id.</summary>
    /// <exception cref="CocoFormatException">The contiguous id is not in 0…K−1.</exception>
    public long ToCategoryId(int contiguous) => (uint)contiguous < (uint)Categories.Count
        ? Categories[contiguous].Id
        : throw new CocoFormatException(
            $"Class {contiguous} was predicted, but the annotation file has {Categories.Count} categories (0 to "
            + $"{Categories.Count - 1}). Check the model's number of classes.");
}
