using System.Reflection;
using System.Text.Json;

namespace Dense.Hub;

/// <summary>The published DenseCL models. A data file that is built into the program: <c>models.json</c>.</summary>
public static class ModelCatalogue
{
    /// <summary>All models.</summary>
    public static IReadOnlyList<PublishedModel> Models { get; } = Read();

    /// <summary>Finds a model by its name or by its file's name, with or without extension.</summary>
    /// <returns>Null when there is none.</returns>
    public static PublishedModel? Find(string name) => Models.FirstOrDefault(m =>
        Same(m.Name, name) || Same(m.File, name) || Same(Path.GetFileNameWithoutExtension(m.File), name));

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);

    private static IReadOnlyList<PublishedModel> Read()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("models.json")!;
        using JsonDocument json = JsonDocument.Parse(stream);
        return [.. json.RootElement.GetProperty("models").EnumerateArray().Select(m => new PublishedModel(
            m.GetProperty("name").GetString()!,
            m.GetProperty("file").GetString()!,
            m.GetProperty("depth").GetInt32(),
            m.GetProperty("data").GetString()!,
            m.GetProperty("epochs").GetInt32(),
            [.. m.GetProperty("mirrors").EnumerateArray().Select(a => a.GetString()!)]))];
    }
}
