namespace Dense.Coco.Checks;

/// <summary>Something that can be wrong with a data set.</summary>
/// <param name="Name">A word for programs.</param>
/// <param name="BreaksTraining">Whether training or evaluation would stop or learn nonsense.</param>
/// <param name="Title">What is wrong, in words.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record CheckKind(string Name, bool BreaksTraining, string Title, string Remedy)
{
    /// <summary>An image id occurs twice.</summary>
    public static CheckKind DuplicateImageId { get; } =
        new("duplicate_image_id", true, "image ids that occur more than once", "Number the images anew.");

    /// <summary>A category id occurs twice.</summary>
    public static CheckKind DuplicateCategoryId { get; } =
        new("duplicate_category_id", true, "category ids that occur more than once", "Number the categories anew.");

    /// <summary>Two categories have one name.</summary>
    public static CheckKind DuplicateCategoryName { get; } =
        new("duplicate_category_name", false, "category names that occur more than once",
            "Merge or rename the categories.");

    /// <summary>An annotation id occurs twice.</summary>
    public static CheckKind DuplicateAnnotationId { get; } =
        new("duplicate_annotation_id", true, "annotation ids that occur more than once",
            "Number the annotations anew.");

    /// <summary>An annotation has id 0.</summary>
    public static CheckKind AnnotationIdZero { get; } = new(
        "annotation_id_zero", false, "annotations with id 0, which COCO's evaluator takes for \"no match\"",
        "Number the annotations from 1.");

    /// <summary>Two images have one file.</summary>
    public static CheckKind DuplicateFileName { get; } =
        new("duplicate_file_name", false, "files that belong to more than one image", "Join the images' annotations.");

    /// <summary>An annotation's image does not exist.</summary>
    public static CheckKind UnknownImage { get; } =
        new("unknown_image", true, "annotations whose image is not in the file",
            "Add the images or remove the annotations.");

    /// <summary>An annotation's class does not exist.</summary>
    public static CheckKind UnknownCategory { get; } =
        new("unknown_category", true, "annotations whose category is not in the file",
            "Add the categories or remove the annotations.");

    /// <summary>An image has no size.</summary>
    public static CheckKind NoImageSize { get; } =
        new("no_image_size", true, "images without width or height", "Add 'width' and 'height'.");

    /// <summary>An annotation has no box.</summary>
    public static CheckKind NoBox { get; } = new(
        "no_box", true, "annotations without box", "Add 'bbox' or remove the annotations.");

    /// <summary>A box has no area.</summary>
    public static CheckKind DegenerateBox { get; } =
        new("degenerate_box", true, "boxes without area (width or height of 0 or less)", "Remove the annotations.");

    /// <summary>A box lies outside its image.</summary>
    public static CheckKind BoxOutside { get; } = new(
        "box_outside", true, "boxes that lie wholly outside their image", "Check whether boxes are [x, y, width, " +
        "height] and sizes right.");

    /// <summary>A box leaves its image.</summary>
    public static CheckKind BoxPartlyOutside { get; } =
        new("box_partly_outside", false, "boxes that reach more than a pixel beyond their image", "Clip the boxes.");

    /// <summary>A polygon has too few points.</summary>
    public static CheckKind ShortPolygon { get; } = new(
        "short_polygon", false, "polygons with fewer than three points or half a point",
        "Remove the polygons; training passes them over.");

    /// <summary>An annotation has polygons, none of them usable.</summary>
    public static CheckKind NoUsablePolygon { get; } = new(
        "no_usable_polygon", false, "annotations that training drops because none of their polygons has three points",
        "Draw them again.");

    /// <summary>A mask has another size than its image.</summary>
    public static CheckKind MaskSize { get; } =
        new("mask_size", true, "masks whose size is not their image's", "'size' must be [height, width] of the image.");

    /// <summary>A mask cannot be decoded.</summary>
    public static CheckKind DamagedMask { get; } = new(
        "damaged_mask", true, "masks that cannot be decoded", "Write the masks again.");

    /// <summary>A mask's runs cover too little.</summary>
    public static CheckKind ShortMask { get; } = new(
        "short_mask", false, "masks whose runs cover fewer pixels than their size, so that the rest is background",
        "Write the masks again.");

    /// <summary>A mask has no pixel.</summary>
    public static CheckKind EmptyMask { get; } = new(
        "empty_mask", false, "masks without a single pixel", "Remove the annotations.");

    /// <summary>An image's file does not exist.</summary>
    public static CheckKind MissingFile { get; } =
        new("missing_file", true, "images whose file is missing", "Check the folder; remove the images that " +
            "cannot be had.");

    /// <summary>An image's file cannot be decoded.</summary>
    public static CheckKind UndecodableFile { get; } =
        new("undecodable_file", true, "image files that cannot be decoded", "Fetch or convert the files again.");

    /// <summary>An image's file has another size than the annotation file says.</summary>
    public static CheckKind FileSize { get; } = new(
        "file_size", true, "image files whose size is not the recorded one", "Correct 'width' and 'height'; swapped " +
        "ones point to EXIF rotation.");

    /// <summary>A file of the folder belongs to no image.</summary>
    public static CheckKind ExtraFile { get; } =
        new("extra_file", false, "image files that the annotation file does not mention",
            "Nothing, or add them as images without objects.");

    /// <summary>The category ids have gaps.</summary>
    public static CheckKind CategoryGap { get; } = new(
        "category_gap", false, "gaps in the category ids, which are mapped to 0…K−1 in ascending order",
        "Nothing: COCO's own ids have gaps.");

    /// <summary>A class has no object.</summary>
    public static CheckKind EmptyCategory { get; } =
        new("empty_category", false, "categories without a single annotation", "Nothing; their AP is undefined.");

    /// <summary>The file has no annotation.</summary>
    public static CheckKind NothingToLearn { get; } =
        new("nothing_to_learn", true, "nothing to learn from: no images, no categories or no annotations",
            "Check that this is the right file.");

    /// <summary>Every kind, the graver ones first.</summary>
    public static IReadOnlyList<CheckKind> All { get; } =
    [
        NothingToLearn, DuplicateImageId, DuplicateCategoryId, DuplicateAnnotationId, UnknownImage, UnknownCategory,
        NoImageSize, NoBox, DegenerateBox, BoxOutside, MaskSize, DamagedMask, MissingFile, UndecodableFile, FileSize,
        BoxPartlyOutside, ShortPolygon, NoUsablePolygon, ShortMask, EmptyMask, AnnotationIdZero, DuplicateCategoryName,
        DuplicateFileName, ExtraFile, CategoryGap, EmptyCategory,
    ];
}
