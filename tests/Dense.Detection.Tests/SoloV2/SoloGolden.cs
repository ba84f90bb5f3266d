using System.Text.Json;
using Dense.Coco.Masks;
using Dense.Detection.Masks;

namespace Dense.Detection.Tests.SoloV2;

/// <summary>Reads the files of <c>detection/solov2</c>.</summary>
internal static class SoloGolden
{
    public static string Path(params string[] parts) => Golden.Require(["detection", "solov2", .. parts]);

    public static JsonElement Json(params string[] parts) =>
        JsonDocument.Parse(File.ReadAllText(Path(parts))).RootElement;

    /// <summary>The entries of a manifest of a given kind, by name; one row "(absent)" without golden data.</summary>
    public static TheoryData<string> Names(string file, string? kind = null)
    {
        string path = System.IO.Path.Combine(Golden.Root, "detection", "solov2", file);
        if (!File.Exists(path))
            return [Golden.Absent];

        return [.. JsonDocument.Parse(File.ReadAllText(path)).RootElement.EnumerateArray()
            .Where(e => kind is null || e.GetProperty("kind").GetString() == kind)
            .Select(e => e.GetProperty("name").GetString()!)];
    }

    public static JsonElement Entry(string file, string name)
    {
        Golden.Require("detection", "solov2", name == Golden.Absent ? name : file);
        return Json(file).EnumerateArray().Single(e => e.GetProperty("name").GetString() == name);
    }

    /// <summary>The objects of a manifest entry; their masks are filled from the polygons.</summary>
    public static GroundTruth Truth(JsonElement entry)
    {
        int height = entry.GetProperty("height").GetInt32(), width = entry.GetProperty("width").GetInt32();
        JsonElement[] objects = [.. entry.GetProperty("objects").EnumerateArray()];
        var builder = new MaskTargetBuilder(height, width);
        return new GroundTruth(
            [.. objects.SelectMany(o => o.GetProperty("bbox_xyxy").EnumerateArray().Select(v => v.GetSingle()))],
            [.. objects.Select(o => o.GetProperty("category").GetInt32())],
            [.. objects.Select(o => builder.Build(Mask(o, height, width)))]);
    }

    /// <summary>The mask of an object, filled from its polygons.</summary>
    public static RunLengthMask Mask(JsonElement o, int height, int width) => RunLengthMask.FromPolygons(
        height,
        width,
        [.. o.GetProperty("segmentation").EnumerateArray()
            .Select(p => p.EnumerateArray().Select(v => v.GetDouble()).ToArray())]);
}
