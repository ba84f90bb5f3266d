using System.Text.Json;
using Dense.Coco.Json;

namespace Dense.Coco.Annotations;

/// <summary>
/// Reads COCO annotation files in one pass (E-92): the order of the sections and of the fields does not matter.
/// </summary>
internal sealed class CocoDatasetReader
{
    private readonly CocoDataset _dataset = new() { HasAnnotations = false };
    private readonly SegmentationParser _segmentation = new();

    private CocoDatasetReader()
    {
    }

    private delegate void ElementReader(ref JsonCursor json);

    public static CocoDataset Read(string path) => JsonFile.Read(path, Parse);

    public static CocoDataset Read(Stream stream, string name) => JsonFile.Read(stream, name, Parse);

    private static CocoDataset Parse(ref JsonCursor json) => new CocoDatasetReader().ReadDocument(ref json);

    private CocoDataset ReadDocument(ref JsonCursor json)
    {
        json.Read();
        json.Expect(
            JsonTokenType.StartObject,
            "an annotation file, an object with 'images', 'annotations' and 'categories' (a list at the top is a " +
            "results file)");
        bool hasImages = false, hasCategories = false;
        while (json.NextField())
        {
            if (json.NameIs("images"u8, "images"))
            {
                _dataset.Images.Clear();
                ReadList(ref json, "images", ReadImage);
                hasImages = true;
            }
            else if (json.NameIs("categories"u8, "categories"))
            {
                _dataset.Categories.Clear();
                ReadList(ref json, "categories", ReadCategory);
                hasCategories = true;
            }
            else if (json.NameIs("annotations"u8, "annotations"))
            {
                (_dataset.Annotations, _dataset.MissingCrowdFlags) = (new AnnotationList(), 0);
                _dataset.Ignored.Clear();
                ReadList(ref json, "annotations", ReadAnnotation);
                _dataset.HasAnnotations = true;
            }
            else
                json.SkipValue();

            json.Field = null;
        }

        if (!hasImages || !hasCategories)
        {
            throw json.Error($"there is no '{(hasImages ? "categories" : "images")}' list, so this is no COCO " +
                "annotation file");
        }

        return _dataset;
    }

    private static void ReadList(ref JsonCursor json, string section, ElementReader readElement)
    {
        json.Read();
        json.Expect(JsonTokenType.StartArray, "a list");
        json.Section = section;
        json.Field = null;
        for (json.Index = 0; json.NextElement(); json.Index++)
        {
            json.Expect(JsonTokenType.StartObject, "an object");
            readElement(ref json);
            json.Field = null;
        }

        json.Section = null;
        json.Index = -1;
    }

    private void ReadImage(ref JsonCursor json)
    {
        long? id = null;
        string fileName = "";
        int width = 0, height = 0;
        while (json.NextField())
        {
            if (json.NameIs("id"u8, "id"))
                id = ReadInteger(ref json);
            else if (json.NameIs("file_name"u8, "file_name"))
            {
                json.Read();
                fileName = json.Token == JsonTokenType.Null ? "" : json.Text();
            }
            else if (json.NameIs("width"u8, "width"))
                width = ReadSide(ref json);
            else if (json.NameIs("height"u8, "height"))
                height = ReadSide(ref json);
            else
                json.SkipValue();
        }

        json.Field = null;
        _dataset.Images.Add(new CocoImage(id ?? throw Missing(ref json, "id"), fileName, width, height));
    }

    private void ReadCategory(ref JsonCursor json)
    {
        long? id = null;
        string name = "", supercategory = "";
        while (json.NextField())
        {
            if (json.NameIs("id"u8, "id"))
                id = ReadInteger(ref json);
            else if (json.NameIs("name"u8, "name"))
            {
                json.Read();
                name = json.Text();
            }
            else if (json.NameIs("supercategory"u8, "supercategory"))
            {
                json.Read();
                supercategory = json.Token == JsonTokenType.Null ? "" : json.Text();
            }
            else
                json.SkipValue();
        }

        json.Field = null;
        _dataset.Categories.Add(new CocoCategory(id ?? throw Missing(ref json, "id"), name, supercategory));
    }

    private void ReadAnnotation(ref JsonCursor json)
    {
        var row = new AnnotationList.Row { Box = AnnotationList.Row.NoBox, Area = double.NaN };
        bool hasId = false, hasImage = false, hasCategory = false, hasCrowd = false, isIgnored = false;
        _segmentation.Clear();
        while (json.NextField())
        {
            if (json.NameIs("id"u8, "id"))
                (row.Id, hasId) = (ReadInteger(ref json), true);
            else if (json.NameIs("image_id"u8, "image_id"))
                (row.ImageId, hasImage) = (ReadInteger(ref json), true);
            else if (json.NameIs("category_id"u8, "category_id"))
                (row.CategoryId, hasCategory) = (ReadInteger(ref json), true);
            else if (json.NameIs("bbox"u8, "bbox"))
                row.Box = BoxParser.Read(ref json);
            else if (json.NameIs("area"u8, "area"))
                row.Area = ReadNumberOrNull(ref json);
            else if (json.NameIs("iscrowd"u8, "iscrowd"))
                (row.IsCrowd, hasCrowd) = (ReadFlag(ref json), true);
            else if (json.NameIs("ignore"u8, "ignore"))
                isIgnored = ReadFlag(ref json);
            else if (json.NameIs("segmentation"u8, "segmentation"))
                _segmentation.Read(ref json);
            else
                json.SkipValue();
        }

        json.Field = null;
        if (!hasId || !hasImage || !hasCategory)
            throw Missing(ref json, !hasId ? "id" : !hasImage ? "image_id" : "category_id");

        _dataset.MissingCrowdFlags += hasCrowd ? 0 : 1;
        if (isIgnored)
            _dataset.Ignored.Add(row.Id);

        _dataset.Annotations.Records.Add(row, _segmentation.Encoded);
    }

    private static long ReadInteger(ref JsonCursor json)
    {
        json.Read();
        return json.Integer();
    }

    private static int ReadSide(ref JsonCursor json)
    {
        json.Read();
        if (json.Token == JsonTokenType.Null)
            return 0;

        return json.Integer() is var side and >= 0 and <= int.MaxValue
            ? (int)side
            : throw json.Unexpected("a number of pixels");
    }

    private static double ReadNumberOrNull(ref JsonCursor json)
    {
        json.Read();
        return json.Token == JsonTokenType.Null ? double.NaN : json.Number();
    }

    private static bool ReadFlag(ref JsonCursor json)
    {
        json.Read();
        return json.Token switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False or JsonTokenType.Null => false,
            _ => json.Number() != 0,
        };
    }

    private static CocoFormatException Missing(ref JsonCursor json, string field) =>
        json.Error($"the field '{field}' is missing");
}
